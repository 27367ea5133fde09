import type { DictionaryColumn } from './columns.ts';
import {
  type FacetName,
  type FacetValue,
  facetNames,
  type Query,
  type QueryResult,
  type SortName,
} from './protocol.ts';
import type { DictionaryName, Table } from './table.ts';

/** What a query comes to: the rows in their order, and counts. */
export interface Answer {
  readonly order: Uint32Array;
  readonly facets: QueryResult['facets'];
}

/** A facet's value for rows that have none. The page shows it as '(none)'. */
const none = '';

const searched: readonly DictionaryName[] = [
  ...(['description', 'modality', 'collection', 'body_part', 'manufacturer', 'model', 'flags'] as const),
  ...(['orientation', 'error_code'] as const),
];

/** Finds rows, counts facets and sorts, over the rows that are read so far. */
export function runQuery(table: Table, query: Query, sorted: SortedRows): Answer {
  const { loaded } = table;
  const facets = facetNames.map((name) => facetTest(table.dictionaries[name], name, query.chosen[name]));
  // 0: shown. n: it fails the n-th facet alone, counted there: it would be shown if its value were chosen instead.
  const failures = new Uint8Array(loaded);
  const texts = textMarks(table, query.text);
  if (texts !== undefined) for (let row = 0; row < loaded; row++) if (texts[row] === 0) failures[row] = failsAll;
  for (const [index, facet] of facets.entries())
    if (facet.allowed !== undefined) mark(facet, facet.allowed, failures, index + 1);
  for (const [index, facet] of facets.entries()) count(facet, failures, index + 1);
  let shown = 0;
  for (let row = 0; row < loaded; row++) if (failures[row] === 0) shown++;
  const order = new Uint32Array(shown);
  const rows = sorted.by(table, query.sort);
  let at = query.descending ? shown : 0;
  for (let index = 0; index < loaded; index++) {
    const row = rows === undefined ? index : (rows[index] as number);
    if (failures[row] !== 0) continue;
    if (query.descending) order[--at] = row;
    else order[at++] = row;
  }
  const valuesOf = (name: FacetName): readonly FacetValue[] => {
    const facet = facets[facetNames.indexOf(name)];
    return facet === undefined ? [] : facetValues(facet, name);
  };
  return {
    order,
    facets: {
      ...{ modality: valuesOf('modality'), collection: valuesOf('collection'), body_part: valuesOf('body_part') },
      ...{ orientation: valuesOf('orientation'), flags: valuesOf('flags'), status: valuesOf('status') },
    },
  };
}

interface FacetTest {
  readonly texts: readonly string[];
  readonly codes: DictionaryColumn['codes'];
  /** By code; undefined where nothing is chosen. */
  readonly allowed: Uint8Array | undefined;
  readonly counts: Uint32Array;
}

function facetTest({ texts, codes }: DictionaryColumn, name: FacetName, chosen: readonly string[] = []): FacetTest {
  const counts = new Uint32Array(texts.length);
  if (chosen.length === 0) return { texts, codes, allowed: undefined, counts };
  const wanted = new Set(chosen);
  const allowed = Uint8Array.from(texts, (text) => (valuesIn(text, name).some((value) => wanted.has(value)) ? 1 : 0));
  return { texts, codes, allowed, counts };
}

const failsAll = 255;

function mark({ codes }: FacetTest, allowed: Uint8Array, failures: Uint8Array, facet: number): void {
  for (let row = 0; row < failures.length; row++) {
    if (allowed[codes[row] as number] === 0) failures[row] = failures[row] === 0 ? facet : failsAll;
  }
}

function count({ codes, counts }: FacetTest, failures: Uint8Array, facet: number): void {
  for (let row = 0; row < failures.length; row++) {
    const failed = failures[row];
    if (failed === 0 || failed === facet) (counts[codes[row] as number] as number)++;
  }
}

/** A row has several flags, but one of anything else. */
function valuesIn(text: string, name: FacetName): readonly string[] {
  return name === 'flags' && text !== none ? text.split(',') : [text];
}

