import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, test } from 'vitest';
import { classify } from '../../../src/codecs/classify.ts';
import { holdsRgb, type JpegHeaders, readJpegHeaders } from '../../../src/codecs/jpeg/jpeg-headers.ts';
import { runCodec } from '../../../src/codecs/run-codec.ts';
import type { DecodedFrame, PixelDescription } from '../../../src/types/pixels.ts';
import { describePixels } from '../../support/encoders/description.ts';
import { type DctOptions, encodeJpegDct } from '../../support/encoders/jpeg-dct.ts';
import { picture } from '../../support/encoders/random.ts';

const transferSyntaxUid = '1.2.840.10008.1.2.4.51';
const decode = (bytes: Uint8Array, description: PixelDescription, reduce = 1): Promise<DecodedFrame> =>
  runCodec('jpeg', { transferSyntaxUid, description, bytes, reduce });

/** The mean and the greatest difference of two pictures. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): { mean: number; greatest: number } {
  expect(a.length).toBe(b.length);
  let sum = 0;
  let greatest = 0;
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs((a[i] ?? 0) - (b[i] ?? 0));
    sum += distance;
    greatest = Math.max(greatest, distance);
  }
  return { mean: sum / a.length, greatest };
}

/** Means of `factor` x `factor` pixels. */
function boxes(values: ArrayLike<number>, rows: number, columns: number, samples: number, factor: number): number[] {
  const out: number[] = [];
  for (let y = 0; y < rows; y += factor) {
    for (let x = 0; x < columns; x += factor) {
      for (let s = 0; s < samples; s++) {
        let sum = 0;
        let count = 0;
        for (let dy = 0; dy < factor && y + dy < rows; dy++) {
          for (let dx = 0; dx < factor && x + dx < columns; dx++, count++) {
            sum += values[((y + dy) * columns + x + dx) * samples + s] ?? 0;
          }
        }
        out.push(sum / count);
      }
    }
  }
  return out;
}

