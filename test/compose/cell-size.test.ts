import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellSize, sizeInCell } from '../../src/compose/cell-size.ts';

const square = { width: 512, height: 512 };
const wide = { width: 640, height: 480 };
const high = { width: 100, height: 250 };

describe('cellSize', () => {
  it('takes its height from the most common aspect ratio, whatever the sizes in pixels', () => {
    expect(cellSize([square, wide, { width: 64, height: 48 }], 128)).toEqual({ width: 128, height: 96 });
    expect(cellSize([high], 128)).toEqual({ width: 128, height: 320 });
  });

  it('takes the first of equally common aspect ratios', () => {
    expect(cellSize([wide, square, square, wide], 128).height).toBe(96);
    expect(cellSize([square, wide, wide, square], 128).height).toBe(128);
  });

  it('is never without height', () => {
    expect(cellSize([{ width: 4000, height: 1 }], 128)).toEqual({ width: 128, height: 1 });
  });

  it('holds the widest and the highest image at native size', () => {
    expect(cellSize([wide, high, { width: 99.6, height: 700.4 }], 'native')).toEqual({ width: 640, height: 700 });
  });
});

describe('sizeInCell', () => {
  it('enlarges and reduces to the greatest size that fits', () => {
    expect(sizeInCell(square, { width: 128, height: 96 }, 128)).toEqual({ width: 96, height: 96 });
    expect(sizeInCell({ width: 10, height: 5 }, { width: 128, height: 96 }, 128)).toEqual({ width: 128, height: 64 });
  });

  it('leaves native images as they are', () => {
    expect(sizeInCell(high, { width: 640, height: 480 }, 'native')).toEqual({ width: 100, height: 250 });
  });

  it('always fits, fills one side and keeps the aspect ratio to within half a pixel', () => {
    const side = fc.integer({ min: 1, max: 5_000 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 600 }), side, side, (width, height, imageWidth, w, h) => {
        const cell = cellSize([{ width, height }], imageWidth);
        const drawn = sizeInCell({ width: w, height: h }, cell, imageWidth);
        expect(drawn.width >= 1 && drawn.height >= 1).toBe(true);
        expect(drawn.width <= cell.width && drawn.height <= cell.height).toBe(true);
        expect(drawn.width === cell.width || drawn.height === cell.height).toBe(true);
        const scale = Math.min(cell.width / w, cell.height / h);
        expect(Math.abs(drawn.width - Math.max(1, w * scale))).toBeLessThanOrEqual(0.5);
        expect(Math.abs(drawn.height - Math.max(1, h * scale))).toBeLessThanOrEqual(0.5);
      }),
    );
  });
});
