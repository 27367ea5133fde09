import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFarStore } from '../../bench/far-store.js';
import {
  createContrastSheet,
  createImage,
  createMosaic,
  planContrastSheet,
  planImage,
  planMosaic,
} from '../../src/index.ts';
import { ctSeries, writeSeriesFolder } from '../support/dicom/index.js';

const instances = 40;
const rows = 128;
const pixelLength = rows * rows * 2;
let folder: string;
let store: ReturnType<typeof createFarStore>;
let far: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-plan-'));
  writeSeriesFolder(join(folder, 'bucket', 'ct'), ctSeries({ instances, rows, shuffleKeys: true }));
  store = createFarStore({ folder, firstByteDelayMs: 0, bytesPerSecond: 1e9 });
  await new Promise<void>((resolve) => store.server.listen(0, '127.0.0.1', resolve));
  far = `http://127.0.0.1:${(store.server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  store.server.closeAllConnections();
  await new Promise((resolve) => store.server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

describe('a plan', () => {
  it('has the tiles, in order, that the picture shows then', async () => {
    const path = join(folder, 'bucket', 'ct');
    const placed = ({ index, address, row, column, key, frame, position, positionMm }: Record<string, unknown>) => ({
      ...{ index, address, row, column, key, frame, position, positionMm },
    });
    for (const options of [{ tileWidth: 3 }, { tileWidth: 2, start: 0.3, end: 0.6 }, { tileWidth: 8 }]) {
      const plan = await planMosaic(path, { ...options, noCache: true });
      const { report } = await createMosaic(path, { ...options, noCache: true });
      expect(plan.tiles.map((tile) => placed({ ...tile }))).toEqual(report.tiles.map((tile) => placed({ ...tile })));
      expect(plan.series).toEqual(report.series);
    }
    const sheet = { contrasts: ['lung', 'bone'], samples: 3, noCache: true };
    const rowsOfSheet = (await createContrastSheet(path, sheet)).report.tiles.filter(({ column }) => column === 0);
    const planOfSheet = await planContrastSheet(path, sheet);
    expect(planOfSheet.tiles.map((tile) => placed({ ...tile }))).toEqual(
      rowsOfSheet.map((tile) => placed({ ...tile })),
    );
    const plan = await planImage(path, { position: 0.4, noCache: true });
    const { report } = await createImage(path, { position: 0.4, noCache: true });
    expect(plan.tiles[0]?.key).toBe(report.tiles[0]?.key);
  });

  it('reads no pixel data, and tells about what the picture reads of it', async () => {
    const options = { root: 's3://bucket', endpointUrl: far, retries: 0, noCache: true, tileWidth: 3 };
    const before = store.statistics().requests;
    const plan = await planMosaic('ct', options);
    expect(plan.read.requests).toBe(store.statistics().requests - before);
    expect(plan.read.requests).toBe(1 + instances);
    expect(plan.read.byteLength).toBeLessThan(instances * pixelLength);
    const { report } = await createMosaic('ct', options);
    expect(plan.read.requests + plan.toRead.requests).toBe(report.io.requests);
    expect(plan.toRead.byteLength).toBeGreaterThan(9 * pixelLength * 0.9);
    expect(Math.abs(plan.toRead.byteLength - report.io.pixelBytes)).toBeLessThan(0.1 * report.io.pixelBytes);
    expect(plan.tiles.every(({ byteLength }) => byteLength > 0)).toBe(true);
  });

  it('of a series that a picture would read whole reads the headers only', async () => {
    const options = { root: 's3://bucket', endpointUrl: far, retries: 0, noCache: true, tileWidth: 7 };
    const plan = await planMosaic('ct', options);
    expect(plan.read.byteLength).toBeLessThan(instances * pixelLength);
    expect(plan.tiles).toHaveLength(instances);
  });

  it('of a draft is one of its sample', async () => {
    const options = { root: 's3://bucket', endpointUrl: far, retries: 0, noCache: true };
    const plan = await planMosaic('ct', { ...options, budget: { byteLength: 200_000 } });
    expect(plan.tiles.length).toBeLessThan(36);
    expect(plan.toRead.byteLength).toBeLessThan(200_000);
  });

  it('keeps what it read of the headers for the picture', async () => {
    const cacheDir = join(folder, 'cache');
    const options = { root: 's3://bucket', endpointUrl: far, retries: 0, cacheDir, tileWidth: 3 };
    await planMosaic('ct', options);
    expect(readdirSync(cacheDir).length).toBeGreaterThan(0);
    expect((await createMosaic('ct', options)).report.index?.recalled).toBe(instances);
  });

  it('refuses what the picture refuses', async () => {
    await expect(planMosaic('ct', { start: 2 })).rejects.toMatchObject({ code: 'usage' });
    await expect(planImage(join(folder, 'none'), { position: 0 })).rejects.toMatchObject({ code: 'not-found' });
  });
});
