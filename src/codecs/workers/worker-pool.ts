import { createRequire } from 'node:module';
import type * as threads from 'node:worker_threads';
import { builtFile } from '../../base/built-file.ts';
import { AbortedError, MissingComponentError, TimeoutError } from '../../base/errors.ts';
import { describeTransferSyntax } from '../../dicom/transfer-syntaxes.ts';
import type { DecodedFrame } from '../../types/pixels.ts';
import type { FrameJob } from '../codec.ts';
import { decodeFailure, throwIfModuleIsMissing } from '../decode-failure.ts';
import type { FrameCoding } from '../run-codec.ts';
import { fromPlainError, type WorkerReply, type WorkerRequest } from './worker-messages.ts';

/** Less waiting work than this does not pay for the start of one more worker. */
const minWorkForWorkerMs = 80;

/** The JavaScript heap of a worker. Samples and WebAssembly memory lie outside of it; the frame's size bounds them. */
const maxHeapMb = 512;

export interface WorkerPoolOptions {
  /** Workers at most. */
  readonly workers: number;
  /** Milliseconds that one frame may take. */
  readonly timeoutMs: number;
  /** The worker's file. Default: the one that was built with this package. */
  readonly workerUrl?: URL | undefined;
}

interface Task {
  readonly coding: FrameCoding;
  readonly job: FrameJob;
  readonly estimateMs: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (frame: DecodedFrame) => void;
  readonly reject: (error: Error) => void;
  /** Stops listening to `signal`. */
  readonly release: () => void;
}

interface PooledWorker {
  readonly worker: threads.Worker;
  task: Task | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Worker threads that decode, each of them one frame at a time. Where a worker takes too long, crashes or runs out of
 * memory, only its own frame is lost: that frame is rejected, and another worker is started when there is more to do.
 * Idle workers do not keep the process alive.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #pooled = new Set<PooledWorker>();
  readonly #waiting: Task[] = [];
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Milliseconds of waiting work for each worker, roughly. */
  get backlogMs(): number {
    const waiting = this.#waiting.reduce((sum, task) => sum + task.estimateMs, 0);
    return waiting / this.#options.workers;
  }

