// Broken bytes of every codec: each ends in one of this package's errors or in a whole frame; nothing is printed.
import { afterEach, beforeAll, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { type FrameCoding, runCodec } from '../../src/codecs/run-codec.ts';
import type { PixelDescription } from '../../src/types/pixels.ts';
import { describePixels } from '../support/encoders/description.ts';
import { encodeJpegDct } from '../support/encoders/jpeg-dct.ts';
import { encodeJpegLossless } from '../support/encoders/jpeg-lossless.ts';
import { picture, seeded } from '../support/encoders/random.ts';
import { bytePlanes, encodeRle } from '../support/encoders/rle.ts';
import { encodeHtj2k, encodeJ2k, encodeJpegLs, encodeJpegXl } from '../support/encoders/wasm-encoders.ts';
import { repetitions } from '../support/repetitions.ts';

const cuts = repetitions(3, 25);
const rounds = repetitions(8, 150);
const [rows, columns] = [40, 36];
const frame = { rows, columns, samplesPerPixel: 1, bitsStored: 12 };
const wide = describePixels({ rows, columns, bitsAllocated: 16, bitsStored: 12 });
const narrow = describePixels({ rows, columns });
const deep = picture(rows, columns, 1, 12);
const shallow = picture(rows, columns, 1, 8);

interface Case {
  readonly coding: FrameCoding;
  readonly uid: string;
  readonly description: PixelDescription;
  readonly encode: () => Uint8Array | Promise<Uint8Array>;
  readonly reduce?: number;
}

const cases: Readonly<Record<string, Case>> = {
  RLE: { coding: 'rle', uid: '.5', description: wide, encode: () => encodeRle(bytePlanes(deep, 1, 2)) },
  'JPEG lossless': {
    coding: 'jpeg',
    uid: '.4.70',
    description: wide,
    encode: () => encodeJpegLossless(deep, { rows, columns, components: 1, precision: 12, selection: 1 }),
  },
  'JPEG 8 bits': {
    coding: 'jpeg',
    uid: '.4.50',
    description: narrow,
    encode: () => encodeJpegDct(shallow, { rows, columns, precision: 8 }),
  },
  'JPEG 8 bits reduced': {
    coding: 'jpeg',
    uid: '.4.50',
    description: narrow,
    encode: () => encodeJpegDct(shallow, { rows, columns, precision: 8 }),
    reduce: 4,
  },
  'JPEG 12 bits': {
    coding: 'jpeg',
    uid: '.4.51',
    description: wide,
    encode: () => encodeJpegDct(deep, { rows, columns, precision: 12 }),
  },
  'JPEG-LS': { coding: 'jpeg-ls', uid: '.4.80', description: wide, encode: () => encodeJpegLs(deep, frame) },
  'JPEG 2000': { coding: 'jpeg-2000', uid: '.4.90', description: wide, encode: () => encodeJ2k(deep, frame) },
  'JPEG 2000 reduced': {
    coding: 'jpeg-2000',
    uid: '.4.90',
    description: wide,
    encode: () => encodeJ2k(deep, frame),
    reduce: 4,
  },
  HTJ2K: { coding: 'jpeg-2000', uid: '.4.201', description: wide, encode: () => encodeHtj2k(deep, frame) },
  'JPEG XL': {
    coding: 'jpeg-xl',
    uid: '.4.110',
    description: wide,
    encode: () => encodeJpegXl(deep, { ...frame, bitsStored: 16 }),
  },
};

const codes = ['decode', 'unsupported'];

describe.each(Object.entries(cases))('%s', (_name, { coding, uid, description, encode, reduce = 1 }) => {
  let good = new Uint8Array(0);
  let spies: readonly MockInstance[] = [];
  beforeAll(async () => {
    good = Uint8Array.from(await encode());
  });
  beforeEach(() => {
    spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(console, 'log'), vi.spyOn(console, 'error')];
  });
  afterEach(() => {
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });

  const outcome = async (bytes: Uint8Array): Promise<string> => {
    try {
      const decoded = await runCodec(coding, {
        transferSyntaxUid: `1.2.840.10008.1.2${uid}`,
        description,
        bytes,
        reduce,
      });
      expect(decoded.values).toHaveLength(Math.ceil(rows / reduce) * Math.ceil(columns / reduce));
      return decoded.incomplete === undefined ? 'frame' : 'part';
    } catch (thrown) {
      expect(codes).toContain(thrown instanceof Error ? Reflect.get(thrown, 'code') : thrown);
      return 'error';
    }
  };

  test('whole, it is decoded', async () => {
    expect(await outcome(good)).toBe('frame');
  });

  test('nothing, one byte, zeros, ones and noise are errors', async () => {
    const random = seeded(99);
    const noise = Uint8Array.from({ length: 500 }, () => random());
    for (const bytes of [
      new Uint8Array(0),
      good.subarray(0, 1),
      new Uint8Array(400),
      new Uint8Array(400).fill(255),
      noise,
    ]) {
      expect(await outcome(bytes)).toBe('error');
    }
  });

  test('cut off, it is an error or a frame that says so', async () => {
    for (let part = 0; part < cuts; part++) {
      expect(await outcome(good.subarray(0, Math.floor(((good.length - 8) * part) / cuts)))).not.toBe('frame');
    }
  });

  test('with flipped bits, it gives an error or a frame, and the next frame is right', async () => {
    const random = seeded(1234);
    for (let round = 0; round < rounds; round++) {
      const bytes = good.slice();
      const flips = 1 + (random() % 4);
      // Half of them in the headers, where they do most harm.
      const range = round % 2 === 0 ? Math.min(150, bytes.length) : bytes.length;
      for (let flip = 0; flip < flips; flip++) {
        const at = random() % range;
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (random() % 8));
      }
      await outcome(bytes);
    }
    expect(await outcome(good)).toBe('frame');
  });
});
