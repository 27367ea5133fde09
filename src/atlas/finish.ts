import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileWriter } from 'hyparquet-writer';
import { NotFoundError, openSink, type Sink, type SinkOptions } from '../index.ts';
import { type AtlasFile, readAtlasFile } from './atlas-file.ts';
import { eachOf } from './concurrently.ts';
import type { AtlasRow } from './manifest.ts';
import { type PageOptions, preparePage, type WrittenPage } from './page-files.ts';
import { factsOfFile, factsOfPart, rowsOfPart, writeManifest } from './part-file.ts';

/** Parts that are looked at in one go. */
const partsAtATime = 16;

/** What an atlas holds so far. */
export interface AtlasStatusReport {
  readonly chunks: number;
  readonly chunksDone: number;
  readonly series: number;
  readonly failed: number;
  readonly failedByCode: Readonly<Record<string, number>>;
  readonly pictureBytes: number;
  /** Series a second, of the chunks that are done, in the time from the first to the last; null for fewer than two. */
  readonly seriesPerSecond: number | null;
  /** Estimated from the rate; null where nothing is left, or the rate is not known. */
  readonly secondsLeft: number | null;
}

/**
 * How far an atlas is, from its parts alone.
 *
 * @throws NotFoundError where there is no atlas
 */
export async function atlasStatus(out: string, options: SinkOptions = {}): Promise<AtlasStatusReport> {
  const sink = await openSink(out, options);
  try {
    const file = await atlasFileOf(sink);
    const failedByCode: Record<string, number> = {};
    let [series, failed, pictureBytes, chunksDone] = [0, 0, 0, 0];
    let first = Infinity;
    let last = -Infinity;
    await eachOf(await sink.list('parts/'), partsAtATime, async (part) => {
      const facts = await factsOfFile(sink, part);
      chunksDone++;
      series += facts.series;
      failed += facts.failed;
      pictureBytes += facts.pictureBytes;
      first = Math.min(first, facts.startedAt);
      last = Math.max(last, facts.finishedAt);
      for (const [code, count] of Object.entries(facts.failedByCode)) {
        failedByCode[code] = (failedByCode[code] ?? 0) + count;
      }
    });
    const rate = last > first ? (series * 1000) / (last - first) : null;
    const left = file.filledChunks - chunksDone;
    const secondsLeft = rate === null || left <= 0 ? null : (left * (series / chunksDone)) / rate;
    const counts = { chunks: file.filledChunks, chunksDone, series, failed, failedByCode, pictureBytes };
    return { ...counts, seriesPerSecond: rate, secondsLeft };
  } finally {
    await sink.close();
  }
}

/** How an atlas is finished. */
export interface FinishOptions extends PageOptions {
  /** Write a page to browse it. Default: true. */
  readonly page?: boolean | undefined;
  /** How to reach the place where the atlas lies. */
  readonly sink?: SinkOptions | undefined;
  readonly signal: AbortSignal;
}

export interface FinishResult extends Partial<WrittenPage> {
  readonly series: number;
  readonly failed: number;
  readonly chunks: number;
  readonly chunksMissing: number;
}

/**
 * Merges the parts of an atlas into `manifest.parquet`, and writes the page that shows it.
 *
 * @throws NotFoundError where there is no atlas, or nothing in it
 */
export async function finishAtlas(
  out: string,
  { signal, page, selfContained, sink: sinkOptions = {} }: FinishOptions,
): Promise<FinishResult> {
  const sink = await openSink(out, sinkOptions);
  const folder = await mkdtemp(join(tmpdir(), 'dicom-series-preview-atlas-'));
  try {
    const file = await atlasFileOf(sink);
    const parts = await sink.list('parts/');
    if (parts.length === 0) {
      throw new NotFoundError(`There is no finished part in '${sink.location}' so far.`, { location: sink.location });
    }
    const shards = new Map((await sink.list('shards/')).map(({ name, byteLength }) => [name, byteLength]));
    let [series, failed, merged] = [0, 0, 0];
    const rows = async function* (): AsyncGenerator<AtlasRow> {
      for (const { name } of parts) {
        signal.throwIfAborted();
        const bytes = await sink.read(name);
        // A tar file of another length is not the one that this part speaks of: the chunk must be done again.
        const shard = name.replace(/^parts\/(.+)\.parquet$/, 'shards/$1.tar');
        if (shards.get(shard) !== factsOfPart(bytes).shardLength) continue;
        merged++;
        for (const row of await rowsOfPart(bytes)) {
          series++;
          if (row.status === 'failed') failed++;
          yield row;
        }
      }
    };
    const path = join(folder, 'manifest.parquet');
    await writeManifest(fileWriter(path), rows(), { 'dicom-series-preview.atlas': JSON.stringify(file) });
    const pageOf = { manifestPath: path, folder, series };
    const writePage = page === false ? undefined : await preparePage(sink, pageOf, { selfContained });
    await sink.writeFile('manifest.parquet', path);
    return {
      ...(await writePage?.()),
      ...{ series, failed, chunks: merged, chunksMissing: Math.max(0, file.filledChunks - merged) },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
    await sink.close();
  }
}

async function atlasFileOf(sink: Sink): Promise<AtlasFile> {
  const file = await readAtlasFile(sink);
  if (file !== undefined) return file;
  throw new NotFoundError(`Expected an atlas in '${sink.location}' but there is none.`, { location: sink.location });
}
