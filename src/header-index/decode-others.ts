import { type DecodedArray, parquetMetadata, parquetRead } from 'hyparquet';
import { type ColumnName, isColumnName } from './columns.ts';

/**
 * Reads columns of an index by way of Parquet: those with gaps, and lists.
 *
 * @throws whatever reading Parquet throws
 */
export async function readColumns(
  bytes: Uint8Array<ArrayBuffer>,
  names: readonly ColumnName[],
): Promise<ReadonlyMap<ColumnName, DecodedArray>> {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const columns = new Map<ColumnName, DecodedArray>();
  await parquetRead({
    file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
    metadata: parquetMetadata(buffer),
    columns: [...names],
    onChunk: ({ columnName, columnData }) => {
      if (isColumnName(columnName)) columns.set(columnName, columnData);
    },
  });
  return columns;
}
