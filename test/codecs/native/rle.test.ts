import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameJob } from '../../../src/codecs/codec.ts';
import { decodeRle } from '../../../src/codecs/native/rle.ts';
import type { DecodedFrame } from '../../../src/types/pixels.ts';
import { describePixels } from '../../support/encoders/description.ts';
import { picture } from '../../support/encoders/random.ts';
import { bytePlanes, encodeRle } from '../../support/encoders/rle.ts';
import { repetitions } from '../../support/repetitions.ts';

const job = (description: FrameJob['description'], bytes: Uint8Array): FrameJob => ({
  transferSyntaxUid: '1.2.840.10008.1.2.5',
  description,
  bytes,
});

describe('RLE Lossless', () => {
  test.each([
    [1, 8],
    [1, 16],
    [1, 32],
    [3, 8],
    [3, 16],
    [3, 32],
  ])('%d samples of %d bits', (samplesPerPixel, bitsAllocated) => {
    const values = picture(20, 33, samplesPerPixel, Math.min(bitsAllocated, 16));
    const description = describePixels({
      rows: 20,
      columns: 33,
      samplesPerPixel,
      bitsAllocated,
      planarConfiguration: 1,
    });
    const frame = decodeRle(job(description, encodeRle(bytePlanes(values, samplesPerPixel, bitsAllocated / 8))));
    expect([...frame.values]).toEqual([...values]);
  });

  test('1 bit', () => {
    const description = describePixels({ rows: 1, columns: 10, bitsAllocated: 1 });
    expect([...decodeRle(job(description, encodeRle([Uint8Array.of(0b10110001, 0b11)]))).values]).toEqual([
      1, 0, 0, 0, 1, 1, 0, 1, 1, 1,
    ]);
  });

  test('sign and High Bit', () => {
    const description = describePixels({
      rows: 1,
      columns: 2,
      bitsAllocated: 16,
      bitsStored: 12,
      highBit: 15,
      pixelRepresentation: 1,
    });
    const coded = encodeRle(bytePlanes([0xfff0, 0x0010], 1, 2));
    expect([...decodeRle(job(description, coded)).values]).toEqual([-1, 1]);
  });

  test('the control byte 128 does nothing; a segment may run over its end', () => {
    const frame = encodeRle([Uint8Array.of(1, 1, 1, 1)]);
    const odd = new Uint8Array(64 + 4);
    odd.set(frame.subarray(0, 64));
    odd.set([128, 128, 0x81, 9], 64);
    expect([...decodeRle(job(describePixels({ rows: 2, columns: 2 }), odd)).values]).toEqual([9, 9, 9, 9]);
  });

  describe('larger frames', () => {
    const size = { rows: 37, columns: 50 };
    const limit = 300;
    /** Means of `factor` x `factor` pixels of a whole frame; fewer at the right and the lower edge. */
    const means = ({ values, samplesPerPixel }: DecodedFrame, factor: number): readonly number[] => {
      const sums = new Map<number, { sum: number; count: number }>();
      const across = Math.ceil(size.columns / factor);
      values.forEach((value, index) => {
        const pixel = Math.floor(index / samplesPerPixel);
        const [row, column] = [Math.floor(pixel / size.columns), pixel % size.columns];
        const at = (Math.floor(row / factor) * across + Math.floor(column / factor)) * samplesPerPixel;
        const box = sums.get(at + (index % samplesPerPixel)) ?? { sum: 0, count: 0 };
        sums.set(at + (index % samplesPerPixel), { sum: box.sum + value, count: box.count + 1 });
      });
      return [...sums].toSorted(([one], [other]) => one - other).map(([, { sum, count }]) => sum / count);
    };

    test.each([
      ['8 bits', { bitsAllocated: 8 }],
      ['16 bits', { bitsAllocated: 16, bitsStored: 12 }],
      ['signed 16 bits, shifted', { bitsAllocated: 16, bitsStored: 12, highBit: 13, pixelRepresentation: 1 }],
      ['32 bits', { bitsAllocated: 32 }],
      ['colour', { samplesPerPixel: 3, bitsAllocated: 8 }],
    ] as const)('are reduced while they are decoded, to the means of their values: %s', (_name, given) => {
      const description = describePixels({ ...size, ...given });
      const { samplesPerPixel, bitsAllocated } = description;
      const values = picture(size.rows, size.columns, samplesPerPixel, Math.min(bitsAllocated, 16));
      const planes = bytePlanes(values, samplesPerPixel, bitsAllocated / 8);
      const coded = job(description, encodeRle(planes));
      const whole = decodeRle(coded);
      const factor = samplesPerPixel === 3 ? 8 : 4;
      const frame = decodeRle({ ...coded, reduce: 100 }, limit);
      expect([frame.rows, frame.columns]).toEqual([Math.ceil(37 / factor), Math.ceil(50 / factor)]);
      expect(frame.values.constructor).toBe(whole.values.constructor);
      const expected = means(whole, factor);
      expect(frame.values).toHaveLength(expected.length);
      frame.values.forEach((value, index) => {
        expect(Math.abs(value - (expected[index] ?? Number.NaN))).toBeLessThanOrEqual(0.5);
      });
      expect(new Set(frame.values).size).toBeGreaterThan(1);
    });

    test('are reduced no more than is asked for, and than they need', () => {
      const frame = job(describePixels(size), encodeRle(bytePlanes(picture(37, 50, 1, 8), 1, 1)));
      for (const [reduce, samples, rows] of [
        [1, limit, 37],
        [3, limit, 19],
        [Number.NaN, limit, 37],
        [100, 37 * 50, 37],
        [100, 37 * 50 - 1, 19],
      ] as const) {
        expect(decodeRle({ ...frame, reduce }, samples).rows).toBe(rows);
      }
      expect(decodeRle({ ...frame, reduce: 8 }).rows).toBe(37);
      const bits = job(describePixels({ ...size, bitsAllocated: 1 }), encodeRle([new Uint8Array(232).fill(0x55)]));
      expect([...decodeRle({ ...bits, reduce: 8 }, limit).values]).toEqual(
        Array.from({ length: 1850 }, (_, i) => 1 - (i % 2)),
      );
    });

    test('that are cut off are shown as far as they go', () => {
      const bytes = encodeRle(bytePlanes(picture(37, 50, 1, 8), 1, 1));
      const whole = job(describePixels(size), bytes);
      const cut = job(describePixels(size), bytes.subarray(0, Math.floor(bytes.length * 0.8)));
      const [expected, found] = [whole, cut].map((one) => decodeRle({ ...one, reduce: 4 }, limit));
      const rows = Number(/The first (\d+) of 10 rows/.exec(found?.incomplete ?? '')?.[1]);
      expect(rows).toBeGreaterThan(4);
      expect(rows).toBeLessThan(10);
      const there = rows * 13;
      expect(found?.values.subarray(0, there)).toEqual(expected?.values.subarray(0, there));
      expect(new Set(found?.values.subarray(there)).size).toBe(1);
      expect(() => decodeRle({ ...cut, bytes: bytes.subarray(0, 500), reduce: 4 }, limit)).toThrow(/expected 1850/);
    });
  });

  test.each<[string, (bytes: Uint8Array, view: DataView) => Uint8Array | undefined, RegExp]>([
    ['no header', (bytes) => bytes.subarray(0, 63), /its header alone needs 64/],
    ['nothing', () => new Uint8Array(0), /has 0 bytes/],
    ['too many segments', (_, view) => void view.setUint32(0, 16, true), /16 segments/],
    ['another number of segments', (_, view) => void view.setUint32(0, 1, true), /has 1 segments; 2 follow/],
    ['an offset into the header', (_, view) => void view.setUint32(4, 8, true), /lies at 8/],
    ['an offset behind the end', (_, view) => void view.setUint32(8, 0xfffffff0, true), /offsets must ascend/],
    [
      'descending offsets',
      (_, view) => void view.setUint32(4, view.getUint32(8, true) + 1, true),
      /offsets must ascend/,
    ],
    [
      'a segment of which less than half is there',
      (bytes) => bytes.subarray(0, bytes.length - 40),
      /Segment 2 of 2 holds/,
    ],
  ])('%s is an error', (_name, spoil, message) => {
    const values = picture(8, 8, 1, 16);
    const bytes = Uint8Array.from(encodeRle(bytePlanes(values, 1, 2)));
    const spoilt = spoil(bytes, new DataView(bytes.buffer)) ?? bytes;
    expect(() => decodeRle(job(describePixels({ rows: 8, columns: 8, bitsAllocated: 16 }), spoilt))).toThrow(message);
  });

  test('any bytes end in a whole frame or a DecodeError', () => {
    const description = describePixels({ rows: 7, columns: 5, bitsAllocated: 16 });
    const good = encodeRle(bytePlanes(picture(7, 5, 1, 16), 1, 2));
    const flips = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(flips, fc.nat(good.length), (changes, length) => {
        const bytes = Uint8Array.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          expect(decodeRle(job(description, bytes.subarray(0, length))).values.length).toBe(35);
        } catch (error) {
          expect(error).toHaveProperty('code', 'decode');
        }
      }),
      { seed: 3, numRuns: repetitions(100, 500) },
    );
  });
});
