import { type AsyncBuffer, readOffsetIndex } from 'hyparquet';
import { checkThrift } from './check-thrift.ts';
import { decodePages, type LastPages, type Part } from './decode-pages.ts';
import { type Chunk, type Column, columnsOf, type Group, groupsOf, readFooter } from './footer.ts';
import { parquetLimits, wholeNumberOf } from './limits.ts';
import { type RowRange, rowsThatMayHave } from './prune.ts';

/** A Parquet file of which some columns are read. What it claims is checked before it is believed. */
export interface ParquetTable {
  /** Columns of texts or numbers that it has. */
  readonly names: ReadonlySet<string>;
  /** @throws RangeError where the file has none of a name, or is damaged */
  select(columns: readonly string[]): ParquetSelection;
}

export interface ParquetSelection {
  /** The rows of each row group that has any. */
  readonly groups: readonly RowRange[];
  /** The rows among which a text can be. Reads statistics and indexes. */
  rowsThatMayHave(column: string, text: string): Promise<readonly RowRange[]>;
  /** The cells of some rows, all of one row group; null where there is no value. */
  readColumn(column: string, rows: RowRange): Promise<readonly unknown[]>;
}

/** @throws RangeError, TypeError where the footer is damaged, and the file's errors */
export async function openTable(file: AsyncBuffer): Promise<ParquetTable> {
  const metadata = await readFooter(file);
  const columns = columnsOf(metadata);
  return {
    names: new Set(columns.keys()),
    select(names) {
      const chosen = names.map((name) => {
        const column = columns.get(name);
        if (column === undefined) throw new RangeError(`expected the column ${name}`);
        return column;
      });
      return selection(file, chosen, groupsOf(metadata, chosen, file.byteLength));
    },
  };
}

interface PagePlace {
  readonly offset: number;
  readonly end: number;
  readonly firstRow: number;
}

/** What is kept of a column for those who read on in the same row group. */
interface Kept {
  readonly chunk: Chunk;
  readonly pages: LastPages;
  /** The whole chunk, where its pages cannot be read alone. */
  whole?: Part;
}

/** Bytes of a chunk that is kept at most: as many columns are kept as are read. */
const maxKeptLength = 16 * 1024 * 1024;

function selection(file: AsyncBuffer, columns: readonly Column[], groups: readonly Group[]): ParquetSelection {
  const pages = new Map<Chunk, readonly PagePlace[]>();
  const keptColumns = new Map<string, Kept>();

  function keptOf(name: string, chunk: Chunk): Kept {
    const before = keptColumns.get(name);
    const kept = before?.chunk === chunk ? before : { chunk, pages: {} };
    // Large ones are not worth their memory.
    if (chunk.length <= maxKeptLength) keptColumns.set(name, kept);
    return kept;
  }

  async function pagesOf(chunk: Chunk, rows: number): Promise<readonly PagePlace[] | undefined> {
    if (chunk.offsetIndex === undefined) return undefined;
    const known = pages.get(chunk);
    if (known !== undefined) return known;
    const { offset, length } = chunk.offsetIndex;
    const read = pagePlaces(await file.slice(offset, offset + length), chunk, rows);
    pages.set(chunk, read);
    return read;
  }

  return {
    groups: groups.filter(({ rows }) => rows > 0).map(({ rowStart, rows }) => ({ rowStart, rowEnd: rowStart + rows })),
    rowsThatMayHave: (column, text) => rowsThatMayHave(text, column, { file, columns, groups }),
    async readColumn(name, { rowStart, rowEnd }) {
      const column = columns.find((each) => each.name === name);
      const group = groups.find((each) => each.rowStart <= rowStart && rowEnd <= each.rowStart + each.rows);
      const chunk = group?.chunks.get(name);
      if (column === undefined || group === undefined || chunk === undefined) {
        throw new RangeError(`expected rows of one row group of ${name}`);
      }
      const from = rowStart - group.rowStart;
      const to = rowEnd - group.rowStart;
      const isAll = from === 0 && to === group.rows;
      const places = isAll ? undefined : await pagesOf(chunk, group.rows);
      const { ranges, firstRow } = rangesOf(chunk, places, from, to);
      const kept = keptOf(name, chunk);
      const parts = kept.whole === undefined || places !== undefined ? await read(ranges) : [kept.whole];
      const [first] = parts;
      if (first !== undefined && !isAll && places === undefined) kept.whole = first;
      const wanted = { column, codec: chunk.codec, firstRow, groupRows: group.rows, from, to };
      return decodePages(parts, wanted, kept.pages);
    },
  };

  function read(ranges: readonly Range[]): Promise<readonly Part[]> {
    return Promise.all(
      ranges.map(async ([start, end]) => ({ offset: start, bytes: new Uint8Array(await file.slice(start, end)) })),
    );
  }
}

/** @throws RangeError where they do not lie in the chunk, one behind the other */
function pagePlaces(bytes: ArrayBuffer, chunk: Chunk, rows: number): readonly PagePlace[] {
  checkThrift(new DataView(bytes), 0, { listElements: parquetLimits.indexedPageCount });
  const { page_locations } = readOffsetIndex({ view: new DataView(bytes), offset: 0 });
  const chunkEnd = chunk.offset + chunk.length;
  let least = { offset: chunk.offset, firstRow: 0 };
  return page_locations.map(({ offset, compressed_page_size, first_row_index }, index) => {
    const place = wholeNumberOf(offset, chunkEnd, 'the offset of a page');
    const end = place + wholeNumberOf(compressed_page_size, chunkEnd - place, 'bytes of a page');
    const firstRow = wholeNumberOf(first_row_index, index === 0 ? 0 : rows, 'the first row of a page');
    if (place < least.offset || firstRow < least.firstRow) {
      throw new RangeError('expected the pages of an index one behind the other');
    }
    least = { offset: end, firstRow };
    return { offset: place, end, firstRow };
  });
}

type Range = readonly [start: number, end: number];

/** What to read for some rows: the whole chunk, or the dictionary and the pages of these rows. */
function rangesOf(
  chunk: Chunk,
  places: readonly PagePlace[] | undefined,
  from: number,
  to: number,
): { readonly ranges: readonly Range[]; readonly firstRow: number } {
  const first = places?.findLast(({ firstRow }) => firstRow <= from);
  const last = places?.findLast(({ firstRow }) => firstRow < to);
  const dictionaryEnd = places?.[0]?.offset;
  if (first === undefined || last === undefined || dictionaryEnd === undefined) {
    return { ranges: [[chunk.offset, chunk.offset + chunk.length]], firstRow: 0 };
  }
  const { firstRow } = first;
  // Up to the first page's end nothing lies between the dictionary and the pages.
  if (first.offset === dictionaryEnd || chunk.offset === dictionaryEnd) {
    const start = first.offset === dictionaryEnd ? chunk.offset : first.offset;
    return { ranges: [[start, last.end]], firstRow };
  }
  return {
    ranges: [
      [chunk.offset, dictionaryEnd],
      [first.offset, last.end],
    ],
    firstRow,
  };
}
