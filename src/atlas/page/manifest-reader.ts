import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead } from 'hyparquet';
import type { ByteSource } from './byte-source.ts';

const fileName = 'manifest.parquet';
/** Ranges that lie so close are read as one. */
const maxGap = 64 * 1024;

/** Reads the manifest a row group at a time, with few requests. */
export class ManifestReader {
  readonly #source: ByteSource;
  readonly #metadata: FileMetaData;
  readonly #file: AsyncBuffer;
  /** The first row of each row group, and the end. */
  readonly #starts: readonly number[];

  private constructor(source: ByteSource, file: AsyncBuffer, metadata: FileMetaData) {
    this.#source = source;
    this.#file = file;
    this.#metadata = metadata;
    const starts = [0];
    for (const { num_rows } of metadata.row_groups) starts.push((starts.at(-1) ?? 0) + Number(num_rows));
    this.#starts = starts;
  }

  static async open(source: ByteSource, byteLength: number): Promise<ManifestReader> {
    const file: AsyncBuffer = {
      byteLength,
      slice: async (start, end = byteLength) => exactBuffer(await source.read(fileName, start, end - start)),
    };
    return new ManifestReader(source, file, await parquetMetadataAsync(file));
  }

  get rows(): number {
    return Number(this.#metadata.num_rows);
  }

  get groups(): number {
    return this.#metadata.row_groups.length;
  }

  /** What was written into the file beside its rows. */
  property(name: string): string | undefined {
    return this.#metadata.key_value_metadata?.find(({ key }) => key === name)?.value;
  }

  /** Fetches what a row group's columns need, to be decoded by {@link decode}. */
  async fetchGroup(group: number, columns: readonly string[]): Promise<FetchedGroup> {
    const wanted = new Set(columns);
    const ranges: { offset: number; end: number }[] = [];
    const chunks = (this.#metadata.row_groups[group]?.columns ?? []).flatMap(({ meta_data: about }) => {
      if (about === undefined || !wanted.has(about.path_in_schema[0] ?? '')) return [];
      const offset = Number(about.dictionary_page_offset ?? about.data_page_offset);
      return [{ offset, end: offset + Number(about.total_compressed_size) }];
    });
    for (const chunk of chunks.sort((a, b) => a.offset - b.offset)) {
      const last = ranges.at(-1);
      if (last !== undefined && chunk.offset - last.end <= maxGap) last.end = Math.max(last.end, chunk.end);
      else ranges.push({ ...chunk });
    }
    const read = async ({ offset, end }: { offset: number; end: number }): Promise<FetchedRange> => {
      return { offset, bytes: await this.#source.read(fileName, offset, end - offset) };
    };
    return { group, ranges: await Promise.all(ranges.map(read)) };
  }

  /** Decodes one column of a fetched row group: calls back with runs of values and the row of the first one. */
  async decode(
    { group, ranges }: FetchedGroup,
    column: string,
    take: (from: number, values: ArrayLike<unknown>) => void,
  ): Promise<void> {
    const file: AsyncBuffer = {
      byteLength: this.#file.byteLength,
      slice: (start, end = this.#file.byteLength) => {
        for (const { offset, bytes } of ranges) {
          if (start >= offset && end <= offset + bytes.length) {
            return exactBuffer(bytes.subarray(start - offset, end - offset));
          }
        }
        return this.#file.slice(start, end);
      },
    };
    const runs: { readonly from: number; readonly values: ArrayLike<unknown> }[] = [];
    await parquetRead({
      ...{ file, metadata: this.#metadata, columns: [column] },
      ...{ rowStart: this.#starts[group] ?? 0, rowEnd: this.#starts[group + 1] ?? 0 },
      onChunk: ({ rowStart, columnData }) => runs.push({ from: rowStart, values: columnData }),
    });
    for (const { from, values } of runs.sort((a, b) => a.from - b.from)) take(from, values);
  }

  /** Every column of one row. */
  async row(row: number): Promise<Readonly<Record<string, unknown>>> {
    let found: Readonly<Record<string, unknown>> = {};
    await parquetRead({
      ...{ file: this.#file, metadata: this.#metadata, rowStart: row, rowEnd: row + 1, useOffsetIndex: true },
      rowFormat: 'object',
      onComplete: (rows) => {
        found = rows[0] ?? {};
      },
    });
    return found;
  }
}

interface FetchedRange {
  readonly offset: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The bytes of a row group's columns. */
export interface FetchedGroup {
  readonly group: number;
  readonly ranges: readonly FetchedRange[];
}

function exactBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteOffset === 0 && byteLength === buffer.byteLength
    ? buffer
    : buffer.slice(byteOffset, byteOffset + byteLength);
}
