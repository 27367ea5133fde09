import type { ColumnName } from './columns.ts';

/**
 * Where things stand in an index beside Parquet's own: behind its magic number, where its readers never look, the SHA-256
 * digest of all that follows, then where the directory lies and how long it is (32 bits each, little endian).
 */
export const digestOffset: number = 4;
export const digestLength: number = 32;
export const directoryPointerOffset: number = digestOffset + digestLength;
export const directoryPointerLength: number = 8;

/**
 * What stands, as JSON, between the last page and Parquet's footer: enough to read the file without Parquet's many small
 * structures, which take longer to decode than the values.
 */
export interface IndexDirectory {
  /** What the index says of itself. */
  readonly properties: Readonly<Record<string, string>>;
  readonly rows: number;
  /** Columns with one value in all rows. */
  readonly constants: Readonly<Partial<Record<ColumnName, unknown>>>;
  /** Columns without gaps, whose values stand one after the other (Parquet's PLAIN encoding): offset and length. */
  readonly plain: Readonly<Partial<Record<ColumnName, readonly [offset: number, length: number]>>>;
  /** The other columns: Parquet knows how they are written. */
  readonly others: readonly ColumnName[];
}
