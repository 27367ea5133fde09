import type { DecodedArray, FileMetaData } from 'hyparquet';
import { parquetMetadata, parquetSchema } from 'hyparquet/src/metadata.js';
import { assembleAsync, readRowGroup } from 'hyparquet/src/rowgroup.js';
import { digestLength, digestOf } from './cache-files.ts';
import {
  type ColumnKind,
  columnNames,
  constantsProperty,
  digestOffset,
  type HeaderIndexTable,
  headerIndexColumns,
  isColumnName,
} from './columns.ts';
import { reviveJson } from './json.ts';

/** The bytes are not a header index, or it is damaged, or it belongs to another place or another version. */
export class NotAHeaderIndexError extends Error {
  override readonly name = 'NotAHeaderIndexError';
}

/**
 * Reads what `encodeHeaderIndex` wrote.
 *
 * @param properties what the file must say of itself
 * @throws NotAHeaderIndexError, and hyparquet's errors where the bytes are not Parquet
 */
export async function decodeHeaderIndex(
  bytes: Uint8Array<ArrayBuffer>,
  properties: Readonly<Record<string, string>>,
): Promise<HeaderIndexTable> {
  const contentOffset = digestOffset + digestLength;
  if (digestOf(bytes.subarray(contentOffset)).compare(bytes.subarray(digestOffset, contentOffset)) !== 0) {
    throw new NotAHeaderIndexError('The digest differs.');
  }
  const metadata = parquetMetadata(bytes);
  const found = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
  for (const [key, value] of Object.entries(properties)) {
    if (found.get(key) !== value) throw new NotAHeaderIndexError(`Expected '${value}' as ${key}.`);
  }
  const rows = Number(metadata.num_rows);
  const constants: Readonly<Record<string, unknown>> = JSON.parse(found.get(constantsProperty) ?? '{}', reviveJson);
  const table: Record<string, ArrayLike<unknown>> = {};
  const nothing = new Array<undefined>(rows).fill(undefined);
  for (const name of columnNames) {
    const constant = constants[name];
    table[name] = constant === undefined ? nothing : new Array<unknown>(rows).fill(constant);
  }
  // Most columns are constant, and reading one costs more than a hundred values of it.
  const isNeeded = (name: string): boolean => isColumnName(name) && constants[name] === undefined;
  for (const [name, cells] of await readColumns(bytes, metadata, isNeeded)) {
    if (isColumnName(name)) table[name] = cellsOf(cells, headerIndexColumns[name]);
  }
  if (!isTable(table, rows)) throw new NotAHeaderIndexError(`Expected ${rows} cells in every column.`);
  return table;
}

/**
 * Columns of a file that has one row group at most, and one data page a column. hyparquet's `parquetRead` does the same, but it brings
 * a planner for filters and page indexes, a third of its code: a warm run would load that before its first request.
 */
async function readColumns(
  bytes: Uint8Array<ArrayBuffer>,
  metadata: FileMetaData,
  isNeeded: (name: string) => boolean,
): Promise<ReadonlyMap<string, DecodedArray>> {
  const [rowGroup, ...others] = metadata.row_groups;
  if (rowGroup === undefined) return new Map();
  if (others.length > 0) throw new NotAHeaderIndexError('Expected one row group.');
  const rows = Number(rowGroup.num_rows);
  const chunks = rowGroup.columns.flatMap(({ meta_data: column }) => {
    if (column === undefined) throw new NotAHeaderIndexError('Expected metadata of every column.');
    if (!isNeeded(column.path_in_schema[0] ?? '')) return [];
    const startByte = Number(column.dictionary_page_offset ?? column.data_page_offset);
    return { columnMetadata: column, range: { startByte, endByte: startByte + Number(column.total_compressed_size) } };
  });
  const file = {
    byteLength: bytes.length,
    slice: (start: number, end?: number) => new Uint8Array(bytes.subarray(start, end)).buffer,
  };
  const group = { chunks, rowGroup, groupStart: 0, selectStart: 0, selectEnd: rows, groupRows: rows };
  const plan = { metadata, rowStart: 0, fetches: [], groups: [group] };
  const { asyncColumns } = assembleAsync(readRowGroup({ file, metadata }, plan, group), parquetSchema(metadata));
  const columns = await Promise.all(asyncColumns.map(({ data }) => data));
  return new Map(asyncColumns.map(({ pathInSchema: [name = ''] }, index) => [name, columns[index]?.data[0] ?? []]));
}

/** Whether all columns are there. What they hold is what this program wrote: the digest says so. */
function isTable(table: Readonly<Record<string, ArrayLike<unknown>>>, rows: number): table is HeaderIndexTable {
  return columnNames.every((name) => table[name]?.length === rows);
}

/** The cells of a column as the rest of the program knows them: without BigInt, and undefined where there is no value. */
function cellsOf(cells: DecodedArray, kind: ColumnKind): ArrayLike<unknown> {
  switch (kind) {
    case 'whole':
      return Array.from(cells, (cell: unknown) => (isMissing(cell) ? undefined : Number(cell)));
    case 'wholes':
      return Array.from(cells, (cell: unknown) => (Array.isArray(cell) ? cell.map(Number) : undefined));
    default:
      return Array.isArray(cells) ? cells.map((cell: unknown) => (isMissing(cell) ? undefined : cell)) : cells;
  }
}

function isMissing(cell: unknown): boolean {
  return cell === undefined || cell === null;
}
