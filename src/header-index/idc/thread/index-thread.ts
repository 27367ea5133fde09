import { createRequire } from 'node:module';
import type * as threads from 'node:worker_threads';
import { builtFile } from '../../../base/built-file.ts';
import { AbortedError, MissingComponentError, StorageError, TimeoutError } from '../../../base/errors.ts';
import type { IdcIndexFile } from '../idc-file.ts';
import type { FromThread, IdcAnswer, IdcJob, ToThread } from './messages.ts';

/** What the thread may take. */
export interface ThreadLimits {
  /** Milliseconds of work without a sign of life. Waiting for bytes is no work. */
  readonly silentMs: number;
  /** Milliseconds of work for one answer. */
  readonly answerMs: number;
  /** The thread's file. Default: the one that was built with this package. */
  readonly workerUrl?: URL | undefined;
}

const defaultLimits: ThreadLimits = { silentMs: 20_000, answerMs: 300_000 };

/** Megabytes of the thread's JavaScript heap. Bytes and what they are decompressed to lie outside of it: parquet/limits.ts. */
const maxHeapMb = 512;
/** Megabytes of it for what dies young. Node's own choice takes 20 MB more and is no faster. */
const maxYoungHeapMb = 16;
/** A message may wait behind a timer that is late, because this thread was busy. */
const graceMs = 100;
const workerName = 'idc-worker.cjs';

interface Asked {
  readonly resolve: (answer: IdcAnswer | undefined) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A thread that reads the index of the Imaging Data Commons. A damaged or hostile file can make it work for ever or run out
 * of memory: then it is ended, and what was asked of it fails. It does not keep the process alive while nothing is asked.
 */
export class IndexThread {
  readonly #limits: ThreadLimits;
  readonly #signal: AbortSignal | undefined;
  readonly #worker: threads.Worker;
  readonly #onAbort = (): void => this.#fail(new AbortedError({ cause: this.#signal?.reason }));
  #file: IdcIndexFile | undefined;
  #asked: Asked | undefined;
  #failure: Error | undefined;
  /** Reads that the thread waits for. */
  #reads = 0;
  #messages = 0;
  /** Milliseconds of work for the current answer, up to `#since`. */
  #workedMs = 0;
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Starts the thread, which takes some 30 ms: time to open the file meanwhile.
   *
   * @throws MissingComponentError where the thread's file is missing
   */
  constructor(signal: AbortSignal | undefined, limits: Partial<ThreadLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#signal = signal;
    const url = this.#limits.workerUrl ?? builtFile(workerName, import.meta.url);
    if (url === undefined) {
      throw new MissingComponentError(
        `The part that reads the index of the Imaging Data Commons (${workerName}) is missing: reinstall the package, or run "npm run build".`,
        { component: workerName },
      );
    }
    const { Worker }: typeof threads = createRequire(import.meta.url)('node:worker_threads');
    this.#worker = new Worker(url, {
      ...{ stdout: true, stderr: true, execArgv: [] },
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: maxYoungHeapMb },
    });
    this.#worker.unref();
    this.#worker.on('message', (message: FromThread) => this.#receive(message));
    const died = (cause?: unknown): void =>
      this.#fail(this.#damaged('it takes too much memory or breaks its reader', cause));
    this.#worker.on('error', died);
    this.#worker.on('messageerror', died);
    this.#worker.on('exit', () => died());
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Gives the thread its file and what to do with it. */
  start(file: IdcIndexFile, job: IdcJob): void {
    this.#file = file;
    this.#post({ kind: 'start', job, byteLength: file.byteLength });
  }

  /**
   * The next answer; undefined after the last one.
   *
   * @throws TimeoutError, StorageError, AbortedError, and the file's errors
   */
  next(): Promise<IdcAnswer | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      if (this.#signal?.aborted === true) return reject(new AbortedError({ cause: this.#signal.reason }));
      this.#asked = { resolve, reject };
      this.#workedMs = 0;
      this.#worker.ref();
      this.#post({ kind: 'next' });
      this.#watch();
    });
  }

  /** Ends the thread. */
  end(): void {
    this.#fail(new AbortedError());
  }

  #receive(message: FromThread): void {
    this.#messages += 1;
    this.#pause();
    if (this.#failure !== undefined) return;
    if (message.kind === 'read') void this.#read(message);
    else if (message.kind === 'error') this.#fail(this.#damaged(message.message));
    else if (message.kind !== 'alive') this.#settle(message.kind === 'answer' ? message.answer : undefined);
    this.#watch();
  }

  async #read({ id, offset, length }: Extract<FromThread, { readonly kind: 'read' }>): Promise<void> {
    this.#reads += 1;
    try {
      if (this.#file === undefined) return;
      const bytes = await this.#file.slice(offset, offset + length);
      if (this.#failure !== undefined) return;
      this.#pause();
      this.#reads -= 1;
      this.#post({ kind: 'bytes', id, bytes }, bytes);
      this.#watch();
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #settle(answer: IdcAnswer | undefined): void {
    const asked = this.#asked;
    this.#asked = undefined;
    this.#worker.unref();
    asked?.resolve(answer);
  }

  /** Counts work from now on, if the thread has any. */
  #watch(): void {
    if (this.#asked === undefined || this.#reads > 0 || this.#failure !== undefined) return;
    const { silentMs, answerMs } = this.#limits;
    const leftMs = answerMs - this.#workedMs;
    if (leftMs <= 0) {
      this.#fail(this.#tooLong(answerMs));
      return;
    }
    this.#since = performance.now();
    this.#timer = setTimeout(
      () => {
        const messages = this.#messages;
        this.#timer = setTimeout(() => {
          if (messages === this.#messages) this.#fail(this.#tooLong(leftMs < silentMs ? answerMs : silentMs));
        }, graceMs);
      },
      Math.min(silentMs, leftMs),
    );
  }

  #pause(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#workedMs += performance.now() - this.#since;
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#worker.unref();
    void this.#worker.terminate();
    const asked = this.#asked;
    this.#asked = undefined;
    asked?.reject(error);
  }

  #damaged(reason: string, cause?: unknown): StorageError {
    const location = this.#file?.location ?? '';
    return new StorageError(
      `Expected the index of the Imaging Data Commons at ${location}, but it cannot be read (${reason}). It may be damaged: name another with --idc-index.`,
      { location, cause },
    );
  }

  #tooLong(timeoutMs: number): TimeoutError {
    return new TimeoutError(
      `Reading the index of the Imaging Data Commons at ${this.#file?.location ?? ''} took longer than ${timeoutMs} ms of work. It may be damaged: name another with --idc-index.`,
      { timeoutMs },
    );
  }

  #post(message: ToThread, transfer?: ArrayBuffer): void {
    this.#worker.postMessage(message, transfer === undefined ? [] : [transfer]);
  }
}
