import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameJob } from '../../../src/codecs/codec.ts';
import { decodeRle } from '../../../src/codecs/native/rle.ts';
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
