import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFarStore } from '../../bench/far-store.js';
import {
  createImage,
  createMosaic,
  createPreviewer,
  type Previewer,
  type Series,
  type SeriesFrame,
} from '../../src/index.ts';
import {
  createPhantom,
  ctSeries,
  mrSeries,
  secondaryCapture,
  segmentation,
  sliceStack,
  writeSeriesFolder,
} from '../support/dicom/index.js';

const shape = { rows: 24, columns: 32, slices: 9, spacing: [2, 1.5], sliceSpacing: 4 } as const;
let folder = '';
let ct = '';
let previewer: Previewer;
let series: Series;

function write(name: string, instances: Iterable<readonly [string, Uint8Array]>): string {
  const path = join(folder, name);
  writeSeriesFolder(path, instances);
  return path;
}

/** A web server of a series, which counts what it is asked for. */
async function far(
  name: string,
  instances: Iterable<readonly [string, Uint8Array]>,
  firstByteDelayMs = 1,
): Promise<{ readonly url: string; requests(): number; stop(): Promise<void> }> {
  write(name, instances);
  const store = createFarStore({ folder, firstByteDelayMs, bytesPerSecond: 1e9 });
  await new Promise<void>((resolve) => store.server.listen(0, '127.0.0.1', resolve));
  const address = store.server.address();
  const port = typeof address === 'object' ? address?.port : '';
  return {
    url: `http://127.0.0.1:${port}/${name}/`,
    requests: () => store.statistics().requests,
    stop: async () => {
      store.server.closeAllConnections();
      await new Promise((resolve) => store.server.close(resolve));
    },
  };
}

async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'open-series-'));
  const { slices: instances, ...stack } = shape;
  ct = write(
    'ct',
    ctSeries({ ...stack, instances, seed: 5, noise: 0, shuffleKeys: true, windows: [{ center: 40, width: 400 }] }),
  );
  previewer = createPreviewer();
  series = await previewer.openSeries(ct);
});

