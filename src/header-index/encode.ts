import { createHash } from 'node:crypto';
import type { KeyValue, RowGroup, SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { type ColumnKind, type ColumnName, columnNames, type IndexRow, indexColumns } from './columns.ts';
import { toJson } from './json.ts';
import {
  digestLength,
  digestOffset,
  directoryPointerLength,
  directoryPointerOffset,
  type IndexDirectory,
} from './layout.ts';

export { rowsOfObject } from './rows.ts';

/** A value that Parquet's UTF-8 text cannot hold, such as a key with bytes that are no UTF-8. */
export class UnwritableValueError extends Error {
  override readonly name = 'UnwritableValueError';
}

/**
 * Writes rows as a Parquet file with a directory of its own (see `IndexDirectory`). Columns without any value are left
 * out. The pages are not compressed: reading must cost less than the header pass it saves.
 *
 * @param properties key and value pairs for the file's metadata
 * @throws UnwritableValueError
 */
export function encodeIndex(
  rows: readonly IndexRow[],
  properties: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const columns = columnNames.flatMap((name) => columnOf(name, rows) ?? []);
  const schema: SchemaElement[] = [{ name: 'root', num_children: columns.length }];
  for (const column of columns) schema.push(...schemaOf(column));
  const kvMetadata: KeyValue[] = Object.entries(properties).map(([key, value]) => ({ key, value }));
  const writer = new ByteWriter(64 * 1024);
  const plain = { codec: 'UNCOMPRESSED', statistics: false, createdBy: 'dicom-series-preview' } as const;
  const file = new ParquetWriter({ ...plain, writer, schema, kvMetadata });
  writer.appendBytes(new Uint8Array(digestLength + directoryPointerLength));
  // One page a column: it is read as a whole.
  const layout = { rowGroupSize: Math.max(1, rows.length), pageSize: 2 ** 30 };
  file.write({ columnData: columns.map(sourceOf), ...layout });
  const directoryOffset = writer.offset;
  const directory = directoryOf(columns, file.row_groups[0], { properties, rows: rows.length });
  const encoded = new TextEncoder().encode(toJson(directory));
  writer.appendBytes(encoded);
  file.finish();
  const bytes = new Uint8Array(writer.getBuffer());
  const pointer = new DataView(bytes.buffer, directoryPointerOffset, directoryPointerLength);
  pointer.setUint32(0, directoryOffset, true);
  pointer.setUint32(4, encoded.length, true);
  const digest = createHash('sha256')
    .update(bytes.subarray(digestOffset + digestLength))
    .digest();
  bytes.set(digest, digestOffset);
  return bytes;
}

interface WrittenColumn {
  readonly name: ColumnName;
  readonly kind: ColumnKind;
  readonly cells: readonly unknown[];
  /** Whether all rows have a value. */
  readonly isFull: boolean;
  /** Whether it is the same in all rows. */
  readonly isConstant: boolean;
}

/** Undefined for a column without any value. */
function columnOf(name: ColumnName, rows: readonly IndexRow[]): WrittenColumn | undefined {
  const kind: ColumnKind = indexColumns[name];
  const cells = rows.map((row) => toCell(name, kind, row[name]));
  if (cells.every((cell) => cell === undefined)) return undefined;
  const isFull = !cells.includes(undefined);
  return { name, kind, cells, isFull, isConstant: isFull && cells.every((cell) => isSame(cell, cells[0])) };
}

function isSame(first: unknown, second: unknown): boolean {
  if (!Array.isArray(first) || !Array.isArray(second)) return Object.is(first, second);
  return first.length === second.length && first.every((each, index) => Object.is(each, second[index]));
}

/** A cell as JSON can hold it. */
function withoutBigInts(cell: unknown): unknown {
  if (Array.isArray(cell)) return cell.map(withoutBigInts);
  return typeof cell === 'bigint' ? Number(cell) : cell;
}

/** Whether the values of a column stand one after the other in its page, with nothing between or before them. */
function isPlain({ kind, isFull, isConstant }: WrittenColumn): boolean {
  return isFull && !isConstant && (kind === 'text' || kind === 'real' || kind === 'whole' || kind === 'small');
}

function directoryOf(
  columns: readonly WrittenColumn[],
  rowGroup: RowGroup | undefined,
  { properties, rows }: Pick<IndexDirectory, 'properties' | 'rows'>,
): IndexDirectory {
  const constants: Partial<Record<ColumnName, unknown>> = {};
  const plain: Partial<Record<ColumnName, readonly [offset: number, length: number]>> = {};
  const others: ColumnName[] = [];
  for (const column of columns) {
    const { name, isConstant, cells } = column;
    const chunk = rowGroup?.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data;
    if (isConstant) constants[name] = withoutBigInts(cells[0]);
    else if (chunk !== undefined && isPlain(column)) {
      // The page ends with its values, and the chunk with its only page.
      const length = valuesLength(column);
      plain[name] = [Number(chunk.data_page_offset + chunk.total_compressed_size) - length, length];
    } else others.push(name);
  }
  return { properties, rows, constants, plain, others };
}

function valuesLength({ kind, cells }: WrittenColumn): number {
  if (kind !== 'text') return cells.length * (kind === 'small' ? 4 : 8);
  return cells.reduce<number>((sum, cell) => sum + 4 + Buffer.byteLength(String(cell), 'utf8'), 0);
}

function schemaOf({ name, kind, isFull }: WrittenColumn): readonly SchemaElement[] {
  const repetition_type = isFull ? 'REQUIRED' : 'OPTIONAL';
  switch (kind) {
    case 'text':
      return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type }];
    case 'flag':
      return [{ name, type: 'BOOLEAN', repetition_type }];
    case 'small':
      return [{ name, type: 'INT32', repetition_type }];
    case 'whole':
      return [{ name, type: 'INT64', repetition_type }];
    case 'real':
      return [{ name, type: 'DOUBLE', repetition_type }];
    case 'wholes':
    case 'reals':
      return [
        { name, repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: kind === 'reals' ? 'DOUBLE' : 'INT64', repetition_type: 'REQUIRED' },
      ];
  }
}

function sourceOf(column: WrittenColumn): ColumnSource {
  const { name, kind } = column;
  const data = [...column.cells];
  // Dictionaries are built with maps, which take -0 for 0; and few numbers repeat.
  const needsPlain = isPlain(column) || kind === 'real' || kind === 'reals';
  return needsPlain ? { name, data, encoding: 'PLAIN' } : { name, data };
}

function toCell(name: ColumnName, kind: ColumnKind, value: IndexRow[ColumnName]): unknown {
  if (value === undefined) return undefined;
  if (kind === 'text') {
    // A byte order mark at the start and lone surrogates do not come back as they were.
    if (/^\ufeff|\p{Surrogate}/u.test(String(value))) throw new UnwritableValueError(`text in '${name}'`);
    return value;
  }
  if (kind === 'whole') return toBigInt(name, Number(value));
  if (kind === 'wholes' && typeof value === 'object') return value.map((each) => toBigInt(name, each));
  if (kind === 'small' && (Number(value) | 0) !== value) throw new UnwritableValueError(`${value} in '${name}'`);
  return value;
}

function toBigInt(name: ColumnName, value: number): bigint {
  if (!Number.isSafeInteger(value)) throw new UnwritableValueError(`${value} in '${name}'`);
  return BigInt(value);
}