const [rows, columns] = [61, 83];
const grey = Uint8Array.from(picture(rows, columns, 1, 8));
const colour = Uint8Array.from(picture(rows, columns, 3, 8));
const jpeg = (pixels: Uint8Array, channels: 1 | 3, options: JpegOptions): Promise<Buffer> =>
  sharp(pixels, { raw: { width: columns, height: rows, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .jpeg({ quality: 95, ...options })
    .toBuffer();
const greyDescription = describePixels({ rows, columns });
const colourDescription = describePixels({
  rows,
  columns,
  samplesPerPixel: 3,
  photometricInterpretation: 'YBR_FULL_422',
});

describe('JPEG with DCT', () => {
  test.each<[string, JpegOptions]>([
    ['baseline', {}],
    ['progressive', { progressive: true }],
    ['optimized tables', { optimiseCoding: true, trellisQuantisation: true }],
  ])('grey, %s: as another decoder', async (_name, options) => {
    const coded = await jpeg(grey, 1, options);
    const reference = await sharp(coded).toColourspace('b-w').raw().toBuffer();
    const frame = await decode(coded, greyDescription);
    expect(difference(frame.values, reference).greatest).toBeLessThanOrEqual(1);
    expect(frame.photometricInterpretation).toBe('MONOCHROME2');
  });

  test.each(['4:4:4', '4:2:0'])('colour %s comes out as RGB, as another decoder', async (chromaSubsampling) => {
    const coded = await jpeg(colour, 3, { chromaSubsampling });
    const reference = await sharp(coded).raw().toBuffer();
    const frame = await decode(coded, colourDescription);
    expect(frame.photometricInterpretation).toBe('RGB');
    expect(difference(frame.values, reference).greatest).toBeLessThanOrEqual(2);
  });

  test.each<[string, Partial<DctOptions>]>([
    ['12 bits', {}],
    ['12 bits, coarse', { step: 16 }],
    ['12 bits with restarts', { restartInterval: 5 }],
    ['12 bits, rows in a DNL marker', { rowsAtEnd: true }],
    ['12 bits, Se 0 in its scan', { spectralEnd: 0 }],
    ['8 bits, rows in a DNL marker', { precision: 8, rowsAtEnd: true }],
    ['8 bits, Se 0 in its scan', { precision: 8, spectralEnd: 0 }],
  ])('%s', async (_name, given) => {
    const options: DctOptions = { rows, columns, precision: 12, ...given };
    const values = picture(rows, columns, 1, options.precision);
    const bitsAllocated = options.precision === 12 ? 16 : 8;
    const description = describePixels({ rows, columns, bitsAllocated, bitsStored: options.precision });
    const frame = await decode(encodeJpegDct(values, options), description);
    expect(difference(frame.values, values).greatest).toBeLessThanOrEqual((options.step ?? 1) * 3);
  });

  test.each([2, 4, 8])('reduced by %d: sizes rounded up, grey levels kept', async (factor) => {
    for (const progressive of [false, true]) {
      const frame = await decode(await jpeg(grey, 1, { progressive }), greyDescription, factor);
      expect([frame.rows, frame.columns]).toEqual([Math.ceil(rows / factor), Math.ceil(columns / factor)]);
      // The last row and column average padding that the encoder made up: compare those before.
      const whole = boxes(grey, rows, columns, 1, factor);
      const inner = (values: ArrayLike<number>): number[] =>
        Array.from(values).filter(
          (_, i) => i % frame.columns < frame.columns - 1 && i < (frame.rows - 1) * frame.columns,
        );
      expect(difference(inner(frame.values), inner(whole)).mean).toBeLessThan(3);
    }
    const flat = await jpeg(new Uint8Array(rows * columns).fill(77), 1, {});
    const { values } = await decode(flat, greyDescription, factor);
    expect(difference(values, new Uint8Array(values.length).fill(77)).greatest).toBeLessThanOrEqual(1);
  });

  test('sampling factors of a grey picture change nothing', async () => {
    const coded = await jpeg(grey, 1, {});
    const at = coded.indexOf(Buffer.from([0xff, 0xc0])) + 11;
    expect(coded[at]).toBe(0x11);
    const factors = Buffer.from(coded);
    factors[at] = 0x22;
    for (const factor of [2, 8]) {
      const expected = await decode(coded, greyDescription, factor);
      expect((await decode(factors, greyDescription, factor)).values).toEqual(expected.values);
    }
  });

  test('a DC table whose symbols are no sizes is an error', async () => {
    // A flat picture: only one difference is not zero, and it is small.
    const coded = encodeJpegDct(new Uint8Array(rows * columns).fill(130), { rows, columns, precision: 8 });
    const at = Buffer.from(coded).indexOf(Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]));
    expect(at).toBeGreaterThan(0);
    for (let size = 1; size < 16; size++) coded[at + size] = size | 0x20;
    for (const factor of [1, 8]) {
      await expect(decode(coded, greyDescription, factor)).rejects.toMatchObject({ code: 'decode' });
    }
  });

  test('reduced colour', async () => {
    const frame = await decode(await jpeg(colour, 3, { chromaSubsampling: '4:2:0' }), colourDescription, 4);
    expect([frame.rows, frame.columns, frame.samplesPerPixel]).toEqual([16, 21, 3]);
    expect(difference(frame.values, boxes(colour, rows, columns, 3, 4)).mean).toBeLessThan(10);
    expect(frame.photometricInterpretation).toBe('RGB');
  });

  test('reduces by powers of two only, and never by more than allowed', async () => {
    const coded = await jpeg(grey, 1, {});
    expect((await decode(coded, greyDescription, 3)).columns).toBe(Math.ceil(columns / 2));
    expect((await decode(coded, greyDescription, 100)).columns).toBe(Math.ceil(columns / 8));
    expect((await decode(coded, greyDescription, Number.NaN)).columns).toBe(columns);
  });

  test('a size other than described is an error that names both', async () => {
    const coded = await jpeg(grey, 1, {});
    await expect(decode(coded, { ...greyDescription, rows: 62 })).rejects.toThrow(/describes 83 x 62 .* hold 83 x 61/);
    await expect(decode(await jpeg(colour, 3, {}), greyDescription)).rejects.toThrow(/1 samples each; .* with 3/);
  });

  test('RGB without any marker is RGB where the header says so', async () => {
    const coded = withoutMarkers(await jpeg(colour, 3, { chromaSubsampling: '4:4:4' }));
    const frame = await decode(coded, { ...colourDescription, photometricInterpretation: 'RGB' });
    const converted = await decode(coded, colourDescription);
    expect(difference(frame.values, converted.values).mean).toBeGreaterThan(10);
    expect(difference(converted.values, colour).mean).toBeLessThan(4);
    // Reduced frames take another way through the code and must agree.
    const reduced = await decode(coded, { ...colourDescription, photometricInterpretation: 'RGB' }, 4);
    expect(difference(reduced.values, boxes(frame.values, rows, columns, 3, 4)).mean).toBeLessThan(4);
  });
});

/** Takes the APP segments out. */
function withoutMarkers(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [bytes.subarray(0, 2)];
  let at = 2;
  while (bytes[at + 1] !== 0xda) {
    const length = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    if (((bytes[at + 1] ?? 0) & 0xf0) !== 0xe0) parts.push(bytes.subarray(at, at + 2 + length));
    at += 2 + length;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

describe('what three components hold', () => {
  const component = (id: number, sampling = 1): JpegHeaders['components'][number] => ({
    id,
    horizontal: sampling,
    vertical: sampling,
    quantizationTable: 0,
  });
  const plain: JpegHeaders = {
    process: 0,
    precision: 8,
    rows: 1,
    columns: 1,
    components: [component(1), component(2), component(3)],
    jfif: false,
    adobeTransform: undefined,
    start: 0,
  };
  test.each<[string, Partial<JpegHeaders>, string, boolean]>([
    ['no marker, header says RGB', {}, 'RGB', true],
    ['no marker, header says YBR_FULL', {}, 'YBR_FULL', false],
    ['JFIF, header says RGB', { jfif: true }, 'RGB', false],
    ['Adobe without transform, header says YBR_FULL', { adobeTransform: 0 }, 'YBR_FULL', true],
    ['Adobe with transform, header says RGB', { adobeTransform: 1 }, 'RGB', false],
    [
      'ids R, G, B, header says YBR_FULL',
      { components: [component(82), component(71), component(66)] },
      'YBR_FULL',
      true,
    ],
    ['subsampled, header says RGB', { components: [component(1, 2), component(2), component(3)] }, 'RGB', false],
  ])('%s', (_name, given, photometric, expected) => {
    expect(holdsRgb({ ...plain, ...given }, photometric)).toBe(expected);
  });
});

describe('which decoder', () => {
  test('libjpeg-turbo, in a worker, for whole 8-bit pictures; own code for the rest', async () => {
    const bytes = await jpeg(grey, 1, {});
    const job = { transferSyntaxUid, description: greyDescription, bytes };
    expect(classify(job)).toMatchObject({ coding: 'jpeg', needsWorker: true });
    expect(classify({ ...job, reduce: 2 })).toMatchObject({ coding: 'jpeg', needsWorker: false });
    const wide = encodeJpegDct(picture(8, 8, 1, 12), { rows: 8, columns: 8, precision: 12 });
    expect(classify({ ...job, bytes: wide })).toMatchObject({ coding: 'jpeg', needsWorker: false });
  });

  test('halves of large pictures are not worth it: those come out whole', async () => {
    const size = { rows: 1100, columns: 1000 };
    const raw = { width: size.columns, height: size.rows, channels: 1 } as const;
    const bytes = await sharp(new Uint8Array(1_100_000), { raw }).toColourspace('b-w').jpeg().toBuffer();
    const job = { transferSyntaxUid, description: describePixels(size), bytes };
    expect(classify({ ...job, reduce: 2 }).needsWorker).toBe(true);
    expect(await runCodec('jpeg', { ...job, reduce: 2 })).toMatchObject(size);
    expect(classify({ ...job, reduce: 4 }).needsWorker).toBe(false);
    expect(await runCodec('jpeg', { ...job, reduce: 4 })).toMatchObject({ rows: 275, columns: 250 });
  });

  test('the codestream decides, not the transfer syntax', async () => {
    const bytes = await jpeg(grey, 1, {});
    for (const uid of ['.5', '.4.70', '.4.80', '.4.90', '.4.110', '.4.57']) {
      const job = { transferSyntaxUid: `1.2.840.10008.1.2${uid}`, description: greyDescription, bytes };
      expect(classify(job).coding).toBe('jpeg');
    }
  });

  test('hierarchical and arithmetic lossless JPEG are named as such', async () => {
    const bytes = Uint8Array.from(await jpeg(grey, 1, {}));
    const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0) + 1;
    bytes[at] = 0xc5;
    await expect(decode(bytes, greyDescription)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('SOF5'),
    });
    bytes[at] = 0xcb;
    await expect(decode(bytes, greyDescription)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('arithmetic'),
    });
  });

  test('zeros before the codestream are skipped', async () => {
    const bytes = await jpeg(grey, 1, {});
    expect(readJpegHeaders(Buffer.concat([new Uint8Array(2), bytes]))).toMatchObject({ start: 2, rows, columns });
  });
});
