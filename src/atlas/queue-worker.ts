import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from 'bullmq';
import { AbortedError, openSink, PreviewError, type Sink, type SinkOptions, type StorageOptions } from '../index.ts';
import { type AtlasFile, readAtlasFile } from './atlas-file.ts';
import { processesFor } from './build.ts';
import { chunkNames } from './chunk.ts';
import { readPlan, removePlan } from './enqueue.ts';
import { isDone } from './open-chunks.ts';
import { factsOfPart } from './part-file.ts';
import { ChunkProcess } from './pool.ts';
import {
  type ChunkJob,
  type ChunkJobResult,
  countJobs,
  type OpenQueue,
  openQueue,
  type QueueOptions,
} from './queue.ts';
import type { WorkerSettings } from './types.ts';

/** How this machine takes part. */
export interface WorkOptions {
  readonly storage: StorageOptions;
  readonly sink?: SinkOptions | undefined;
  /** Processes, and so chunks in work. Default: one a processor, as far as `memoryBytes` allows. */
  readonly processes?: number | undefined;
  readonly memoryBytes?: number | undefined;
  /** Series in work at a time in each process. */
  readonly concurrency?: number | undefined;
  /**
   * A chunk whose worker has been silent for so long is given to another. The lock is renewed at half of the time. Default
   * 60,000.
   */
  readonly lockMs?: number | undefined;
  /** Wait for more when the queue is empty. */
  readonly stay: boolean;
  readonly onChunk: (chunk: number, result: ChunkJobResult) => void;
  readonly onWarning: (message: string) => void;
  readonly signal: AbortSignal;
}

/** What this machine did. */
export interface WorkResult extends ChunkJobResult {
  readonly chunks: number;
  /** Tries at chunks that failed; others, or this machine, try again. */
  readonly failedTries: number;
}

/** Long enough for a busy machine, short enough for those who wait for the last chunk. */
const usualLockMs = 60_000;
/** Times that the worker of a chunk may go away: machines that are cheap because they may be taken away are so. */
const maxStalledCount = 100;
/** How often a worker without work asks whether others have any. */
const idleCheckMs = 1_000;

/**
 * Does chunks of a queue until it is empty, or until the signal: then the chunks in work are given back. Decoding runs in
 * other processes, so that this one is always free to renew the locks.
 *
 * @throws what {@link openQueue} throws. Failures of chunks stay in the queue.
 */
export async function workOnQueue(queueOptions: QueueOptions, options: WorkOptions): Promise<WorkResult> {
  const queue = await openQueue(queueOptions);
  const workFolder = await mkdtemp(join(tmpdir(), 'dicom-series-preview-atlas-'));
  const work = new QueueWork(queue, workFolder, options);
  try {
    return await work.run();
  } finally {
    await work.close();
    await queue.close();
    await rm(workFolder, { recursive: true, force: true });
  }
}

/** An atlas that chunks were done of. */
interface OpenAtlas {
  readonly sink: Sink;
  readonly file: AtlasFile;
}

interface IdleProcess {
  readonly out: string;
  readonly optionsHash: string;
  readonly process: ChunkProcess;
}

class QueueWork {
  readonly #queue: OpenQueue;
  readonly #workFolder: string;
  readonly #options: WorkOptions;
  readonly #atlases = new Map<string, Promise<OpenAtlas>>();
  readonly #idle: IdleProcess[] = [];
  /** What ends each chunk in work, by the id of its job. */
  readonly #inWork = new Map<string, AbortController>();
  readonly #counts = { chunks: 0, series: 0, failed: 0, failedTries: 0 };

  constructor(queue: OpenQueue, workFolder: string, options: WorkOptions) {
    this.#queue = queue;
    this.#workFolder = workFolder;
    this.#options = options;
  }

