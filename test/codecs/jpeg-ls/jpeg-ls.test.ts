import { describe, expect, test } from 'vitest';
import { runCodec } from '../../../src/codecs/run-codec.ts';
import type { DecodedFrame, PixelDescription } from '../../../src/types/pixels.ts';
import { describePixels } from '../../support/encoders/description.ts';
import { picture } from '../../support/encoders/random.ts';
import { encodeJpegLs } from '../../support/encoders/wasm-encoders.ts';
import { repetitions } from '../../support/repetitions.ts';

const transferSyntaxUid = '1.2.840.10008.1.2.4.80';
const decode = (bytes: Uint8Array, description: PixelDescription): Promise<DecodedFrame> =>
  runCodec('jpeg-ls', { transferSyntaxUid, description, bytes });
const [rows, columns] = [37, 29];

describe('JPEG-LS', () => {
  test.each([2, 7, 8, 12, 16])('%d bits', async (bitsStored) => {
    const values = picture(rows, columns, 1, bitsStored);
    const bytes = await encodeJpegLs(values, { rows, columns, samplesPerPixel: 1, bitsStored });
    const description = describePixels({ rows, columns, bitsAllocated: bitsStored > 8 ? 16 : 8, bitsStored });
    expect([...(await decode(bytes, description)).values]).toEqual([...values]);
  });

  test.each([0, 1, 2])('colour, interleave mode %d, comes out by pixel and unconverted', async (interleave) => {
    for (const bitsStored of [8, 12]) {
      const pixels = picture(rows, columns, 3, bitsStored);
      // In mode 0 the encoder takes samples by plane.
      const values =
        interleave === 0
          ? Uint16Array.from(
              pixels,
              (_, i) => pixels[(i % (rows * columns)) * 3 + Math.floor(i / (rows * columns))] ?? 0,
            )
          : pixels;
      const bytes = await encodeJpegLs(values, { rows, columns, samplesPerPixel: 3, bitsStored }, 0, interleave);
      const bitsAllocated = bitsStored > 8 ? 16 : 8;
      const description = describePixels({
        rows,
        columns,
        samplesPerPixel: 3,
        bitsAllocated,
        bitsStored,
        photometricInterpretation: 'YBR_FULL',
      });
      const frame = await decode(bytes, description);
      expect([...frame.values]).toEqual([...pixels]);
      expect(frame.photometricInterpretation).toBe('YBR_FULL');
    }
  });

  test('near-lossless stays within NEAR', async () => {
    const values = picture(rows, columns, 1, 12);
    const bytes = await encodeJpegLs(values, { rows, columns, samplesPerPixel: 1, bitsStored: 12 }, 3);
    const { values: found } = await decode(bytes, describePixels({ rows, columns, bitsAllocated: 16, bitsStored: 12 }));
    expect(Math.max(...Array.from(found, (value, i) => Math.abs(value - (values[i] ?? 0))))).toBeLessThanOrEqual(3);
  });

  test('the sign is the header’s', async () => {
    const bytes = await encodeJpegLs([0xfff, 0x800, 0, 0x7ff], {
      rows: 2,
      columns: 2,
      samplesPerPixel: 1,
      bitsStored: 12,
    });
    const description = describePixels({
      rows: 2,
      columns: 2,
      bitsAllocated: 16,
      bitsStored: 12,
      pixelRepresentation: 1,
    });
    expect([...(await decode(bytes, description)).values]).toEqual([-1, -2048, 0, 2047]);
  });

  // Without the end mark after the codestream, CharLS never returns from some of these.
  test('a codestream cut off anywhere is an error', async () => {
    const bytes = await encodeJpegLs(picture(rows, columns, 1, 12), {
      rows,
      columns,
      samplesPerPixel: 1,
      bitsStored: 12,
    });
    const description = describePixels({ rows, columns, bitsAllocated: 16, bitsStored: 12 });
    const step = repetitions(150, 23);
    for (let length = 0; length < bytes.length - 4; length += step) {
      await expect(decode(bytes.subarray(0, length), description)).rejects.toHaveProperty('code', 'decode');
    }
  });

  test('a frame after a broken one is not the one before it', async () => {
    const frame = { rows, columns, samplesPerPixel: 1, bitsStored: 8 };
    const description = describePixels({ rows, columns });
    const [first, second] = [picture(rows, columns, 1, 8, 1), picture(rows, columns, 1, 8, 2)];
    const bytes = await encodeJpegLs(first, frame);
    expect([...(await decode(bytes, description)).values]).toEqual([...first]);
    await expect(decode(bytes.subarray(0, 60), description)).rejects.toHaveProperty('code', 'decode');
    expect([...(await decode(await encodeJpegLs(second, frame), description)).values]).toEqual([...second]);
  });

  test('a size other than described is an error', async () => {
    const bytes = await encodeJpegLs(picture(rows, columns, 1, 8), {
      rows,
      columns,
      samplesPerPixel: 1,
      bitsStored: 8,
    });
    await expect(decode(bytes, describePixels({ rows, columns: 30 }))).rejects.toThrow(/30 x 37 .* 29 x 37/);
  });
});
