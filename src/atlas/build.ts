import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { NotFoundError, openSink, type SinkOptions, type StorageOptions } from '../index.ts';
import { beginAtlas, noteFilledChunks, readAtlasFile } from './atlas-file.ts';
import type { SourceFilters } from './list-items.ts';
import { openChunks } from './open-chunks.ts';
import { ChunkPlan, type Shard } from './plan.ts';
import { endWorker, runPool, startWorker } from './pool.ts';
import { seriesOf } from './source.ts';
import type { AtlasPictureOptions, AtlasProgress, ChunkTask } from './types.ts';

/** How an atlas is built. */
export interface BuildOptions {
  readonly storage: StorageOptions;
  /** How OUT is reached. */
  readonly sink?: SinkOptions | undefined;
  readonly pictures: AtlasPictureOptions;
  readonly filters: SourceFilters;
  /** Series at most. */
  readonly limit?: number | undefined;
  /** So many of all series, chosen by chance. */
  readonly sample?: number | undefined;
  readonly seed?: number | undefined;
  /** Series of a chunk, about. Default 200. */
  readonly chunkSize?: number | undefined;
  readonly shard?: Shard | undefined;
  readonly again: ChunkTask['again'];
  /** Only plan: nothing is made, and nothing written. */
  readonly dryRun?: boolean | undefined;
  /** Processes. Default: one a processor, as far as `memoryBytes` allows. */
  readonly processes?: number | undefined;
  /** Default: half of the machine's. */
  readonly memoryBytes?: number | undefined;
  /** Series in work at a time in each process. */
  readonly concurrency?: number | undefined;
  readonly stdin: NodeJS.ReadableStream;
  readonly onPlanned?: ((series: number, chunks: number) => void) | undefined;
  readonly onProgress?: ((progress: AtlasProgress) => void) | undefined;
  readonly onWarning: (message: string) => void;
  readonly signal: AbortSignal;
}

/** What a build came to. */
export interface BuildResult {
  /** Series of this machine's chunks. */
  readonly series: number;
  /** Of these, made in this run, or tried. */
  readonly made: number;
  readonly failed: number;
  readonly chunks: number;
  readonly pictureBytes: number;
}

/** Processes that start while a new atlas is planned: more of them might find nothing to do. */
const earlyProcesses = 4;
/** What a process takes with a few series in work. */
const bytesPerProcess = 350 * 1024 * 1024;

/**
 * Makes what is missing of an atlas: previews of all series of a source, as tar files and Parquet parts.
 *
 * @param source see {@link seriesOf}
 * @param out a folder or a URL
 * @throws UsageError, OutputError and the errors of stores; NotFoundError without any series; AbortedError. Series that fail are rows.
 */
