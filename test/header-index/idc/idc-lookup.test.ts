import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isIdcRoot, isImmutable, otherIdcRoots } from '../../../src/header-index/idc/idc-buckets.ts';
import { clearIdcCache, findIdcSeries, rememberedIdcSeries } from '../../../src/header-index/idc/idc-lookup.ts';
import { type RangeServer, serveRanges } from '../../support/range-server.ts';

const buckets = ['idc-open-data', 'idc-open-data-two', 'idc-open-data-cr'];
const rowCount = 2_000;
const uidOf = (row: number): string => `1.3.6.1.4.1.14519.5.2.1.${10_000 + row}`;
const uuidOf = (row: number): string => `${(0x38902e14 + row).toString(16)}-b11f-4548-910e-771ee757dc82`;
const bucketOf = (row: number): string => buckets[row % 3] ?? '';

interface Making {
  readonly codec?: 'SNAPPY' | 'GZIP' | 'UNCOMPRESSED';
  readonly rowGroupSize?: number;
  /** The columns of older releases, which had none for UUID and bucket. */
  readonly urlOnly?: boolean;
  readonly without?: string;
}

const made = new Map<string, Uint8Array>();

/** A small index of the columns of the published one; each kind is made once. */
function makeIndex(making: Making = {}): Uint8Array {
  const name = JSON.stringify(making);
  const known = made.get(name) ?? writeIndex(making);
  made.set(name, known);
  return known;
}

function writeIndex({ codec = 'SNAPPY', rowGroupSize = 250, urlOnly = false, without = '' }: Making): Uint8Array {
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  const column = (name: string, cellOf: (row: number) => string): { name: string; data: string[]; type: 'STRING' } => ({
    name,
    type: 'STRING',
    data: rows.map(cellOf),
  });
  const place = [column('crdc_series_uuid', uuidOf), column('aws_bucket', bucketOf)];
  const columns = [
    column('collection_id', (row) => `collection-${row % 7}`),
    column('PatientID', (row) => `patient-${row}-${'x'.repeat(200)}-${row}`),
    column('SeriesInstanceUID', uidOf),
    column('StudyInstanceUID', (row) => `${uidOf(row)}.1`),
    ...(urlOnly ? [] : place),
    column('series_aws_url', (row) => `s3://${bucketOf(row)}/${uuidOf(row)}/*`),
    column('Modality', () => 'CT'),
  ];
  const compressors = { GZIP: (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes)) };
  const columnData = columns.filter(({ name }) => name !== without);
  // Other writers write whole bounds. Bounds of 16 bytes would be the same for all UIDs.
  const statisticsTruncateLength = Number.POSITIVE_INFINITY;
  const layout = { rowGroupSize, pageSize: 4_096, statisticsTruncateLength };
  const file = parquetWriteBuffer({ columnData, codec, compressors, ...layout });
  return new Uint8Array(file);
}

const base = 's3://idc-open-data';
let server: RangeServer;
let cacheDir: string;

beforeEach(async () => {
  cacheDir = mkdtempSync(join(tmpdir(), 'dicom-series-preview-idc-'));
  server = await serveRanges('idc_index.parquet', makeIndex());
});
afterEach(async () => {
  await server.close();
  rmSync(cacheDir, { recursive: true, force: true });
});

const row = 1_945;
const found = { root: `s3://${bucketOf(row)}`, uuid: uuidOf(row) };

