// One limit for the pixels that a picture holds at a time, in all views.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMosaic, createPreviewer, type MosaicOptions, type RunOptions, type Series } from '../src/index.ts';
import {
  ctSeries,
  enhancedMultiFrame,
  segmentation,
  wholeSlideSeries,
  writeSeriesFolder,
} from './support/dicom/index.js';
import { runHere } from './support/run-here.ts';

let work = '';
const series = { windows: '', none: '', segments: '', slide: '', frames: '', mixed: '' };

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'picture-bytes-'));
  const write = (name: keyof typeof series, objects: ReadonlyMap<string, Uint8Array>): void => {
    series[name] = join(work, name);
    writeSeriesFolder(series[name], objects);
  };
  const windows = [{ center: 40, width: 400 }];
  write('windows', ctSeries({ seed: 5, instances: 9, rows: 64, windows }));
  write('none', ctSeries({ seed: 5, instances: 9, rows: 64 }));
  write('segments', new Map([['a', segmentation({ rows: 32, columns: 32, slices: 4, segments: 3 })]]));
  write('slide', wholeSlideSeries());
  write('frames', new Map([['a', enhancedMultiFrame({ slices: 9, rows: 64, columns: 64 })]]));
  const large = ctSeries({ seed: 5, instances: 1, rows: 512, key: () => 'large', windows });
  write('mixed', new Map([...ctSeries({ seed: 5, instances: 9, rows: 64, windows }), ...large]));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const tooMuch = /limits\.pictureBytes \(--safety-limit pictureBytes=NUMBER\)/;

/** What a view shows: a picture's bytes, or values. */
type View = (opened: Series) => Promise<unknown>;

const views: Readonly<Record<string, View>> = {
  mosaic: async (opened) => (await opened.mosaic({ tileWidth: 3, imageWidth: 32 })).bytes,
  'mosaic by its values': async (opened) =>
    (await opened.mosaic({ tileWidth: 3, imageWidth: 32, contrast: 'auto' })).bytes,
  image: async (opened) => (await opened.image({ position: 0.5, imageWidth: 32 })).bytes,
  'contrast sheet': async (opened) =>
    (await opened.contrastSheet({ contrasts: ['lung', 'bone'], samples: 4, imageWidth: 32 })).bytes,
  planes: async (opened) => (await opened.planes({ imageWidth: 32 })).bytes,
  'planes of a projection': async (opened) => (await opened.planes({ imageWidth: 32, projection: 'max' })).bytes,
  film: async (opened) => (await opened.film({ imageWidth: 32 })).bytes,
  frames: async (opened) => {
    const found: unknown[] = [];
    for await (const { values, index } of opened.frames()) found.push([index, values]);
    return found;
  },
};

async function show(place: string, view: View, pictureBytes?: number): Promise<unknown> {
  const previewer = createPreviewer();
  const limits = pictureBytes === undefined ? {} : { limits: { pictureBytes } };
  try {
    const opened = await previewer.openSeries(place, { noCache: true, ...limits });
    try {
      return await view(opened);
    } finally {
      await opened.close();
    }
  } finally {
    await previewer.close();
  }
}

/** The lowest limit that a view still takes, to 1%. */
async function lowest(place: string, view: View): Promise<number> {
  let [refused, taken] = [1, 2 ** 24];
  while (taken - refused > taken / 100) {
    const middle = Math.floor((refused + taken) / 2);
    const isTaken = await show(place, view, middle).then(
      () => true,
      (error: unknown) => {
        expect(String(error)).toMatch(tooMuch);
        return false;
      },
    );
    if (isTaken) taken = middle;
    else refused = middle;
  }
  return taken;
}

describe.each(Object.entries(views))('%s', (_name, view) => {
  it.each<keyof typeof series>(['windows', 'none', 'frames'])(
    'is the same below the lowest limit: %s',
    async (name) => {
      const usual = await show(series[name], view);
      const least = await lowest(series[name], view);
      // What is counted is not far from what there is: 9 frames of 8 KB, and the picture.
      expect(least).toBeGreaterThan(64 * 64 * 2);
      expect(least).toBeLessThan(1_000_000);
      expect(await show(series[name], view, Math.ceil(least * 1.02))).toEqual(usual);
      await expect(show(series[name], view, 1)).rejects.toThrow(tooMuch);
    },
  );
});

describe('the pixels of a picture', () => {
  it.each(['segments', 'slide'] as const)('of a series with %s stay below the limit, too', async (name) => {
    const view: View = async (opened) => (await opened.mosaic({ tileWidth: 2, imageWidth: 32 })).bytes;
    const usual = await show(series[name], view);
    await expect(show(series[name], view, 1)).rejects.toThrow(tooMuch);
    const least = await lowest(series[name], view);
    expect(await show(series[name], view, Number.POSITIVE_INFINITY)).toEqual(usual);
    if (name === 'segments') expect(await show(series[name], view, Math.ceil(least * 1.02))).toEqual(usual);
  });

  it('leave an odd large image out: its tile is marked, and the others are as they were', async () => {
    const options: MosaicOptions = { noCache: true, tileWidth: 5, imageWidth: 16 };
    const { report } = await createMosaic(series.mixed, { ...options, limits: { pictureBytes: 512 * 512 * 2 } });
    const failed = report.tiles.filter(({ error }) => error !== undefined && error !== null);
    expect(failed).toMatchObject([{ key: 'large', error: { code: 'unsupported' } }]);
    expect(report.warnings.join()).toMatch(tooMuch);
  });

  it.each<[string, limit: number, (opened: Series, run: RunOptions) => Promise<unknown>]>([
    ['frames of a mosaic', 60_000, (opened, run) => opened.mosaic({ tileWidth: 3, imageWidth: 32, ...run })],
    ['tiles of a mosaic', 20_000_000, (opened, run) => opened.mosaic({ tileWidth: 3, imageWidth: 800, ...run })],
    ['planes', 20_000_000, (opened, run) => opened.planes({ imageWidth: 1500, ...run })],
    ['frames of a film', 20_000_000, (opened, run) => opened.film({ imageWidth: 1500, ...run })],
  ])('are refused before anything is shown where they cannot fit: %s', async (_name, pictureBytes, show) => {
    const previewer = createPreviewer();
    const opened = await previewer.openSeries(series.none, { noCache: true, limits: { pictureBytes } });
    const progress: string[] = [];
    const asked = show(opened, { onProgress: ({ stage }) => progress.push(stage) });
    await expect(asked).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(tooMuch) });
    await expect(asked).rejects.toThrow(/at most \d+ bytes of pixels at a time, but these 9 images would take about/);
    expect(progress).toEqual([]);
    await opened.close();
    await previewer.close();
  });

  it('of a large picture are refused with what it would take', async () => {
    const options: MosaicOptions = { noCache: true, tileWidth: 3, imageWidth: 1000 };
    await expect(createMosaic(series.windows, { ...options, limits: { pictureBytes: 50_000_000 } })).rejects.toThrow(
      /these 9 images would take about \d+\. Choose fewer images, or a smaller image width/,
    );
  });

  it('are limited in the program', async () => {
    const output = join(work, 'a.png');
    const run = (limit: number): ReturnType<typeof runHere> =>
      runHere('mosaic', series.none, output, '--no-cache', '--safety-limit', `pictureBytes=${limit}`);
    expect(await run(10_000_000)).toMatchObject({ status: 0 });
    expect(await run(60_000)).toMatchObject({ status: 2, err: expect.stringMatching(tooMuch) });
  });
});
