import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Canvas } from '../../src/compose/canvas.ts';
import { randomBytes } from '../support/random.ts';
import { repetitions } from '../support/repetitions.ts';

describe('Canvas', () => {
  it('copies images to where they belong, whatever their width, place and channels', () => {
    const side = fc.integer({ min: 1, max: 20 });
    const place = fc.nat(13);
    const channels = fc.constantFrom<1 | 3>(1, 3);
    fc.assert(
      fc.property(side, side, place, place, place, channels, channels, fc.nat(3), (...drawn) => {
        const [width, height, left, top, margin, ofImage, asked, offset] = drawn;
        const ofCanvas = ofImage === 3 ? 3 : asked;
        const size = { width: left + width + margin, height: top + height + 2 };
        const canvas = new Canvas(size.width, size.height, ofCanvas, [9, 9, 9]);
        const memory = randomBytes(left + 7 * top, offset + width * height * ofImage);
        const data = memory.subarray(offset);
        canvas.draw({ width, height, channels: ofImage, data }, left, top);
        const plain = Uint8Array.from({ length: size.width * size.height * ofCanvas }, (_, at) => {
          const column = (Math.floor(at / ofCanvas) % size.width) - left;
          const row = Math.floor(at / ofCanvas / size.width) - top;
          if (column < 0 || column >= width || row < 0 || row >= height) return 9;
          return data[(row * width + column) * ofImage + (ofImage === 3 ? at % 3 : 0)] ?? Number.NaN;
        });
        expect(canvas.image.data).toEqual(plain);
      }),
      { numRuns: repetitions(200, 2000) },
    );
  });
});
