import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { appendFile, open, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packTar } from 'modern-tar';
import type { Previewer, Sink } from '../index.ts';
import { inOrder } from './concurrently.ts';
import { crashedRow, type MadeSeries, makeSeries } from './make-series.ts';
import type { AtlasRow } from './manifest.ts';
import { encodePart, rowsOfPart } from './part-file.ts';
import type { AtlasItem, ChunkResult, ChunkTask, WorkerSettings } from './types.ts';

/** The names of a chunk's two files. They follow from the number, so that doing a chunk twice does no harm. */
export function chunkNames(chunk: number): { readonly shard: string; readonly part: string } {
  const number = String(chunk).padStart(5, '0');
  return { shard: `shards/${number}.tar`, part: `parts/${number}.parquet` };
}

export interface ChunkHooks {
  readonly onStarted: (id: string) => void;
  readonly onEnded: (id: string, row: AtlasRow, byteLength: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes all pictures of a chunk and writes them as one tar file and one Parquet part. The part comes last: a chunk whose
 * part is there is done. What a process had finished before it was killed is kept in the work folder and taken up again.
 */
export async function makeChunk(
  task: ChunkTask,
  settings: WorkerSettings,
  previewer: Previewer,
  sink: Sink,
  hooks: ChunkHooks,
): Promise<ChunkResult> {
  const startedAt = Date.now();
  const { shard, part } = chunkNames(task.chunk);
  const unfinished = await UnfinishedChunk.open(settings.workFolder, task.chunk);
  const items = [...task.items].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const kept = task.again === 'all' ? new Map<string, KeptSeries>() : await keptSeries(sink, task, settings);
  const rest = items.slice(unfinished.rows.length);
  const concurrency = task.oneByOne ? 1 : settings.concurrency;
  const make = async (item: AtlasItem): Promise<SeriesInTar> => {
    hooks.signal.throwIfAborted();
    const old = kept.get(item.id);
    if (old !== undefined) return old;
    if (task.givenUp.includes(item.id))
      return inTar({ row: crashedRow(item, settings), pictures: [], info: undefined });
    hooks.onStarted(item.id);
    return inTar(await makeSeries(previewer, item, settings, hooks.signal));
  };
  for await (const { item, made } of inOrder(rest, concurrency, make)) {
    const row = await unfinished.append(made, shard);
    hooks.onEnded(item.id, row, row.length ?? 0);
  }
  const { rows } = unfinished;
  await unfinished.finishTar();
  const failed = rows.filter(({ status }) => status === 'failed');
  const failedByCode: Record<string, number> = {};
  for (const { error_code } of failed) {
    const code = error_code ?? 'internal';
    failedByCode[code] = (failedByCode[code] ?? 0) + 1;
  }
  const { size: shardLength } = await stat(unfinished.tarPath);
  await sink.writeFile(shard, unfinished.tarPath);
  const facts = {
    ...{ series: rows.length, failed: failed.length, failedByCode, optionsHash: settings.optionsHash },
    ...digestsOf(items),
    pictureBytes: rows.reduce((sum, { length }) => sum + (length ?? 0), 0),
    ...{ shardLength, startedAt, finishedAt: Date.now() },
  };
  await sink.write(part, encodePart(rows, facts));
  await unfinished.remove();
  return { chunk: task.chunk, series: rows.length, failed: failed.length, pictureBytes: facts.pictureBytes };
}

/** Tell whether a chunk's series are still the same ones, and the same versions of them. */
export function digestsOf(items: readonly AtlasItem[]): {
  readonly idsDigest: string;
  readonly versionsDigest: string;
} {
  const sorted = [...items].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const digest = (lines: readonly string[]): string =>
    createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32);
  return {
    idsDigest: digest(sorted.map(({ id }) => id)),
    versionsDigest: digest(sorted.map(({ id, version }) => `${id}\t${version ?? ''}`)),
  };
}

/** A series as it stands in a tar file: its files with their headers, and where the pictures lie among them. */
interface SeriesInTar {
  /** Offsets are those from the beginning of `bytes`. */
  readonly row: AtlasRow;
  readonly bytes: Uint8Array;
}

type KeptSeries = SeriesInTar;

/** A picture in a tar file. */
interface PicturePlace {
  readonly view: string;
  readonly offset: number;
  readonly length: number;
  readonly format: string;
  readonly width: number;
  readonly height: number;
}

const blockLength = 512;

/** The files of a series, named after its UID (or a digest of what names it), as WebDataset wants them. */
async function inTar({ row, pictures, info }: MadeSeries): Promise<SeriesInTar> {
  const files: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  const base = baseName(row);
  const places: PicturePlace[] = [];
  let offset = 0;
  const add = (name: string, bytes: Uint8Array): number => {
    files.push({ name, bytes });
    const at = offset + blockLength;
    offset = at + Math.ceil(bytes.length / blockLength) * blockLength;
    return at;
  };
  for (const [index, { view, bytes, report }] of pictures.entries()) {
    const { format, width, height } = report.output;
    const name = index === 0 ? `${base}.${format}` : `${base}.${view}.${format}`;
    places.push({ view, offset: add(name, bytes), length: bytes.length, format, width, height });
  }
  if (pictures.length > 0) {
    const reports = Object.fromEntries(
      // What differs from run to run is left out: the same series gives the same file.
      pictures.map(({ view, report: { io, timingsMs, index, ...report } }) => [view, report]),
    );
    add(`${base}.json`, new TextEncoder().encode(JSON.stringify({ info, reports })));
  }
  const bytes = await tarOf(files);
  const [first] = places;
  const place = first === undefined ? {} : { offset: first.offset, length: first.length };
  return { row: { ...row, ...place, pictures: JSON.stringify(places) }, bytes };
}

async function tarOf(files: readonly { readonly name: string; readonly bytes: Uint8Array }[]): Promise<Uint8Array> {
  if (files.length === 0) return new Uint8Array(0);
  const packed = await packTar(
    files.map(({ name, bytes }) => ({ header: { name, size: bytes.length, mtime: new Date(0) }, body: bytes })),
  );
  // Two empty blocks end an archive; here others follow.
  return packed.subarray(0, packed.length - 2 * blockLength);
}

/** UIDs are digits and dots; anything else could be a patient's name. */
function baseName(row: AtlasRow): string {
  const digest = createHash('sha256').update(row.id).digest('hex').slice(0, 16);
  if (!/^[0-9.]{1,64}$/.test(row.series_instance_uid)) return digest;
  return row.id === row.series_instance_uid ? row.id : `${row.series_instance_uid}-${digest.slice(0, 8)}`;
}

/** The series that an earlier run has made and that need not be made again. */
async function keptSeries(
  sink: Sink,
  { chunk, items, again }: ChunkTask,
  { optionsHash }: WorkerSettings,
): Promise<ReadonlyMap<string, KeptSeries>> {
  const { shard, part } = chunkNames(chunk);
  const kept = new Map<string, KeptSeries>();
  let rows: readonly AtlasRow[];
  let tar: Uint8Array;
  try {
    rows = await rowsOfPart(await sink.read(part));
    tar = await sink.read(shard);
  } catch {
    return kept;
  }
  const versions = new Map(items.map(({ id, version }) => [id, version]));
  for (const row of rows) {
    const isSame = row.options_hash === optionsHash && versions.has(row.id);
    const isChanged = again === 'changed' && versions.get(row.id) !== (row.source_version ?? undefined);
    if (!isSame || isChanged || (row.status === 'failed' && again === 'failed')) continue;
    const found = ofTar(row, tar);
    if (found !== undefined) kept.set(row.id, found);
  }
  return kept;
}

/** Cuts a series out of a tar file; undefined where the file is not what the row says. */
function ofTar(row: AtlasRow, tar: Uint8Array): SeriesInTar | undefined {
  if (row.offset === null) return { row, bytes: new Uint8Array(0) };
  const start = row.offset - blockLength;
  const places: readonly { readonly offset: number; readonly length: number }[] = JSON.parse(row.pictures);
  const last = places.at(-1);
  if (last === undefined) return undefined;
  // The JSON file follows the last picture.
  const json = last.offset + Math.ceil(last.length / blockLength) * blockLength;
  const length = Number.parseInt(new TextDecoder().decode(tar.subarray(json + 124, json + 135)), 8);
  const end = json + blockLength + Math.ceil(length / blockLength) * blockLength;
  if (!(end <= tar.length)) return undefined;
  return { row: shifted(row, -start), bytes: tar.subarray(start, end) };
}

/** The row with its places moved. */
function shifted(row: AtlasRow, by: number): AtlasRow {
  if (row.offset === null) return row;
  const places: readonly { readonly offset: number }[] = JSON.parse(row.pictures);
  const moved = places.map((place) => ({ ...place, offset: place.offset + by }));
  return { ...row, offset: row.offset + by, pictures: JSON.stringify(moved) };
}

/** What is done of a chunk, on this machine's disk: a tar file, and a line for each series that is whole in it. */
class UnfinishedChunk {
  readonly tarPath: string;
  readonly #linesPath: string;
  readonly #entries: DoneSeries[] = [];
  #length = 0;