export async function buildAtlas(source: string, out: string, options: BuildOptions): Promise<BuildResult> {
  const { signal, pictures } = options;
  const started = performance.now();
  const sink = await openSink(out, { ...options.sink, onWarning: options.onWarning });
  const workFolder = await mkdtemp(join(tmpdir(), 'dicom-series-preview-atlas-'));
  const early: ChildProcess[] = [];
  try {
    const known = await readAtlasFile(sink);
    const isNew = known === undefined && options.dryRun !== true;
    const earlyCount = isNew ? Math.min(processesFor(options), earlyProcesses) : 0;
    while (early.length < earlyCount) early.push(startWorker());
    const plan = await planSource(source, options);
    const chunkCount = plan.chunkCount(options.chunkSize);
    if (options.dryRun === true) {
      const { size: chunks } = plan.chunks(known?.chunks ?? chunkCount);
      return { series: plan.size, made: 0, failed: 0, chunks, pictureBytes: 0 };
    }
    const file = await beginAtlas(sink, { pictures, source: printableSource(source), chunkCount });
    const shard = options.shard ?? { index: 0, count: 1 };
    const all = [...plan.chunks(file.chunks)];
    await noteFilledChunks(sink, file, all.length);
    const chunks = all.filter(([chunk]) => chunk % shard.count === shard.index);
    const counts = { total: 0, done: 0, failed: 0, pictureBytes: 0 };
    const todo = await openChunks(chunks, sink, { again: options.again, optionsHash: file.optionsHash }, counts);
    options.onPlanned?.(counts.total, chunks.length);
    let made = 0;
    const report = (): void => options.onProgress?.({ ...counts, elapsedMs: performance.now() - started });
    const settings = {
      ...{
        out,
        sink: options.sink ?? {},
        storage: options.storage,
        pictures,
        optionsHash: file.optionsHash,
        workFolder,
      },
      concurrency: options.concurrency ?? 4,
    };
    const tasks = function* (): Generator<ChunkTask> {
      for (const { chunk, items } of todo) {
        yield { chunk, items: items(), givenUp: [], oneByOne: false, again: options.again };
      }
    };
    const processes = Math.min(processesFor(options), Math.max(1, todo.length));
    if (todo.length > 0) {
      await runPool(
        tasks(),
        settings,
        processes,
        {
          onSeries: (failed, byteLength) => {
            made++;
            counts.done++;
            if (failed) counts.failed++;
            counts.pictureBytes += byteLength;
            report();
          },
          onChunk: () => report(),
          signal,
        },
        early,
      );
    }
    const { total: series, failed, pictureBytes } = counts;
    return { series, made, failed, chunks: chunks.length, pictureBytes };
  } finally {
    await Promise.all(early.map(endWorker));
    await rm(workFolder, { recursive: true, force: true });
    await sink.close();
  }
}

/**
 * Finds the series of a source.
 *
 * @throws NotFoundError where there are none: an atlas of nothing would help nobody, and one that is there stays as it is
 */
export async function planSource(
  source: string,
  options: Pick<
    BuildOptions,
    'storage' | 'filters' | 'limit' | 'sample' | 'seed' | 'stdin' | 'onWarning' | 'signal'
  > & {
    readonly pictures: Pick<AtlasPictureOptions, 'includePatient'>;
  },
): Promise<ChunkPlan> {
  const plan = new ChunkPlan(options.sample === undefined ? options.limit : undefined);
  const { includePatient } = options.pictures;
  for await (const item of seriesOf(source, { ...options, includePatient })) {
    plan.add(item);
    if (plan.isFull) break;
  }
  if (plan.size === 0) throw nothingFound(source, options.filters);
  if (options.sample !== undefined) plan.sample(Math.min(options.sample, options.limit ?? Infinity), options.seed ?? 1);
  return plan;
}

/** Names the filters without their values, of which one may be a patient's. */
function nothingFound(source: string, { modality, bodyPart, collection, patient }: SourceFilters): NotFoundError {
  const filters = { '--modality': modality, '--body-part': bodyPart, '--collection': collection, '--patient': patient };
  const given = Object.entries(filters).flatMap(([name, values]) => (values === undefined ? [] : name));
  const location = source === '-' ? 'standard input' : printableSource(source);
  const place = source === '-' ? location : `'${location}'`;
  const message =
    given.length === 0
      ? `Expected series in ${place} but found none. Name another source.`
      : `Expected series in ${place} that fit ${given.join(' and ')} but found none. Check the values, or ask for more.`;
  return new NotFoundError(message, { location });
}

/** How many processes work. */
export function processesFor({ processes, memoryBytes }: Pick<BuildOptions, 'processes' | 'memoryBytes'>): number {
  if (processes !== undefined) return processes;
  const memory = memoryBytes ?? totalmem() / 2;
  return Math.max(1, Math.min(availableParallelism(), Math.floor(memory / bytesPerProcess)));
}

/** Without user name, password and query. */
export function printableSource(source: string): string {
  try {
    const url = new URL(source);
    return `${url.protocol}//${url.host}${url.pathname}`;
  } catch {
    return source;
  }
}
