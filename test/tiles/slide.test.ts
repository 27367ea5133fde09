// Slides, all the way to the picture.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseHeader } from '../../src/dicom/header/parse-header.ts';
import { createImage, createMosaic } from '../../src/index.ts';
import { decodePicture, greatestDifference, type Picture } from '../support/conformance-picture.ts';
import { type WholeSlideOptions, wholeSlideSeries, writeSeriesFolder } from '../support/dicom/index.js';

const root = mkdtempSync(join(tmpdir(), 'dicom-series-preview-slide-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
function written(series: ReadonlyMap<string, Uint8Array>): string {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  writeSeriesFolder(folder, series);
  return folder;
}

const tileSize = 64;
const finest = { columns: 256, rows: 192 };

/** The whole image of the finest level, put together from its native frames; undefined pixels are white glass. */
function assembled(series: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const bytes = series.get('level-0.dcm') ?? new Uint8Array(0);
  const { numberOfFrames, pixelData, frames } = parseHeader(bytes, { complete: true }).header;
  const whole = new Uint8Array(finest.columns * finest.rows * 3).fill(255);
  for (let frame = 0; frame < numberOfFrames; frame++) {
    const across = finest.columns / tileSize;
    const full = [Math.trunc(frame / across) * tileSize + 1, (frame % across) * tileSize + 1] as const;
    const [top, left] = frames[frame]?.tilePosition ?? full;
    for (let row = 0; row < tileSize; row++) {
      const from = (pixelData?.offset ?? 0) + (frame * tileSize + row) * tileSize * 3;
      const to = ((top - 1 + row) * finest.columns + left - 1) * 3;
      whole.set(bytes.subarray(from, from + tileSize * 3), to);
    }
  }
  return whole;
}

async function overviewOf(folder: string, imageWidth: number): Promise<Picture> {
  const { bytes, report } = await createImage(folder, { position: 0, imageWidth, format: 'png' });
  expect(report.tiles).toMatchObject([{ shows: 'overview', window: null }]);
  return decodePicture(bytes, 3);
}

describe('the overview of a slide', () => {
  it.each<[string, WholeSlideOptions]>([
    ['tiled full', {}],
    ['tiled sparse', { tiling: 'sparse' }],
  ])('is the whole level put together: %s', async (_name, options) => {
    const series = wholeSlideSeries(options);
    const { data, width, height } = await overviewOf(written(series), finest.columns);
    expect([width, height]).toEqual([finest.columns, finest.rows]);
    expect(data).toEqual(assembled(series));
  });

  it('at a smaller size comes from a smaller level and shows the same', async () => {
    const folder = written(wholeSlideSeries());
    const large = await overviewOf(folder, 128);
    const small = await overviewOf(folder, 64);
    expect([large.width, small.width]).toEqual([128, 64]);
    // The green corner, which tells where up and left are.
    for (const { data } of [large, small]) expect([...data.subarray(0, 3)]).toEqual([20, 180, 60]);
  });

  it('of a level whose last tiles reach outside is cut to the image', async () => {
    const series = wholeSlideSeries({ width: 250, height: 150, levels: 1, extraImages: false });
    const picture = await overviewOf(written(series), 250);
    expect([picture.width, picture.height]).toEqual([250, 150]);
    const whole = await overviewOf(
      written(wholeSlideSeries({ width: 250, height: 150, levels: 1, extraImages: false, tileSize: 250 })),
      250,
    );
    expect(greatestDifference(picture.data, whole.data)).toBe(0);
  });
});

describe('the mosaic of a slide', () => {
  it('begins with the overview and goes on with regions that show tissue', async () => {
    const series = wholeSlideSeries();
    const { bytes, report } = await createMosaic(written(series), {
      tileWidth: 3,
      tileHeight: 2,
      imageWidth: 64,
      format: 'png',
    });
    const [overview, ...regions] = report.tiles;
    expect(overview).toMatchObject({ shows: 'overview', key: 'level-2.dcm' });
    expect(regions).toHaveLength(5);
    expect(new Set(regions.map(({ key, shows }) => [key, shows].join()))).toEqual(new Set(['level-0.dcm,']));
    expect(report.series).toMatchObject({ orderedBy: 'tile-position' });
    const frames = regions.map(({ frame }) => frame);
    expect(frames).toEqual([...frames].sort((a, b) => a - b));
    const whole = assembled(series);
    const picture = await decodePicture(bytes, 3);
    for (const { frame, row, column } of regions) {
      const [top, left] = [Math.trunc((frame - 1) / 4) * tileSize, ((frame - 1) % 4) * tileSize];
      let stained = 0;
      for (let y = 0; y < tileSize; y++) {
        const from = ((top + y) * finest.columns + left) * 3;
        const to = ((row * 64 + y) * picture.width + column * 64) * 3;
        const line = whole.subarray(from, from + tileSize * 3);
        expect(picture.data.slice(to, to + tileSize * 3)).toEqual(line.slice());
        for (let green = 1; green < line.length; green += 3) if ((line[green] ?? 0) < 200) stained++;
      }
      expect(stained).toBeGreaterThan((tileSize * tileSize) / 8);
    }
  });

  it('leaves LABEL and OVERVIEW images out, and says so, unless asked for them', async () => {
    const folder = written(wholeSlideSeries());
    const without = await createMosaic(folder, { tileWidth: 3, imageWidth: 64 });
    expect(without.report.series.instances).toBe(4);
    expect(without.report.warnings.join()).toMatch(
      /2 LABEL or OVERVIEW images are left out, since they show patient data/,
    );
    const asked = await createMosaic(folder, { tileWidth: 3, imageWidth: 64, includeLabel: true });
    expect(asked.report.series.instances).toBe(6);
    expect(asked.report.warnings).toEqual([expect.stringContaining('labels of slides are shown (2 of 6 instances)')]);
    // The specimen first, then the labels, then regions.
    const keys = asked.report.tiles.map(({ key }) => key);
    expect(asked.report.tiles[0]?.shows).toBe('overview');
    expect(keys.slice(0, 3).sort()).toEqual([keys[0], 'label.dcm', 'overview.dcm'].sort());
    expect(keys[0]).not.toMatch(/label|overview/);
    expect(keys.slice(3)).not.toContain('label.dcm');
  });

  it('of labels alone is refused, unless asked for', async () => {
    const series = new Map([...wholeSlideSeries()].filter(([name]) => name === 'label.dcm'));
    const folder = written(series);
    await expect(createMosaic(folder)).rejects.toMatchObject({ code: 'usage' });
    const { report } = await createMosaic(folder, { includeLabel: true, tileWidth: 1 });
    expect(report.tiles).toMatchObject([{ key: 'label.dcm' }]);
  });

  it('shows one tile when a frame is asked for', async () => {
    const series = wholeSlideSeries();
    const folder = written(series);
    const { report } = await createMosaic(folder, { tileWidth: 3, imageWidth: 64 });
    const frame = report.tiles[1]?.frame ?? 0;
    const image = await createImage(folder, { position: 0, frame, imageWidth: 'native', format: 'png' });
    expect(image.report.tiles[0]?.shows).toBeUndefined();
    const { data, width, height } = await decodePicture(image.bytes, 3);
    expect([width, height]).toEqual([tileSize, tileSize]);
    const [top, left] = [Math.trunc((frame - 1) / 4) * tileSize, ((frame - 1) % 4) * tileSize];
    const from = (top * finest.columns + left) * 3;
    expect([...data.subarray(0, tileSize * 3)]).toEqual([...assembled(series).subarray(from, from + tileSize * 3)]);
  });
});