  async run(): Promise<WorkResult> {
    const { onWarning, signal, lockMs = usualLockMs } = this.#options;
    // Each chunk in work listens.
    setMaxListeners(0, signal);
    const { library, connection, name, location } = this.#queue;
    const worker = new library.Worker<ChunkJob, ChunkJobResult>(name, (job, token) => this.#do(job, token), {
      ...{ connection, skipVersionCheck: true, concurrency: processesFor(this.#options) },
      ...{ lockDuration: lockMs, stalledInterval: lockMs / 2, maxStalledCount },
    });
    let isAway = false;
    worker.on('error', (error) => {
      if (isAway || signal.aborted) return;
      isAway = true;
      onWarning(`The queue at ${location} does not answer as it should (${error.message}); trying again.`);
    });
    worker.on('completed', () => {
      isAway = false;
    });
    // Another machine may have the chunk by now.
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.#inWork.get(id)?.abort();
    });
    worker.on('failed', (job, error) => {
      this.#counts.failedTries++;
      onWarning(`Chunk ${job?.data.chunk ?? '?'} failed (attempt ${job?.attemptsMade ?? '?'}): ${error.message}`);
    });
    await this.#whenDone();
    await worker.close();
    const { chunks, series, failed, failedTries } = this.#counts;
    if (signal.aborted) throw new AbortedError();
    return { chunks, series, failed, failedTries };
  }

  /** When the queue is empty and nobody works, or when this machine is told to end. */
  async #whenDone(): Promise<void> {
    const { signal, stay } = this.#options;
    while (!signal.aborted) {
      if (!stay && this.#inWork.size === 0) {
        const counts = await countJobs(this.#queue).catch(() => undefined);
        if (counts !== undefined && counts.waiting + counts.active + counts.delayed === 0) return;
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, idleCheckMs);
        function done(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          resolve();
        }
        signal.addEventListener('abort', done);
      });
    }
  }

  async #do(job: Job<ChunkJob, ChunkJobResult>, token: string | undefined): Promise<ChunkJobResult> {
    const stopping = new AbortController();
    const id = job.id ?? '';
    this.#inWork.set(id, stopping);
    const stop = (): void => stopping.abort();
    this.#options.signal.addEventListener('abort', stop);
    if (this.#options.signal.aborted) stop();
    try {
      const result = await this.#chunk(job.data, stopping.signal);
      this.#counts.chunks++;
      this.#counts.series += result.series;
      this.#counts.failed += result.failed;
      this.#options.onChunk(job.data.chunk, result);
      return result;
    } catch (error) {
      if (!this.#options.signal.aborted) throw withoutCause(error);
      // Given back: the next machine need not wait for the lock to run out, and it is no failed attempt.
      await job.moveToWait(token);
      throw new this.#queue.library.WaitingError();
    } finally {
      this.#options.signal.removeEventListener('abort', stop);
      this.#inWork.delete(id);
    }
  }

  async #chunk({ out, chunk, again, optionsHash }: ChunkJob, signal: AbortSignal): Promise<ChunkJobResult> {
    const { sink, file } = await this.#atlas(out, optionsHash);
    const [items, facts] = await Promise.all([readPlan(sink, chunk), partFacts(sink, chunk)]);
    if (items === undefined && facts === undefined) {
      throw new this.#queue.library.UnrecoverableError(
        `There is neither a plan nor a part of chunk ${chunk} in ${sink.location}: enqueue the atlas again.`,
      );
    }
    // Somebody did it, and went away before the queue heard of it.
    if (facts !== undefined && (items === undefined || isDone(facts, items, again, optionsHash))) {
      return { series: facts.series, failed: facts.failed };
    }
    const workFolder = join(this.#workFolder, createHash('sha256').update(out).digest('hex').slice(0, 16));
    const process = this.#processFor(out, optionsHash, {
      ...{ out, sink: this.#options.sink ?? {}, storage: this.#options.storage },
      ...{ pictures: file.pictures, optionsHash, workFolder, concurrency: this.#options.concurrency ?? 4 },
    });
    try {
      const hooks = { onSeries: () => undefined, onChunk: () => undefined, signal };
      const task = { chunk, items: items ?? [], givenUp: [], oneByOne: false, again };
      const { series, failed } = await process.make(task, hooks, signal);
      this.#idle.push({ out, optionsHash, process });
      await removePlan(sink, chunk);
      return { series, failed };
    } catch (error) {
      // It may be at work still, and the next try may be at other series.
      const ended = process.end();
      if (!signal.aborted) await ended;
      for (const ending of ['tar', 'jsonl']) await rm(join(workFolder, `${chunk}.${ending}`), { force: true });
      throw error;
    }
  }

  /** An idle process that knows the atlas, or a new one. */
  #processFor(out: string, optionsHash: string, settings: WorkerSettings): ChunkProcess {
    const at = this.#idle.findIndex((each) => each.out === out && each.optionsHash === optionsHash);
    const [found] = at < 0 ? [] : this.#idle.splice(at, 1);
    if (found !== undefined) return found.process;
    // One of another atlas is in the way: there are as many as may be.
    for (const other of this.#idle.splice(0)) void other.process.end();
    return new ChunkProcess(settings);
  }

  /** @throws UnrecoverableError where the atlas is not the one that the chunk was planned for */
  async #atlas(out: string, optionsHash: string): Promise<OpenAtlas> {
    const known = await this.#atlases.get(out)?.catch(() => undefined);
    if (known?.file.optionsHash === optionsHash) return known;
    const opening = this.#openAtlas(out, known?.sink);
    this.#atlases.set(out, opening);
    const atlas = await opening;
    if (atlas.file.optionsHash === optionsHash) return atlas;
    throw new this.#queue.library.UnrecoverableError(
      `The atlas in ${atlas.sink.location} was begun anew with other options: enqueue it again.`,
    );
  }

  async #openAtlas(out: string, known: Sink | undefined): Promise<OpenAtlas> {
    const { sink: sinkOptions, onWarning } = this.#options;
    const sink = known ?? (await openSink(out, { ...sinkOptions, onWarning }));
    const file = await readAtlasFile(sink);
    if (file !== undefined) return { sink, file };
    throw new this.#queue.library.UnrecoverableError(`There is no atlas in ${sink.location}.`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#idle.map(({ process }) => process.end()));
    for (const opening of this.#atlases.values()) {
      await opening.then(({ sink }) => sink.close()).catch(() => undefined);
    }
  }
}

async function partFacts(sink: Sink, chunk: number): Promise<ReturnType<typeof factsOfPart> | undefined> {
  const { part, shard } = chunkNames(chunk);
  const [file] = await sink.list(part);
  const [tar] = await sink.list(shard);
  if (file === undefined) return undefined;
  const facts = factsOfPart(await sink.read(part));
  return facts.shardLength === tar?.byteLength ? facts : undefined;
}

/** What the queue keeps of an error, for everybody to read: its message, which holds no credentials. */
function withoutCause(error: unknown): Error {
  if (error instanceof Error && error.name === 'UnrecoverableError') return error;
  const isKnown = error instanceof PreviewError;
  return new Error(isKnown ? `${error.code}: ${error.message}` : `internal: ${String(error)}`);
}
