import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisTaps } from '../../../src/pixels/scale/axis-taps.ts';
import type { DisplayTables } from '../../../src/pixels/scale/indexed-image.ts';
import { resizeThroughTables } from '../../../src/pixels/scale/resize.ts';
import { repetitions } from '../../support/repetitions.ts';

const identity = Uint8Array.from({ length: 256 }, (_, index) => index);

/** Share of source pixel `index` in target pixel `position` of one axis, from geometry alone. */
function plainShare(source: number, target: number, position: number, index: number): number {
  const scale = source / target;
  if (target <= source) {
    const from = Math.max(position * scale, index);
    const to = Math.min((position + 1) * scale, index + 1);
    return Math.max(to - from, 0) / scale;
  }
  const centre = Math.min(Math.max((position + 0.5) * scale - 0.5, 0), source - 1);
  return Math.max(0, 1 - Math.abs(centre - index));
}

function plainResize(
  values: readonly number[],
  from: { readonly width: number; readonly height: number },
  to: { readonly width: number; readonly height: number },
): readonly number[] {
  return Array.from({ length: to.width * to.height }, (_, pixel) => {
    const [x, y] = [pixel % to.width, Math.floor(pixel / to.width)];
    let sum = 0;
    for (let row = 0; row < from.height; row++) {
      for (let column = 0; column < from.width; column++) {
        const share = plainShare(from.height, to.height, y, row) * plainShare(from.width, to.width, x, column);
        sum += share * (values[row * from.width + column] ?? 0);
      }
    }
    return sum;
  });
}

const side = fc.integer({ min: 1, max: 13 });
const size = fc.record({ width: side, height: side });

describe('resizeThroughTables', () => {
  it('is the exact area average, or linear between pixel centres, rounded half up', () => {
    fc.assert(
      fc.property(size, size, fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (from, to, stream) => {
        const values = [...stream.take(from.width * from.height)];
        const image = { ...from, samplesPerPixel: 1, indices: Uint8Array.from(values) } as const;
        const { data, channels } = resizeThroughTables(image, [identity], to.width, to.height);
        expect(channels).toBe(1);
        const plain = plainResize(values, from, to);
        const differences = plain.map((exact, index) => Math.abs((data[index] ?? Number.NaN) - exact));
        // The reference adds fractions, so a tie may fall on its other side by a hair.
        expect(differences.filter((difference) => !(difference <= 0.5 + 1e-9))).toEqual([]);
      }),
      { numRuns: repetitions(50, 300) },
    );
  });

  it('takes the fast ways of whole factors to the same bytes', () => {
    const factor = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(side, side, factor, factor, fc.boolean(), fc.integer(), (width, height, byX, byY, colour, seed) => {
        const from = { width: width * byX, height: height * byY };
        const samplesPerPixel = colour ? 3 : 1;
        let state = seed;
        const indices = Uint16Array.from({ length: from.width * from.height * samplesPerPixel }, () => {
          state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
          return state >>> 16;
        });
        const table = Uint8Array.from({ length: 65_536 }, (_, index) => index >> 8);
        const tables: DisplayTables = colour ? [table, table.map((byte) => 255 - byte), table] : [table];
        const { data } = resizeThroughTables({ ...from, samplesPerPixel, indices }, tables, width, height);
        for (let pixel = 0; pixel < width * height; pixel++) {
          tables.forEach((lookup, channel) => {
            let sum = 0;
            for (let row = 0; row < byY; row++) {
              for (let column = 0; column < byX; column++) {
                const at = (Math.floor(pixel / width) * byY + row) * from.width + (pixel % width) * byX + column;
                sum += lookup[indices[at * samplesPerPixel + (colour ? channel : 0)] ?? 0] ?? 0;
              }
            }
            expect(data[pixel * tables.length + channel]).toBe(Math.floor(sum / (byX * byY) + 0.5));
          });
        }
      }),
      { numRuns: repetitions(25, 150) },
    );
  });

  it('leaves an even image even, whatever the sizes', () => {
    fc.assert(
      fc.property(size, size, fc.integer({ min: 0, max: 255 }), (from, to, value) => {
        const indices = new Uint8Array(from.width * from.height).fill(value);
        const { data } = resizeThroughTables({ ...from, samplesPerPixel: 1, indices }, [identity], to.width, to.height);
        expect(data.every((byte) => byte === value)).toBe(true);
        expect(data.length).toBe(to.width * to.height);
      }),
    );
  });

  it('does not shift: a mirrored image gives the mirrored result', () => {
    fc.assert(
      fc.property(size, size, fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (from, to, stream) => {
        const values = [...stream.take(from.width * from.height)];
        const image = (list: readonly number[]) =>
          ({ ...from, samplesPerPixel: 1, indices: Uint8Array.from(list) }) as const;
        const one = resizeThroughTables(image(values), [identity], to.width, to.height).data;
        const other = resizeThroughTables(image(values.toReversed()), [identity], to.width, to.height).data;
        expect([...other].toReversed()).toEqual([...one]);
      }),
    );
  });

  it('maps one index to three channels', () => {
    const tables: DisplayTables = [identity, identity.map((byte) => 255 - byte), new Uint8Array(256).fill(7)];
    const image = { width: 2, height: 1, samplesPerPixel: 1, indices: Uint8Array.of(10, 20) } as const;
    expect([...resizeThroughTables(image, tables, 2, 1).data]).toEqual([10, 245, 7, 20, 235, 7]);
    expect([...resizeThroughTables(image, tables, 1, 1).data]).toEqual([15, 240, 7]);
  });

  it('averages display values, not stored ones', () => {
    const threshold = Uint8Array.from({ length: 256 }, (_, index) => (index > 128 ? 255 : 0));
    const image = { width: 4, height: 1, samplesPerPixel: 1, indices: Uint8Array.of(0, 0, 0, 255) } as const;
    expect([...resizeThroughTables(image, [threshold], 1, 1).data]).toEqual([64]);
  });

  it('stays exact for boxes whose sums are large', () => {
    const [width, height] = [5000, 3000];
    const indices = new Uint8Array(width * height).fill(255);
    const { data } = resizeThroughTables({ width, height, samplesPerPixel: 1, indices }, [identity], 1, 1);
    expect([...data]).toEqual([255]);
  });
});

describe('axisTaps', () => {
  it('gives every target position weights of the same sum, within the source', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 600 }), (source, target) => {
        const taps = axisTaps(source, target);
        for (let position = 0; position < target; position++) {
          const [start = 0, end = 0] = [taps.start[position], taps.start[position + 1]];
          const weights = taps.weights.subarray(start, end);
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(taps.total);
          expect(weights.every((weight) => weight >= 0)).toBe(true);
          const first = taps.first[position] ?? -1;
          expect([first >= 0, first + weights.length <= source]).toEqual([true, true]);
        }
      }),
      { numRuns: repetitions(10, 60) },
    );
  });
});
