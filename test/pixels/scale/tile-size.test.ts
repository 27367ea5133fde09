import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { pixelAspect, tileSize } from '../../../src/pixels/scale/tile-size.ts';

const image = (
  rows: number,
  columns: number,
  pixelSpacing?: readonly [number, number],
  pixelAspectRatio?: readonly [number, number],
) => ({ rows, columns, pixelSpacing, pixelAspectRatio });

describe('tileSize', () => {
  it('keeps the shape of the image', () => {
    expect(tileSize(image(512, 512), 128)).toEqual({ width: 128, height: 128 });
    expect(tileSize(image(256, 512), 128)).toEqual({ width: 128, height: 64 });
    expect(tileSize(image(512, 460), 128)).toEqual({ width: 128, height: 142 });
  });

  it('makes pixels that are twice as high as wide come out so', () => {
    expect(tileSize(image(100, 200, [2, 1]), 100)).toEqual({ width: 100, height: 100 });
    expect(tileSize(image(100, 200, undefined, [2, 1]), 100)).toEqual({ width: 100, height: 100 });
    expect(tileSize(image(100, 100, [1, 2]), 100)).toEqual({ width: 100, height: 50 });
  });

  it('prefers spacing to the aspect ratio, and ignores impossible ones', () => {
    expect(pixelAspect(image(1, 1, [3, 1], [2, 1]))).toBe(3);
    expect(pixelAspect(image(1, 1, [0, 1], [2, 1]))).toBe(2);
    expect(pixelAspect(image(1, 1, [Number.NaN, 1], [-2, 1]))).toBe(1);
    expect(pixelAspect(image(1, 1, [0.7421875, 0.742188]))).toBe(1);
  });

  it('has one display pixel for each pixel with native, and stretches those that are not square', () => {
    expect(tileSize(image(300, 400), 'native')).toEqual({ width: 400, height: 300 });
    expect(tileSize(image(300, 400, [2, 1]), 'native')).toEqual({ width: 400, height: 600 });
    expect(tileSize(image(300, 400, [1, 2]), 'native')).toEqual({ width: 800, height: 300 });
  });

  it('is at least one pixel', () => {
    expect(tileSize(image(1, 10_000), 16)).toEqual({ width: 16, height: 1 });
  });

  it('refuses what would not fit into memory, and says so', () => {
    expect(() => tileSize(image(90_000, 100_000), 'native')).toThrow(UsageError);
    expect(() => tileSize(image(90_000, 100_000), 'native')).toThrow('Ask for a smaller image width');
    expect(() => tileSize(image(512, 512, [1000, 0.1]), 128)).toThrow('pixels 1.00e+4 times as high as wide');
    expect(() => tileSize(image(16_000, 16_000), 'native')).toThrow(UsageError);
  });

  it('is within half a pixel of the true height', () => {
    const side = fc.integer({ min: 1, max: 4000 });
    const millimetres = fc.double({ min: 0.1, max: 3, noNaN: true });
    fc.assert(
      fc.property(
        side,
        side,
        millimetres,
        millimetres,
        fc.integer({ min: 1, max: 300 }),
        (rows, columns, y, x, width) => {
          const geometry = image(rows, columns, [y, x]);
          const exact = (width * rows * pixelAspect(geometry)) / columns;
          fc.pre(exact < 16_000);
          const { height } = tileSize(geometry, width);
          expect(Math.abs(height - Math.max(exact, 1))).toBeLessThanOrEqual(0.5 + 1e-9);
        },
      ),
    );
  });
});
