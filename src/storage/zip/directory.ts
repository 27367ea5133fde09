import { createRequire } from 'node:module';
import { concatenate } from '../../base/bytes.ts';
import { PreviewError, StorageError } from '../../base/errors.ts';
import type { ZipSource } from './source.ts';
import type { Entry, RandomAccessReader, Yauzl, ZipFile } from './yauzl-types.ts';

/** One file of an archive. */
export interface ZipEntry {
  /** Names between slashes, none of them empty, `.` or `..`. */
  readonly key: string;
  /** 0 stored, 8 deflated; others are not read. */
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc32: number;
  readonly compressedLength: number;
  /** Of the file itself. */
  readonly length: number;
  /** Of the local header that stands before the data. */
  readonly headerOffset: number;
  /** Bytes of name and extra field after the local header, as the directory has them; the local ones may differ. */
  readonly namesLength: number;
  /** Where the next entry, or the directory, begins: nothing of this entry lies beyond. */
  readonly spanEnd: number;
}

export interface ZipDirectory {
  /** By key, in the order of the directory. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly warnings: readonly string[];
}

const MOST_ENTRIES = 1_000_000;
const LARGEST_DIRECTORY = 256 * 1024 * 1024;
const LOCAL_HEADER_LENGTH = 30;

/**
 * Reads the central directory of an archive (zip64 too) from its end. `tail` are the archive's last bytes; more is read
 * only when the directory begins before them. Throws a StorageError for what is no archive, is split or damaged, and for
 * entries that share bytes, as those of "zip bombs" do.
 */
export async function readZipDirectory(
  source: ZipSource,
  tail: Uint8Array<ArrayBuffer>,
  location: string,
  signal: AbortSignal | undefined,
): Promise<ZipDirectory> {
  // CommonJS: require takes half the time of import.
  const require = createRequire(import.meta.url);
  const yauzl: Yauzl = require('yauzl');
  const window = new DirectoryWindow(source, tail, location, signal);
  let files: readonly Entry[];
  try {
    files = await readEntries(yauzl, createReader(yauzl, window), source.byteLength);
  } catch (error) {
    if (error instanceof PreviewError) throw error;
    const why = error instanceof Error ? error.message.replace(/\.$/, '') : 'for an unknown reason';
    throw new StorageError(`${location} cannot be read as a zip archive (${why}). Is it complete?`, {
      location,
      cause: error,
    });
  }
  return toDirectory(yauzl, files, source.byteLength, location);
}

/** The end of the archive in memory, which grows towards its beginning. */
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

  /** A view of the bytes from `position`; shorter where the archive ends. */
  async view(position: number, length: number): Promise<Uint8Array> {
    const { byteLength } = this.#source;
    const start = byteLength - this.#bytes.length;
    if (position < start) {
      if (byteLength - position > LARGEST_DIRECTORY) {
        throw new StorageError(
          `${this.#location}: its directory is larger than ${LARGEST_DIRECTORY} bytes, more than is taken.`,
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

function createReader(yauzl: Yauzl, window: DirectoryWindow): RandomAccessReader {
  class Reader extends yauzl.RandomAccessReader {
    override read(
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
      callback: (error: Error | null, bytesRead?: number) => void,
    ): void {
      window.view(position, length).then(
        (bytes) => {
          buffer.set(bytes, offset);
          callback(null, bytes.length);
        },
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
      );
    }
  }
  return new Reader();
}

function readEntries(yauzl: Yauzl, reader: RandomAccessReader, byteLength: number): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: false } as const;
    yauzl.fromRandomAccessReader(reader, byteLength, options, (error: Error | null, file?: ZipFile) => {
      if (file === undefined) {
        reject(error ?? new Error('no archive'));
        return;
      }
      if (file.entryCount > MOST_ENTRIES) {
        reject(new Error(`it says that it holds ${file.entryCount} files; at most ${MOST_ENTRIES} are taken`));
        return;
      }
      const entries: Entry[] = [];
      file.on('entry', (entry) => {
        entries.push(entry);
        file.readEntry();
      });
      file.on('end', () => resolve(entries));
      file.on('error', reject);
      file.readEntry();
    });
  });
}

function toDirectory(yauzl: Yauzl, files: readonly Entry[], byteLength: number, location: string): ZipDirectory {
  const spanEnds = spanEndsOf(files, byteLength, location);
  const entries = new Map<string, ZipEntry>();
  /** How often a name came so far. */
  const counts = new Map<string, number>();
  let tricky = 0;
  let repeated = 0;
  for (const file of files) {
    const flags = file.generalPurposeBitFlag;
    const name = yauzl.getFileNameLowLevel(flags, file.fileNameRaw, file.extraFields, false);
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
    warnings.push(`${tricky} names in ${location} are absolute or hold '..': these parts are left out of them.`);
  }
  if (repeated > 0)
    warnings.push(`${repeated} names in ${location} come more than once: each is read, under a number.`);
  return { entries, warnings };
}

/** A name as a key, whatever tricks it holds: it never becomes a path of a file, but others may take it for one. */
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
 * Where each entry must end, by the offset of its local header: where the next one begins. Entries that would reach into
 * each other are refused.
 */
function spanEndsOf(files: readonly Entry[], byteLength: number, location: string): ReadonlyMap<number, number> {
  const sorted = [...files].sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  const ends = new Map<number, number>();
  sorted.forEach((file, index) => {
    const { relativeOffsetOfLocalHeader: start, compressedSize, fileNameRaw } = file;
    const end = sorted[index + 1]?.relativeOffsetOfLocalHeader ?? byteLength;
    if (start + LOCAL_HEADER_LENGTH + fileNameRaw.length + compressedSize > end) {
      throw new StorageError(
        `${location} is damaged, or made to harm: files in it overlap, or reach beyond its end. Nothing of it is read.`,
        { location },
      );
    }
    ends.set(start, end);
  });
  return ends;
}
