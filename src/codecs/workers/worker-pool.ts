import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as threads from 'node:worker_threads';
import { AbortedError, MissingComponentError, TimeoutError } from '../../base/errors.ts';
import type { DecodedFrame } from '../../types/pixels.ts';
import { decodeFailure, throwIfModuleIsMissing } from '../decode-failure.ts';
import type { FrameJob } from '../frame-job.ts';
import type { FrameFamily } from '../run-codec.ts';
import { describeTransferSyntax } from '../transfer-syntaxes.ts';
import { fromPlainError, type WorkerReply, type WorkerRequest } from './worker-messages.ts';

/** Waiting work (milliseconds) that pays for starting one more worker. */
const WORTH_A_WORKER_MS = 80;

/** V8's own heap of a worker. Samples and WebAssembly memory lie outside of it, bounded by the frame's size. */
const WORKER_HEAP_MB = 512;

export interface WorkerPoolOptions {
  /** Workers at most. */
  readonly workers: number;
  /** Milliseconds that one frame may take. */
  readonly timeoutMs: number;
  /** The worker's file; default: the one that was built with this package. */
  readonly workerUrl?: URL | undefined;
}

interface Task {
  readonly family: FrameFamily;
  readonly job: FrameJob;
  readonly estimateMs: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (frame: DecodedFrame) => void;
  readonly reject: (error: Error) => void;
  /** Ends the listening to `signal`. */
  readonly release: () => void;
}

interface Member {
  readonly worker: threads.Worker;
  task: Task | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Worker threads that decode, one frame at a time each. A worker that takes too long, crashes or runs out of memory
 * costs its own frame only: the frame is rejected, the worker replaced when there is more to do. Idle workers do not
 * keep the process alive.
 */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #members = new Set<Member>();
  readonly #waiting: Task[] = [];
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Milliseconds of work that each worker has before it, roughly. */
  get backlogMs(): number {
    const waiting = this.#waiting.reduce((sum, task) => sum + task.estimateMs, 0);
    return waiting / this.#options.workers;
  }

  /** Starts a worker, if there is none, and lets it load a codec. */
  warm(family: FrameFamily, highThroughput: boolean): void {
    if (this.#closed || this.#members.size > 0) return;
    const member = this.#start();
    if (member !== undefined) post(member.worker, { kind: 'load', family, highThroughput });
  }

  /** Decodes one frame. See FrameDecoder.decode for what it throws. */
  decode(
    family: FrameFamily,
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
      const task: Task = { family, job, estimateMs, signal, resolve, reject, release };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(task);
      this.#schedule();
    });
  }

  /** Ends every worker; frames that are not done are rejected with an AbortedError. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const task of this.#waiting.splice(0)) settle(task, new AbortedError());
    const members = [...this.#members];
    for (const member of members) this.#fail(member, new AbortedError());
    await Promise.all(members.map((member) => member.worker.terminate()));
  }

  #schedule(): void {
    for (const member of this.#members) {
      if (this.#waiting.length === 0) return;
      if (member.task === undefined) this.#assign(member);
    }
    while (this.#waiting.length > 0 && this.#members.size < this.#options.workers) {
      const waitingMs = this.#waiting.reduce((sum, task) => sum + task.estimateMs, 0);
      if (this.#members.size > 0 && waitingMs < WORTH_A_WORKER_MS) return;
      const member = this.#start();
      if (member === undefined) return;
      this.#assign(member);
    }
  }

  #start(): Member | undefined {
    const url = this.#options.workerUrl ?? findWorker();
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
    // Loaded late: most pictures need no worker.
    const { Worker }: typeof threads = createRequire(import.meta.url)('node:worker_threads');
    // Its output goes nowhere: decoders print, and standard output belongs to the picture.
    const worker = new Worker(url, {
      stdout: true,
      stderr: true,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    });
    const member: Member = { worker, task: undefined, timer: undefined };
    this.#members.add(member);
    worker.unref();
    worker.on('message', (reply: WorkerReply) => this.#finish(member, reply));
    const died = (cause?: unknown): void => {
      const uid = member.task?.job.transferSyntaxUid ?? '';
      this.#fail(member, whyItDied(uid, cause));
      this.#schedule();
    };
    worker.on('error', died);
    worker.on('messageerror', died);
    worker.on('exit', () => died());
    return member;
  }

  #assign(member: Member): void {
    const task = this.#waiting.shift();
    if (task === undefined) return;
    const { timeoutMs } = this.#options;
    member.task = task;
    member.timer = setTimeout(() => {
      const what = describeTransferSyntax(task.job.transferSyntaxUid);
      const message = `Decoding a frame of ${what} took longer than ${timeoutMs} ms: its bytes may be broken.`;
      this.#fail(member, new TimeoutError(message, { timeoutMs }));
      this.#schedule();
    }, timeoutMs);
    member.worker.ref();
    // The caller keeps its bytes: what goes to the worker is a copy of just this frame.
    const bytes = new Uint8Array(task.job.bytes);
    post(member.worker, { kind: 'decode', family: task.family, job: { ...task.job, bytes } }, bytes.buffer);
  }

  #finish(member: Member, reply: WorkerReply): void {
    const { task } = member;
    if (task === undefined) return;
    clearTimeout(member.timer);
    member.task = undefined;
    member.worker.unref();
    settle(task, reply.kind === 'frame' ? reply.frame : fromPlainError(reply.error, task.job.transferSyntaxUid));
    this.#schedule();
  }

  /** Drops a worker and rejects the frame it was at. */
  #fail(member: Member, error: Error): void {
    if (!this.#members.delete(member)) return;
    clearTimeout(member.timer);
    const { task } = member;
    member.task = undefined;
    member.worker.unref();
    void member.worker.terminate();
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
    for (const member of this.#members) if (member.task === task) this.#fail(member, error);
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

/** Beside this file or above it (the built package, whichever chunk this landed in), or in dist/ (the sources). */
function findWorker(): URL | undefined {
  const candidates = ['./decode-worker.cjs', '../decode-worker.cjs', '../../../dist/decode-worker.cjs'];
  return candidates.map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));
}
