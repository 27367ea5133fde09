import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress as decompressZstandard } from 'fzstd';
import { type AsyncBuffer, type Compressors, parquetMetadataAsync, parquetScan } from 'hyparquet';

/** Rows of a row group. */
export interface RowRange {
  readonly rowStart: number;
  readonly rowEnd: number;
}

/** A Parquet file of which some columns are read. */
export interface ParquetTable {
  /** Columns that it has. */
  readonly names: ReadonlySet<string>;
  /** @throws what hyparquet throws for damaged files */
  select(columns: readonly string[], only?: ColumnText): Promise<ParquetSelection>;
}

/** Rows in which a column may have a text: statistics and indexes tell of others that they have not. */
export interface ColumnText {
  readonly column: string;
  readonly text: string;
}

export interface ParquetSelection {
  /** The rows of each row group that has any. */
  readonly groups: readonly RowRange[];
  /** The cells of some rows, all of one row group. */
  readColumn(column: string, rows: RowRange): Promise<ArrayLike<unknown>>;
}

/** Bytes to read first for the footer, which has about 20 kB in the published file. */
const firstReadLength = 64 * 1024;
/** Of a page after decompression. Pages of the published file have about a megabyte. */
const maxPageLength = 256 * 1024 * 1024;

/** @throws what hyparquet throws for damaged files, and the file's errors */
export async function openTable(file: AsyncBuffer): Promise<ParquetTable> {
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: Math.min(firstReadLength, file.byteLength) });
  return {
    names: new Set(metadata.schema.map(({ name }) => name)),
    async select(columns, only) {
      const scan = await parquetScan({
        ...{ file, metadata, compressors, columns: [...columns], usePageIndex: true },
        ...(only === undefined ? {} : { pruningFilter: { [only.column]: { $eq: only.text } }, useBloomFilters: true }),
      });
      return {
        groups: scan.ranges,
        readColumn: (column, { rowStart, rowEnd }) => scan.readColumn({ column, rowStart, rowEnd }),
      };
    },
  };
}

/** Decompressors beside Snappy, which hyparquet has. The published index is compressed with Zstandard. */
const compressors: Compressors = {
  ZSTD: (input, length) => decompressZstandard(input, new Uint8Array(checked(length))),
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: checked(length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: checked(length) }),
};

function checked(length: number): number {
  if (length >= 0 && length <= maxPageLength) return length;
  throw new RangeError(`expected a page of at most ${maxPageLength} bytes but it has ${length}`);
}
