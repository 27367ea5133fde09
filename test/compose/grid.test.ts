import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import { checkGridSize, checkGridWidth, composeGrid } from '../../src/compose/grid.ts';
import { defaultLimits } from '../../src/types/limits.ts';
import type { DisplayImage } from '../../src/types/pixels.ts';

function tile(width: number, height: number, channels: 1 | 3, first = 1): DisplayImage {
  return { width, height, channels, data: Uint8Array.from({ length: width * height * channels }, (_, i) => first + i) };
}

describe('composeGrid', () => {
  it('puts tiles row by row, each pixel where it belongs', () => {
    const picture = composeGrid({
      rows: 2,
      columns: 2,
      cellWidth: 2,
      cellHeight: 1,
      tiles: [tile(2, 1, 1, 1), tile(2, 1, 1, 3), tile(2, 1, 1, 5), tile(2, 1, 1, 7)],
    }).image;
    expect(picture).toEqual({ width: 4, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
  });

  it('centres a smaller tile on black, the odd pixel to the right and below', () => {
    const picture = composeGrid({ rows: 1, columns: 1, cellWidth: 4, cellHeight: 4, tiles: [tile(1, 2, 1, 9)] }).image;
    expect([...picture.data]).toEqual([0, 0, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0]);
  });

  it('leaves missing cells black, whether undefined or beyond the list', () => {
    const picture = composeGrid({
      rows: 2,
      columns: 2,
      cellWidth: 1,
      cellHeight: 1,
      tiles: [undefined, tile(1, 1, 1, 5)],
    }).image;
    expect([...picture.data]).toEqual([0, 5, 0, 0]);
  });

  it('is in colour as soon as one tile is, with grey tiles in all three channels', () => {
    const picture = composeGrid({
      rows: 1,
      columns: 3,
      cellWidth: 1,
      cellHeight: 1,
      tiles: [tile(1, 1, 1, 7), tile(1, 1, 3, 1), undefined],
    }).image;
    expect(picture.channels).toBe(3);
    expect([...picture.data]).toEqual([7, 7, 7, 1, 2, 3, 0, 0, 0]);
  });

  it('refuses tiles that do not fit, and data of another length than the size says', () => {
    const grid = { rows: 1, columns: 1, cellWidth: 2, cellHeight: 2 };
    expect(() => composeGrid({ ...grid, tiles: [tile(3, 1, 1)] })).toThrow(RangeError);
    expect(() => composeGrid({ ...grid, tiles: [tile(1, 3, 1)] })).toThrow(RangeError);
    expect(() => composeGrid({ ...grid, tiles: [tile(1, 1, 1), tile(1, 1, 1)] })).toThrow(RangeError);
    expect(() => composeGrid({ ...grid, tiles: [{ ...tile(2, 2, 1), data: new Uint8Array(3) }] })).toThrow(RangeError);
  });
});

describe('checkGridWidth', () => {
  const shape = { rows: 100, columns: 100, cellWidth: 1000 };

  it('speaks of the width alone', () => {
    expect(() => checkGridWidth(shape, 'webp')).toThrow(
      'Expected a picture of at most 16383 pixels in width for WebP, but 100 columns of 1000 pixels make it 100000 wide. Choose a smaller image width or fewer columns, or write PNG.',
    );
    expect(() => checkGridWidth({ rows: 1, columns: 1, cellWidth: 16_384 }, 'webp')).toThrow(
      'but the image width makes it 16384 wide. Choose a smaller image width, or write PNG.',
    );
    expect(() => checkGridWidth({ ...shape, columns: 16 }, 'webp')).not.toThrow();
  });

  it('refuses what is too much even with images one pixel high', () => {
    const limits = { ...defaultLimits, outputPixels: 10_000_000 };
    expect(() => checkGridWidth(shape, 'png', limits)).not.toThrow();
    expect(() => checkGridWidth({ ...shape, rows: 101 }, 'png', limits)).toThrow(
      /at most 10000000 pixels, but 100 columns of 1000 pixels make it 100000 wide and at least 101 high\. .*--safety-limit/,
    );
  });
});

describe('checkGridSize', () => {
  it('takes what the formats take', () => {
    const largest = { rows: 1, columns: 1, cellWidth: defaultLimits.outputPixels / 1_000, cellHeight: 1_000 };
    for (const [shape, format] of [
      [{ rows: 1, columns: 1, cellWidth: 16_383, cellHeight: 16_383 }, 'webp'],
      [{ rows: 1, columns: 131, cellWidth: 500, cellHeight: 1 }, 'jpeg'],
      [largest, 'png'],
    ] as const) {
      expect(() => checkGridSize(shape, format)).not.toThrow();
    }
  });

  it('says how large it would be and what to reduce', () => {
    const shape = { rows: 6, columns: 128, cellWidth: 128, cellHeight: 128 };
    expect(() => checkGridSize(shape, 'webp')).toThrow(UsageError);
    expect(() => checkGridSize(shape, 'webp')).toThrow(
      'Expected at most 16383 pixels a side for WebP, but 128 x 6 tiles of 128 x 128 pixels would make a picture of 16384 x 768. Choose a smaller image width, or fewer tiles (tile width, tile height), or write PNG.',
    );
    expect(() => checkGridSize({ ...shape, columns: 1, rows: 512 }, 'jpeg')).toThrow(/65500 pixels a side for JPEG/);
    expect(() => checkGridSize(shape, 'png')).not.toThrow();
  });

  it('refuses more pixels in all than memory should hold, in every format', () => {
    const shape = { rows: 1, columns: 1, cellWidth: defaultLimits.outputPixels / 1_000 + 1, cellHeight: 1_000 };
    expect(() => checkGridSize(shape, 'png')).toThrow(
      /at most 268435456 pixels.*Choose a smaller image width\. .*--safety-limit outputPixels=/,
    );
    expect(() => checkGridSize(shape, 'png', { ...defaultLimits, outputPixels: 2 ** 29 })).not.toThrow();
    expect(() => checkGridSize({ ...shape, cellHeight: Number.POSITIVE_INFINITY }, 'png')).toThrow(UsageError);
  });
});
