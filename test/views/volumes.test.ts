import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage, createMosaic } from '../../src/index.ts';
import type { MosaicOptions } from '../../src/types/options.ts';
import type { PreviewReport } from '../../src/types/report.ts';
import { ctSeries, localizerSeries, mrSeries } from '../support/dicom/index.js';

const root = mkdtempSync(join(tmpdir(), 'dicom-series-preview-volumes-'));
afterAll(() => rmSync(root, { recursive: true }));

function write(name: string, series: ReadonlyMap<string, Uint8Array>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [key, bytes] of series) writeFileSync(join(folder, key), bytes);
  return folder;
}

const bValue = (value: number): { vr: string; value: number } => ({ vr: 'FD', value });

/** Per place b 0, 1000, 1000; of a low window where the values are high, as scanners store them. */
const diffusion = write(
  'diffusion',
  mrSeries({
    instances: 6,
    rows: 16,
    volumes: 3,
    repeated: 'temporal',
    shuffleKeys: true,
    attributes: (attributes, index) => {
      const volume = index % 3;
      const [center, width] = volume === 0 ? [600, 1200] : [40 + Math.trunc(index / 3), 80];
      return {
        ...attributes,
        TemporalPositionIdentifier: undefined,
        '00189087': bValue(volume === 0 ? 0 : 1000),
        WindowCenter: center,
        WindowWidth: width,
      };
    },
  }),
);

async function reportOf(folder: string, options: MosaicOptions = {}): Promise<PreviewReport> {
  return (await createMosaic(folder, { noCache: true, imageWidth: 16, ...options })).report;
}

const numbersOf = ({ tiles }: PreviewReport): readonly (number | undefined)[] =>
  tiles.map(({ volume }) => volume?.number);

describe('a series that repeats places', () => {
  it('says so, and of each tile what volume it belongs to', async () => {
    const report = await reportOf(diffusion);
    expect(report.notes).toEqual(['6 places x 3 volumes (b 0, 1000): --volume 1 shows one.']);
    expect(report.warnings).toEqual([]);
    expect(report.series.volumes).toEqual([
      { number: 1, images: 6, missingPlaces: 0, diffusionBValue: 0 },
      { number: 2, images: 6, missingPlaces: 0, diffusionBValue: 1000, time: 1 },
      { number: 3, images: 6, missingPlaces: 0, diffusionBValue: 1000, time: 2 },
    ]);
    expect(report.tiles).toHaveLength(18);
    expect(report.tiles[4]?.volume).toEqual({ number: 2, diffusionBValue: 1000, time: 1 });
  });

  it.each([
    [{ volume: 3 }, [3, 3, 3, 3, 3, 3]],
    [{ bValue: 0 }, [1, 1, 1, 1, 1, 1]],
    [{ bValue: 1000, time: 2 }, [3, 3, 3, 3, 3, 3]],
    [{ bValue: 1000, volumes: 'all' }, [2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3]],
  ] as const)('shows the volumes that %j fits', async (options, numbers) => {
    const report = await reportOf(diffusion, options);
    expect(numbersOf(report)).toEqual(numbers);
    expect(report.notes).toBeUndefined();
    expect(report.tiles.map(({ position }) => position)).toEqual(
      report.tiles.map(({ position }) => position).toSorted(),
    );
    expect([report.tiles[0]?.position, report.tiles.at(-1)?.position]).toEqual([0, 1]);
  });

  it('says where more volumes fit than are shown', async () => {
    const report = await reportOf(diffusion, { bValue: 1000 });
    expect(numbersOf(report)).toEqual([2, 2, 2, 2, 2, 2]);
    expect(report.notes).toEqual(['2 volumes fit: volume 2 is shown. --volumes all shows all.']);
    expect(numbersOf(await reportOf(diffusion, { volumes: 'first' }))).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('says nothing of volumes in a draft, which has not seen all of them', async () => {
    const many = write('many', mrSeries({ instances: 60, rows: 8, volumes: 4 }));
    const report = await reportOf(many, { draft: true, tileWidth: 2 });
    expect(report.draft?.outcome).toBe('draft');
    expect(report.notes).toBeUndefined();
    expect(report.series.volumes).toBeUndefined();
  });

  it('keeps the index that an image has in the whole series, and counts positions within the volume', async () => {
    const all = await reportOf(diffusion);
    const one = await reportOf(diffusion, { volume: 2, start: 0.5 });
    expect(one.tiles).toHaveLength(3);
    for (const { index, key } of one.tiles) expect(all.tiles[index]?.key).toBe(key);
    const { report } = await createImage(diffusion, { noCache: true, position: 1, bValue: 0 });
    expect(report.tiles[0]).toMatchObject({ index: 15, volume: { number: 1 }, position: 1 });
  });

  it('lists what there is where nothing fits', async () => {
    await expect(reportOf(diffusion, { bValue: 500 })).rejects.toThrow(
      'Expected volume 1 to 3, time 1 to 2, or bValue 0 or 1000, but received bValue 500. Choose one of these.',
    );
    await expect(reportOf(diffusion, { volume: 4 })).rejects.toThrow(/volume 1 to 3, .*received volume 4\./);
    await expect(reportOf(diffusion, { time: 9 })).rejects.toMatchObject({ optionNames: ['volume', 'time', 'bValue'] });
    await expect(reportOf(diffusion, { volume: 1, bValue: 1000 })).rejects.toThrow(
      'Expected values that an image has together, but none has volume 1 and bValue 1000. Leave one of them out.',
    );
    await expect(reportOf(diffusion, { volume: 1, draft: true })).rejects.toThrow(/no volume with a draft/);
  });

  it('has a row a volume on demand, with the same places in each', async () => {
    const report = await reportOf(diffusion, { rowsBy: 'volume', tileWidth: 4 });
    expect(numbersOf(report)).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]);
    const places = report.tiles.map(({ positionMm }) => positionMm);
    expect(places.slice(4, 8)).toEqual(places.slice(0, 4));
    expect([report.output.width, report.output.height]).toEqual([64, 48]);
    const two = await reportOf(diffusion, { rowsBy: 'volume', tileWidth: 10, tileHeight: 2 });
    expect(numbersOf(two)).toEqual([1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3]);
  });

  it('warns where a row has not all places', async () => {
    const series = new Map([...mrSeries({ instances: 4, rows: 8, volumes: 2 })].filter((_, index) => index !== 5));
    const report = await reportOf(write('lacking', series), { rowsBy: 'volume' });
    expect(report.tiles).toHaveLength(8);
    expect(report.warnings).toEqual([
      '1 of the tiles shows the place nearest to that of its column, where its volume has no image.',
    ]);
    expect(report.series.volumes?.map(({ missingPlaces }) => missingPlaces)).toEqual([0, 1]);
  });
});

