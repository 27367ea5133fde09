import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from 'vitest';
import { planSource } from '../../src/atlas/build.ts';
import type { SourceFilters, SourceOptions } from '../../src/atlas/list-items.ts';
import { seriesOf } from '../../src/atlas/source.ts';
import type { AtlasItem } from '../../src/atlas/types.ts';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Asked {
  readonly filters?: SourceFilters;
  readonly includePatient?: boolean;
  readonly stdin?: string;
}

function optionsOf({ filters = {}, includePatient = false, stdin = '' }: Asked): SourceOptions {
  return {
    ...{ storage: {}, filters, includePatient, stdin: Readable.from([stdin]) },
    ...{ onWarning: () => undefined, signal: new AbortController().signal },
  };
}

async function itemsOf(source: string, asked: Asked = {}): Promise<readonly AtlasItem[]> {
  const items: AtlasItem[] = [];
  for await (const item of seriesOf(source, optionsOf(asked))) items.push(item);
  return items;
}

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('lists of series', () => {
  it('are lines of text, with comments', async () => {
    const path = fileOf('list.txt', '\uFEFF# mine\n1.2.3\r\n\n ./CT/ \n');
    expect(await itemsOf(path)).toEqual([
      { id: '1.2.3', name: '1.2.3' },
      { id: './CT/', name: './CT/' },
    ]);
  });

  it('are manifests of s5cmd', async () => {
    const path = fileOf(
      'm.s5cmd',
      "cp s3://idc/a-uuid/* .\ncp --source-region us-east-1 's3://idc/b/*' ./x\ns3://idc/c/*\n",
    );
    expect((await itemsOf(path)).map(({ name }) => name)).toEqual(['s3://idc/a-uuid/', 's3://idc/b/', 's3://idc/c/']);
  });

  const rows = [
    {
      SeriesInstanceUID: '1.2.3',
      series_aws_url: 's3://idc/u1/*',
      collection_id: 'lung',
      PatientID: 'P1',
      Modality: 'CT',
    },
    {
      SeriesInstanceUID: '1.2.4',
      series_aws_url: 's3://idc/u2/*',
      collection_id: 'brain',
      PatientID: 'P2',
      Modality: 'MR',
    },
  ];
  const csv = `SeriesInstanceUID,series_aws_url,collection_id,PatientID,Modality\n${rows
    .map((row) =>
      Object.values(row)
        .map((value) => `"${value}"`)
        .join(','),
    )
    .join('\n')}\n`;
  const parquet = parquetWriteBuffer({
    columnData: Object.keys(rows[0] ?? {}).map((name) => ({
      name,
      data: rows.map((row) => Object.entries(row).find(([key]) => key === name)?.[1] ?? ''),
      type: 'STRING',
    })),
  });
  const kinds = [
    ['CSV', 'list.csv', csv],
    ['tabs', 'list.tsv', csv.replaceAll(',', '\t')],
    ['JSON Lines', 'list.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join('')],
    ['Parquet', 'list.parquet', new Uint8Array(parquet)],
  ] as const;

  it.each(kinds)('are tables: %s', async (_kind, name, content) => {
    const path = fileOf(name, content);
    expect(await itemsOf(path)).toEqual([
      { id: '1.2.3', name: 's3://idc/u1/', collection: 'lung' },
      { id: '1.2.4', name: 's3://idc/u2/', collection: 'brain' },
    ]);
    expect(await itemsOf(path, { filters: { modality: ['mr'] }, includePatient: true })).toEqual([
      { id: '1.2.4', name: 's3://idc/u2/', collection: 'brain', patientId: 'P2' },
    ]);
    expect(await itemsOf(path, { filters: { collection: ['lung'], patient: ['P2'] } })).toEqual([]);
  });

  it('come from standard input too', async () => {
    expect(await itemsOf('-', { stdin: csv })).toHaveLength(2);
    expect(await itemsOf('-', { stdin: '1.2.3\n1.2.4' })).toHaveLength(2);
    expect(await itemsOf('-', { stdin: '' })).toEqual([]);
  });

  it('are refused where nothing in them names a series', async () => {
    await expect(itemsOf(fileOf('x.jsonl', '{"a":1}\n'))).rejects.toMatchObject({ code: 'usage' });
    await expect(itemsOf(fileOf('y.jsonl', '{"a":\n'))).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('the Imaging Data Commons', () => {
  it('are asked by their index', async () => {
    const uuid = '38902e14-b11f-4548-910e-771ee757dc82';
    const cells = { SeriesInstanceUID: '1.2.3', series_aws_url: `s3://idc-open-data/${uuid}/*`, Modality: 'CT' };
    const columnData = Object.entries({ ...cells, collection_id: 'nlst', PatientID: 'P1' }).map(([name, value]) => ({
      ...{ name, type: 'STRING' as const, data: [value, value.replace('1.2.3', '1.2.4').replace('CT', 'MR')] },
    }));
    const idcIndex = fileOf('idc.parquet', new Uint8Array(parquetWriteBuffer({ columnData })));
    const options = {
      ...{ storage: { idcIndex, noCache: true }, filters: { collection: ['nlst'], modality: ['CT'] } },
      ...{ stdin: Readable.from([]), onWarning: () => undefined, signal: new AbortController().signal },
    };
    const items: AtlasItem[] = [];
    for await (const item of seriesOf('idc', { ...options, includePatient: false })) items.push(item);
    for await (const item of seriesOf('idc', { ...options, includePatient: true })) items.push(item);
    const item = { id: '1.2.3', name: `s3://idc-open-data/${uuid}/`, version: uuid, collection: 'nlst' };
    expect(items).toEqual([item, { ...item, patientId: 'P1' }]);
  });
});

describe('a source without series', () => {
  const plan = (source: string, asked: Asked = {}): Promise<unknown> => {
    const options = optionsOf(asked);
    return planSource(source, { ...options, pictures: { includePatient: options.includePatient } });
  };
  const nothing = (message: string): object => ({ code: 'not-found', message });

  it('is an error that names it', async () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    const message = `Expected series in '${empty}' but found none. Name another source.`;
    await expect(plan(empty)).rejects.toMatchObject({ ...nothing(message), location: empty });
    const list = fileOf('empty.csv', 'SeriesInstanceUID\n');
    await expect(plan(list)).rejects.toMatchObject({ code: 'not-found', location: list });
    const input = 'Expected series in standard input but found none. Name another source.';
    await expect(plan('-')).rejects.toMatchObject(nothing(input));
  });

  it('is one, too, where no series fits the filters, whose values it does not tell', async () => {
    const list = fileOf('one.csv', 'SeriesInstanceUID,PatientID,Modality\n1.2.3,P1,CT\n');
    const filters = { modality: ['MR'], patient: ['Doe'] };
    const fit = '--modality and --patient';
    const message = `Expected series in '${list}' that fit ${fit} but found none. Check the values, or ask for more.`;
    await expect(plan(list, { filters })).rejects.toMatchObject(nothing(message));
    await expect(plan(list, { filters: { modality: ['CT'] } })).resolves.toMatchObject({ size: 1 });
  });
});
