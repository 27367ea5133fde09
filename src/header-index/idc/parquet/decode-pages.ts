import type { DecodedArray, PageHeader } from 'hyparquet';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { checkDifferences, checkPackedTexts, checkRuns, checkTexts } from './check-page.ts';
import { checkThrift } from './check-thrift.ts';
import { decompress } from './decompress.ts';
import type { Column } from './footer.ts';
import { parquetLimits, wholeNumberOf } from './limits.ts';

/** What is to be read of a column's pages. */
export interface Wanted {
  readonly column: Column;
  readonly codec: string;
  /** The row of the first page that follows. */
  readonly firstRow: number;
  /** Rows of the row group. */
  readonly groupRows: number;
  /** The rows that are wanted, counted from the row group's first. */
  readonly from: number;
  readonly to: number;
}

/** Bytes of the file, from a page's first. */
export interface Part {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The dictionary and the page of values that were decoded last: those who read on get them again. */
export interface LastPages {
  dictionary?: DecodedPage;
  values?: DecodedPage;
}

interface DecodedPage {
  /** Where the page lies in the file. */
  readonly offset: number;
  readonly values: DecodedArray;
}

/**
 * Decodes pages that lie one behind the other, those that have wanted rows. hyparquet gets one page at a time, decompressed,
 * after all that it believes of it has been checked.
 *
 * @param parts a page of a dictionary, if there is one, then pages of values
 * @param last of this column in this row group
 * @throws RangeError, TypeError where they are damaged, larger than allowed, or of an unknown kind
 */
export function decodePages(parts: readonly Part[], wanted: Wanted, last: LastPages): unknown[] {
  const { column, codec, groupRows, from, to } = wanted;
  const cells = new Array<unknown>(to - from);
  const room = { bytes: parquetLimits.pages };
  let pages = 0;
  let row = wanted.firstRow;
  let dictionary: DecodedArray | undefined;
  for (const { offset, bytes } of parts) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; row < to && at < bytes.length - 1; ) {
      wholeNumberOf(++pages, parquetLimits.pageCount, `pages of ${column.name}`);
      const place = offset + at;
      const start = checkThrift(view, at);
      const header = parquetHeader({ view, offset: at });
      at = start + wholeNumberOf(header.compressed_page_size, bytes.length - start, 'bytes of a page');
      const page = bytes.subarray(start, at);
      const count = valuesIn(header);
      if (header.type === 'DICTIONARY_PAGE') {
        dictionary =
          known(last.dictionary, place) ?? decodePage(page, header, { column, codec, room, dictionary: undefined });
        last.dictionary = { offset: place, values: dictionary };
        continue;
      }
      const next = row + wholeNumberOf(count, groupRows - row, `values of ${column.name}`);
      if (next > from && next > row) {
        const values = known(last.values, place) ?? decodePage(page, header, { column, codec, room, dictionary });
        if (values.length !== next - row) {
          throw new RangeError(`expected ${next - row} values of ${column.name} but found ${values.length}`);
        }
        for (let each = Math.max(row, from); each < Math.min(next, to); each += 1) {
          cells[each - from] = values[each - row];
        }
        last.values = { offset: place, values };
      }
      row = next;
    }
  }
  if (row < to) throw new RangeError(`expected ${to} values of ${column.name} but its pages end after ${row}`);
  return cells;
}

function known(page: DecodedPage | undefined, offset: number): DecodedArray | undefined {
  return page?.offset === offset ? page.values : undefined;
}

function valuesIn(header: PageHeader): unknown {
  const { data_page_header, data_page_header_v2, dictionary_page_header } = header;
  if (header.type === 'DATA_PAGE') return data_page_header?.num_values;
  if (header.type === 'DATA_PAGE_V2') return data_page_header_v2?.num_values;
  if (header.type === 'DICTIONARY_PAGE') return dictionary_page_header?.num_values;
  throw new TypeError(`expected pages of values or of a dictionary but found ${String(header.type)}`);
}

interface Decoding {
  readonly column: Column;
  readonly codec: string;
  /** Bytes that pages may still have. */
  readonly room: { bytes: number };
  readonly dictionary: DecodedArray | undefined;
}

function decodePage(bytes: Uint8Array, header: PageHeader, decoding: Decoding): DecodedArray {
  const { column, room, dictionary } = decoding;
  const { element } = column;
  const length = wholeNumberOf(header.uncompressed_page_size, room.bytes, 'bytes of pages');
  room.bytes -= length;
  const page = decompressPage(bytes, header, { length, codec: decoding.codec });
  checkPage(page, header, column);
  const decoder = {
    ...{ element, type: element.type, codec: 'UNCOMPRESSED' as const, pathInSchema: [column.name] },
    ...{ parsers: DEFAULT_PARSERS, schemaPath: schemaPathOf(column) },
  };
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: 0 };
  const inflated = { ...header, compressed_page_size: page.length, uncompressed_page_size: page.length };
  const { data } = readPage(reader, inflated, decoder, dictionary, undefined, 0);
  if (data === undefined) throw new RangeError(`expected values of ${column.name} in a page`);
  return header.type === 'DICTIONARY_PAGE' ? convert(data, decoder) : data;
}

