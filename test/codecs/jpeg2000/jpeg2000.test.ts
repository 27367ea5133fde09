import { describe, expect, test } from 'vitest';
import { readJpeg2000Headers } from '../../../src/codecs/jpeg2000/jpeg2000-headers.ts';
import { runCodec } from '../../../src/codecs/run-codec.ts';
import type { DecodedFrame, PixelDescription } from '../../../src/types/pixels.ts';
import { describePixels } from '../../support/encoders/description.ts';
import { picture } from '../../support/encoders/random.ts';
import { type EncoderFrame, encodeHtj2k, encodeJ2k } from '../../support/encoders/wasm-encoders.ts';

const transferSyntaxUid = '1.2.840.10008.1.2.4.90';
const decode = (bytes: Uint8Array, description: PixelDescription, reduce = 1): Promise<DecodedFrame> =>
  runCodec('jpeg-2000', { transferSyntaxUid, description, bytes, reduce });
const [rows, columns] = [75, 101];
const described = (frame: EncoderFrame): PixelDescription =>
  describePixels({
    rows: frame.rows,
    columns: frame.columns,
    samplesPerPixel: frame.samplesPerPixel,
    bitsAllocated: frame.bitsStored > 8 ? 16 : 8,
    bitsStored: frame.bitsStored,
    pixelRepresentation: frame.signed === true ? 1 : 0,
  });
/** 5 x 3 pixels, no component transform, one decomposition level; by the program ojph_compress of OpenJPH 0.9. */
const untransformedHtj2k = Buffer.from(
  '/0//UQAvQAAAAAAFAAAAAwAAAAAAAAAAAAAABQAAAAMAAAAAAAAAAAADBwEBBwEBBwEB/1AACAACAAAAA/9SAAwAAgABAAEEBEAB/1wAByBQUFBY/2QAFgAB' +
    'T3BlbkpQSCBWZXIgMC45LjAu/5AACgAAAAAASwAB/5PAFYD/TeuH6/wAAAF5tgDAFUCfsFhX/QGQ+LUAwBWAPpGUzaz8AAADfrYAwBGAgAMAwBGAgAMAwBGA' +
    'gAMA/9k=',
  'base64',
);

/** The encoders here take bytes for unsigned. Signed components differ in a shift by half the range, and in a flag. */
async function encodeSigned8(
  encode: typeof encodeJ2k | typeof encodeHtj2k,
  values: readonly number[],
  frame: EncoderFrame,
): Promise<Uint8Array> {
  const bytes = await encode(
    values.map((value) => value + 128),
    { ...frame, signed: false },
  );
  bytes[42] = 0x87;
  return bytes;
}
const kinds = [
  ['JPEG 2000', encodeJ2k],
  ['HTJ2K', encodeHtj2k],
] as const;

describe('HTJ2K without component transform', () => {
  const frame = { rows: 3, columns: 5, samplesPerPixel: 3, bitsStored: 8 };
  const sample = (pixel: number, component: number): number => component * 80 + pixel * 5;

  test('keeps each component in its place', async () => {
    for (const [photometric, expected] of [
      ['RGB', 'RGB'],
      ['YBR_FULL', 'YBR_FULL'],
      ['YBR_RCT', 'RGB'],
    ] as const) {
      const found = await decode(untransformedHtj2k, { ...described(frame), photometricInterpretation: photometric });
      expect([...found.values]).toEqual(Array.from({ length: 45 }, (_, i) => sample(Math.trunc(i / 3), i % 3)));
      expect(found.photometricInterpretation).toBe(expected);
    }
  });

  test('at reduced size too', async () => {
    const found = await decode(untransformedHtj2k, described(frame), 2);
    expect([found.rows, found.columns]).toEqual([2, 3]);
    for (const [index, value] of found.values.entries()) {
      const pixel = Math.trunc(Math.trunc(index / 3) / 3) * 10 + (Math.trunc(index / 3) % 3) * 2;
      expect(Math.abs(value - sample(pixel, index % 3))).toBeLessThan(12);
    }
  });
});

