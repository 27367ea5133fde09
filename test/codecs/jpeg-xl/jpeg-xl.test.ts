import { describe, expect, test } from 'vitest';
import { readJpegXlHeaders } from '../../../src/codecs/jpeg-xl/jpeg-xl-headers.ts';
import { runCodec } from '../../../src/codecs/run-codec.ts';
import type { DecodedFrame, PixelDescription } from '../../../src/types/pixels.ts';
import { describePixels } from '../../support/encoders/description.ts';
import { picture } from '../../support/encoders/random.ts';
import { encodeJpegXl } from '../../support/encoders/wasm-encoders.ts';
import { repetitions } from '../../support/repetitions.ts';

const transferSyntaxUid = '1.2.840.10008.1.2.4.110';
const decode = (bytes: Uint8Array, description: PixelDescription): Promise<DecodedFrame> =>
  runCodec('jpeg-xl', { transferSyntaxUid, description, bytes });
const [rows, columns] = [43, 67];

describe('JPEG XL', () => {
  test.each([
    [1, 8],
    [1, 16],
    [3, 8],
    [3, 16],
  ])('%d samples of %d bits', async (samplesPerPixel, bitsStored) => {
    const values = picture(rows, columns, samplesPerPixel, bitsStored);
    const bytes = encodeJpegXl(values, { rows, columns, samplesPerPixel, bitsStored });
    const description = describePixels({
      rows,
      columns,
      samplesPerPixel,
      bitsAllocated: bitsStored > 8 ? 16 : 8,
      bitsStored,
    });
    expect(readJpegXlHeaders(bytes)).toMatchObject({ rows, columns, precision: bitsStored, animated: false });
    const frame = await decode(bytes, description);
    expect([...frame.values]).toEqual([...values]);
    expect(frame.photometricInterpretation).toBe(samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2');
  });

  test('a codestream cut off is an error, and the next frame is decoded by a fresh decoder', async () => {
    const values = picture(rows, columns, 1, 16);
    const bytes = encodeJpegXl(values, { rows, columns, samplesPerPixel: 1, bitsStored: 16 });
    const description = describePixels({ rows, columns, bitsAllocated: 16 });
    const step = Math.ceil(bytes.length / repetitions(5, 12));
    for (let length = 0; length < bytes.length - 4; length += step) {
      await expect(decode(bytes.subarray(0, length), description)).rejects.toHaveProperty('code', 'decode');
      expect([...(await decode(bytes, description)).values]).toEqual([...values]);
    }
  });

  test('a size or number of samples other than described is an error', async () => {
    const bytes = encodeJpegXl(picture(rows, columns, 1, 8), { rows, columns, samplesPerPixel: 1, bitsStored: 8 });
    await expect(decode(bytes, describePixels({ rows, columns: 68 }))).rejects.toThrow(/68 x 43 .* 67 x 43/);
    await expect(decode(bytes, describePixels({ rows, columns, samplesPerPixel: 3 }))).rejects.toHaveProperty(
      'code',
      'decode',
    );
  });

  test.each([new Uint8Array(0), Uint8Array.of(0xff, 0x0a), new Uint8Array(64).fill(0xff)])(
    'garbage %#',
    async (bytes) => {
      await expect(decode(bytes, describePixels({ rows, columns }))).rejects.toHaveProperty('code', 'decode');
    },
  );
});
