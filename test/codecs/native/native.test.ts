import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameJob } from '../../../src/codecs/codec.ts';
import { createFrameDecoder } from '../../../src/codecs/frame-decoder.ts';
import { decodeNative } from '../../../src/codecs/native/native.ts';
import type { DecodedFrame, PixelDescription } from '../../../src/types/pixels.ts';
import { describePixels } from '../../support/encoders/description.ts';
import { repetitions } from '../../support/repetitions.ts';

const little = '1.2.840.10008.1.2.1';
const big = '1.2.840.10008.1.2.2';
const job = (description: FrameJob['description'], bytes: Uint8Array, more: Partial<FrameJob> = {}): FrameJob => ({
  transferSyntaxUid: little,
  description,
  bytes,
  ...more,
});
const values = (given: FrameJob): number[] => [...decodeNative(given).values];

describe('native pixel data', () => {
  test('8 bits, unsigned and signed, share memory with the object', () => {
    const bytes = Uint8Array.of(0, 127, 128, 255);
    const frame = decodeNative(job(describePixels({ rows: 2, columns: 2 }), bytes));
    expect(frame.values).toBeInstanceOf(Uint8Array);
    expect(frame.values.buffer).toBe(bytes.buffer);
    expect(values(job(describePixels({ rows: 2, columns: 2, pixelRepresentation: 1 }), bytes))).toEqual([
      0, 127, -128, -1,
    ]);
  });

  test('16 bits in both byte orders, aligned or not', () => {
    const bytes = Uint8Array.of(9, 0x34, 0x12, 0xff, 0x80);
    const description = describePixels({ rows: 1, columns: 2, bitsAllocated: 16 });
    expect(values(job(description, bytes.subarray(1)))).toEqual([0x1234, 0x80ff]);
    expect(values(job(description, bytes.slice(1)))).toEqual([0x1234, 0x80ff]);
    expect(values(job(description, bytes.subarray(1), { transferSyntaxUid: big }))).toEqual([0x3412, 0xff80]);
    expect(values(job(description, bytes.slice(1), { transferSyntaxUid: '1.2.840.113619.5.2' }))).toEqual([
      0x3412, 0xff80,
    ]);
    expect(bytes).toEqual(Uint8Array.of(9, 0x34, 0x12, 0xff, 0x80));
  });

  test('aligned 16 bits of which all are stored are not copied', () => {
    const bytes = new Uint8Array(8);
    const frame = decodeNative(job(describePixels({ rows: 2, columns: 2, bitsAllocated: 16 }), bytes));
    expect(frame.values.buffer).toBe(bytes.buffer);
  });

  test('bits above Bits Stored (overlays) are masked, without touching the object', () => {
    const bytes = new Uint8Array(Uint16Array.of(0xf123, 0x0fff).buffer);
    const before = bytes.slice();
    expect(values(job(describePixels({ rows: 1, columns: 2, bitsAllocated: 16, bitsStored: 12 }), bytes))).toEqual([
      0x123, 0xfff,
    ]);
    expect(bytes).toEqual(before);
  });

  test('High Bit shifts; the sign is that of Bits Stored', () => {
    const bytes = new Uint8Array(Uint16Array.of(0x8010, 0x7ff0).buffer);
    const description = describePixels({ rows: 1, columns: 2, bitsAllocated: 16, bitsStored: 12, highBit: 15 });
    expect(values(job(description, bytes))).toEqual([0x801, 0x7ff]);
    expect(values(job({ ...description, pixelRepresentation: 1 }, bytes))).toEqual([0x801 - 0x1000, 0x7ff]);
  });

  test('signed 12 bits are extended whether or not the writer did', () => {
    const bytes = new Uint8Array(Uint16Array.of(0x0fff, 0xffff, 0x0800, 0x07ff).buffer);
    const description = describePixels({
      rows: 1,
      columns: 4,
      bitsAllocated: 16,
      bitsStored: 12,
      pixelRepresentation: 1,
    });
    expect(values(job(description, bytes))).toEqual([-1, -1, -2048, 2047]);
  });

  test('1 bit, from the least significant on, from inside a byte', () => {
    const description = describePixels({ rows: 1, columns: 10, bitsAllocated: 1 });
    expect(values(job(description, Uint8Array.of(0b10110001, 0b11)))).toEqual([1, 0, 0, 0, 1, 1, 0, 1, 1, 1]);
    expect(values(job(description, Uint8Array.of(0b10110001, 0b11010), { bitOffset: 3 }))).toEqual([
      0, 1, 1, 0, 1, 0, 1, 0, 1, 1,
    ]);
  });

  test('12 bits packed, 24 bits, 32 bits, 64 bits', () => {
    const packed = describePixels({ rows: 1, columns: 3, bitsAllocated: 12 });
    expect(values(job(packed, Uint8Array.of(0x21, 0x43, 0x65, 0x87, 0x09)))).toEqual([0x321, 0x654, 0x987]);
    const triple = describePixels({ rows: 1, columns: 2, bitsAllocated: 24 });
    expect(values(job(triple, Uint8Array.of(1, 2, 3, 4, 5, 6)))).toEqual([0x030201, 0x060504]);
    expect(values(job(triple, Uint8Array.of(1, 2, 3, 4, 5, 6), { bigEndian: true }))).toEqual([0x010203, 0x040506]);
    const wide = describePixels({ rows: 1, columns: 2, bitsAllocated: 32 });
    expect(values(job(wide, new Uint8Array(Uint32Array.of(0xfffffffe, 7).buffer)))).toEqual([0xfffffffe, 7]);
    expect(
      values(job({ ...wide, pixelRepresentation: 1 }, new Uint8Array(Uint32Array.of(0xfffffffe, 7).buffer))),
    ).toEqual([-2, 7]);
    const widest = describePixels({ rows: 1, columns: 1, bitsAllocated: 64, pixelRepresentation: 1 });
    expect(values(job(widest, new Uint8Array(BigInt64Array.of(-5n).buffer)))).toEqual([-5]);
  });

  test('big endian words of bytes are swapped in pairs, an OB is not', () => {
    const description = describePixels({ rows: 1, columns: 3 });
    expect(values(job(description, Uint8Array.of(2, 1, 0, 3), { transferSyntaxUid: big }))).toEqual([1, 2, 3]);
    expect(values(job(description, Uint8Array.of(1, 2, 3, 0), { transferSyntaxUid: big, bigEndian: false }))).toEqual([
      1, 2, 3,
    ]);
    // A second frame of 3 bytes begins inside a word.
    expect(values(job(description, Uint8Array.of(4, 3, 6, 5), { transferSyntaxUid: big, bitOffset: 8 }))).toEqual([
      4, 5, 6,
    ]);
  });

  test('float and double', () => {
    const float = describePixels({ rows: 1, columns: 2, bitsAllocated: 32, kind: 'float' });
    expect(values(job(float, new Uint8Array(Float32Array.of(1.5, -2).buffer)))).toEqual([1.5, -2]);
    const double = describePixels({ rows: 1, columns: 2, bitsAllocated: 64, kind: 'double' });
    const bytes = new Uint8Array(17);
    bytes.set(new Uint8Array(Float64Array.of(0.1, 1e300).buffer), 1);
    expect(values(job(double, bytes.subarray(1)))).toEqual([0.1, 1e300]);
    const swapped = new Uint8Array(Float32Array.of(1.5).buffer).reverse();
    const one = describePixels({ rows: 1, columns: 1, bitsAllocated: 32, kind: 'float' });
    expect(values(job(one, swapped, { transferSyntaxUid: big }))).toEqual([1.5]);
  });

  test('planes become pixels', () => {
    const description = describePixels({ rows: 1, columns: 2, samplesPerPixel: 3, planarConfiguration: 1 });
    expect(values(job(description, Uint8Array.of(1, 2, 3, 4, 5, 6)))).toEqual([1, 3, 5, 2, 4, 6]);
  });

  test('YBR_FULL_422 is upsampled, by length if a writer stored it whole', () => {
    const description = describePixels({
      rows: 1,
      columns: 2,
      samplesPerPixel: 3,
      photometricInterpretation: 'YBR_FULL_422',
    });
    const frame = decodeNative(job(description, Uint8Array.of(10, 20, 30, 40)));
    expect([...frame.values]).toEqual([10, 30, 40, 20, 30, 40]);
    expect(frame.photometricInterpretation).toBe('YBR_FULL');
    expect(values(job(description, Uint8Array.of(1, 2, 3, 4, 5, 6)))).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('YBR_PARTIAL_422 comes out in full range', () => {
    const description = describePixels({
      rows: 1,
      columns: 2,
      samplesPerPixel: 3,
      photometricInterpretation: 'YBR_PARTIAL_422',
    });
    expect(values(job(description, Uint8Array.of(16, 235, 128, 240)))).toEqual([0, 128, 255, 255, 128, 255]);
  });

  test('a frame that is cut off is shown as far as it goes, on the darkest of its values', () => {
    const cut = (given: Partial<PixelDescription>, bytes: Uint8Array): DecodedFrame =>
      decodeNative(job(describePixels({ rows: 2, columns: 2, ...given }), bytes));
    const grey = { bitsAllocated: 16, pixelRepresentation: 1 } as const;
    const words = new Uint8Array(Int16Array.of(5, -7, 3).buffer);
    expect([...cut(grey, words).values]).toEqual([5, -7, 3, -7]);
    expect(cut(grey, words).incomplete).toMatch(/needs 8 bytes and has 6/);
    expect([...cut({ ...grey, photometricInterpretation: 'MONOCHROME1' }, words).values]).toEqual([5, -7, 3, 5]);
    const colour = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect([...cut({ samplesPerPixel: 3 }, colour).values]).toEqual([1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0]);
    expect(() => cut({ samplesPerPixel: 3, planarConfiguration: 1 }, colour)).toThrow(/needs 12 bytes/);
    expect(() => cut(grey, words.subarray(0, 3))).toThrow(/needs 8 bytes/);
    expect(cut(grey, new Uint8Array(8)).incomplete).toBeUndefined();
  });

  test('a short frame is an error that names both lengths, not an invented picture', () => {
    const description = describePixels({ rows: 2, columns: 2, bitsAllocated: 16 });
    expect(() => decodeNative(job(description, new Uint8Array(3)))).toThrow(/needs 8 bytes and has 3/);
    const subsampled = describePixels({
      rows: 2,
      columns: 2,
      samplesPerPixel: 3,
      photometricInterpretation: 'YBR_FULL_422',
    });
    expect(() => decodeNative(job(subsampled, new Uint8Array(3)))).toThrow(/needs 8 bytes/);
    expect(() =>
      decodeNative(job(describePixels({ rows: 1, columns: 9, bitsAllocated: 1 }), new Uint8Array(0))),
    ).toThrow(/needs 2/);
  });

  test('every layout of cells agrees with plain arithmetic', () => {
    const layouts = fc
      .record({
        bitsAllocated: fc.constantFrom(8, 16, 32),
        stored: fc.integer({ min: 1, max: 32 }),
        high: fc.nat(31),
        signed: fc.boolean(),
        bigEndian: fc.boolean(),
        bytes: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      })
      .map(({ stored, high, ...rest }) => {
        const bitsStored = Math.min(stored, rest.bitsAllocated);
        return { ...rest, bitsStored, highBit: bitsStored - 1 + (high % (rest.bitsAllocated - bitsStored + 1)) };
      });
    fc.assert(
      fc.property(layouts, ({ bitsAllocated, bitsStored, highBit, signed, bigEndian, bytes }) => {
        const columns = 128 / bitsAllocated;
        const description = describePixels({
          rows: 1,
          columns,
          bitsAllocated,
          bitsStored,
          highBit,
          pixelRepresentation: signed ? 1 : 0,
        });
        const found = values(job(description, bytes, { bigEndian }));
        const ordered = bitsAllocated === 8 && bigEndian ? Uint8Array.from(bytes, (_, i) => bytes[i ^ 1] ?? 0) : bytes;
        const view = new DataView(ordered.buffer, ordered.byteOffset);
        const expected = Array.from({ length: columns }, (_, i) => {
          const cell =
            bitsAllocated === 8
              ? view.getUint8(i)
              : bitsAllocated === 16
                ? view.getUint16(i * 2, !bigEndian)
                : view.getUint32(i * 4, !bigEndian);
          const value = Math.floor(cell / 2 ** (highBit + 1 - bitsStored)) % 2 ** bitsStored;
          return signed && value >= 2 ** (bitsStored - 1) ? value - 2 ** bitsStored : value;
        });
        expect(found).toEqual(expected);
      }),
      { seed: 11, numRuns: repetitions(80, 300) },
    );
  });
});

describe('descriptions that cannot be', () => {
  const decoder = createFrameDecoder();
  const decode = (given: Partial<FrameJob['description']>, uid = little): Promise<unknown> =>
    decoder.decode({
      transferSyntaxUid: uid,
      description: { ...describePixels({ rows: 2, columns: 2 }), ...given },
      bytes: new Uint8Array(4),
    });

  test.each([
    [{ rows: 0 }, /Rows is 0/],
    [{ columns: Number.NaN }, /Columns is NaN/],
    [{ samplesPerPixel: 7 }, /Samples per Pixel is 7/],
    [{ bitsAllocated: 65 }, /Bits Allocated is 65/],
    [{ bitsStored: 9 }, /Bits Stored is 9/],
    [{ highBit: 8 }, /High Bit is 8/],
    [{ rows: 65535, columns: 65535 }, /larger than the limit/],
    [{ bitsAllocated: 40, bitsStored: 40, highBit: 39 }, /Bits Allocated 40 is not supported/],
  ])('%o', async (given, message) => {
    await expect(decode(given)).rejects.toThrow(message);
  });

  test('unknown and unsupported transfer syntaxes are named', async () => {
    await expect(decode({}, '1.2.3')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('(1.2.3)'),
    });
    await expect(decode({}, '1.2.840.10008.1.2.4.94')).rejects.toThrow(
      /JPIP Referenced .* keeps the pixels on a JPIP server/,
    );
  });
});
