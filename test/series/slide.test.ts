import { describe, expect, it } from 'vitest';
import { scanObjects } from '../../src/series/header-pass/scan.ts';
import { orderTiles, overviewLevel, overviewMember, slideLevels, withoutLabels } from '../../src/series/slide.ts';
import type { ScannedInstance } from '../../src/types/members.ts';
import { ctSeries, wholeSlideSeries } from '../support/dicom/index.js';
import { listed, MemoryStore } from '../support/memory-store.ts';

async function scanned(series: ReadonlyMap<string, Uint8Array>): Promise<readonly ScannedInstance[]> {
  const { instances } = await scanObjects(new MemoryStore(series), listed(series), { wholeObjects: false });
  return instances;
}

const keysOf = (instances: readonly ScannedInstance[]): readonly string[] => instances.map(({ key }) => key).sort();

describe('withoutLabels', () => {
  it('leaves out what shows who the patient is', async () => {
    const { instances, warnings } = withoutLabels(await scanned(wholeSlideSeries()));
    expect(warnings).toEqual(['2 LABEL or OVERVIEW images are left out, since they show patient data.']);
    expect(keysOf(instances)).toEqual(['level-0.dcm', 'level-1.dcm', 'level-2.dcm', 'thumbnail.dcm']);
  });

  it('leaves other modalities alone, whatever their Image Type says', async () => {
    const attributes = { ImageType: ['ORIGINAL', 'PRIMARY', 'LABEL'] };
    const instances = await scanned(
      ctSeries({ instances: 2, rows: 8, attributes: (given) => ({ ...given, ...attributes }) }),
    );
    expect(withoutLabels(instances)).toEqual({ instances, warnings: [] });
  });

  it('refuses a series with nothing else', async () => {
    const all = await scanned(wholeSlideSeries());
    const labels = all.filter(({ key }) => key === 'label.dcm' || key === 'overview.dcm');
    expect(() => withoutLabels(labels)).toThrow(/--include-label/);
    expect(withoutLabels([])).toEqual({ instances: [], warnings: [] });
  });
});

describe('slideLevels', () => {
  it('are ordered from the finest, each with its tiles', async () => {
    const levels = slideLevels(withoutLabels(await scanned(wholeSlideSeries())).instances) ?? [];
    expect(levels.map(({ columns, rows, tiles }) => [columns, rows, tiles.length])).toEqual([
      [256, 192, 12],
      [128, 96, 4],
      [64, 48, 1],
      [32, 24, 1],
    ]);
    expect(levels[0]?.tiles.map(({ row, column }) => [row, column])).toEqual(
      [0, 64, 128].flatMap((row) => [0, 64, 128, 192].map((column) => [row, column])),
    );
    expect(levels[0]?.tiles.map(({ frameIndex }) => frameIndex)).toEqual(
      Array.from({ length: 12 }, (_, index) => index),
    );
  });

  it('know sparse tiles by their positions, whatever their order', async () => {
    const levels =
      slideLevels(await scanned(wholeSlideSeries({ tiling: 'sparse', levels: 1, extraImages: false }))) ?? [];
    // The generator leaves out the tile at the top left and stores the others from the last to the first.
    expect(levels[0]?.tiles.map(({ row, column, frameIndex }) => [row, column, frameIndex])).toEqual(
      Array.from({ length: 11 }, (_, index) => {
        const place = index + 1;
        return [Math.trunc(place / 4) * 64, (place % 4) * 64, 10 - index];
      }),
    );
  });

  it('take the first focal plane of several', async () => {
    const [instance] = await scanned(wholeSlideSeries({ levels: 1, extraImages: false }));
    if (instance === undefined) throw new Error('Nothing scanned.');
    const planes = { ...instance, header: { ...instance.header, numberOfFrames: 36 } };
    expect(slideLevels([planes])?.[0]?.tiles).toHaveLength(12);
    const [frame] = instance.header.frames;
    if (frame === undefined) throw new Error('No frames.');
    const places = [1, 65, 1, 65].map((column) => ({ ...frame, tilePosition: [1, column] as const }));
    const sparse = { ...instance, header: { ...instance.header, numberOfFrames: 4, frames: places } };
    expect(slideLevels([sparse])?.[0]?.tiles.map(({ frameIndex }) => frameIndex)).toEqual([0, 1]);
  });

  it('are none where other images are among them', async () => {
    const slides = await scanned(wholeSlideSeries());
    const others = await scanned(ctSeries({ instances: 1, rows: 8 }));
    expect(slideLevels([...slides, ...others])).toBeUndefined();
    expect(slideLevels(others)).toBeUndefined();
    expect(slideLevels([])).toBeUndefined();
  });
});

describe('overviewLevel', () => {
  it('is the smallest level that is large enough, else the largest that can be had', async () => {
    const levels = slideLevels(withoutLabels(await scanned(wholeSlideSeries())).instances) ?? [];
    const widthFor = (width: number | 'native'): number | undefined => overviewLevel(levels, width)?.columns;
    expect([16, 32, 33, 128, 129, 256, 1000, 'native' as const].map(widthFor)).toEqual([
      32, 32, 64, 128, 256, 256, 256, 32,
    ]);
    const [finest] = levels;
    if (finest === undefined) throw new Error('No levels.');
    const huge = {
      ...finest,
      columns: 100_000,
      tiles: Array.from({ length: 401 }, () => ({ frameIndex: 0, row: 0, column: 0 })),
    };
    expect(overviewLevel([huge, ...levels], 1000)?.columns).toBe(256);
    expect(overviewLevel([huge], 1000)?.columns).toBe(100_000);
    expect(overviewLevel([], 100)).toBeUndefined();
  });

  it('is shown by a member of its own, its tiles by others', async () => {
    const [level] = slideLevels(await scanned(wholeSlideSeries({ levels: 1, extraImages: false }))) ?? [];
    if (level === undefined) throw new Error('No levels.');
    expect(overviewMember(level)).toEqual({ instance: level.instance, frameIndex: 0, level });
    const ordered = orderTiles(level, level.tiles.slice(2, 5));
    expect(ordered).toMatchObject({ orientation: 'none', orderedBy: 'tile-position' });
    expect(ordered.members.map(({ member, position }) => [member.frameIndex, position])).toEqual([
      [2, 0],
      [3, 0.5],
      [4, 1],
    ]);
    expect(orderTiles(level, level.tiles.slice(0, 1)).members.map(({ position }) => position)).toEqual([0]);
  });
});