function facetValues({ texts, counts }: FacetTest, name: FacetName): readonly FacetValue[] {
  const sums = new Map<string, number>();
  for (const [code, text] of texts.entries()) {
    const count = counts[code] ?? 0;
    // '' stands first in every dictionary, used or not.
    if (text === none && count === 0) continue;
    for (const value of valuesIn(text, name)) sums.set(value, (sums.get(value) ?? 0) + count);
  }
  return [...sums]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

/** A row is marked that holds every word somewhere. undefined where nothing is searched for. */
function textMarks(table: Table, text: string): Uint8Array | undefined {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let marks: Uint8Array | undefined;
  for (const word of words) {
    const found = new Uint8Array(table.loaded);
    for (const name of searched) {
      const { lowered, codes } = table.dictionaries[name];
      const has = new Uint8Array(lowered.length);
      for (let code = 0; code < has.length; code++) if ((lowered[code] as string).includes(word)) has[code] = 1;
      if (!has.includes(1)) continue;
      for (let row = 0; row < found.length; row++) if (has[codes[row] as number] === 1) found[row] = 1;
    }
    // UIDs are digits and dots. Single digits would find nearly all of them.
    if (/^[\d.]{3,64}$/.test(word)) table.uids.mark(word, found);
    if (marks === undefined) marks = found;
    else for (let row = 0; row < found.length; row++) if (found[row] === 0) marks[row] = 0;
  }
  return marks;
}

/** Rows in the order of a column. The last order is kept: filters come more often than other orders. */
export class SortedRows {
  #kept: { readonly name: SortName; readonly loaded: number; readonly rows: Uint32Array } | undefined;

  /** undefined for the manifest's own order */
  by(table: Table, name: SortName): Uint32Array | undefined {
    const { loaded } = table;
    if (name === 'place') return undefined;
    if (this.#kept?.name !== name || this.#kept.loaded !== loaded) {
      this.#kept = undefined;
      this.#kept = { name, loaded, rows: radixSort(keysOf(table, name, loaded)) };
    }
    return this.#kept.rows;
  }
}

/** What rows are sorted by: a whole number each, in two parts of 32 bits. */
interface SortKeys {
  readonly low: Uint32Array;
  readonly high?: Uint32Array;
}

function keysOf(table: Table, name: Exclude<SortName, 'place'>, loaded: number): SortKeys {
  const low = new Uint32Array(loaded);
  if (name === 'instances') {
    low.set(table.instances.subarray(0, loaded));
    return { low };
  }
  if (name === 'byte_length') {
    const high = new Uint32Array(loaded);
    for (let row = 0; row < loaded; row++) {
      const value = table.byteLengths[row] as number;
      high[row] = value / 2 ** 32;
      low[row] = value % 2 ** 32;
    }
    return { low, high };
  }
  const column = table.dictionaries[name];
  const { codes } = column;
  const rankOf = column.ranks();
  for (let row = 0; row < loaded; row++) low[row] = rankOf[codes[row] as number] as number;
  return { low };
}

const digitCount = 65_536;

/** Rows in the order of their keys, equal ones in their own order: a radix sort, 16 bits at a time, the lowest first. */
function radixSort({ low, high }: SortKeys): Uint32Array {
  let rows = new Uint32Array(low.length);
  for (let row = 0; row < rows.length; row++) rows[row] = row;
  let sorted = new Uint32Array(rows.length);
  for (const keys of high === undefined ? [low] : [low, high]) {
    for (const shift of [0, 16]) {
      const starts = new Uint32Array(digitCount + 1);
      for (const key of keys) (starts[((key >>> shift) & 0xffff) + 1] as number)++;
      // All the same: nothing to move.
      if (starts.includes(rows.length)) continue;
      for (let digit = 1; digit <= digitCount; digit++) (starts[digit] as number) += starts[digit - 1] as number;
      for (const row of rows) sorted[(starts[((keys[row] as number) >>> shift) & 0xffff] as number)++] = row;
      [rows, sorted] = [sorted, rows];
    }
  }
  return rows;
}