afterAll(async () => {
  await series.close();
  await previewer.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('an open series', () => {
  it('tells what its headers say', () => {
    expect(series.info).toMatchObject({
      location: ct,
      modality: 'CT',
      instances: 9,
      frames: 9,
      orientation: 'axial',
      orderedBy: 'position-along-normal',
      sizes: [{ rows: 24, columns: 32, frames: 9 }],
      pixelSpacing: [2, 1.5],
      transferSyntaxUids: ['1.2.840.10008.1.2.1'],
      warnings: [],
    });
    expect(series.info.stacks).toEqual([
      {
        orientation: 'axial',
        members: 9,
        places: 9,
        volumes: [{ number: 1, images: 9, missingPlaces: 0 }],
        repeatedPlaces: 0,
        incompletePlaces: 0,
        spacingMm: 4,
        spacingRangeMm: [4, 4],
        extentMm: 32,
        gaps: [],
      },
    ]);
  });

  it('tells gaps, and places that hold several members', async () => {
    const offsets = [0, 5, 10, 15, 60, 65];
    const gappy = await previewer.openSeries(
      write('gappy', ctSeries({ instances: 6, rows: 8, sliceOffsetsMm: offsets })),
    );
    expect(gappy.info.stacks[0]).toMatchObject({ places: 6, spacingMm: 5, gaps: [{ afterMm: 15, widthMm: 45 }] });
    await gappy.close();
    const echoes = await previewer.openSeries(write('echoes', mrSeries({ instances: 5, rows: 8, volumes: 3 })));
    expect(echoes.info.stacks[0]).toMatchObject({
      places: 5,
      members: 15,
      repeatedPlaces: 5,
      incompletePlaces: 0,
      gaps: [],
    });
    expect(echoes.info.stacks[0]?.volumes).toHaveLength(3);
    await echoes.close();
  });

  it('makes the pictures that the calls for one make, and reads its headers once', async () => {
    const server = await far('twenty', ctSeries({ instances: 20, rows: 16, seed: 2 }));
    const opened = await previewer.openSeries(server.url, { noCache: true });
    const before = server.requests();
    const mosaic = await opened.mosaic({ tileWidth: 2, contrast: 'lung' });
    expect(server.requests() - before).toBe(4);
    const image = await opened.image({ position: 0.5, imageWidth: 'native', format: 'png' });
    expect(server.requests() - before).toBe(5);
    const alone = await createMosaic(server.url, { tileWidth: 2, contrast: 'lung', noCache: true });
    expect(Buffer.compare(mosaic.bytes, alone.bytes)).toBe(0);
    expect(mosaic.report.tiles).toEqual(alone.report.tiles);
    const imageAlone = await createImage(server.url, {
      position: 0.5,
      imageWidth: 'native',
      format: 'png',
      noCache: true,
    });
    expect(Buffer.compare(image.bytes, imageAlone.bytes)).toBe(0);
    await opened.close();
    await server.stop();
  });

  it('gives one row of headers a frame, without patient attributes', () => {
    const rows = series.headers();
    expect(rows).toHaveLength(9);
    expect(rows[0]).toMatchObject({ modality: 'CT', rows: 24, columns: 32, frameNumber: 1, location: ct });
    expect(Object.keys(rows[0] ?? {}).filter((name) => /patient(name|id|sex|birth)/i.test(name))).toEqual([]);
  });

  it('refuses options that no view knows, and more after it was closed', async () => {
    const misspelt: object = { tileWdith: 3 };
    await expect(series.mosaic(misspelt)).rejects.toThrow(
      "mosaic has no option 'tileWdith'. Did you mean 'tileWidth'?",
    );
    await expect(series.image({ position: 3 })).rejects.toMatchObject({ code: 'usage' });
    const closed = await previewer.openSeries(ct);
    await closed.close();
    await closed.close();
    await expect(closed.mosaic()).rejects.toMatchObject({ code: 'usage' });
    await expect(all(closed.frames())).rejects.toMatchObject({ code: 'usage' });
  });

  it('ends views under way when it is closed', async () => {
    const server = await far('slow', ctSeries({ instances: 9, rows: 16 }), 200);
    const opened = await previewer.openSeries(server.url, { noCache: true });
    const rejected = expect(opened.mosaic()).rejects.toMatchObject({ code: 'aborted' });
    await opened.close();
    await rejected;
    await server.stop();
  });

  it('keeps its headers for later, whichever view was asked for', async () => {
    const cacheDir = join(folder, 'cache');
    const opened = await previewer.openSeries(ct, { cacheDir });
    await opened.close();
    const { report } = await createMosaic(ct, { cacheDir });
    expect(report.index).toMatchObject({ recalled: 9 });
  });
});

describe('frames', () => {
  const phantom = createPhantom(sliceStack(shape), { seed: 5, noise: 0 });
  const stack = sliceStack(shape);

  it('come in order, with modality values and their place in the patient', async () => {
    const frames = await all(series.frames());
    expect(frames.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    for (const [slice, frame] of frames.entries()) {
      expect([frame.rows, frame.columns, frame.channels]).toEqual([24, 32, 1]);
      expect([...frame.values]).toEqual([...phantom.hounsfield(slice)]);
      expect(frame.imagePositionPatient).toEqual(stack.positions[slice]);
      expect(frame.positionMm).toBeCloseTo(slice * 4, 6);
    }
    expect(frames[0]).toMatchObject({
      frameNumber: 1,
      unit: null,
      window: { center: 40, width: 400 },
      pixelSpacing: [2, 1.5],
      imageOrientationPatient: [1, 0, 0, 0, 1, 0],
      segmentNumber: null,
    });
    expect(new Set(frames.map(({ sopInstanceUid }) => sopInstanceUid)).size).toBe(9);
  });

  it('are chosen by count, by range, and by positions in any order', async () => {
    const indices = async (options: Parameters<Series['frames']>[0]): Promise<readonly number[]> =>
      (await all(series.frames(options))).map(({ index }) => index);
    expect(await indices({ count: 3 })).toEqual([0, 4, 8]);
    expect(await indices({ range: [0.5, 0.75] })).toEqual([4, 5, 6]);
    expect(await indices({ positions: [1, 0, 0.5] })).toEqual([8, 0, 4]);
    await expect(indices({ positions: [0], count: 2 })).rejects.toMatchObject({ code: 'usage' });
    await expect(indices({ range: [0.8, 0.2] })).rejects.toMatchObject({ code: 'usage' });
    await expect(indices({ width: 0 })).rejects.toMatchObject({ code: 'usage' });
  });

  it('are averaged in modality values, and keep their geometry', async () => {
    const [frame] = await all(series.frames({ positions: [0], width: 16 }));
    if (frame === undefined) throw new Error('no frame');
    expect([frame.rows, frame.columns]).toEqual([12, 16]);
    const values = phantom.hounsfield(0);
    const at = (row: number, column: number): number => values[row * 32 + column] ?? Number.NaN;
    const expected = (at(4, 6) + at(4, 7) + at(5, 6) + at(5, 7)) / 4;
    expect(frame.values[2 * 16 + 3]).toBeCloseTo(expected, 3);
    expect(frame.pixelSpacing).toEqual([4, 3]);
    const [x = 0, y = 0, z = 0] = stack.positions[0] ?? [];
    // The first averaged pixel's centre lies half a stored pixel further on along both axes.
    expect(frame.imagePositionPatient).toEqual([x + 0.75, y + 1, z]);
  });

  it('leave padding out of averages, and tell where it is', async () => {
    const path = write('padded', ctSeries({ instances: 1, rows: 32, pixelPaddingValue: 0, noise: 0 }));
    await using padded = await previewer.openSeries(path);
    const [full] = await all(padded.frames());
    const [small] = await all(padded.frames({ width: 8 }));
    const [low = 0, high = 0] = full?.padding ?? [];
    const inside = [...(full?.values ?? [])].filter((value) => value < low || value > high);
    const least = Math.min(...inside);
    const averaged = [...(small?.values ?? [])].filter((value) => value < low || value > high);
    expect(averaged.length).toBeGreaterThan(0);
    expect(Math.min(...averaged)).toBeGreaterThanOrEqual(least);
  });

  it('are colour of 8 bits where the image is, and single segments of a segmentation', async () => {
    const path = join(folder, 'colour.dcm');
    writeFileSync(path, secondaryCapture({ rows: 8, columns: 10 }));
    await using colour = await previewer.openSeries(path);
    const [frame] = await all(colour.frames());
    expect(frame).toMatchObject({ rows: 8, columns: 10, channels: 3 });
    expect(frame?.values).toHaveLength(8 * 10 * 3);
    mkdirSync(join(folder, 'seg'));
    writeFileSync(join(folder, 'seg', 'seg.dcm'), segmentation());
    await using segments = await previewer.openSeries(join(folder, 'seg'));
    const found: readonly SeriesFrame[] = await all(segments.frames());
    expect(found.length).toBeGreaterThan(1);
    expect(new Set(found.map(({ frameNumber }) => frameNumber)).size).toBe(found.length);
    expect(new Set(found.map(({ segmentNumber }) => segmentNumber)).size).toBeGreaterThan(1);
  });

  it('are read a few ahead and no further, and no more after the reader has left', async () => {
    const server = await far('ninety', ctSeries({ instances: 90, rows: 16 }));
    const opened = await previewer.openSeries(server.url, { noCache: true });
    const before = server.requests();
    for await (const { index } of opened.frames()) if (index === 2) break;
    await opened.close();
    expect(server.requests() - before).toBeLessThanOrEqual(32);
    await server.stop();
  });

  it('end with the error of the frame that cannot be read', async () => {
    const instances = ctSeries({ instances: 3, rows: 16 });
    const path = write(
      'broken',
      [...instances].map(([key, bytes], index) => [key, index === 1 ? bytes.slice(0, -300) : bytes]),
    );
    await using broken = await previewer.openSeries(path);
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { index } of broken.frames()) seen.push(index);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'decode' });
    expect(seen).toEqual([0]);
  });
});
