import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMosaic, type MosaicOptions } from '../../src/index.ts';
import { ctSeries, writeSeriesFolder } from '../support/dicom/index.js';

const root = mkdtempSync(join(tmpdir(), 'dicom-series-preview-draft-'));
const folder = join(root, 'series');
const options: MosaicOptions = { tileWidth: 4, imageWidth: 64, format: 'png', noCache: true };

beforeAll(() => {
  writeSeriesFolder(folder, ctSeries({ seed: 9, instances: 400, rows: 64, sliceSpacing: 1.5, shuffleKeys: true }));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function samples(bytes: Uint8Array): Promise<Uint8Array> {
  return sharp(bytes).toColourspace('b-w').raw().toBuffer();
}

describe('createMosaic as a draft', () => {
  it('says what it is: in the report, in its tiles, in words and in the picture', async () => {
    const { report, bytes } = await createMosaic(folder, { ...options, draft: true });
    expect(report.draft).toMatchObject({
      outcome: 'draft',
      listedInstances: 400,
      sampledInstances: 64,
      positionsFrom: 'instance-numbers',
      skipped: { headers: 336, tiles: 0 },
      budget: null,
    });
    expect(report.draft?.extentMm).toBeCloseTo(598.5, 3);
    expect(report.series).toMatchObject({ instances: 400, frames: 400, orientation: 'axial' });
    expect(report.io).toMatchObject({ requests: 64 + 16, headerBytes: 64 * 8192 });
    expect(report.tiles).toHaveLength(16);
    for (const tile of report.tiles) {
      expect(tile.estimated).toBe(true);
      expect(tile.index).toBe((tile.instanceNumber ?? 0) - 1);
      expect(tile.positionMm).toBeCloseTo(tile.index * 1.5, 3);
    }
    expect(report.warnings[0]).toMatch(/^This is a draft\./);
    expect(report.warnings.join()).toMatch(/64 of 400 objects .* that the other 336 belong to this series too was not/);

    // Tiles are those of a mosaic of just these instances; only the corner differs.
    const picture = await samples(bytes);
    expect(report.output).toMatchObject({ width: 256, height: 256 });
    const bright = [...picture.entries()].filter(([at, value]) => value === 235 && at % 256 > 220 && at > 240 * 256);
    expect(bright.length).toBeGreaterThan(60);
  });

  it('is the same each time', async () => {
    const [one, other] = [
      await createMosaic(folder, { ...options, draft: true }),
      await createMosaic(folder, { ...options, draft: true }),
    ];
    expect(Buffer.compare(one.bytes, other.bytes)).toBe(0);
    expect(one.report.draft).toEqual(other.report.draft);
  });

  it('shows fewer tiles within a budget, and marks them too', async () => {
    const { report, bytes } = await createMosaic(folder, { ...options, budget: { byteLength: 400_000 } });
    expect(report.io.headerBytes + report.io.pixelBytes).toBeLessThanOrEqual(400_000);
    expect(report.draft?.budget).toEqual({ byteLength: 400_000, timeMs: null });
    expect(report.tiles.length).toBe(16 - (report.draft?.skipped.tiles ?? 0));
    expect((await samples(bytes)).includes(235)).toBe(true);
  });

  it('is no draft where the series is short: the very same picture as without', async () => {
    const short = join(root, 'short');
    writeSeriesFolder(short, ctSeries({ seed: 9, instances: 60, rows: 32, shuffleKeys: true }));
    const draft = await createMosaic(short, { ...options, draft: true });
    const exact = await createMosaic(short, options);
    expect(Buffer.compare(draft.bytes, exact.bytes)).toBe(0);
    expect(draft.report.tiles).toEqual(exact.report.tiles);
    expect(draft.report.draft).toMatchObject({ outcome: 'exact', reason: expect.stringMatching(/few instances/) });
    expect(exact.report.draft).toBeUndefined();
    expect(draft.report.warnings).toEqual([]);
  });

  it('leaves no index of a part behind, and uses one of the whole', async () => {
    const cacheDir = join(root, 'cache');
    const { format, tileWidth } = { format: 'png', tileWidth: 4 } as const;
    const first = await createMosaic(folder, { format, tileWidth, cacheDir, draft: true });
    expect(first.report.index).toBeUndefined();
    expect(readdirSync(root)).not.toContain('cache');
    await createMosaic(folder, { format, tileWidth, cacheDir });
    const second = await createMosaic(folder, { format, tileWidth, cacheDir, draft: true });
    expect(second.report.draft).toMatchObject({ outcome: 'exact', reason: expect.stringMatching(/earlier run/) });
    expect(second.report.io.requests).toBe(16);
  });

  it.each([
    [{ draft: false, budget: { byteLength: 5e6 } }, /no budget without a draft/],
    [{ budget: { byteLength: 0 } }, /budget of 1 byte or more/],
    [{ budget: { timeMs: Number.NaN } }, /more than 0 milliseconds/],
    [{ budget: { byteLength: 1000 } }, /that one image fits into/],
  ] as const)('refuses %o', async (wrong, message) => {
    await expect(createMosaic(folder, { ...options, ...wrong })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    });
  });
});
