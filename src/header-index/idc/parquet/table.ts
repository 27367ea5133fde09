import { type AsyncBuffer, readOffsetIndex } from 'hyparquet';
import { checkThrift } from './check-thrift.ts';
import { decodePages } from './decode-pages.ts';
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

function selection(file: AsyncBuffer, columns: readonly Column[], groups: readonly Group[]): ParquetSelection {
  const pages = new Map<Chunk, readonly PagePlace[]>();

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
      const { parts, firstRow } = rangesOf(chunk, places, from, to);
      const bytes = await Promise.all(parts.map(([start, end]) => file.slice(start, end)));
      return decodePages(
        bytes.map((part) => new Uint8Array(part)),
        { column, codec: chunk.codec, firstRow, groupRows: group.rows, from, to },
      );
    },
  };
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

type Part = readonly [start: number, end: number];

/** What to read for some rows: the whole chunk, or the dictionary and the pages of these rows. */
function rangesOf(
  chunk: Chunk,
  places: readonly PagePlace[] | undefined,
  from: number,
  to: number,
): { readonly parts: readonly Part[]; readonly firstRow: number } {
  const first = places?.findLast(({ firstRow }) => firstRow <= from);
  const last = places?.findLast(({ firstRow }) => firstRow < to);
  const dictionaryEnd = places?.[0]?.offset;
  if (first === undefined || last === undefined || dictionaryEnd === undefined) {
    return { parts: [[chunk.offset, chunk.offset + chunk.length]], firstRow: 0 };
  }
  const { firstRow } = first;
  // Up to the first page's end nothing lies between the dictionary and the pages.
  if (first.offset === dictionaryEnd || chunk.offset === dictionaryEnd) {
    const start = first.offset === dictionaryEnd ? chunk.offset : first.offset;
    return { parts: [[start, last.end]], firstRow };
  }
  return {
    parts: [
      [chunk.offset, dictionaryEnd],
      [first.offset, last.end],
    ],
    firstRow,
  };
}
