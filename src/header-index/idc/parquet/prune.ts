import { type AsyncBuffer, type ColumnChunk, type FileMetaData, parquetScan, type RowGroup } from 'hyparquet';
import { checkThrift } from './check-thrift.ts';
import type { Chunk, Column, Group, Place } from './footer.ts';
import { parquetLimits, wholeNumberOf } from './limits.ts';

export interface RowRange {
  readonly rowStart: number;
  readonly rowEnd: number;
}

/**
 * The rows among which a text can be, by the statistics, Bloom filters and page indexes of its column. hyparquet gets nothing
 * to see that has not been checked.
 *
 * @param columns those that will be read of these rows, the text's own among them
 * @throws RangeError where an index is damaged, and the file's errors
 */
export async function rowsThatMayHave(
  text: string,
  column: string,
  from: { readonly file: AsyncBuffer; readonly columns: readonly Column[]; readonly groups: readonly Group[] },
): Promise<readonly RowRange[]> {
  const { file, columns, groups } = from;
  const indexes = groups
    .flatMap(({ chunks }) => [...chunks.values()])
    .flatMap(({ columnIndex, offsetIndex, bloomFilter }) => [columnIndex, offsetIndex, bloomFilter])
    .filter((place) => place !== undefined);
  const { ranges } = await parquetScan({
    file: checked(file, indexes),
    metadata: metadataOf(columns, groups),
    columns: columns.map(({ name }) => name),
    pruningFilter: { [column]: { $eq: text } },
    useBloomFilters: true,
    usePageIndex: true,
  });
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  return ranges.map(({ rowStart, rowEnd }) => ({
    rowStart: wholeNumberOf(rowStart, wholeNumberOf(rowEnd, rows, 'rows'), 'rows'),
    rowEnd,
  }));
}

/** A file that gives no index before it has been walked over. Some reads take several. */
function checked(file: AsyncBuffer, indexes: readonly Place[]): AsyncBuffer {
  return {
    byteLength: file.byteLength,
    async slice(start, end = file.byteLength) {
      wholeNumberOf(start, wholeNumberOf(end, file.byteLength, 'an offset'), 'an offset');
      wholeNumberOf(end - start, parquetLimits.indexes, 'bytes of indexes');
      const bytes = await file.slice(start, end);
      for (const { offset, length } of indexes) {
        if (offset < start || offset + length > end) continue;
        checkThrift(new DataView(bytes, offset - start, length), 0, { listElements: parquetLimits.indexedPageCount });
      }
      return bytes;
    },
  };
}

function metadataOf(columns: readonly Column[], groups: readonly Group[]): FileMetaData {
  const rowGroups = groups.map(
    ({ rows, chunks }): RowGroup => ({
      columns: columns.flatMap((column) => {
        const chunk = chunks.get(column.name);
        return chunk === undefined ? [] : [metadataOfChunk(column, chunk, rows)];
      }),
      total_byte_size: 0n,
      num_rows: BigInt(rows),
    }),
  );
  return {
    version: 1,
    schema: [{ name: 'schema', num_children: columns.length }, ...columns.map(({ element }) => element)],
    num_rows: BigInt(groups.reduce((sum, { rows }) => sum + rows, 0)),
    row_groups: rowGroups,
    metadata_length: 0,
  };
}

function metadataOfChunk({ name, element }: Column, chunk: Chunk, rows: number): ColumnChunk {
  const { bounds, offsetIndex, columnIndex, bloomFilter } = chunk;
  return {
    file_offset: 0n,
    meta_data: {
      type: element.type,
      encodings: [],
      path_in_schema: [name],
      codec: 'UNCOMPRESSED',
      num_values: BigInt(rows),
      total_uncompressed_size: 0n,
      total_compressed_size: BigInt(chunk.length),
      data_page_offset: BigInt(chunk.offset),
      ...(bounds === undefined ? {} : { statistics: { min_value: bounds.min, max_value: bounds.max } }),
      ...(bloomFilter === undefined
        ? {}
        : { bloom_filter_offset: BigInt(bloomFilter.offset), bloom_filter_length: bloomFilter.length }),
    },
    ...(offsetIndex === undefined
      ? {}
      : { offset_index_offset: BigInt(offsetIndex.offset), offset_index_length: offsetIndex.length }),
    ...(columnIndex === undefined
      ? {}
      : { column_index_offset: BigInt(columnIndex.offset), column_index_length: columnIndex.length }),
  };
}
