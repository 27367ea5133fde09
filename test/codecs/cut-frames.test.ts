// Compressed frames that are cut off, or break in the middle: what is there is shown, the rest is background.
import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, test } from 'vitest';
import { type FrameCoding, runCodec } from '../../src/codecs/run-codec.ts';
import type { DecodedFrame, PixelDescription } from '../../src/types/pixels.ts';
import { describePixels } from '../support/encoders/description.ts';
import { encodeJpegDct } from '../support/encoders/jpeg-dct.ts';
import { encodeJpegLossless } from '../support/encoders/jpeg-lossless.ts';
import { picture } from '../support/encoders/random.ts';
import { bytePlanes, encodeRle } from '../support/encoders/rle.ts';

const [rows, columns] = [112, 65];
const deep = picture(rows, columns, 1, 12);
const shallow = picture(rows, columns, 1, 8);
const colour = picture(rows, columns, 3, 8);
const narrow = describePixels({ rows, columns });
const wide = describePixels({ rows, columns, bitsAllocated: 16, bitsStored: 12 });
const rgb = describePixels({ rows, columns, samplesPerPixel: 3 });
const ybr = { ...rgb, photometricInterpretation: 'YBR_FULL_422' };
const lossless = { rows, columns, components: 1, precision: 12, selection: 1 };

async function sharpJpeg(options: JpegOptions): Promise<Uint8Array> {
  const raw = { width: columns, height: rows, channels: 3 } as const;
  return sharp(Uint8Array.from(colour), { raw }).jpeg(options).toBuffer();
}

interface Case {
  readonly coding: FrameCoding;
  readonly description: PixelDescription;
  readonly encode: () => Uint8Array | Promise<Uint8Array>;
  readonly reduce?: number;
  /** Rows that are shown or lost together. */
  readonly unit: number;
  /** How far what is there may be from the same rows of the whole frame, which another decoder decodes. */
  readonly tolerance?: number;
}

const cases: Readonly<Record<string, Case>> = {
  'RLE, 8 bits': {
    coding: 'rle',
    description: narrow,
    unit: 1,
    encode: () => encodeRle(bytePlanes(shallow, 1, 1)),
  },
  'JPEG, 8 bits': {
    coding: 'jpeg',
    description: narrow,
    unit: 8,
    tolerance: 1,
    encode: () => encodeJpegDct(shallow, { rows, columns, precision: 8 }),
  },
  'JPEG, 8 bits, reduced': {
    coding: 'jpeg',
    description: narrow,
    unit: 2,
    reduce: 4,
    encode: () => encodeJpegDct(shallow, { rows, columns, precision: 8 }),
  },
  'JPEG, 12 bits with restarts': {
    coding: 'jpeg',
    description: wide,
    unit: 8,
    encode: () => encodeJpegDct(deep, { rows, columns, precision: 12, restartInterval: 5 }),
  },
  'JPEG, colour': {
    coding: 'jpeg',
    description: ybr,
    unit: 8,
    tolerance: 3,
    encode: () => sharpJpeg({ chromaSubsampling: '4:4:4' }),
  },
  'JPEG, subsampled colour, reduced': {
    coding: 'jpeg',
    description: ybr,
    unit: 4,
    reduce: 4,
    encode: () => sharpJpeg({ chromaSubsampling: '4:2:0' }),
  },
  'lossless JPEG': {
    coding: 'jpeg',
    description: wide,
    unit: 1,
    encode: () => encodeJpegLossless(deep, lossless),
  },
  'lossless JPEG, another predictor, with restarts': {
    coding: 'jpeg',
    description: wide,
    unit: 1,
    encode: () => encodeJpegLossless(deep, { ...lossless, selection: 4, restartRows: 7 }),
  },
  'lossless JPEG, colour': {
    coding: 'jpeg',
    description: rgb,
    unit: 1,
    encode: () => encodeJpegLossless(colour, { ...lossless, components: 3, precision: 8 }),
  },
};

const transferSyntaxUid = '1.2.840.10008.1.2.5';

/** How many rows of a cut frame are those of the whole one. Fails where the others are not background. */
function rowsThere(cut: DecodedFrame, whole: DecodedFrame, tolerance: number): number {
  expect([cut.rows, cut.columns, cut.values.length]).toEqual([whole.rows, whole.columns, whole.values.length]);
  const there = Number(/The first (\d+) of (\d+) rows/.exec(cut.incomplete ?? '')?.[1]);
  expect(cut.incomplete).toMatch(new RegExp(`of ${cut.rows} rows are shown, and the rest is background`));
  const start = there * cut.columns * cut.samplesPerPixel;
  const distances = Array.from(cut.values.subarray(0, start), (value, at) =>
    Math.abs(value - (whole.values[at] ?? -99)),
  );
  expect(Math.max(...distances)).toBeLessThanOrEqual(tolerance);
  // RLE shows whole pixels of one row more.
  const end = start + cut.columns * cut.samplesPerPixel;
  const rest = cut.values.subarray(end);
  const darkest = cut.samplesPerPixel > 1 ? 0 : Math.min(...cut.values.subarray(0, end));
  expect(new Set(rest)).toEqual(new Set(rest.length === 0 ? [] : [darkest]));
  return there;
}

