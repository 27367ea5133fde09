import { describe, expect, test } from 'vitest';
import { type FrameCoding, runCodec } from '../../src/codecs/run-codec.ts';
import { frameOfCells } from '../../src/codecs/stored-values.ts';
import type { DecodedFrame, PixelDescription } from '../../src/types/pixels.ts';
import { describePixels } from '../support/encoders/description.ts';
import { encodeJpegDct } from '../support/encoders/jpeg-dct.ts';
import {
  type EncoderFrame,
  encodeHtj2k,
  encodeJ2k,
  encodeJpegLosslessNative,
  encodeJpegLs,
  encodeJpegXl,
} from '../support/encoders/wasm-encoders.ts';

const [rows, columns] = [64, 64];
const coded: EncoderFrame = { rows, columns, samplesPerPixel: 1, bitsStored: 16 };
const repeated = (values: readonly number[]): number[] =>
  Array.from({ length: rows * columns }, (_, index) => values[index % values.length] ?? 0);

type Encode = (values: readonly number[], frame: EncoderFrame) => Uint8Array | Promise<Uint8Array>;
const lossless: readonly (readonly [string, FrameCoding, string, Encode])[] = [
  ['JPEG 2000', 'jpeg-2000', '1.2.840.10008.1.2.4.91', (values, frame) => encodeJ2k(values, frame)],
  ['HTJ2K', 'jpeg-2000', '1.2.840.10008.1.2.4.203', (values, frame) => encodeHtj2k(values, frame)],
  ['JPEG-LS', 'jpeg-ls', '1.2.840.10008.1.2.4.81', (values, frame) => encodeJpegLs(values, frame)],
  ['lossless JPEG', 'jpeg', '1.2.840.10008.1.2.4.70', (values, frame) => encodeJpegLosslessNative(values, frame, 1)],
  ['JPEG XL', 'jpeg-xl', '1.2.840.10008.1.2.4.112', (values, frame) => encodeJpegXl(values, frame)],
];
const described = (given: Partial<PixelDescription>): PixelDescription =>
  describePixels({ rows, columns, bitsAllocated: 16, bitsStored: 12, ...given });

describe.each(lossless)('%s of 16 bits under Bits Stored 12', (_name, coding, transferSyntaxUid, encode) => {
  const decode = (bytes: Uint8Array, description: PixelDescription, reduce = 1): Promise<DecodedFrame> =>
    runCodec(coding, { transferSyntaxUid, description, bytes, reduce });

  test('values beyond Bits Stored stay what they are', async () => {
    const values = repeated([4090, 4123, 4095, 4100]);
    const found = await decode(await encode(values, coded), described({}));
    expect([...found.values]).toEqual(values);
  });

  test('at reduced size too', async () => {
    const found = await decode(await encode(repeated([4123]), coded), described({}), 4);
    expect(new Set(found.values)).toEqual(new Set([4123]));
  });

  test('Pixel Representation 1: two’s complement of Bits Stored', async () => {
    const values = repeated([0xfff, 0x800, 0, 0x7ff]);
    const found = await decode(await encode(values, coded), described({ pixelRepresentation: 1 }));
    expect([...found.values]).toEqual(repeated([-1, -2048, 0, 2047]));
  });

  test('Pixel Representation 1 with a sign extended to 16 bits: no value is cut off', async () => {
    const values = repeated([0xffff, 0xf7f0, 0, 0x803]);
    const found = await decode(await encode(values, coded), described({ pixelRepresentation: 1 }));
    expect([...found.values]).toEqual(repeated([-1, -2064, 0, 2051]));
  });
});

test('JPEG with DCT: values beyond Bits Stored stay what they are', async () => {
  const bytes = encodeJpegDct(new Array<number>(rows * columns).fill(1100), {
    rows,
    columns,
    precision: 12,
  });
  for (const reduce of [1, 2, 8]) {
    const description = described({ bitsStored: 10, highBit: 9 });
    const found = await runCodec('jpeg', { transferSyntaxUid: '1.2.840.10008.1.2.4.51', description, bytes, reduce });
    for (const value of new Set(found.values)) expect(Math.abs(value - 1100)).toBeLessThan(20);
  }
});

describe('a signed codestream under Pixel Representation 0', () => {
  test.each([
    ['JPEG 2000', encodeJ2k],
    ['HTJ2K', encodeHtj2k],
  ] as const)('%s is believed, with a note', async (_name, encode) => {
    for (const bitsStored of [12, 16]) {
      const values = repeated([-1000, -1, 0, 1000]);
      const bytes = await encode(values, { ...coded, bitsStored, signed: true });
      const decode = (pixelRepresentation: 0 | 1): Promise<DecodedFrame> =>
        runCodec('jpeg-2000', {
          transferSyntaxUid: '1.2.840.10008.1.2.4.90',
          description: described({ bitsStored, highBit: bitsStored - 1, pixelRepresentation }),
          bytes,
        });
      const found = await decode(0);
      expect([...found.values]).toEqual(values);
      expect(found.notes).toEqual([expect.stringContaining('Pixel Representation')]);
      expect((await decode(1)).notes).toBeUndefined();
    }
  });

  test('colour has no negative values: the sign changes nothing', () => {
    const found = frameOfCells(
      {
        ...{ rows: 1, columns: 1, samplesPerPixel: 3, precision: 8, signed: true, photometricInterpretation: 'RGB' },
        cells: Uint8Array.of(1, 128, 255),
      },
      describePixels({ rows: 1, columns: 1, samplesPerPixel: 3 }),
    );
    expect([...found.values]).toEqual([1, 128, 255]);
    expect(found.notes).toHaveLength(1);
  });
});

test('what a decoder gives beyond the codestream’s own precision is the nearest value that it can hold', () => {
  const frame = (signed: boolean, pixelRepresentation: 0 | 1): number[] => [
    ...frameOfCells(
      {
        ...{ rows: 1, columns: 4, samplesPerPixel: 1, precision: 12, signed, photometricInterpretation: 'MONOCHROME2' },
        cells: Uint16Array.of(4097, 65530, 5, 4095),
      },
      describePixels({ rows: 1, columns: 4, bitsAllocated: 16, bitsStored: 12, pixelRepresentation }),
    ).values,
  ];
  expect(frame(false, 0)).toEqual([4095, 0, 5, 4095]);
  expect(frame(true, 1)).toEqual([2047, -2048, -2043, 2047]);
});

test('unsigned values that overshoot under Pixel Representation 1 do not change their sign', () => {
  const found = frameOfCells(
    {
      ...{ rows: 1, columns: 4, samplesPerPixel: 1, precision: 16, signed: false },
      photometricInterpretation: 'MONOCHROME2',
      cells: Uint16Array.of(4097, 4095, 0, 2047),
    },
    describePixels({ rows: 1, columns: 4, bitsAllocated: 16, bitsStored: 12, pixelRepresentation: 1 }),
  );
  expect([...found.values]).toEqual([-1, -1, 0, 2047]);
});