  /** Starts a worker, where there is none yet, and lets it load a codec. */
  warm(coding: FrameCoding, highThroughput: boolean): void {
    if (this.#closed || this.#pooled.size > 0) return;
    const pooled = this.#start();
    if (pooled !== undefined) post(pooled.worker, { kind: 'load', coding, highThroughput });
  }

  /** Decodes one frame; throws what FrameDecoder.decode says. */
  decode(
    coding: FrameCoding,
    job: FrameJob,
    estimateMs: number,
    signal: AbortSignal | undefined,
  ): Promise<DecodedFrame> {
    return new Promise((resolve, reject) => {
      if (this.#closed || signal?.aborted === true) {
        reject(new AbortedError({ cause: signal?.reason }));
        return;
      }
      const onAbort = (): void => this.#abort(task);
      const release = (): void => signal?.removeEventListener('abort', onAbort);
      const task: Task = { coding, job, estimateMs, signal, resolve, reject, release };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(task);
      this.#schedule();
    });
  }

  /** Ends every worker; frames that are not done are rejected with an AbortedError. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const task of this.#waiting.splice(0)) settle(task, new AbortedError());
    const all = [...this.#pooled];
    for (const pooled of all) this.#fail(pooled, new AbortedError());
    await Promise.all(all.map((pooled) => pooled.worker.terminate()));
  }

  #schedule(): void {
    for (const pooled of this.#pooled) {
      if (this.#waiting.length === 0) return;
      if (pooled.task === undefined) this.#assign(pooled);
    }
    while (this.#waiting.length > 0 && this.#pooled.size < this.#options.workers) {
      const waitingMs = this.#waiting.reduce((sum, task) => sum + task.estimateMs, 0);
      if (this.#pooled.size > 0 && waitingMs < minWorkForWorkerMs) return;
      const pooled = this.#start();
      if (pooled === undefined) return;
      this.#assign(pooled);
    }
  }

  #start(): PooledWorker | undefined {
    const url = this.#options.workerUrl ?? builtFile('decode-worker.cjs', import.meta.url);
    if (url === undefined) {
      const error = new MissingComponentError(
        'The decoding worker (decode-worker.cjs) is missing: reinstall the package, or run "npm run build".',
        {
          component: 'decode-worker.cjs',
        },
      );
      for (const task of this.#waiting.splice(0)) settle(task, error);
      return undefined;
    }
    // Loaded here and not at start: most pictures need no worker.
    const { Worker }: typeof threads = createRequire(import.meta.url)('node:worker_threads');
    // Decoders print, and standard output belongs to the picture: what a worker prints is dropped.
    const worker = new Worker(url, {
      stdout: true,
      stderr: true,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    const pooled: PooledWorker = { worker, task: undefined, timer: undefined };
    this.#pooled.add(pooled);
    worker.unref();
    worker.on('message', (reply: WorkerReply) => this.#finish(pooled, reply));
    const died = (cause?: unknown): void => {
      const uid = pooled.task?.job.transferSyntaxUid ?? '';
      this.#fail(pooled, whyItDied(uid, cause));
      this.#schedule();
    };
    worker.on('error', died);
    worker.on('messageerror', died);
    worker.on('exit', () => died());
    return pooled;
  }

  #assign(pooled: PooledWorker): void {
    const task = this.#waiting.shift();
    if (task === undefined) return;
    const { timeoutMs } = this.#options;
    pooled.task = task;
    pooled.timer = setTimeout(() => {
      const what = describeTransferSyntax(task.job.transferSyntaxUid);
      const message = `Decoding a frame of ${what} took longer than ${timeoutMs} ms: its bytes may be broken.`;
      this.#fail(pooled, new TimeoutError(message, { timeoutMs }));
      this.#schedule();
    }, timeoutMs);
    pooled.worker.ref();
    // The worker gets a copy of this frame's bytes, since the caller keeps its own.
    const bytes = new Uint8Array(task.job.bytes);
    post(pooled.worker, { kind: 'decode', coding: task.coding, job: { ...task.job, bytes } }, bytes.buffer);
  }

  #finish(pooled: PooledWorker, reply: WorkerReply): void {
    const { task } = pooled;
    if (task === undefined) return;
    clearTimeout(pooled.timer);
    pooled.task = undefined;
    pooled.worker.unref();
    settle(task, reply.kind === 'frame' ? reply.frame : fromPlainError(reply.error, task.job.transferSyntaxUid));
    this.#schedule();
  }

  /** Drops a worker and rejects the frame that it was decoding. */
  #fail(pooled: PooledWorker, error: Error): void {
    if (!this.#pooled.delete(pooled)) return;
    clearTimeout(pooled.timer);
    const { task } = pooled;
    pooled.task = undefined;
    pooled.worker.unref();
    void pooled.worker.terminate();
    if (task !== undefined) settle(task, error);
  }

  #abort(task: Task): void {
    const error = new AbortedError({ cause: task.signal?.reason });
    const index = this.#waiting.indexOf(task);
    if (index >= 0) {
      this.#waiting.splice(index, 1);
      settle(task, error);
      return;
    }
    for (const pooled of this.#pooled) if (pooled.task === task) this.#fail(pooled, error);
    this.#schedule();
  }
}

function whyItDied(transferSyntaxUid: string, cause: unknown): Error {
  try {
    throwIfModuleIsMissing(cause);
  } catch (error) {
    if (error instanceof MissingComponentError) return error;
  }
  return decodeFailure(transferSyntaxUid, 'The decoder crashed or ran out of memory.', cause);
}

function settle(task: Task, result: DecodedFrame | Error): void {
  task.release();
  if (result instanceof Error) task.reject(result);
  else task.resolve(result);
}

function post(worker: threads.Worker, request: WorkerRequest, transfer?: ArrayBuffer): void {
  worker.postMessage(request, transfer === undefined ? [] : [transfer]);
}
