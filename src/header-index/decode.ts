import { type DecodedArray, parquetMetadata, parquetRead } from 'hyparquet';
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
  const names = metadata.schema.map(({ name }) => name);
  await parquetRead({
    file: { byteLength: bytes.length, slice: (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer },
    metadata,
    columns: names.filter((name) => isColumnName(name) && constants[name] === undefined),
    onChunk: ({ columnName, columnData }) => {
      if (isColumnName(columnName)) table[columnName] = cellsOf(columnData, headerIndexColumns[columnName]);
    },
  });
  if (!isTable(table, rows)) throw new NotAHeaderIndexError(`Expected ${rows} cells in every column.`);
  return table;
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
