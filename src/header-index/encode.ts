import type { KeyValue, SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { digestLength, digestOf } from './cache-files.ts';
import {
  type ColumnKind,
  type ColumnName,
  columnNames,
  constantsProperty,
  digestOffset,
  type HeaderIndexRow,
  headerIndexColumns,
} from './columns.ts';
import { toJson } from './json.ts';

/** A value would not come back as it is, such as a key with bytes that are not UTF-8. */
export class UnwritableValueError extends Error {
  override readonly name = 'UnwritableValueError';
}

/**
 * Writes rows as a Parquet file, as {@link headerIndexColumns} describes it. It has one row group with one page a column,
 * without compression, because all of it is read at once, and reading must cost less than the header pass that it saves.
 *
 * @param properties what the file says of itself, in its key-value metadata
 * @throws UnwritableValueError
 */
export function encodeHeaderIndex(
  rows: readonly HeaderIndexRow[],
  properties: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const columns = columnNames.flatMap((name) => columnOf(name, rows) ?? []);
  const schema: SchemaElement[] = [{ name: 'root', num_children: columns.length }];
  for (const column of columns) schema.push(...schemaOf(column));
  const constants = columns.flatMap(({ name, isConstant }) => (isConstant ? [[name, rows[0]?.[name]]] : []));
  const said = { ...properties, [constantsProperty]: toJson(Object.fromEntries(constants)) };
  const writer = new ByteWriter(64 * 1024);
  const file = new ParquetWriter({
    writer,
    schema,
    kvMetadata: Object.entries(said).map(([key, value]): KeyValue => ({ key, value })),
    codec: 'UNCOMPRESSED',
    statistics: false,
    createdBy: 'dicom-series-preview',
  });
  writer.appendBytes(new Uint8Array(digestLength));
  file.write({ columnData: columns.map(sourceOf), rowGroupSize: Math.max(1, rows.length), pageSize: 2 ** 30 });
  file.finish();
  const bytes = new Uint8Array(writer.getBuffer());
  bytes.set(digestOf(bytes.subarray(digestOffset + digestLength)), digestOffset);
  return bytes;
}

interface WrittenColumn {
  readonly name: ColumnName;
  readonly kind: ColumnKind;
  readonly cells: readonly unknown[];
  /** Whether all rows have a value. */
  readonly isFull: boolean;
  /** Whether all rows have the same value. */
  readonly isConstant: boolean;
}

/** A column with its cells; undefined where no row has a value. */
function columnOf(name: ColumnName, rows: readonly HeaderIndexRow[]): WrittenColumn | undefined {
  const kind: ColumnKind = headerIndexColumns[name];
  const cells = rows.map((row) => toCell(name, kind, row[name]));
  if (cells.every((cell) => cell === undefined)) return undefined;
  const isFull = !cells.includes(undefined);
  return { name, kind, cells, isFull, isConstant: isFull && cells.every((cell) => isSame(cell, cells[0])) };
}

function isSame(first: unknown, second: unknown): boolean {
  if (!Array.isArray(first) || !Array.isArray(second)) return Object.is(first, second);
  return first.length === second.length && first.every((each, index) => Object.is(each, second[index]));
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

function sourceOf({ name, kind, cells }: WrittenColumn): ColumnSource {
  const data = [...cells];
  // Numbers have no dictionary: the writer's takes -0 for 0, and plain numbers are read faster.
  return kind === 'text' ? { name, data } : { name, data, encoding: 'PLAIN' };
}

/** A value as Parquet's writer wants it. */
function toCell(name: ColumnName, kind: ColumnKind, value: HeaderIndexRow[ColumnName]): unknown {
  if (value === undefined) return undefined;
  if (kind === 'text') {
    // Parquet's readers drop a byte order mark at the start, and UTF-8 has no lone surrogates.
    if (/^\ufeff|\p{Surrogate}/u.test(String(value))) throw new UnwritableValueError(`text in '${name}' is not UTF-8`);
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
