import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFarStore } from '../../../bench/far-store.js';
import { createMosaic, createPreviewer, getIndex, type MosaicOptions, type Preview } from '../../../src/index.ts';
import { ctSeries, writeSeriesFolder } from '../../support/dicom/index.js';

const [first, second, third] = [1, 2, 3].map((each) => `38902e14-b11f-4548-910e-77${each}ee757dc82`);
const instances = 12;
const tiles = 4;

let folder: string;
let store: ReturnType<typeof createFarStore>;
let options: MosaicOptions;

/** A store of buckets that speaks like S3: the first series in the first bucket, the second in the second. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-buckets-'));
  const series = ctSeries({ instances, rows: 16, shuffleKeys: true });
  writeSeriesFolder(join(folder, 'idc-open-data', `${first}`), series);
  writeSeriesFolder(join(folder, 'idc-open-data-two', `${second}`), series);
  mkdirSync(join(folder, 'idc-open-data-cr'));
  store = createFarStore({ folder, firstByteDelayMs: 0, bytesPerSecond: 1e9 });
  await new Promise<void>((resolve) => store.server.listen(0, '127.0.0.1', resolve));
  const { port } = store.server.address() as AddressInfo;
  options = {
    root: 's3://idc-open-data',
    endpointUrl: `http://127.0.0.1:${port}`,
    cacheDir: join(folder, 'cache'),
    tileWidth: 2,
    retries: 0,
  };
});
afterEach(async () => {
  store.server.closeAllConnections();
  await new Promise((resolve) => store.server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** A mosaic, and the requests that the server counted for it. */
async function mosaic(
  series: string | undefined,
  more: MosaicOptions = {},
): Promise<Preview & { readonly requests: number; readonly listings: number }> {
  const before = store.statistics();
  const preview = await createMosaic(`${series}`, { ...options, ...more });
  const after = store.statistics();
  return { ...preview, requests: after.requests - before.requests, listings: after.listings - before.listings };
}

