import { deflateRawSync } from 'node:zlib';
import { checkDescription } from '../../../src/codecs/check-description.ts';
import { classify } from '../../../src/codecs/classify.ts';
import { type FrameCoding, runCodec } from '../../../src/codecs/run-codec.ts';
import type { PixelDescription } from '../../../src/types/pixels.ts';
import { describePixels } from '../../support/encoders/description.ts';
import { encodeJpegDct } from '../../support/encoders/jpeg-dct.ts';
import { encodeJpegLossless } from '../../support/encoders/jpeg-lossless.ts';
import { picture } from '../../support/encoders/random.ts';
import { bytePlanes, encodeRle } from '../../support/encoders/rle.ts';
import { encodeHtj2k, encodeJ2k, encodeJpegLs, encodeJpegXl } from '../../support/encoders/wasm-encoders.ts';
import type { FuzzTarget } from '../target.ts';

const [rows, columns] = [40, 36];
const frame = { rows, columns, samplesPerPixel: 1, bitsStored: 12 };
const wide = describePixels({ rows, columns, bitsAllocated: 16, bitsStored: 12 });
const narrow = describePixels({ rows, columns });
const deep = picture(rows, columns, 1, 12);
const shallow = picture(rows, columns, 1, 8);

interface Adapter {
  readonly coding: FrameCoding;
  readonly uid: string;
  readonly description: PixelDescription;
  readonly encode: () => Promise<readonly Uint8Array[]>;
  readonly weight?: number;
}

const lossless = { rows, columns, components: 1, precision: 12 } as const;
const plain = new Uint8Array(Uint16Array.from(deep).buffer);

const adapters: Readonly<Record<string, Adapter>> = {
  native: { coding: 'native', uid: '.1', description: wide, weight: 80, encode: async () => [plain] },
  rle: {
    coding: 'rle',
    uid: '.5',
    description: wide,
    weight: 30,
    encode: async () => [encodeRle(bytePlanes(deep, 1, 2))],
  },
  'deflated-frame': {
    ...{ coding: 'deflated-frame', uid: '.8.1', description: wide, weight: 6 },
    encode: async () => [deflateRawSync(plain)],
  },
  'jpeg-lossless': {
    ...{ coding: 'jpeg', uid: '.4.70', description: wide, weight: 6 },
    encode: async () => [1, 6, 7].map((selection) => encodeJpegLossless(deep, { ...lossless, selection })),
  },
  'jpeg-8': {
    ...{ coding: 'jpeg', uid: '.4.50', description: narrow, weight: 3 },
    encode: async () => [encodeJpegDct(shallow, { rows, columns, precision: 8 })],
  },
  'jpeg-12': {
    ...{ coding: 'jpeg', uid: '.4.51', description: wide, weight: 6 },
    encode: async () => [encodeJpegDct(deep, { rows, columns, precision: 12 })],
  },
  'jpeg-ls': {
    coding: 'jpeg-ls',
    uid: '.4.80',
    description: wide,
    encode: async () => [await encodeJpegLs(deep, frame)],
  },
  'jpeg-2000': {
    coding: 'jpeg-2000',
    uid: '.4.90',
    description: wide,
    encode: async () => [await encodeJ2k(deep, frame)],
  },
  htj2k: {
    coding: 'jpeg-2000',
    uid: '.4.201',
    description: wide,
    encode: async () => [await encodeHtj2k(deep, frame)],
  },
  'jpeg-xl': {
    ...{ coding: 'jpeg-xl', uid: '.4.110', description: wide },
    encode: async () => [await encodeJpegXl(deep, { ...frame, bitsStored: 16 })],
  },
};

/** The length chooses whether the frame is decoded at reduced size. */
export const codecs: readonly FuzzTarget[] = Object.entries(adapters).map(
  ([name, { coding, uid, description, encode, weight }]): FuzzTarget => ({
    name,
    weight: weight ?? 1,
    seeds: encode,
    async run(bytes) {
      const reduce = bytes.length % 3 === 0 ? 4 : 1;
      const job = { transferSyntaxUid: `1.2.840.10008.1.2${uid}`, description, bytes, reduce };
      checkDescription(job.transferSyntaxUid, description);
      classify(job);
      const decoded = await runCodec(coding, job);
      const isWhole = decoded.rows === rows && decoded.columns === columns;
      if (!isWhole && decoded.rows * 16 < rows) throw new Error(`Expected ${rows} rows but there are ${decoded.rows}.`);
    },
  }),
);
