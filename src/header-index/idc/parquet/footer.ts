import {
  type AsyncBuffer,
  type ColumnMetaData,
  type FileMetaData,
  parquetMetadata,
  type RowGroup,
  type SchemaElement,
} from 'hyparquet';
import { checkThrift } from './check-thrift.ts';
import { parquetLimits, wholeNumberOf } from './limits.ts';

/** Bytes to read first for the footer. */
const firstReadLength = 64 * 1024;
const magic = 0x31524150;
const types = ['BYTE_ARRAY', 'INT32', 'INT64', 'FLOAT', 'DOUBLE'] as const;

/** Where something lies in the file. */
export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** A column of texts or numbers, a value a row. */
export interface Column {
  readonly name: string;
  readonly element: SchemaElement & { readonly type: (typeof types)[number] };
}

/** A column in one row group. All that lies in the file has been checked to do so. */
export interface Chunk extends Place {
  readonly codec: string;
  readonly offsetIndex: Place | undefined;
  readonly columnIndex: Place | undefined;
  readonly bloomFilter: Place | undefined;
  /** The smallest and the largest text, where the file tells. */
  readonly bounds: { readonly min: string; readonly max: string } | undefined;
}

export interface Group {
  readonly rowStart: number;
  readonly rows: number;
  readonly chunks: ReadonlyMap<string, Chunk>;
}

/**
 * Reads the footer.
 *
 * @throws RangeError where it is damaged or larger than allowed, and the file's errors
 */
export async function readFooter(file: AsyncBuffer): Promise<FileMetaData> {
  const { byteLength } = file;
  const last = await file.slice(Math.max(0, byteLength - firstReadLength), byteLength);
  if (last.byteLength < 12) throw new RangeError('expected a footer but the file is too short');
  const end = new DataView(last);
  if (end.getUint32(last.byteLength - 4, true) !== magic) throw new RangeError('expected PAR1 at the end of the file');
  const max = Math.min(parquetLimits.footer, byteLength - 12);
  const length = wholeNumberOf(end.getUint32(last.byteLength - 8, true), max, 'a footer');
  const whole = length + 8 <= last.byteLength ? last : await file.slice(byteLength - length - 8, byteLength);
  const start = whole.byteLength - length - 8;
  checkThrift(new DataView(whole, start, length));
  return parquetMetadata(whole, { geoparquet: false });
}

/** The columns that can be read, by their names. Groups and lists are passed over. */
export function columnsOf({ schema }: FileMetaData): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>();
  const childrenOf = (element: SchemaElement | undefined): number => {
    if (element === undefined) throw new RangeError('expected as many columns as the schema claims');
    return wholeNumberOf(element.num_children ?? 0, schema.length, 'columns of a group');
  };
  const count = childrenOf(schema[0]);
  for (let child = 0, at = 1; child < count; child += 1) {
    const element = schema[at];
    const type = types.find((each) => each === element?.type);
    const isLeaf = childrenOf(element) === 0 && element?.repetition_type !== 'REPEATED';
    if (element !== undefined && isLeaf && type !== undefined && typeof element.name === 'string') {
      columns.set(element.name, { name: element.name, element: { ...readableElement(element), type } });
    }
    // What a group holds follows it.
    for (let left = 1; left > 0; left -= 1) left += childrenOf(schema[at++]);
  }
  return columns;
}

/** What converts numbers; texts are taken as they are, whatever they are said to be. */
function readableElement({ name, type, repetition_type, converted_type, scale }: SchemaElement): SchemaElement {
  const isNumber = type !== 'BYTE_ARRAY' && /^(U?INT_|DECIMAL$)/.test(String(converted_type));
  return {
    name,
    ...(repetition_type === undefined ? {} : { repetition_type }),
    ...(isNumber && converted_type !== undefined ? { converted_type } : {}),
    ...(isNumber && typeof scale === 'number' ? { scale } : {}),
  };
}

/**
 * The row groups, with these columns of them.
 *
 * @throws RangeError where numbers do not fit to each other or to the file, or are larger than allowed
 */
export function groupsOf(metadata: FileMetaData, columns: readonly Column[], byteLength: number): readonly Group[] {
  let rowStart = 0;
  const left = { indexes: parquetLimits.indexes };
  const lengths = new Map<string, number>();
  return metadata.row_groups.map((group) => {
    const rows = wholeNumberOf(group.num_rows, parquetLimits.groupRows, 'rows of a row group');
    const chunks = new Map<string, Chunk>();
    for (const column of columns) {
      const chunk = chunkOf(group, column, { rows, byteLength, left });
      chunks.set(column.name, chunk);
      const length = (lengths.get(column.name) ?? 0) + chunk.length;
      lengths.set(column.name, wholeNumberOf(length, byteLength, `bytes of the column ${column.name}`));
    }
    const placed = { rowStart, rows, chunks };
    rowStart = wholeNumberOf(rowStart + rows, parquetLimits.rows, 'rows');
    return placed;
  });
}

interface Bounds {
  readonly rows: number;
  readonly byteLength: number;
  /** Bytes that indexes of pages may still have. */
  readonly left: { indexes: number };
}

function chunkOf(group: RowGroup, { name, element }: Column, bounds: Bounds): Chunk {
  const { rows, byteLength, left } = bounds;
  const found = group.columns.find(({ meta_data }) => {
    return meta_data?.path_in_schema.length === 1 && meta_data.path_in_schema[0] === name;
  });
  const about = found?.meta_data;
  if (found === undefined || about === undefined || about.type !== element.type) {
    throw new RangeError(`expected the column ${name} in each row group`);
  }
  if (found.file_path) throw new RangeError(`expected the column ${name} in this file but it is in another`);
  if (wholeNumberOf(about.num_values, rows, `values of ${name}`) !== rows) {
    throw new RangeError(`expected ${rows} values of ${name} but found ${about.num_values}`);
  }
  const place = (offset: unknown, length: unknown): Place => {
    const from = wholeNumberOf(offset, byteLength, 'an offset');
    return { offset: from, length: wholeNumberOf(length, byteLength - from, `bytes of ${name}`) };
  };
  const index = (offset: unknown, length: unknown): Place | undefined => {
    if (!offset || !length) return undefined;
    const found = place(offset, length);
    if (found.length > Math.min(parquetLimits.index, left.indexes)) return undefined;
    left.indexes -= found.length;
    return found;
  };
  const data = wholeNumberOf(about.data_page_offset, byteLength, 'an offset');
  const dictionary = wholeNumberOf(about.dictionary_page_offset ?? 0, byteLength, 'an offset');
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  const whole = place(start, about.total_compressed_size);
  wholeNumberOf(whole.length, parquetLimits.chunk, `bytes of ${name} in a row group`);
  return {
    ...whole,
    codec: String(about.codec),
    offsetIndex: index(found.offset_index_offset, found.offset_index_length),
    columnIndex: index(found.column_index_offset, found.column_index_length),
    bloomFilter: index(about.bloom_filter_offset, about.bloom_filter_length),
    bounds: boundsOf(about),
  };
}

function boundsOf({ statistics }: ColumnMetaData): Chunk['bounds'] {
  const min = statistics?.min_value ?? statistics?.min;
  const max = statistics?.max_value ?? statistics?.max;
  return typeof min === 'string' && typeof max === 'string' ? { min, max } : undefined;
}
