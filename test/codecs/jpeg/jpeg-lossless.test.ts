import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFrameDecoder } from '../../../src/codecs/frame-decoder.ts';
import type { PixelDescription } from '../../../src/types/pixels.ts';
import { describePixels } from '../../support/encoders/description.ts';
import { encodeJpegLossless, type LosslessOptions } from '../../support/encoders/jpeg-lossless.ts';
import { picture } from '../../support/encoders/random.ts';
import { encodeJpegLosslessNative } from '../../support/encoders/wasm-encoders.ts';
import { repetitions } from '../../support/repetitions.ts';

const decoder = createFrameDecoder();
const decode = async (bytes: Uint8Array, description: PixelDescription): Promise<number[]> => {
  const frame = await decoder.decode({ transferSyntaxUid: '1.2.840.10008.1.2.4.57', description, bytes });
  return [...frame.values];
};
const described = ({ rows, columns, components, precision }: LosslessOptions): PixelDescription =>
  describePixels({
    rows,
    columns,
    samplesPerPixel: components,
    bitsAllocated: precision > 8 ? 16 : 8,
    bitsStored: precision,
  });

const base = { rows: 19, columns: 23, components: 1, precision: 12, selection: 1 } as const;

describe('lossless JPEG', () => {
  test.each([1, 2, 3, 4, 5, 6, 7])('selection value %d, against an independent encoder', async (selection) => {
    for (const [components, precision] of [
      [1, 8],
      [1, 12],
      [1, 16],
      [3, 8],
    ] as const) {
      const options = { ...base, selection, components, precision };
      const values = picture(base.rows, base.columns, components, precision);
      const frame = { rows: base.rows, columns: base.columns, samplesPerPixel: components, bitsStored: precision };
      expect(await decode(encodeJpegLosslessNative(values, frame, selection), described(options))).toEqual([...values]);
    }
  });

  test.each<[string, Partial<LosslessOptions>]>([
    ['2 bits', { precision: 2 }],
    ['7 bits', { precision: 7, selection: 5 }],
    ['16 bits', { precision: 16, selection: 7 }],
    ['restarts', { restartRows: 3, selection: 4 }],
    ['restarts each row', { restartRows: 1, selection: 6 }],
    ['three components', { components: 3, precision: 8, selection: 2 }],
    ['three components in three scans', { components: 3, precision: 8, separateScans: true }],
    ['three components of 16 bits with restarts', { components: 3, precision: 16, restartRows: 4, selection: 3 }],
    ['one column', { columns: 1, selection: 7 }],
    ['one row', { rows: 1, selection: 7 }],
  ])('%s', async (_name, given) => {
    const options: LosslessOptions = { ...base, ...given };
    const values = picture(options.rows, options.columns, options.components, options.precision);
    expect(await decode(encodeJpegLossless(values, options), described(options))).toEqual([...values]);
  });

  test.each([5, 6])('predictor %d with and without the overflow of some encoders', async (selection) => {
    const options = { ...base, precision: 16, selection };
    // Two's complement around 0: neighbours differ by nearly 2^16.
    const values = Array.from(picture(base.rows, base.columns, 1, 10), (value) => (value - 512) & 0xffff);
    for (const overflows of [false, true]) {
      const bytes = encodeJpegLossless(values, { ...options, overflows });
      const job = { transferSyntaxUid: '1.2.840.10008.1.2.4.57', description: described(options), bytes };
      const frame = await decoder.decode(job);
      expect([...frame.values]).toEqual(values);
      expect(frame.notes).toEqual(overflows ? [expect.stringContaining(`predictor ${selection} overflow`)] : undefined);
    }
  });

  test('a point transform drops low bits', async () => {
    const options = { ...base, pointTransform: 3, selection: 5 };
    const values = picture(base.rows, base.columns, 1, 12);
    const found = await decode(encodeJpegLossless(values, options), described(options));
    expect(found).toEqual(Array.from(values, (value) => value & ~7));
  });

  test('differences of 32768 and noise over the whole range', async () => {
    const options = { ...base, rows: 16, columns: 16, precision: 16 };
    for (const selection of [1, 4, 6, 7]) {
      const values = Uint16Array.from({ length: 256 }, (_, i) =>
        i % 3 === 0 ? 32768 : i % 3 === 1 ? 0 : (i * 40503) & 0xffff,
      );
      expect(await decode(encodeJpegLossless(values, { ...options, selection }), described(options))).toEqual([
        ...values,
      ]);
    }
  });

  test('the header of a signed image gives the sign', async () => {
    const options = { ...base, rows: 1, columns: 4 };
    const coded = encodeJpegLossless([0xfff, 0x800, 0, 0x7ff], options);
    expect(await decode(coded, { ...described(options), pixelRepresentation: 1 })).toEqual([-1, -2048, 0, 2047]);
    // Fewer bits in the codestream than Bits Stored: its top bit is the sign.
    expect(await decode(coded, { ...described(options), bitsStored: 16, highBit: 15, pixelRepresentation: 1 })).toEqual(
      [-1, -2048, 0, 2047],
    );
  });

  test('a codestream as wide as High Bit says holds whole cells', async () => {
    const options = { ...base, rows: 1, columns: 3, precision: 16 };
    const coded = encodeJpegLossless([0xfff0, 0x8000, 0x0010], options);
    expect(await decode(coded, { ...described(options), bitsStored: 12, highBit: 15 })).toEqual([0xfff, 0x800, 1]);
  });

  test('three components are what the header says, not converted', async () => {
    const options = { ...base, components: 3, precision: 8 };
    const coded = encodeJpegLossless(picture(19, 23, 3, 8), options);
    const description = { ...described(options), photometricInterpretation: 'YBR_FULL' };
    const frame = await decoder.decode({ transferSyntaxUid: '1.2.840.10008.1.2.4.70', description, bytes: coded });
    expect(frame.photometricInterpretation).toBe('YBR_FULL');
  });

  test('any bytes end in a whole frame or a DecodeError; a cut in an error or a part', async () => {
    const options = { ...base, restartRows: 5 };
    const good = encodeJpegLossless(picture(base.rows, base.columns, 1, 12), options);
    const flips = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const bytes = good.slice();
        for (const [at, value] of changes) bytes[at] = value;
        const outcome = await decode(bytes, described(options)).catch((error: unknown) => error);
        if (Array.isArray(outcome)) expect(outcome).toHaveLength(19 * 23);
        else expect(outcome).toHaveProperty('code', expect.stringMatching(/decode|unsupported/));
      }),
      { seed: 5, numRuns: repetitions(50, 400) },
    );
    for (let length = 0; length < good.length - 4; length += 7) {
      const bytes = good.subarray(0, length);
      const job = { transferSyntaxUid: '1.2.840.10008.1.2.4.57', description: described(options), bytes };
      const cut = await decoder.decode(job).catch((error: unknown) => error);
      const isPart = cut instanceof Error ? Reflect.get(cut, 'code') : Reflect.has(Object(cut), 'incomplete');
      expect(isPart).toBe(cut instanceof Error ? 'decode' : true);
    }
  });
});