function schemaPathOf({ name, element }: Column): Parameters<typeof readPage>[2]['schemaPath'] {
  const leaf = { element, children: [], count: 1, path: [name] };
  return [{ element: { name: 'schema', num_children: 1 }, children: [leaf], count: 2, path: [] }, leaf];
}

/** The page as it would be without compression. The levels of a page of the second version are never compressed. */
function decompressPage(
  bytes: Uint8Array,
  header: PageHeader,
  { length, codec }: { readonly length: number; readonly codec: string },
): Uint8Array {
  const second = header.type === 'DATA_PAGE_V2' ? header.data_page_header_v2 : undefined;
  if (second === undefined) return decompress(bytes, length, codec);
  const levels = levelsOf(second, Math.min(length, bytes.length));
  const values = bytes.subarray(levels);
  const inflated = decompress(values, length - levels, second.is_compressed === false ? 'UNCOMPRESSED' : codec);
  const page = new Uint8Array(length);
  page.set(bytes.subarray(0, levels));
  page.set(inflated, levels);
  return page;
}

/** Bytes of definition levels. There are no repetition levels in columns with a value a row. */
function levelsOf({ definition_levels_byte_length, repetition_levels_byte_length }: Levels, max: number): number {
  wholeNumberOf(repetition_levels_byte_length, 0, 'bytes of repetition levels');
  return wholeNumberOf(definition_levels_byte_length, max, 'bytes of definition levels');
}

interface Levels {
  readonly definition_levels_byte_length: number;
  readonly repetition_levels_byte_length: number;
}

/** Where the values of a page begin, how many there are, and how they are encoded. */
interface Values {
  readonly start: number;
  readonly count: number;
  readonly encoding: string;
}

/** The values of a page, after its levels have been checked: those say which values there are. */
function valuesOf(page: Uint8Array, header: PageHeader, { name, element }: Column): Values {
  const count = wholeNumberOf(valuesIn(header), parquetLimits.pageValues, `values of ${name}`);
  if (header.type === 'DICTIONARY_PAGE') return { start: 0, count, encoding: 'PLAIN' };
  const isOptional = element.repetition_type !== 'REQUIRED';
  const second = header.type === 'DATA_PAGE_V2' ? header.data_page_header_v2 : undefined;
  if (second === undefined) {
    const encoding = String(header.data_page_header?.encoding);
    if (!isOptional) return { start: 0, count, encoding };
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    const start = 4 + wholeNumberOf(view.getUint32(0, true), page.length - 4, 'bytes of definition levels');
    return { start, count: checkRuns(page, { start: 4, end: start }, { bits: 1, count }), encoding };
  }
  const start = levelsOf(second, isOptional ? page.length : 0);
  if (wholeNumberOf(second.num_rows, count, 'rows of a page') !== count) {
    throw new RangeError(`expected as many values of ${name} as there are rows in a page`);
  }
  const defined = isOptional ? checkRuns(page, { start: 0, end: start }, { bits: 1, count }) : count;
  if (defined !== count - wholeNumberOf(second.num_nulls, count, 'values that are null')) {
    throw new RangeError(`expected ${count - defined} values of ${name} that are null`);
  }
  return { start, count: defined, encoding: String(second.encoding) };
}

const widths = { INT32: 4, INT64: 8, FLOAT: 4, DOUBLE: 8, BYTE_ARRAY: 0 } as const;

function checkPage(page: Uint8Array, header: PageHeader, column: Column): void {
  const { start, count, encoding } = valuesOf(page, header, column);
  const { type } = column.element;
  const isText = type === 'BYTE_ARRAY';
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') {
    if (count === 0) return;
    const bits = wholeNumberOf(page[start], 31, 'bits of a place in the dictionary');
    // Places of no bits are all the first; only in pages of the second version are there runs of them.
    const places = bits === 0 && header.type === 'DATA_PAGE' ? 0 : count;
    checkRuns(page, { start: start + 1, end: page.length }, { bits, count: places });
  } else if (encoding === 'PLAIN' && isText) {
    checkTexts(page, start, count);
  } else if (isText && (encoding === 'DELTA_LENGTH_BYTE_ARRAY' || encoding === 'DELTA_BYTE_ARRAY')) {
    checkPackedTexts(page, start, count, encoding === 'DELTA_BYTE_ARRAY');
  } else if (!isText && (encoding === 'PLAIN' || encoding === 'BYTE_STREAM_SPLIT')) {
    wholeNumberOf(count * widths[type], page.length - start, 'bytes of numbers');
  } else if (encoding === 'DELTA_BINARY_PACKED' && (type === 'INT32' || type === 'INT64')) {
    checkDifferences(page, start);
  } else {
    throw new TypeError(`expected a known encoding of ${column.name} but found ${encoding}`);
  }
}
