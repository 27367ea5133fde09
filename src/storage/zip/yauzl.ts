import { createRequire } from 'node:module';

/** The parts of yauzl 3 that are used; it ships no types. */
interface Yauzl {
  readonly RandomAccessReader: new () => RandomAccessReader;
  fromRandomAccessReader(
    reader: RandomAccessReader,
    totalSize: number,
    options: {
      readonly lazyEntries: true;
      readonly autoClose: false;
      readonly decodeStrings: false;
      readonly validateEntrySizes: false;
    },
    callback: (error: Error | null, zipFile?: ZipFile) => void,
  ): void;
  getFileNameLowLevel(
    generalPurposeBitFlag: number,
    fileNameBuffer: Buffer,
    extraFields: readonly ExtraField[],
    strictFileNames: boolean,
  ): string;
}

interface ExtraField {
  readonly id: number;
  readonly data: Buffer;
}

/** A central directory header. Its name is bytes, because `decodeStrings` is false. */
export interface RawEntry {
  readonly generalPurposeBitFlag: number;
  readonly compressionMethod: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly relativeOffsetOfLocalHeader: number;
  readonly fileNameRaw: Buffer;
  readonly extraFields: readonly ExtraField[];
  readonly extraFieldLength: number;
}

interface ZipFile {
  readonly entryCount: number;
  readEntry(): void;
  on(event: 'entry', listener: (entry: RawEntry) => void): this;
  on(event: 'end', listener: () => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
}

/** Where yauzl reads from; made to be extended. */
interface RandomAccessReader {
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void;
}

// yauzl is CommonJS: require takes half the time of import.
const require = createRequire(import.meta.url);
const yauzl: Yauzl = require('yauzl');

/** The name of an entry: UTF-8, or code page 437 in old archives. */
export function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: RawEntry): string {
  return yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
}

/**
 * Reads all entries of the central directory of an archive of `byteLength` bytes. `readAt` gives bytes of the archive,
 * fewer where it ends. Throws yauzl's own errors, what `readAt` throws, and what `checkCount` throws, which is told how many
 * entries the archive claims.
 */
export function readEntries(
  readAt: (position: number, length: number) => Promise<Uint8Array>,
  byteLength: number,
  checkCount: (entries: number) => void,
): Promise<readonly RawEntry[]> {
  class Reader extends yauzl.RandomAccessReader {
    override read(
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
      callback: (error: Error | null, bytesRead?: number) => void,
    ): void {
      readAt(position, length).then(
        (bytes) => {
          buffer.set(bytes, offset);
          callback(null, bytes.length);
        },
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
      );
    }
  }
  return new Promise((resolve, reject) => {
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: false } as const;
    yauzl.fromRandomAccessReader(new Reader(), byteLength, options, (error, file) => {
      if (file === undefined) {
        reject(error ?? new Error('no archive'));
        return;
      }
      try {
        checkCount(file.entryCount);
      } catch (refusal) {
        reject(refusal);
        return;
      }
      const entries: RawEntry[] = [];
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