describe('a series that repeats no place', () => {
  it('has no volumes to speak of', async () => {
    const plain = write('plain', ctSeries({ instances: 5, rows: 8 }));
    const report = await reportOf(plain);
    expect(report.notes).toBeUndefined();
    expect(report.series.volumes).toBeUndefined();
    expect(report.tiles[0]?.volume).toBeUndefined();
    expect((await reportOf(plain, { volume: 1 })).tiles).toHaveLength(5);
    await expect(reportOf(plain, { volume: 2 })).rejects.toThrow(
      'Expected volume 1, the only one, but received volume 2. Leave it out.',
    );
  });

  it('has a volume an orientation', async () => {
    const localizer = write('localizer', localizerSeries({ perOrientation: 3, rows: 8 }));
    const report = await reportOf(localizer, { volume: 2 });
    expect(report.tiles.map(({ index }) => index)).toEqual([3, 4, 5]);
    expect((await reportOf(localizer)).notes).toBeUndefined();
  });
});

describe('the window of a series', () => {
  const windowOf = ({ tiles }: PreviewReport, index: number): unknown =>
    tiles.find((tile) => tile.index === index)?.window;
  const varying = write(
    'varying',
    ctSeries({
      instances: 12,
      rows: 16,
      windows: (index) => [{ center: 40 + 10 * index, width: 400 }],
    }),
  );

  it('does not depend on which images are shown', async () => {
    const all = await reportOf(varying);
    const end = await reportOf(varying, { start: 0.5 });
    const few = await reportOf(varying, { tileWidth: 2 });
    const window = { center: 95, width: 400, function: 'LINEAR', source: 'series-median' };
    expect(all.tiles.map((tile) => tile.window)).toEqual(Array(12).fill(window));
    expect(windowOf(end, 11)).toEqual(window);
    expect(windowOf(few, 11)).toEqual(window);
  });

  it('is that of the one image where one image is asked for', async () => {
    const { report } = await createImage(varying, { noCache: true, position: 1 });
    expect(report.tiles[0]?.window).toMatchObject({ width: 400, source: 'instance' });
  });

  it('is shared within a kind of volume only', async () => {
    const { tiles } = await reportOf(diffusion);
    const [weighted, others] = [1000, 0].map((b) => tiles.filter(({ volume }) => volume?.diffusionBValue === b));
    expect(new Set(others?.map(({ window }) => window?.center))).toEqual(new Set([600]));
    expect(new Set(weighted?.map(({ window }) => window?.center))).toEqual(new Set([42.5]));
  });

  it('is chosen from the values of a kind of volume only', async () => {
    const { tiles } = await reportOf(diffusion, { contrast: 'auto' });
    const centers = [0, 1000].map(
      (b) => new Set(tiles.filter(({ volume }) => volume?.diffusionBValue === b).map(({ window }) => window?.center)),
    );
    expect(centers.map(({ size }) => size)).toEqual([1, 1]);
    expect(centers[0]).not.toEqual(centers[1]);
  });
});