describe.each(kinds)('%s', (name, encode) => {
  test.each([8, 10, 12, 16])('%d bits, unsigned and signed', async (bitsStored) => {
    for (const signed of [false, true]) {
      const frame = { rows, columns, samplesPerPixel: 1, bitsStored, signed };
      const half = signed ? 2 ** (bitsStored - 1) : 0;
      const values = Array.from(picture(rows, columns, 1, bitsStored), (value) => value - half);
      const bytes =
        signed && bitsStored === 8 ? await encodeSigned8(encode, values, frame) : await encode(values, frame);
      const found = await decode(bytes, described(frame));
      expect([...found.values]).toEqual(values);
    }
  });

  test('colour of 8 bits', async () => {
    const frame = { rows, columns, samplesPerPixel: 3, bitsStored: 8 };
    const values = picture(rows, columns, 3, 8);
    const found = await decode(await encode(values, frame), {
      ...described(frame),
      photometricInterpretation: 'YBR_RCT',
    });
    expect([...found.values]).toEqual([...values]);
    expect(found.photometricInterpretation).toBe('RGB');
  });

  test('leaves out as many wavelet levels as it may and as there are', async () => {
    const frame = { rows, columns, samplesPerPixel: 1, bitsStored: 12 };
    const bytes = await encode(picture(rows, columns, 1, 12), frame);
    const levels = readJpeg2000Headers(bytes)?.decompositions ?? 0;
    expect(levels).toBeGreaterThan(2);
    for (const [reduce, factor] of [
      [2, 2],
      [3, 2],
      [4, 4],
      [1e9, 2 ** levels],
    ] as const) {
      const found = await decode(bytes, described(frame), reduce);
      expect([found.rows, found.columns]).toEqual([Math.ceil(rows / factor), Math.ceil(columns / factor)]);
      expect(found.values).toHaveLength(found.rows * found.columns);
    }
    const flat = await encode(new Uint16Array(rows * columns).fill(1234), frame);
    expect(new Set((await decode(flat, described(frame), 4)).values)).toEqual(new Set([1234]));
  });

  test('a signed codestream of 8 bits, reduced', async () => {
    const frame = { rows, columns, samplesPerPixel: 1, bitsStored: 8, signed: true };
    const flat = await encodeSigned8(encode, new Array<number>(rows * columns).fill(-100), frame);
    expect(new Set((await decode(flat, described(frame), 4)).values)).toEqual(new Set([-100]));
  });

  test('an unsigned codestream under a signed header: its top bit is the sign', async () => {
    const frame = { rows: 64, columns: 64, samplesPerPixel: 1, bitsStored: 12 };
    const corners = [0xfff, 0x800, 0, 0x7ff];
    const bytes = await encode(
      Array.from({ length: 4096 }, (_, i) => corners[i % 4] ?? 0),
      frame,
    );
    const found = await decode(bytes, { ...described(frame), bitsStored: 16, highBit: 15, pixelRepresentation: 1 });
    expect([...found.values.subarray(0, 4)]).toEqual([-1, -2048, 0, 2047]);
  });

  test('a codestream cut off anywhere is an error, not a partial picture', async () => {
    const frame = { rows, columns, samplesPerPixel: 1, bitsStored: 12 };
    const bytes = await encode(picture(rows, columns, 1, 12), frame);
    for (let length = 0; length < bytes.length - 4; length += 211) {
      await expect(decode(bytes.subarray(0, length), described(frame))).rejects.toHaveProperty('code', 'decode');
    }
  });

  test('a frame after a broken one is not the one before it', async () => {
    const frame = { rows, columns, samplesPerPixel: 1, bitsStored: 8 };
    const [first, second] = [picture(rows, columns, 1, 8, 1), picture(rows, columns, 1, 8, 2)];
    const bytes = await encode(first, frame);
    expect([...(await decode(bytes, described(frame))).values]).toEqual([...first]);
    // With a broken quantization marker the decoder itself fails.
    const broken = bytes.slice();
    const quantization = broken.findIndex((byte, i) => byte === 0xff && broken[i + 1] === 0x5c);
    broken[quantization + 1] = 0x00;
    const outcome = await decode(broken, described(frame)).catch((error: unknown) => error);
    expect(outcome).toHaveProperty('code', 'decode');
    expect([...(await decode(await encode(second, frame), described(frame))).values]).toEqual([...second]);
  });

  test('a size other than described is an error', async () => {
    const frame = { rows, columns, samplesPerPixel: 1, bitsStored: 8 };
    const bytes = await encode(picture(rows, columns, 1, 8), frame);
    await expect(decode(bytes, { ...described(frame), columns: 99 })).rejects.toThrow(/99 x 75 .* 101 x 75/);
  });

  test('its main header tells its size and kind', async () => {
    const frame = { rows, columns, samplesPerPixel: 1, bitsStored: 8 };
    const headers = readJpeg2000Headers(await encode(picture(rows, columns, 1, 8), frame));
    expect(headers).toMatchObject({ rows, columns, complete: true, highThroughput: name === 'HTJ2K' });
  });
});

describe('unusual JPEG 2000 codestreams', () => {
  const frame = { rows, columns, samplesPerPixel: 1, bitsStored: 8 };
  const values = picture(rows, columns, 1, 8);
  const box = (type: string, ...contents: readonly Uint8Array[]): Uint8Array => {
    const body = Buffer.concat(contents);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(body.length + 8);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, body]);
  };
  const signature = box('jP  ', Uint8Array.of(0x0d, 0x0a, 0x87, 0x0a));

  test('in a JP2 file', async () => {
    const colour = box('colr', Uint8Array.of(1, 0, 0, 0, 0, 0, 17));
    const bytes = Buffer.concat([
      signature,
      box('ftyp', new Uint8Array(12)),
      box('jp2h', colour),
      box('jp2c', await encodeJ2k(values, frame)),
    ]);
    expect(readJpeg2000Headers(bytes)?.colourSpace).toBe(17);
    expect([...(await decode(bytes, described(frame))).values]).toEqual([...values]);
  });

  test('zeros and padding after the end', async () => {
    const bytes = Buffer.concat([await encodeJ2k(values, frame), new Uint8Array(9)]);
    expect([...(await decode(bytes, described(frame))).values]).toEqual([...values]);
  });

  test('two components, an image offset, 17 bits: unsupported, in words', async () => {
    const bytes = await encodeJ2k(values, frame);
    const changed = (at: number, value: number): Uint8Array =>
      Uint8Array.from(bytes, (byte, i) => (i === at ? value : byte));
    await expect(decode(changed(42, 16), described(frame))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('17 bits'),
    });
    await expect(decode(changed(43, 2), described(frame))).rejects.toHaveProperty('code', 'unsupported');
  });

  test.each([new Uint8Array(0), Uint8Array.of(0xff, 0x4f, 0xff, 0x51), signature, new Uint8Array(100).fill(0xff)])(
    'garbage %#',
    async (bytes) => {
      await expect(decode(bytes, described(frame))).rejects.toHaveProperty('code', 'decode');
    },
  );
});
