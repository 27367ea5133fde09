import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AbortedError, PreviewError, type PreviewErrorCode } from '../index.ts';
import type { ChunkResult, ChunkTask, FromWorker, ToWorker, WorkerSettings } from './types.ts';

/** Times that a process may end with one and the same series alone in work before the series is given up. */
const maxCrashesAlone = 3;
/** The same where the process was killed (SIGKILL): by the system for want of memory, or by somebody for another reason. */
const maxKillsAlone = 10;
/** Times that a chunk is taken up again without any series finished in between. */
const maxVainAttempts = 20;

/** A worker failed in a way that has nothing to do with a series: the disk is full, the store refuses. */
export class WorkerError extends PreviewError {
  readonly code: PreviewErrorCode;

  constructor(code: string, message: string) {
    super(message);
    this.code = isKnownCode(code) ? code : 'output';
  }
}

function isKnownCode(code: string): code is PreviewErrorCode {
  return ['output', 'access-denied', 'not-found', 'storage', 'timeout', 'usage', 'aborted'].includes(code);
}

export interface PoolHooks {
  readonly onSeries: (failed: boolean, byteLength: number) => void;
  readonly onChunk: (result: ChunkResult) => void;
  readonly signal: AbortSignal;
}

/**
 * Does chunks in worker processes, each of which does one after the other. A process that ends by itself costs nothing
 * but time: another one takes its chunk up where it was.
 *
 * @param started processes that were started before there was anything to do; those that are used are taken out
 * @throws WorkerError for failures that are not of a series; AbortedError
 */
export async function runPool(
  tasks: Iterable<ChunkTask>,
  settings: WorkerSettings,
  processes: number,
  hooks: PoolHooks,
  started: ChildProcess[] = [],
): Promise<void> {
  const queue = tasks[Symbol.iterator]();
  const failing = new AbortController();
  const signal = AbortSignal.any([hooks.signal, failing.signal]);
  const lane = async (): Promise<void> => {
    const worker = new ChunkProcess(settings, started.pop());
    try {
      for (let next = queue.next(); next.done !== true && !signal.aborted; next = queue.next()) {
        hooks.onChunk(await worker.make(next.value, hooks, signal));
      }
    } catch (error) {
      failing.abort(error);
      throw error;
    } finally {
      await worker.end();
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: processes }, lane));
  if (hooks.signal.aborted) throw new AbortedError();
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** How long a process may take to end by itself. */
const graceMs = 3_000;

/**
 * Every request and every image leaves garbage that dies young. With all room for it from the start, 30 series of 300
 * instances on a far store take 170 ms of processor time each in place of 181, in as much memory.
 */
const roomForGarbage = ['--min-semi-space-size=16'];

/**
 * The engine of Node 20 optimizes much that does not run long enough to pay for it, in each process anew: a quarter of the processor
 * time of 60 series. With four times its patience they take 4.3 s of it in place of 4.9. Later engines have a second compiler for that, and
 * no such flag.
 */
const morePatience = process.versions.v8.startsWith('11.3.') ? ['--interrupt-budget=528000'] : [];

/** Starts a process that waits for its settings. */
export function startWorker(): ChildProcess {
  return fork(fileURLToPath(new URL('./atlas-worker.js', import.meta.url)), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...roomForGarbage, ...morePatience],
  });
}

/** Ends a process when it has done what it was told. */
export async function endWorker(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    send(child, { kind: 'end' });
  });
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** A worker process, started when it is first needed and again whenever it ended by itself. */
export class ChunkProcess {
  readonly #settings: WorkerSettings;
  #process: ChildProcess | undefined;
  /** One that waits for its settings. */
  #waiting: ChildProcess | undefined;

  constructor(settings: WorkerSettings, waiting?: ChildProcess) {
    this.#settings = settings;
    this.#waiting = waiting;
  }

  async make(task: ChunkTask, hooks: PoolHooks, signal: AbortSignal): Promise<ChunkResult> {
    const givenUp: string[] = [];
    const crashesAlone = new Map<string, number>();
    const counted = new Set<string>();
    let vain = 0;
    let oneByOne = false;
    for (;;) {
      const before = counted.size;
      const attempt = await this.#attempt({ ...task, givenUp, oneByOne }, hooks, signal, counted);
      if ('result' in attempt) return attempt.result;
      const [only] = attempt.inWork;
      if (attempt.inWork.length === 1 && only !== undefined) {
        const crashes = (crashesAlone.get(only) ?? 0) + 1 / (attempt.isKilled ? maxKillsAlone : maxCrashesAlone);
        crashesAlone.set(only, crashes);
        // Sums of fractions are not exact.
        if (crashes > 0.999) givenUp.push(only);
      }
      vain = counted.size > before ? 0 : vain + 1;
      // From the second time on without any progress: which series is it?
      oneByOne = vain >= 2;
      if (vain > maxVainAttempts) {
        throw new WorkerError('internal', `Worker processes ended ${vain} times without finishing a single series.`);
      }
    }
  }

  /** One process's try at a chunk. What it was at when it ended by itself is answered. */
  async #attempt(
    task: ChunkTask,
    hooks: PoolHooks,
    signal: AbortSignal,
    counted: Set<string>,
  ): Promise<{ readonly result: ChunkResult } | { readonly inWork: readonly string[]; readonly isKilled: boolean }> {
    const child = this.#process ?? (await this.#start());
    const inWork = new Set<string>();
    // It ended before it was ready.
    if (child === undefined) return { inWork: [], isKilled: false };
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        child.off('message', hear);
        child.off('exit', gone);
        signal.removeEventListener('abort', stop);
      };
      const hear = (message: FromWorker): void => {
        if (message.kind === 'started') inWork.add(message.id);
        else if (message.kind === 'ended') {
          inWork.delete(message.id);
          if (!counted.has(message.id)) hooks.onSeries(message.failed, message.byteLength);
          counted.add(message.id);
        } else if (message.kind === 'done') {
          leave();
          resolve({ result: message.result });
        } else if (message.kind === 'error') {
          leave();
          reject(new WorkerError(message.code, message.message));
        }
      };
      const gone = (_: number | null, killedBy: string | null): void => {
        leave();
        this.#process = undefined;
        resolve({ inWork: [...inWork], isKilled: killedBy === 'SIGKILL' });
      };
      const stop = (): void => {
        leave();
        reject(new AbortedError());
      };
      child.on('message', hear);
      child.on('exit', gone);
      signal.addEventListener('abort', stop);
      if (signal.aborted) stop();
      else send(child, { kind: 'chunk', task });
    });
  }

  /** undefined where the process ended before it was ready. */
  async #start(): Promise<ChildProcess | undefined> {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const child = waiting === undefined || hasEnded(waiting) ? startWorker() : waiting;
    this.#process = child;
    return new Promise((resolve, reject) => {
      const ready = (message: FromWorker): void => {
        child.off('exit', ended);
        if (message.kind === 'error') reject(new WorkerError(message.code, message.message));
        else resolve(child);
      };
      const ended = (): void => {
        child.off('message', ready);
        this.#process = undefined;
        resolve(undefined);
      };
      child.once('message', ready);
      child.once('exit', ended);
      send(child, { kind: 'settings', settings: this.#settings });
    });
  }

  async end(): Promise<void> {
    for (const child of [this.#process, this.#waiting]) if (child !== undefined) await endWorker(child);
  }
}

/** A process that has just ended cannot be told anything: its end is heard of. */
function send(child: ChildProcess, message: ToWorker): void {
  child.send(message, () => undefined);
}
