import { createHash } from 'node:crypto';
import { type ColumnKind, type ColumnName, columnNames, type IndexTable, indexColumns } from './columns.ts';
import { reviveJson } from './json.ts';
import { digestLength, digestOffset, directoryPointerOffset, type IndexDirectory } from './layout.ts';

/** Bytes that are no index, or a damaged one, or one of another series or version. */
export class NotAnIndexError extends Error {
  override readonly name = 'NotAnIndexError';
}

/**
 * Reads what `encodeIndex` wrote, if its properties are those that are expected.
 *
 * @throws NotAnIndexError, and whatever reading damaged bytes throws
 */
export async function decodeIndex(
  bytes: Uint8Array<ArrayBuffer>,
  properties: Readonly<Record<string, string>>,
): Promise<IndexTable> {
  const directory = directoryOf(bytes);
  for (const [key, value] of Object.entries(properties)) {
    if (directory.properties[key] !== value) throw new NotAnIndexError(`${key} is not '${value}'`);
  }
  const { rows, constants, plain, others } = directory;
  // Every row has a key of its own bytes: a file cannot claim more rows than that.
  if (!(rows * 4 <= bytes.length)) throw new NotAnIndexError(`${rows} rows in ${bytes.length} bytes`);
  const table: Record<string, readonly unknown[]> = {};
  if (others.length > 0) {
    const { readColumns } = await import('./decode-others.ts');
    for (const [name, cells] of await readColumns(bytes, others)) table[name] = cellsOf(cells, indexColumns[name]);
  }
  const nothing = new Array<undefined>(rows).fill(undefined);
  for (const name of columnNames) {
    const kind = indexColumns[name];
    const place = plain[name];
    const constant = constants[name];
    if (constant !== undefined) table[name] = new Array(rows).fill(cellOf(constant, kind));
    else if (place !== undefined) table[name] = readPlain(bytes, place, kind, rows);
    else table[name] ??= nothing;
    const length = table[name]?.length;
    if (length !== rows) throw new NotAnIndexError(`${length} rows in '${name}'`);
  }
  if (!isTable(table)) throw new NotAnIndexError('columns are missing');
  return table;
}

/** The directory of bytes whose digest is right. */
function directoryOf(bytes: Uint8Array<ArrayBuffer>): IndexDirectory {
  const rest = digestOffset + digestLength;
  const digest = createHash('sha256').update(bytes.subarray(rest)).digest();
  if (digest.compare(bytes.subarray(digestOffset, rest)) !== 0) throw new NotAnIndexError('the digest differs');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = view.getUint32(directoryPointerOffset, true);
  const length = view.getUint32(directoryPointerOffset + 4, true);
  // The digest is right: so is what this program wrote.
  const directory: IndexDirectory = JSON.parse(textOf(bytes, offset, length), reviveJson);
  return directory;
}

function textOf(bytes: Uint8Array<ArrayBuffer>, offset: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString('utf8');
}

/** Values in Parquet's PLAIN encoding. */
function readPlain(
  bytes: Uint8Array<ArrayBuffer>,
  [offset, length]: readonly [offset: number, length: number],
  kind: ColumnKind,
  rows: number,
): readonly unknown[] {
  if (kind === 'text') return readTexts(bytes, offset, rows);
  // Typed arrays want aligned bytes.
  const start = bytes.byteOffset + offset;
  const values = bytes.buffer.slice(start, start + length);
  if (kind === 'small') return Array.from(new Int32Array(values));
  return kind === 'real' ? Array.from(new Float64Array(values)) : Array.from(new BigInt64Array(values), Number);
}

function readTexts(bytes: Uint8Array<ArrayBuffer>, offset: number, rows: number): readonly string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  let at = offset;
  for (let row = 0; row < rows; row++) {
    const length = view.getUint32(at, true);
    texts.push(textOf(bytes, at + 4, length));
    at += 4 + length;
  }
  return texts;
}

/** All columns are there, each of its kind: the functions that read them see to that. */
function isTable(table: Readonly<Record<string, readonly unknown[]>>): table is IndexTable {
  return columnNames.every((name: ColumnName) => table[name] !== undefined);
}

function cellsOf(cells: ArrayLike<unknown>, kind: ColumnKind): readonly unknown[] {
  return Array.from(cells, (value) => (value === null || value === undefined ? undefined : cellOf(value, kind)));
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