  private constructor(folder: string, chunk: number) {
    this.tarPath = join(folder, `${chunk}.tar`);
    this.#linesPath = join(folder, `${chunk}.jsonl`);
  }

  static async open(folder: string, chunk: number): Promise<UnfinishedChunk> {
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another chunk, perhaps of another process, has made it.
      if (!existsSync(folder)) throw error;
    }
    const unfinished = new UnfinishedChunk(folder, chunk);
    await unfinished.#takeUp();
    return unfinished;
  }

  async #takeUp(): Promise<void> {
    if (existsSync(this.#linesPath)) {
      const lines = createInterface({ input: createReadStream(this.#linesPath), crlfDelay: Infinity });
      for await (const line of lines) {
        // The last line may have been cut by the end of the process.
        const entry = parsed(line);
        if (entry === undefined) break;
        this.#entries.push(entry);
      }
    }
    const { size } = await stat(this.tarPath).catch(() => ({ size: 0 }));
    while ((this.#entries.at(-1)?.end ?? 0) > size) this.#entries.pop();
    this.#length = this.#entries.at(-1)?.end ?? 0;
    const file = await open(this.tarPath, 'a');
    await file.close();
    await truncate(this.tarPath, this.#length);
    await writeFile(this.#linesPath, this.#entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  }

  /** The rows of all series that are done. */
  get rows(): readonly AtlasRow[] {
    return this.#entries.map(({ row }) => row);
  }

  /** Adds a series. Answers its row with its place in the whole file. */
  async append({ row, bytes }: SeriesInTar, shard: string): Promise<AtlasRow> {
    const placed = row.offset === null ? row : { ...shifted(row, this.#length), shard };
    await appendFile(this.tarPath, bytes);
    this.#length += bytes.length;
    const entry = { row: placed, end: this.#length };
    this.#entries.push(entry);
    await appendFile(this.#linesPath, `${JSON.stringify(entry)}\n`);
    return placed;
  }

  async finishTar(): Promise<void> {
    await truncate(this.tarPath, this.#length);
    await appendFile(this.tarPath, new Uint8Array(2 * blockLength));
  }

  async remove(): Promise<void> {
    await rm(this.tarPath, { force: true });
    await rm(this.#linesPath, { force: true });
  }
}

/** A series that is whole in the tar file, and where that ends with it. */
interface DoneSeries {
  readonly row: AtlasRow;
  readonly end: number;
}

function parsed(line: string): DoneSeries | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