describe('a series in a bucket of the Imaging Data Commons', () => {
  it('is listed once in its life, and its headers are read once', async () => {
    const cold = await mosaic(first);
    expect([cold.listings, cold.requests]).toEqual([1, 1 + instances + tiles]);
    expect(cold.report.io.requests).toBe(cold.requests);
    const warm = await mosaic(first);
    expect([warm.listings, warm.requests]).toEqual([0, tiles]);
    expect(warm.report).toMatchObject({ index: { recalled: instances }, io: { requests: tiles, headerBytes: 0 } });
    expect(Buffer.compare(warm.bytes, cold.bytes)).toBe(0);
    expect(warm.report.tiles).toEqual(cold.report.tiles);
    const byUrl = await mosaic(`s3://idc-open-data/${first}/`);
    expect([byUrl.listings, byUrl.requests]).toEqual([0, tiles]);
    expect((await mosaic(first, { noCache: true })).requests).toBe(cold.requests);
  });

  it('is looked for in the other buckets, and found there at once the next time', async () => {
    const cold = await mosaic(second);
    expect([cold.listings, cold.requests]).toEqual([2, 2 + instances + tiles]);
    expect(cold.report.io.requests).toBe(cold.requests);
    const warm = await mosaic(second);
    expect([warm.listings, warm.requests]).toEqual([0, tiles]);
    expect(Buffer.compare(warm.bytes, cold.bytes)).toBe(0);
    expect((await mosaic(second, { root: 's3://idc-open-data-cr' })).requests).toBe(tiles);
  });

  it('is in no bucket: an error that names them all', async () => {
    const failure = mosaic(third);
    await expect(failure).rejects.toMatchObject({ code: 'not-found' });
    await expect(failure).rejects.toThrow(/idc-open-data .*idc-open-data-two.*idc-open-data-cr/s);
    await expect(mosaic(third, { root: 's3://other' })).rejects.not.toThrow(/idc-open-data-two/);
  });

  it('is not looked for in the other buckets by a previewer that is confined to one', async () => {
    const { root, tileWidth: _, ...storage } = options;
    await using previewer = createPreviewer({ root });
    const { report } = await previewer.createMosaic(`${first}`, storage);
    expect(report.series.instances).toBe(instances);
    const before = store.statistics();
    await mosaic(second);
    await expect(previewer.createMosaic(`${second}`, storage)).rejects.toMatchObject({ code: 'not-found' });
    expect(store.statistics().listings - before.listings).toBe(3);
  });

  it('has an index that is thrown away where its objects turn out to be others', async () => {
    const before = await mosaic(first);
    const place = join(folder, 'idc-open-data', `${first}`);
    for (const name of readdirSync(place)) rmSync(join(place, name));
    writeSeriesFolder(place, ctSeries({ seed: 5, instances, rows: 16, shuffleKeys: true }));
    const plain = await mosaic(first, { noCache: true });
    const after = await mosaic(first);
    expect(Buffer.compare(after.bytes, plain.bytes)).toBe(0);
    expect(Buffer.compare(after.bytes, before.bytes)).not.toBe(0);
    expect(after.report.warnings).toEqual([]);
    expect((await mosaic(first)).requests).toBe(tiles);
  });

  it('is found by its DICOM UID through the index, whose answer is remembered', async () => {
    const uid = '1.3.6.1.4.1.14519.5.2.1.7';
    const text = (name: string, value: string): { name: string; data: string[]; type: 'STRING' } => ({
      name,
      data: [value],
      type: 'STRING',
    });
    const columnData = [
      text('SeriesInstanceUID', uid),
      text('crdc_series_uuid', `${second}`),
      text('aws_bucket', 'idc-open-data-two'),
    ];
    const idcIndex = join(folder, 'idc_index.parquet');
    writeFileSync(idcIndex, new Uint8Array(parquetWriteBuffer({ columnData })));
    const cold = await mosaic(uid, { idcIndex });
    // Two listings: of a folder named by the UID, and of the one that the index names.
    expect([cold.listings, cold.requests]).toEqual([2, 2 + instances + tiles]);
    const warm = await mosaic(uid, { idcIndex });
    expect([warm.listings, warm.requests]).toEqual([0, tiles]);
    expect(Buffer.compare(warm.bytes, cold.bytes)).toBe(0);
    cpSync(join(folder, 'idc-open-data', `${first}`), join(folder, 'idc-open-data', '1.2.3'), { recursive: true });
    expect((await mosaic('1.2.3', { idcIndex })).report.series.instances).toBe(instances);
    // What the index of the public buckets says has no meaning for other endpoints, unless one is named.
    await expect(mosaic('1.2.4')).rejects.toThrow(/s3:..idc-open-data.1\.2\.4/);
  });

  it('leaves no credential in the cache', async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'AKIDSECRET';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'key-secret';
    process.env['AWS_SESSION_TOKEN'] = 'session-secret';
    try {
      await mosaic(first);
      const url = `${options.endpointUrl}/idc-open-data/${first}/`.replace('//', '//me:password-secret@');
      await mosaic(`${url}?sig=query-secret`, { headers: { 'x-api-key': 'header-secret' } });
    } finally {
      for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) delete process.env[name];
    }
    const files = readdirSync(join(folder, 'cache'), { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    );
    expect(files.length).toBeGreaterThan(1);
    for (const { parentPath, name } of files) {
      expect(name + readFileSync(join(parentPath, name), 'latin1')).not.toMatch(/secret/i);
    }
  });
});

describe('a series on another server', () => {
  it('is listed, and read anew where a version changed', async () => {
    const root = 's3://idc-open-data-two';
    const place = join(folder, 'idc-open-data-two', 'mine');
    writeSeriesFolder(place, ctSeries({ instances, rows: 16 }));
    const cold = await mosaic('mine', { root });
    const warm = await mosaic('mine', { root });
    expect([warm.listings, warm.requests]).toEqual([1, 1 + tiles]);
    expect(Buffer.compare(warm.bytes, cold.bytes)).toBe(0);
    const [name, bytes] = [...ctSeries({ instances, rows: 16, seed: 1, noise: 90 })][6] ?? [];
    writeFileSync(join(place, `${name}`), bytes ?? '');
    const changed = await mosaic('mine', { root });
    expect(changed.report.index).toEqual({ recalled: instances - 1, kept: true });
    expect(Buffer.compare(changed.bytes, (await mosaic('mine', { root, noCache: true })).bytes)).toBe(0);
    const { endpointUrl, cacheDir } = options;
    expect((await getIndex('mine', { endpointUrl, cacheDir, root, format: 'json' })).rows).toBe(instances);
  });

  it('is trusted by time and size where a web server lists no entity tags', async () => {
    const url = `${options.endpointUrl}/idc-open-data/${first}/`;
    const cold = await mosaic(url);
    const warm = await mosaic(url);
    expect([warm.listings, warm.requests]).toEqual([1, 1 + tiles]);
    expect(Buffer.compare(warm.bytes, cold.bytes)).toBe(0);
  });
});
