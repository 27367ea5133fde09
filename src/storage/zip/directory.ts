import { concatenate } from '../../base/bytes.ts';
import { counted } from '../../base/counted.ts';
import { PreviewError, StorageError } from '../../base/errors.ts';
import { limitHint } from '../../base/limit-hint.ts';
import { defaultLimits, type Limits } from '../../types/limits.ts';
import type { ZipSource } from './source.ts';
import { nameOf, type RawEntry, readEntries } from './yauzl.ts';

/** One file of an archive. */
export interface ZipEntry {
  /** Names between slashes, none of them empty, `.` or `..`. */
  readonly key: string;
  /** 0 is stored, 8 is deflated; others cannot be read. */
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc32: number;
  readonly compressedLength: number;
  /** The length of the file itself. */
  readonly length: number;
  /** Where the local header lies, which comes before the data. */
  readonly headerOffset: number;
  /** The length of name and extra fields in the directory. Those after the local header may differ. */
  readonly namesLength: number;
  /** Where the next entry or the directory begins. Nothing of this entry lies beyond. */
  readonly spanEnd: number;
}

export interface ZipDirectory {
  /** By key, in the order of the directory. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly warnings: readonly string[];
}

/** The length of a local header without its name and extra fields (APPNOTE 4.3.7). */
export const localHeaderLength = 30;
const maxDirectoryByteLength = 256 * 1024 * 1024;

/**
 * Reads the central directory of an archive (zip64 too) from its end. `tail` are the last bytes of the archive; more is
 * read only when the directory begins before them. Throws a StorageError for a file that is not an archive, for one
 * that is split or damaged, and for entries that share bytes, as those of "zip bombs" do.
 */
export async function readZipDirectory(
  source: ZipSource,
  tail: Uint8Array<ArrayBuffer>,
  location: string,
  signal: AbortSignal | undefined,
  { zipEntries }: Limits = defaultLimits,
): Promise<ZipDirectory> {
  const window = new DirectoryWindow(source, tail, location, signal);
  try {
    const read = (position: number, length: number): Promise<Uint8Array> => window.view(position, length);
    return toDirectory(
      await readEntries(read, source.byteLength, (count) => checkCount(count, zipEntries, location)),
      source.byteLength,
      location,
    );
  } catch (error) {
    if (error instanceof PreviewError) throw error;
    const why = error instanceof Error ? error.message.replace(/\.$/, '') : 'for an unknown reason';
    throw new StorageError(`${location} cannot be read as a zip archive (${why}). Is it complete?`, {
      location,
      cause: error,
    });
  }
}

function checkCount(count: number, zipEntries: number, location: string): void {
  if (count <= zipEntries) return;
  throw new StorageError(
    `${location}: its directory says that it holds ${count} files; at most ${zipEntries} are read. ${limitHint('zipEntries')}`,
    { location },
  );
}

/** The end of the archive in memory. It grows towards the beginning. */
class DirectoryWindow {
  readonly #source: ZipSource;
  readonly #location: string;
  readonly #signal: AbortSignal | undefined;
  #bytes: Uint8Array<ArrayBuffer>;

  constructor(source: ZipSource, tail: Uint8Array<ArrayBuffer>, location: string, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#bytes = tail;
    this.#location = location;
    this.#signal = signal;
  }

  /** A view of the bytes from `position` on; shorter where the archive ends. */
  async view(position: number, length: number): Promise<Uint8Array> {
    const { byteLength } = this.#source;
    const start = byteLength - this.#bytes.length;
    if (position < start) {
      if (byteLength - position > maxDirectoryByteLength) {
        throw new StorageError(
          `${this.#location}: its directory is larger than ${maxDirectoryByteLength} bytes, the limit for reading it.`,
          { location: this.#location },
        );
      }
      const before = await this.#source.read(position, start - position, this.#signal);
      this.#bytes = concatenate(before, this.#bytes);
      return this.#bytes.subarray(0, length);
    }
    return this.#bytes.subarray(position - start, position - start + length);
  }
}

function toDirectory(files: readonly RawEntry[], byteLength: number, location: string): ZipDirectory {
  const spanEnds = spanEndsOf(files, byteLength, location);
  const entries = new Map<string, ZipEntry>();
  /** How often each name has come so far. */
  const counts = new Map<string, number>();
  let tricky = 0;
  let repeated = 0;
  for (const file of files) {
    const flags = file.generalPurposeBitFlag;
    const name = nameOf(file);
    if (name.endsWith('/')) continue;
    const { key, isTricky } = keyOfName(name);
    if (isTricky) tricky += 1;
    const unique = uniqueKey(key, entries, counts);
    if (unique !== key) repeated += 1;
    entries.set(unique, {
      key: unique,
      method: file.compressionMethod,
      isEncrypted: (flags & 0x2041) !== 0,
      crc32: file.crc32 >>> 0,
      compressedLength: file.compressedSize,
      length: file.uncompressedSize,
      headerOffset: file.relativeOffsetOfLocalHeader,
      namesLength: file.fileNameRaw.length + file.extraFieldLength,
      spanEnd: spanEnds.get(file.relativeOffsetOfLocalHeader) ?? byteLength,
    });
  }
  const warnings: string[] = [];
  if (tricky > 0) {
    warnings.push(
      `${counted(tricky, 'name')} in ${location} ${tricky === 1 ? 'is absolute or holds' : 'are absolute or hold'} '..'. These parts are left out.`,
    );
  }
  if (repeated > 0)
    warnings.push(
      `${repeated} names in ${location} come more than once. Each is read, with a number added to its name.`,
    );
  return { entries, warnings };
}

/** Makes a key of a name, whatever tricks the name holds. Here the key is not a path, but others may use it as one. */
function keyOfName(name: string): { readonly key: string; readonly isTricky: boolean } {
  const parts = name.replaceAll('\\', '/').replaceAll('\0', '\ufffd').split('/');
  const kept = parts.filter((part) => part !== '' && part !== '.' && part !== '..');
  const isTricky = parts[0] === '' || parts.includes('..');
  return { key: kept.length === 0 ? 'unnamed' : kept.join('/'), isTricky };
}

function uniqueKey(key: string, taken: ReadonlyMap<string, ZipEntry>, counts: Map<string, number>): string {
  let number = (counts.get(key) ?? 0) + 1;
  let unique = number === 1 ? key : `${key} (${number})`;
  while (taken.has(unique)) {
    number += 1;
    unique = `${key} (${number})`;
  }
  counts.set(key, number);
  return unique;
}

/**
 * Where each entry must end, by the offset of its local header: at the beginning of the next one. Throws a StorageError
 * for entries that overlap.
 */
function spanEndsOf(files: readonly RawEntry[], byteLength: number, location: string): ReadonlyMap<number, number> {
  const sorted = [...files].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  const ends = new Map<number, number>();
  sorted.forEach((file, index) => {
    const { relativeOffsetOfLocalHeader: start, compressedSize, fileNameRaw } = file;
    const end = sorted[index + 1]?.relativeOffsetOfLocalHeader ?? byteLength;
    if (start + localHeaderLength + fileNameRaw.length + compressedSize > end) {
      throw new StorageError(
        `${location} is damaged, or made to harm: files in it overlap or reach beyond its end. None of them is read.`,
        { location },
      );
    }
    ends.set(start, end);
  });
  return ends;
}