describe('findIdcSeries', () => {
  it('reads the footer, one row group of one column, and two cells', async () => {
    const whole = makeIndex().length;
    expect(await findIdcSeries(uidOf(row), base, { idcIndex: server.url, noCache: true })).toMatchObject(found);
    const received = server.requests.reduce((sum, { sent }) => sum + sent, 0);
    // The rest is the footer, which is read with a margin of 64 KiB.
    expect(received - 64 * 1024).toBeLessThan(whole / 10);
    expect(server.requests.length).toBeLessThanOrEqual(10);
    expect(readdirSync(cacheDir)).toEqual([]);
  });

  it.each([
    ['gzip', { codec: 'GZIP' }],
    ['no compression', { codec: 'UNCOMPRESSED' }],
    ['one row group', { rowGroupSize: rowCount }],
    ['URLs alone', { urlOnly: true }],
    ['no bucket', { without: 'aws_bucket' }],
    ['no UUID', { without: 'crdc_series_uuid' }],
    ['no URL', { without: 'series_aws_url' }],
  ] as const)('takes an index with %s', async (_, making) => {
    server.replace(makeIndex(making), '"2"');
    const options = { idcIndex: server.url, noCache: true };
    expect(await findIdcSeries(uidOf(row), base, options)).toMatchObject(found);
    expect(await findIdcSeries(uidOf(0), base, options)).toMatchObject({ root: base, uuid: uuidOf(0) });
    expect(await findIdcSeries(uidOf(rowCount - 1), base, options)).toMatchObject({ uuid: uuidOf(rowCount - 1) });
  });

  it('takes a local file, and answers with the mirror of the same bucket on Google Cloud', async () => {
    const idcIndex = join(cacheDir, 'index.parquet');
    writeFileSync(idcIndex, makeIndex());
    const [two, three] = [1, 2].map((each) =>
      findIdcSeries(uidOf(each), 'gs://idc-open-data', { idcIndex, noCache: true }),
    );
    expect([await two, await three]).toMatchObject([{ root: 'gs://idc-open-idc1' }, { root: 'gs://idc-open-cr' }]);
  });

  it('remembers its answers, and what it read of this version of the index', async () => {
    const options = { idcIndex: server.url, cacheDir };
    expect(await rememberedIdcSeries(uidOf(row), base, options)).toBeUndefined();
    const first = await findIdcSeries(uidOf(row), base, options);
    expect(first.requests).toBe(server.requests.length);
    expect(await rememberedIdcSeries(uidOf(row), base, options)).toEqual({ ...found, requests: 0 });
    const before = server.requests.length;
    expect(await findIdcSeries(uidOf(row + 1), base, options)).toMatchObject({ uuid: uuidOf(row + 1) });
    // One request tells the version, and some pages of the new cells have been read before.
    expect(server.requests.length - before).toBeLessThan(first.requests);
    expect(await findIdcSeries(uidOf(row), base, options)).toMatchObject({ ...found, requests: 1 });
    server.replace(makeIndex({ codec: 'GZIP' }), '"2"');
    expect((await findIdcSeries(uidOf(row), base, options)).requests).toBeGreaterThan(1);
    const folders = readdirSync(join(cacheDir, 'idc')).filter((name) => !name.endsWith('.json'));
    expect(folders).toHaveLength(1);
    expect(await clearIdcCache(options)).toBe(2);
    expect(await rememberedIdcSeries(uidOf(row), base, options)).toBeUndefined();
  });

  it('does not believe damaged files in its cache', async () => {
    const options = { idcIndex: server.url, cacheDir };
    await findIdcSeries(uidOf(row), base, options);
    const folder = join(cacheDir, 'idc');
    for (const name of readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )) {
      const path = join(name.parentPath, name.name);
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0x55;
      writeFileSync(path, bytes);
    }
    expect(await rememberedIdcSeries(uidOf(row), base, options)).toBeUndefined();
    expect(await findIdcSeries(uidOf(row), base, options)).toMatchObject(found);
  });

  it('does not send headers and tokens that are meant for the root, and does not keep the query', async () => {
    process.env['DICOM_SERIES_PREVIEW_TOKEN'] = 'token-secret';
    try {
      const options = {
        idcIndex: `${server.url}?sig=query-secret`,
        cacheDir,
        headers: { 'x-api-key': 'header-secret' },
      };
      await findIdcSeries(uidOf(row), base, options);
    } finally {
      delete process.env['DICOM_SERIES_PREVIEW_TOKEN'];
    }
    expect(server.requests.every(({ url }) => url.endsWith('?sig=query-secret'))).toBe(true);
    expect(JSON.stringify(server.requests.map(({ headers }) => headers))).not.toMatch(/secret/);
    const entries = readdirSync(cacheDir, { recursive: true, withFileTypes: true });
    const texts = entries
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    expect([...entries.map(({ name }) => name), ...texts].join()).not.toMatch(/secret/);
  });

  it('says that the series, or the index, is not there', async () => {
    const options = { idcIndex: server.url, noCache: true, retries: 0 };
    await expect(findIdcSeries('1.2.3', base, options)).rejects.toMatchObject({ code: 'not-found' });
    await expect(findIdcSeries('1.2.3', base, { ...options, idcIndex: `${server.url}x` })).rejects.toMatchObject({
      code: 'not-found',
    });
    server.replace(new Uint8Array(Buffer.from('PAR1 but nothing else')), '"3"');
    await expect(findIdcSeries('1.2.3', base, options)).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('--idc-index'),
    });
    server.replace(makeIndex({ without: 'SeriesInstanceUID' }), '"4"');
    await expect(findIdcSeries('1.2.3', base, options)).rejects.toThrow(/columns SeriesInstanceUID/);
    server.replace(new Uint8Array(100), '"5"');
    await expect(findIdcSeries('1.2.3', base, options)).rejects.toThrow(/first bytes are not those of one/);
  });
});

describe('the buckets of the Imaging Data Commons', () => {
  it('are known by name, on both providers', () => {
    expect(isIdcRoot('s3://idc-open-data-cr')).toBe(true);
    expect(isIdcRoot('gs://idc-open-idc1/')).toBe(true);
    expect(isIdcRoot('s3://idc-open-idc1')).toBe(false);
    expect(isIdcRoot('s3://idc-open-data/sub')).toBe(false);
    expect(otherIdcRoots('s3://idc-open-data-two')).toEqual(['s3://idc-open-data', 's3://idc-open-data-cr']);
    expect(otherIdcRoots('gs://idc-open-data')).toEqual(['gs://idc-open-idc1', 'gs://idc-open-cr']);
    expect(otherIdcRoots('s3://mine')).toEqual([]);
  });

  it('never change in folders that are named by a UUID', () => {
    expect(isImmutable(`s3://idc-open-data/${uuidOf(1)}`)).toBe(true);
    expect(isImmutable(`gs://idc-open-cr/${uuidOf(1)}`)).toBe(true);
    for (const location of [`s3://mine/${uuidOf(1)}`, 's3://idc-open-data/other', 's3://idc-open-data', uuidOf(1)]) {
      expect(isImmutable(location)).toBe(false);
    }
  });
});
