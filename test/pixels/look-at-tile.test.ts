import { expect, it } from 'vitest';
import { lookAtTile } from '../../src/pixels/look-at-tile.ts';
import type { DisplayImage } from '../../src/types/pixels.ts';

function grey(width: number, height: number, at: (pixel: number) => number): DisplayImage {
  return { width, height, channels: 1, data: Uint8Array.from({ length: width * height }, (_, pixel) => at(pixel)) };
}

it.each([
  ['one grey', grey(128, 128, () => 90), { isBlank: true, isClipped: false }],
  ['all white', grey(128, 128, () => 255), { isBlank: true, isClipped: false }],
  ['a little noise', grey(100, 90, (at) => 20 + (at % 7)), { isBlank: true, isClipped: false }],
  ['noise of 13 levels', grey(100, 90, (at) => 20 + (at % 14)), { isBlank: false, isClipped: false }],
  ['a few defective pixels', grey(128, 128, (at) => (at % 1000 === 0 ? 255 : 3)), { isBlank: true, isClipped: false }],
  ['a ramp', grey(128, 128, (at) => at >> 6), { isBlank: false, isClipped: false }],
  ['a white third', grey(128, 128, (at) => (at % 128 < 43 ? 255 : at >> 7)), { isBlank: false, isClipped: true }],
  ['a white quarter', grey(128, 128, (at) => (at % 128 < 32 ? 255 : at >> 7)), { isBlank: false, isClipped: false }],
  ['few pixels', grey(2, 1, (at) => at * 200), { isBlank: false, isClipped: false }],
])('tells %s', (_, image, look) => {
  expect(lookAtTile(image)).toEqual(look);
});

it('looks at the brightness of colours', () => {
  const colour = (rgb: (pixel: number) => readonly number[]): DisplayImage => ({
    ...{ width: 64, height: 64, channels: 3 },
    data: Uint8Array.from(Array.from({ length: 64 * 64 }, (_, at) => rgb(at)).flat()),
  });
  expect(lookAtTile(colour(() => [255, 0, 0])).isBlank).toBe(true);
  expect(lookAtTile(colour((at) => (at % 2 === 0 ? [255, 0, 0] : [0, 255, 0]))).isBlank).toBe(false);
});