describe.each(Object.entries(cases))(
  '%s',
  (_name, { coding, description, encode, reduce = 1, unit, tolerance = 0 }) => {
    const decode = (bytes: Uint8Array): Promise<DecodedFrame> =>
      runCodec(coding, { transferSyntaxUid, description, bytes, reduce });

    test('cut off, it is shown as far as it goes; with less than half of it, it is an error', async () => {
      const good = await encode();
      const whole = await decode(good);
      expect(whole.incomplete).toBeUndefined();
      const seen = new Set<number>();
      let lost = 0;
      for (let part = 1; part < 20; part++) {
        const bytes = good.subarray(0, Math.floor((good.length * part) / 20));
        const cut = await decode(bytes).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'decode' });
          return undefined;
        });
        if (cut === undefined) {
          expect(seen.size).toBe(0);
          lost++;
          continue;
        }
        const there = rowsThere(cut, whole, tolerance);
        expect(there % unit).toBe(0);
        expect(there / cut.rows).toBeGreaterThanOrEqual(0.5 - unit / cut.rows);
        seen.add(there);
      }
      expect(lost).toBeGreaterThan(4);
      expect(seen.size).toBeGreaterThan(2);
      expect([...seen]).toEqual([...seen].toSorted((one, other) => one - other));
    });

    test('with nothing but noise from the middle on, it is what is there, or an error', async () => {
      const good = await encode();
      const bytes = good.slice();
      for (let at = Math.floor(good.length * 0.7); at < good.length; at++) bytes[at] = (at * 7919) >> 3;
      const outcome = await decode(bytes).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'decode' });
        return undefined;
      });
      expect(outcome?.values.length ?? 0).toBeGreaterThanOrEqual(0);
    });
  },
);

test('a JPEG that ends in its middle shows the rows before that', async () => {
  const good = encodeJpegDct(shallow, { rows, columns, precision: 8 });
  const whole = await runCodec('jpeg', { transferSyntaxUid, description: narrow, bytes: good });
  const bytes = good.slice();
  bytes.set([0xff, 0xd9, 0xff, 0xd9], Math.floor(good.length * 0.75));
  const cut = await runCodec('jpeg', { transferSyntaxUid, description: narrow, bytes });
  expect(rowsThere(cut, whole, 1)).toBeGreaterThan(rows * 0.6);
  expect(cut.incomplete).toMatch(/is damaged: It ends after .* Rows above that may be wrong, too\.$/);
  const end = await runCodec('jpeg', { transferSyntaxUid, description: narrow, bytes: good.subarray(0, -500) });
  expect(end.incomplete).toMatch(/is cut off: It ends after .* is background\.$/);
});

test('the background of MONOCHROME1 is its greatest value', async () => {
  const good = encodeJpegLossless(deep, lossless);
  const description = { ...wide, photometricInterpretation: 'MONOCHROME1' };
  const bytes = good.subarray(0, Math.floor(good.length * 0.8));
  const { values } = await runCodec('jpeg', { transferSyntaxUid, description, bytes });
  expect(values.at(-1)).toBe(Math.max(...values));
});

test('16 bits in two segments of RLE: only pixels of which both bytes are there', async () => {
  const good = encodeRle(bytePlanes(deep, 1, 2));
  const whole = await runCodec('rle', { transferSyntaxUid, description: wide, bytes: good });
  const cut = await runCodec('rle', {
    transferSyntaxUid,
    description: wide,
    bytes: good.subarray(0, good.length - 900),
  });
  expect(rowsThere(cut, whole, 0)).toBeGreaterThan(rows / 2);
  expect(cut.incomplete).toMatch(/Segment 2 of 2 holds \d+ bytes; expected 7280/);
});

test('a progressive JPEG that is cut off stays an error: no row of it is whole', async () => {
  const good = await sharpJpeg({ progressive: true });
  for (let behind = 3; behind < good.length / 2; behind += 61) {
    const bytes = good.subarray(0, good.length - behind);
    await expect(runCodec('jpeg', { transferSyntaxUid, description: ybr, bytes })).rejects.toMatchObject({
      code: 'decode',
    });
  }
});
