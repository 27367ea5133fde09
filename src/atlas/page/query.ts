import type { DictionaryColumn } from './columns.ts';
import { type FacetName, type FacetValue, facetNames, type Query, type QueryResult, type SortName } from './protocol.ts';
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
  const texts = textMarks(table, query.text);
  const facets = facetNames.map((name) => facetTest(table.dictionaries[name], name, query.chosen[name]));
  const passes = new Uint8Array(loaded);
  let shown = 0;
  for (let row = 0; row < loaded; row++) {
    if (texts !== undefined && texts[row] === 0) continue;
    // A row that fails one facet alone is counted there: it would be shown if its value were chosen instead.
    let failed = -1;
    let failures = 0;
    for (let facet = 0; facet < facets.length && failures < 2; facet++) {
      const { allowed, codes } = facets[facet] as FacetTest;
      if (allowed !== undefined && allowed[codes[row] as number] === 0) {
        failed = facet;
        failures++;
      }
    }
    if (failures === 0) {
      passes[row] = 1;
      shown++;
      for (const { counts, codes } of facets) (counts[codes[row] as number] as number)++;
    } else if (failures === 1) {
      const { counts, codes } = facets[failed] as FacetTest;
      (counts[codes[row] as number] as number)++;
    }
  }
  const order = new Uint32Array(shown);
  const rows = sorted.by(table, query.sort);
  let at = query.descending ? shown : 0;
  for (let index = 0; index < loaded; index++) {
    const row = rows === undefined ? index : (rows[index] as number);
    if (passes[row] === 0) continue;
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
      const { texts, codes } = table.dictionaries[name];
      const has = Uint8Array.from(texts, (each) => (each.toLowerCase().includes(word) ? 1 : 0));
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
      this.#kept = { name, loaded, rows: countingSort(ranksOf(table, name, loaded)) };
    }
    return this.#kept.rows;
  }
}

function ranksOf(table: Table, name: Exclude<SortName, 'place'>, loaded: number): Uint32Array {
  if (name === 'instances') return ranksOfNumbers(table.instances.subarray(0, loaded));
  if (name === 'byte_length') return ranksOfNumbers(table.byteLengths.subarray(0, loaded));
  const column = table.dictionaries[name];
  const ranks = column.ranks();
  const rows = new Uint32Array(loaded);
  for (let row = 0; row < loaded; row++) rows[row] = ranks[column.codes[row] as number] as number;
  return rows;
}

function ranksOfNumbers(values: Int32Array | Float64Array): Uint32Array {
  const sorted = new Float64Array(values).sort();
  let distinct = 0;
  for (const value of sorted) if (distinct === 0 || sorted[distinct - 1] !== value) sorted[distinct++] = value;
  const ranks = new Uint32Array(values.length);
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    let low = 0;
    for (let high = distinct - 1; low < high; ) {
      const middle = (low + high) >> 1;
      if ((sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    ranks[row] = low;
  }
  return ranks;
}

/** Rows of equal rank stay in their order. */
function countingSort(ranks: Uint32Array): Uint32Array {
  let max = 0;
  for (const rank of ranks) if (rank > max) max = rank;
  const starts = new Uint32Array(max + 2);
  for (const rank of ranks) (starts[rank + 1] as number)++;
  for (let rank = 1; rank < starts.length; rank++) (starts[rank] as number) += starts[rank - 1] as number;
  const rows = new Uint32Array(ranks.length);
  for (let row = 0; row < ranks.length; row++) {
    const rank = ranks[row] as number;
    rows[(starts[rank] as number)++] = row;
  }
  return rows;
}
