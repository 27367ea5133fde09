import { createHash } from 'node:crypto';
import type { KeyValue, SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { type ColumnKind, type ColumnName, columnNames, type IndexRow, indexColumns } from './index-columns.ts';
import { constantsProperty, digestLength, digestOffset } from './index-decode.ts';
import { toJson } from './index-json.ts';

/** A value that Parquet's UTF-8 text cannot hold, such as a key with bytes that are no UTF-8. */
export class UnwritableValueError extends Error {
  override readonly name = 'UnwritableValueError';
}

/**
 * Writes rows as a Parquet file. Columns without any value are left out. The pages are not compressed: reading must cost
 * less than the header pass it saves.
 *
 * Between Parquet's magic number and the first page, where readers never look, stands the SHA-256 digest of all that
 * follows it.
 *
 * @param properties key and value pairs for the file's metadata
 * @throws UnwritableValueError
 */
export function encodeIndex(
  rows: readonly IndexRow[],
  properties: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const used = columnNames.filter((name) => rows.some((row) => row[name] !== undefined));
  const schema: SchemaElement[] = [{ name: 'root', num_children: used.length }];
  for (const name of used) schema.push(...schemaOf(name, rows));
  const all = { ...properties, [constantsProperty]: toJson(constantsOf(used, rows)) };
  const kvMetadata: KeyValue[] = Object.entries(all).map(([key, value]) => ({ key, value }));
  const writer = new ByteWriter(64 * 1024);
  const plain = { codec: 'UNCOMPRESSED', statistics: false, createdBy: 'dicom-series-preview' } as const;
  const file = new ParquetWriter({ ...plain, writer, schema, kvMetadata });
  writer.appendBytes(new Uint8Array(digestLength));
  // One page a column: it is read as a whole.
  const layout = { rowGroupSize: Math.max(1, rows.length), pageSize: 2 ** 30 };
  file.write({ columnData: used.map((name) => sourceOf(name, rows)), ...layout });
  file.finish();
  const bytes = new Uint8Array(writer.getBuffer());
  const digest = createHash('sha256')
    .update(bytes.subarray(digestOffset + digestLength))
    .digest();
  bytes.set(digest, digestOffset);
  return bytes;
}

/** Columns that hold one value in all rows, and that value: a reader needs not decode them. */
function constantsOf(names: readonly ColumnName[], rows: readonly IndexRow[]): Record<string, unknown> {
  const constants: Record<string, unknown> = {};
  for (const name of names) {
    const value = rows[0]?.[name];
    if (value !== undefined && rows.every((row) => Object.is(row[name], value))) constants[name] = value;
  }
  return constants;
}

function schemaOf(name: ColumnName, rows: readonly IndexRow[]): readonly SchemaElement[] {
  const kind: ColumnKind = indexColumns[name];
  const repetition_type = rows.every((row) => row[name] !== undefined) ? 'REQUIRED' : 'OPTIONAL';
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

function sourceOf(name: ColumnName, rows: readonly IndexRow[]): ColumnSource {
  const kind: ColumnKind = indexColumns[name];
  const data = rows.map((row) => toCell(name, kind, row[name]));
  // Dictionaries are built with maps, which take -0 for 0; and few numbers repeat.
  return kind === 'real' || kind === 'reals' ? { name, data, encoding: 'PLAIN' } : { name, data };
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
