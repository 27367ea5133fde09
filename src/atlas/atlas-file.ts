import { createHash } from 'node:crypto';
import { NotFoundError, type Sink, UsageError } from '../index.ts';
import type { AtlasPictureOptions } from './types.ts';

const fileName = 'atlas.json';

/** What an atlas says of itself. It is written once, when the atlas is begun. */
export interface AtlasFile {
  readonly schema: 1;
  /** How many chunks the series are cut into: a rerun must use the same. */
  readonly chunks: number;
  /** How many of them have series; the most that a run has found. */
  readonly filledChunks: number;
  readonly optionsHash: string;
  readonly pictures: AtlasPictureOptions;
  /** Printable, without credentials. */
  readonly source: string;
}

/** Tells whether two runs make the same pictures. */
export function hashOfOptions(pictures: AtlasPictureOptions): string {
  const text = JSON.stringify(pictures, (_, value: unknown) => (isPlain(value) ? sorted(value) : value));
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** undefined where there is no atlas so far */
export async function readAtlasFile(sink: Sink): Promise<AtlasFile | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await sink.read(fileName);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
  try {
    const file: AtlasFile = JSON.parse(new TextDecoder().decode(bytes));
    if (file.schema === 1 && Number.isSafeInteger(file.chunks)) return file;
  } catch {
    // Told below.
  }
  throw new UsageError(`Expected an atlas in '${sink.location}' but its ${fileName} is something else.`);
}

/**
 * The atlas' file: the one that is there, or a new one.
 *
 * @param chunkCount of a new one
 * @throws UsageError where pictures were made with other options
 */
export async function beginAtlas(
  sink: Sink,
  { pictures, source, chunkCount }: { pictures: AtlasPictureOptions; source: string; chunkCount: number },
): Promise<AtlasFile> {
  const optionsHash = hashOfOptions(pictures);
  const found = await readAtlasFile(sink);
  if (found === undefined) {
    const file: AtlasFile = { schema: 1, chunks: chunkCount, filledChunks: 0, optionsHash, pictures, source };
    await writeAtlasFile(sink, file);
    return file;
  }
  if (found.optionsHash === optionsHash) return found;
  throw new UsageError(
    `Expected the options that the atlas in '${sink.location}' was begun with (see its ${fileName}) but received others. Use them, or another place to write to.`,
  );
}

/** Notes how many chunks have series, so that others know when all are done. */
export async function noteFilledChunks(sink: Sink, file: AtlasFile, filledChunks: number): Promise<void> {
  if (filledChunks > file.filledChunks) await writeAtlasFile(sink, { ...file, filledChunks });
}

async function writeAtlasFile(sink: Sink, file: AtlasFile): Promise<void> {
  await sink.write(fileName, new TextEncoder().encode(`${JSON.stringify(file, undefined, 2)}\n`));
}
