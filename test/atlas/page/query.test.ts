import { expect, it } from 'vitest';
import type { Query } from '../../../src/atlas/page/protocol.ts';
import { runQuery, SortedRows } from '../../../src/atlas/page/query.ts';
import { Table } from '../../../src/atlas/page/table.ts';

const columns = {
  series_instance_uid: ['1.2.3', '1.2.45', '1.9', '1.2.3.4'],
  modality: ['CT', 'MR', 'CT', 'CT'],
  collection: ['b', 'a', 'b', 'a'],
  body_part: ['CHEST', '', 'CHEST', 'HEAD'],
  orientation: ['axial', 'axial', 'coronal', 'axial'],
  flags: ['gaps,localizer', '', 'gaps', ''],
  status: ['done', 'done', 'failed', 'done'],
  description: ['Lung 1.0', 'T2 FLAIR', 'lung', 'Bone'],
  manufacturer: ['A', 'A', 'B', 'B'],
  model: ['', '', '', ''],
  series_date: [null, null, null, null],
  shard: ['s', 's', null, 's'],
  format: ['webp', 'webp', null, 'webp'],
  error_code: [null, null, 'decode', null],
  instances: [30, 5, 10, 5],
  byte_length: [300, 50, null, 51],
  offset: [0, 1, null, 2],
  length: [1, 1, null, 1],
};

function filledTable(): Table {
  const table = new Table(4);
  for (const [name, values] of Object.entries(columns)) table.fill(name, 0, values);
  table.loaded = 4;
  return table;
}

const all: Query = { text: '', chosen: {}, sort: 'place', descending: false };

function ask(query: Partial<Query>, table = filledTable()): { readonly rows: number[]; readonly facets: object } {
  const { order, facets } = runQuery(table, { ...all, ...query }, new SortedRows());
  const counts = Object.entries(facets).map(([name, values]) => [
    name,
    Object.fromEntries(values.map(({ value, count }) => [value, count])),
  ]);
  return { rows: [...order], facets: Object.fromEntries(counts) };
}

it('shows all rows in their order, and counts each value', () => {
  expect(ask({})).toEqual({
    rows: [0, 1, 2, 3],
    facets: {
      modality: { CT: 3, MR: 1 },
      collection: { a: 2, b: 2 },
      body_part: { CHEST: 2, HEAD: 1, '': 1 },
      orientation: { axial: 3, coronal: 1 },
      flags: { '': 2, gaps: 2, localizer: 1 },
      status: { done: 3, failed: 1 },
    },
  });
});

it('takes any value of a facet and all facets, and counts a facet as if nothing of it were chosen', () => {
  const { rows, facets } = ask({ chosen: { modality: ['CT'], collection: ['b'] } });
  expect(rows).toEqual([0, 2]);
  expect(facets).toMatchObject({
    modality: { CT: 2, MR: 0 },
    collection: { a: 1, b: 2 },
    status: { done: 1, failed: 1 },
  });
  expect(ask({ chosen: { modality: ['CT', 'MR'] } }).rows).toEqual([0, 1, 2, 3]);
});

it('finds a row by each of its flags, and rows without any', () => {
  expect(ask({ chosen: { flags: ['localizer'] } }).rows).toEqual([0]);
  expect(ask({ chosen: { flags: ['gaps'] } }).rows).toEqual([0, 2]);
  expect(ask({ chosen: { flags: [''] } }).rows).toEqual([1, 3]);
});

it.each([
  ['LUNG', [0, 2]],
  ['lung coronal', [2]],
  ['lung  chest 1.0', [0]],
  ['1.2.3', [0, 3]],
  ['2.45', [1]],
  ['decode', [2]],
  ['nothing', []],
])('finds every word of %j somewhere in a row', (text, expected) => {
  expect(ask({ text }).rows).toEqual(expected);
});

it('sorts stably by texts and by numbers, both ways', () => {
  expect(ask({ sort: 'instances' }).rows).toEqual([1, 3, 2, 0]);
  expect(ask({ sort: 'instances', descending: true }).rows).toEqual([0, 2, 3, 1]);
  expect(ask({ sort: 'byte_length' }).rows).toEqual([2, 1, 3, 0]);
  expect(ask({ sort: 'description' }).rows).toEqual([3, 2, 0, 1]);
  expect(ask({ sort: 'description', chosen: { status: ['done'] } }).rows).toEqual([3, 0, 1]);
});

it('shows only rows that are read so far', () => {
  const table = filledTable();
  table.loaded = 2;
  expect(ask({ sort: 'collection' }, table).rows).toEqual([1, 0]);
});

it('hands over what a sheet shows, without a picture where there is none', () => {
  const table = filledTable();
  expect(table.card(3)).toMatchObject({
    uid: '1.2.3.4',
    description: 'Bone',
    picture: { shard: 's', offset: 2, length: 1 },
  });
  expect(table.card(2)).not.toHaveProperty('picture');
});

it('keeps thousands of different texts apart, and finds UIDs', () => {
  const table = new Table(70_000);
  const texts = Array.from({ length: 70_000 }, (_, row) => `text ${row}`);
  table.fill('description', 0, texts);
  table.fill('series_instance_uid', 0, texts);
  table.loaded = 70_000;
  expect([0, 255, 256, 65_535, 65_536, 69_999].map((row) => table.card(row).description)).toEqual(
    ['0', '255', '256', '65535', '65536', '69999'].map((row) => `text ${row}`),
  );
  expect([table.uids.find('text 69999'), table.uids.find('text 7000'), table.uids.find('text')]).toEqual([
    69_999, 7000, -1,
  ]);
});
