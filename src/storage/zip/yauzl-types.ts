/** What is used of yauzl 3, which ships no types. */
export interface Yauzl {
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

export interface ExtraField {
  readonly id: number;
  readonly data: Buffer;
}

/** A central directory header; its name as bytes, for `decodeStrings` is false. */
export interface Entry {
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

export interface ZipFile {
  readonly entryCount: number;
  readEntry(): void;
  on(event: 'entry', listener: (entry: Entry) => void): this;
  on(event: 'end', listener: () => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
}

/** Where yauzl reads from: to be extended. */
export interface RandomAccessReader {
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void;
}
