import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildIndex, createMosaic, createPreviewer, getIndex, type MosaicOptions } from '../src/index.ts';
import { ctSeries, writeSeriesFolder } from './support/dicom/index.js';
import { startFakeS3 } from './support/fake-s3.ts';
import { runHere } from './support/run-here.ts';

const count = 27;
const series = ctSeries({ instances: count, rows: 16 });
const keys = [...series.keys()].sort();
let work = '';
let folder = '';

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'unreadable-'));
  folder = join(work, 'series');
  writeSeriesFolder(folder, series);
});
afterEach(() => rmSync(work, { recursive: true, force: true }));

/** Options with which files vanish between listing and reading: as good as files that somebody else may read. */
function vanishing(...gone: readonly string[]): MosaicOptions {
  return {
    noCache: true,
    imageWidth: 16,
    onProgress: ({ stage }) => {
      if (stage === 'list') for (const key of gone) rmSync(join(folder, key), { force: true });
    },
  };
}

describe.each([
  ['a picture of all images', 6],
  ['a picture of some', 3],
])('a file that cannot be read, in %s', (_, tileWidth) => {
  it('is told of, and the others are shown', async () => {
    const gone = keys[4] ?? '';
    const { report } = await createMosaic(folder, { ...vanishing(gone), tileWidth });
    expect(report.series.instances).toBe(count - 1);
    expect(report.tiles).toHaveLength(Math.min(count - 1, tileWidth ** 2));
    expect(report.tiles.every(({ error }) => error === undefined)).toBe(true);
    expect(report.unreadable).toEqual([
      { key: gone, error: { code: 'not-found', message: expect.stringContaining(gone) } },
    ]);
    expect(report.warnings).toEqual([
      expect.stringMatching(new RegExp(`^'${gone}' could not be read and is left out`)),
    ]);
  });

  it('is none where all could be read', async () => {
    const { report } = await createMosaic(folder, { ...vanishing(), tileWidth });
    expect(report).not.toHaveProperty('unreadable');
  });

  it('ends the work with its error where there is no other', async () => {
    await expect(createMosaic(folder, { ...vanishing(...keys), tileWidth })).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining(keys[0] ?? ''),
    });
  });
});

describe('a file that cannot be read', () => {
  it('is left out of drafts, tables and indexes, too', async () => {
    const gone = keys[4] ?? '';
    const { report } = await createMosaic(folder, { ...vanishing(gone), draft: true });
    expect(report.unreadable).toMatchObject([{ key: gone }]);
    writeSeriesFolder(folder, series);
    const table = await getIndex(folder, { ...vanishingIndex(gone), format: 'json' });
    expect([table.rows, table.warnings]).toEqual([count - 1, [expect.stringContaining(gone)]]);
    writeSeriesFolder(folder, series);
    const cacheDir = join(work, 'cache');
    const built = await buildIndex(folder, { ...vanishingIndex(gone), noCache: false, cacheDir });
    expect([built.instances, built.warnings]).toEqual([count - 1, [expect.stringContaining(gone)]]);
    writeSeriesFolder(folder, new Map([[gone, series.get(gone) ?? new Uint8Array(0)]]));
    const whole = await createMosaic(folder, { cacheDir });
    expect(whole.report).toMatchObject({ series: { instances: count }, index: { recalled: count - 1 }, warnings: [] });
  });

  it('is told of where a series is searched for', async () => {
    await using previewer = createPreviewer();
    const open = await previewer.openSeries(folder, { noCache: true });
    const uid = open.info.seriesInstanceUid;
    await open.close();
    const found = await createMosaic(uid, { root: work, noCache: true });
    expect(found.report.series.instances).toBe(count);
  });
});

function vanishingIndex(gone: string): Omit<MosaicOptions, 'imageWidth'> {
  const { imageWidth: _, ...options } = vanishing(gone);
  return options;
}

describe('objects that a store refuses', () => {
  const objects = new Map([...series].map(([key, bytes]) => [`uid/${key}`, bytes]));

  async function mosaicWith(refused: readonly string[]): Promise<{ status: number; err: string; requests: number }> {
    const refuse = ({
      url = '',
    }: {
      readonly url?: string | undefined;
    }): { status: number; code: string } | undefined =>
      refused.some((key) => url.includes(encodeURIComponent(key))) ? { status: 403, code: 'AccessDenied' } : undefined;
    const server = await startFakeS3({ objects, refuse });
    try {
      const storage = ['--endpoint-url', server.origin, '--no-sign-request', '--no-cache', '--retries', '0'];
      const run = await runHere('mosaic', 's3://bucket/uid', join(work, 'a.png'), '--image-width', '16', ...storage);
      return { status: run.status, err: run.err, requests: server.requests.length };
    } finally {
      await server.stop();
    }
  }

  it('are left out, and the program ends with 6', async () => {
    const { status, err } = await mosaicWith(keys.slice(3, 5));
    expect(status).toBe(6);
    expect(err).toMatch(new RegExp(`warning: '${keys[3]}' could not be read and is left out: .*may not be read`));
    expect(readdirSync(work)).toContain('a.png');
  });

  it('are all of them: the program ends with the error, and asks no thousand times', async () => {
    const { status, err } = await mosaicWith(keys);
    expect([status, err]).toEqual([3, expect.stringContaining('may not be read')]);
  });
});
