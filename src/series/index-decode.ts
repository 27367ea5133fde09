import { createHash } from 'node:crypto';
import { type DecodedArray, parquetMetadata, parquetRead } from 'hyparquet';
import { type ColumnKind, columnNames, type IndexTable, indexColumns, isColumnName } from './index-columns.ts';
import { reviveJson } from './index-json.ts';

/** Where the digest of the rest of the file stands: behind Parquet's magic number. */
export const digestOffset: number = 4;
export const digestLength: number = 32;

/** The key of the metadata that hold, as JSON, the columns with one value in all rows. */
export const constantsProperty: string = 'constants';

/** Bytes that are no index, or a damaged one, or one of another series or version. */
export class NotAnIndexError extends Error {
  override readonly name = 'NotAnIndexError';
}

/**
 * Reads what `encodeIndex` wrote, if its properties are those that are expected.
 *
 * @throws NotAnIndexError, and whatever reading Parquet throws
 */
export async function decodeIndex(
  bytes: Uint8Array<ArrayBuffer>,
  properties: Readonly<Record<string, string>>,
): Promise<IndexTable> {
  const rest = digestOffset + digestLength;
  const digest = createHash('sha256').update(bytes.subarray(rest)).digest();
  if (digest.compare(bytes.subarray(digestOffset, rest)) !== 0) throw new NotAnIndexError('the digest differs');
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const metadata = parquetMetadata(buffer);
  const found = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
  for (const [key, value] of Object.entries(properties)) {
    if (found.get(key) !== value) throw new NotAnIndexError(`${key} is not '${value}'`);
  }
  const length = Number(metadata.num_rows);
  // Every row has a key of its own bytes: a file cannot claim more rows than that.
  if (length * 4 > bytes.length) throw new NotAnIndexError(`${length} rows in ${bytes.length} bytes`);
  const constants = constantsIn(found.get(constantsProperty));
  const columns = new Map<string, DecodedArray>();
  await parquetRead({
    file: { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) },
    metadata,
    columns: metadata.schema.flatMap(({ name }) => (isColumnName(name) && !constants.has(name) ? name : [])),
    onChunk: ({ columnName, columnData }) => columns.set(columnName, columnData),
  });
  return tableOf(columns, constants, length);
}

function constantsIn(text: string | undefined): ReadonlyMap<string, unknown> {
  const constants: unknown = JSON.parse(text ?? '{}', reviveJson);
  return new Map(Object.entries(Object(constants)));
}

function tableOf(
  columns: ReadonlyMap<string, DecodedArray>,
  constants: ReadonlyMap<string, unknown>,
  length: number,
): IndexTable {
  const table: Record<string, readonly unknown[]> = {};
  const nothing = new Array<undefined>(length).fill(undefined);
  for (const name of columnNames) {
    const data = columns.get(name);
    if (data !== undefined && data.length !== length) throw new NotAnIndexError(`${data.length} rows in '${name}'`);
    const constant = constants.get(name);
    if (constant !== undefined) table[name] = new Array(length).fill(cellOf(constant, indexColumns[name]));
    else table[name] = data === undefined ? nothing : cellsOf(data, indexColumns[name]);
  }
  if (!isTable(table)) throw new NotAnIndexError('columns are missing');
  return table;
}

/** All columns are there, each of its kind: `cellsOf` sees to that. */
function isTable(table: Readonly<Record<string, readonly unknown[]>>): table is IndexTable {
  return columnNames.every((name) => table[name] !== undefined);
}

function cellsOf(data: DecodedArray, kind: ColumnKind): readonly unknown[] {
  return Array.from(data, (value: unknown) =>
    value === null || value === undefined ? undefined : cellOf(value, kind),
  );
}

function cellOf(value: unknown, kind: ColumnKind): unknown {
  switch (kind) {
    case 'text':
      if (typeof value === 'string') return value;
      break;
    case 'flag':
      if (typeof value === 'boolean') return value;
      break;
    case 'wholes':
    case 'reals':
      if (Array.isArray(value)) return value.map(toNumber);
      break;
    default:
      return toNumber(value);
  }
  throw new NotAnIndexError(`a cell that is no ${kind}`);
}

function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  throw new NotAnIndexError('a cell that is no number');
}
