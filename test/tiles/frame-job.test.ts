// What the pixel data really are, where header, layout and bytes tell different things.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { createFrameDecoder } from '../../src/codecs/frame-decoder.ts';
import { createImage, createMosaic } from '../../src/index.ts';
import { decodePicture } from '../support/conformance-picture.ts';
import {
  type Attributes,
  ctSeries,
  doseGrid,
  encapsulatedPixelData,
  encodeRleFrame,
  privateHeader,
  rgbPicture,
  secondaryCapture,
  transferSyntax,
} from '../support/dicom/index.js';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-jobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function show(bytes: Uint8Array, frame = 1): Promise<readonly number[]> {
  const path = join(folder, 'one.dcm');
  writeFileSync(path, bytes);
  const image = await createImage(path, { position: 0, frame, imageWidth: 'native', format: 'png' });
  return [...(await decodePicture(image.bytes, 3)).data];
}

const rows = 5;
const columns = 7;
const rgb = rgbPicture({ rows, columns });
const other = rgbPicture({ rows, columns, frame: 3 });
/** Bytes as words of a big endian object have them, with a pad byte where there is an odd number. */
const swapped = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: bytes.length + (bytes.length % 2) }, (_, index) => bytes[index ^ 1] ?? 0);

describe('bytes in a big endian object', () => {
  const write = { transferSyntaxUid: transferSyntax.explicitBigEndian };
  const made = (attributes: Attributes): Uint8Array => secondaryCapture({ rows, columns, attributes, write });

  it('are never swapped as OB, always as OW', async () => {
    expect(await show(made({ PixelData: { vr: 'OB', bytes: new Uint8Array([...rgb, 0]) } }))).toEqual([...rgb]);
    expect(await show(made({ PixelData: { vr: 'OW', bytes: swapped(rgb) } }))).toEqual([...rgb]);
  });

  it('of frames with an odd number of bytes share words', async () => {
    const both = Buffer.concat([rgb, other]);
    const attributes = { NumberOfFrames: 2, PixelData: { vr: 'OW', bytes: swapped(both) } };
    expect(await show(made(attributes), 1)).toEqual([...rgb]);
    expect(await show(made(attributes), 2)).toEqual([...other]);
  });
});

describe('the transfer syntax of the pixel data', () => {
  it('is that of the layout where a writer left another byte order behind', async () => {
    const base = { rows, columns, attributes: { PixelData: { vr: 'OW', bytes: new Uint8Array([...rgb, 0]) } } };
    const little = secondaryCapture({
      ...base,
      write: { declaredTransferSyntaxUid: transferSyntax.explicitBigEndian },
    });
    expect(await show(little)).toEqual([...rgb]);
    const big = secondaryCapture({
      ...base,
      attributes: { PixelData: { vr: 'OW', bytes: swapped(rgb) } },
      write: {
        transferSyntaxUid: transferSyntax.explicitBigEndian,
        declaredTransferSyntaxUid: transferSyntax.explicitLittleEndian,
      },
    });
    expect(await show(big)).toEqual([...rgb]);
  });

  it('of GE’s private kind has big endian pixels in a little endian data set', async () => {
    const windows = [{ center: 40, width: 400 }];
    const series = { instances: 1, rows: 16, windows, transferSyntaxUid: transferSyntax.implicitLittleEndian };
    const [little = new Uint8Array(0)] = ctSeries(series).values();
    const write = { declaredTransferSyntaxUid: '1.2.840.113619.5.2' };
    const [mixed = new Uint8Array(0)] = ctSeries({ ...series, write }).values();
    Buffer.from(mixed.buffer, mixed.byteOffset + mixed.length - 16 * 16 * 2).swap16();
    expect(await show(mixed)).toEqual(await show(little));
  });

  it.each([
    transferSyntax.jpegBaseline,
    transferSyntax.jpegLsLossless,
    transferSyntax.jpeg2000,
    transferSyntax.rleLossless,
    transferSyntax.deflatedImageFrame,
  ])('is native for pixels of full length that lie in no items: %s', async (declaredTransferSyntaxUid) => {
    expect(await show(secondaryCapture({ rows, columns, write: { declaredTransferSyntaxUid } }))).toEqual([...rgb]);
  });

  describe('of compressed pixels in a value of defined length, without items', () => {
    const planes = Buffer.from(encodeRleFrame(rgb, { columns, bytesPerSample: 1, samplesPerPixel: 3 }));
    const bare = (numberOfFrames: number, bytes: Uint8Array, transferSyntaxUid: string): string => {
      const attributes = { NumberOfFrames: numberOfFrames, PixelData: { vr: 'OB', bytes } };
      const path = join(folder, 'bare.dcm');
      const write = { declaredTransferSyntaxUid: transferSyntaxUid };
      writeFileSync(path, secondaryCapture({ rows, columns, attributes, write }));
      return path;
    };
    const warning = expect.stringMatching(
      /'bare.dcm': The Pixel Data are compressed data in a value of defined length/,
    );

    it('is that of the object, and the whole value is the frame: RLE, longer than native', async () => {
      const longer = Buffer.concat([planes, new Uint8Array(1000)]);
      const path = bare(1, longer, transferSyntax.rleLossless);
      const image = await createImage(path, { position: 0, imageWidth: 'native', format: 'png' });
      expect([...(await decodePicture(image.bytes, 3)).data]).toEqual([...rgb]);
      // Beside the warning that secondary captures may show who the patient is.
      expect(image.report.warnings).toEqual(expect.arrayContaining([warning]));
    });

    it('is that of the object: JPEG', async () => {
      const raw = { width: columns, height: rows, channels: 3 } as const;
      const flat = new Uint8Array(rows * columns * 3).fill(120);
      const jpeg = await sharp(flat, { raw }).jpeg({ quality: 95 }).toBuffer();
      const path = bare(1, Buffer.concat([jpeg, new Uint8Array(jpeg.length % 2)]), transferSyntax.jpegBaseline);
      const image = await createImage(path, { position: 0, imageWidth: 'native', format: 'png' });
      const { data } = await decodePicture(image.bytes, 3);
      expect(Math.max(...data.map((value) => Math.abs(value - 120)))).toBeLessThan(3);
      // Beside the warning that secondary captures may show who the patient is.
      expect(image.report.warnings).toEqual(expect.arrayContaining([warning]));
    });

    it('does not tell several frames apart', async () => {
      const path = bare(2, planes, transferSyntax.rleLossless);
      await expect(createImage(path, { position: 0, format: 'png' })).rejects.toMatchObject({
        code: 'invalid-dicom',
        message: expect.stringContaining('Expected 2 frames in items'),
      });
    });
  });

  it('is believed where bytes in items have no mark of another', async () => {
    const planes = encodeRleFrame(rgb, { columns, bytesPerSample: 1, samplesPerPixel: 3 });
    const write = { transferSyntaxUid: transferSyntax.rleLossless };
    expect(await show(secondaryCapture({ rows, columns, attributes: encapsulatedPixelData([planes]), write }))).toEqual(
      [...rgb],
    );
    const items = encapsulatedPixelData([rgb]);
    const uncompressed = { transferSyntaxUid: transferSyntax.encapsulatedUncompressed };
    expect(await show(secondaryCapture({ rows, columns, attributes: items, write: uncompressed }))).toEqual([...rgb]);
  });
});

describe('the bytes of a frame', () => {
  it('may lie at any place: deflated words of 32 bits', async () => {
    const pictures = new Set<string>();
    for (const byteLength of [0, 2, 4, 6]) {
      const path = join(folder, 'dose.dcm');
      const attributes = privateHeader(byteLength);
      const write = { transferSyntaxUid: transferSyntax.deflatedExplicitLittleEndian };
      writeFileSync(path, doseGrid({ slices: 2, attributes, write }));
      const { bytes } = await createMosaic(path, { tileWidth: 2, tileHeight: 1, format: 'png' });
      pictures.add(Buffer.from(bytes).toString('base64'));
    }
    expect(pictures.size).toBe(1);
  });

  it('stay as they are, whatever is made of them', async () => {
    const decoder = createFrameDecoder();
    const description = {
      rows: 2,
      columns: 3,
      samplesPerPixel: 1,
      photometricInterpretation: 'MONOCHROME2',
      planarConfiguration: 0,
      bitsAllocated: 16,
      bitsStored: 12,
      highBit: 11,
      pixelRepresentation: 1,
      kind: 'integer',
    } as const;
    // A Buffer's slice is no copy, unlike that of a Uint8Array.
    const whole = Buffer.from([9, 0, 1, 0x0f, 0xff, 0, 3, 0xf8, 4, 0, 5, 0, 6]);
    const before = Buffer.from(whole);
    const job = { transferSyntaxUid: transferSyntax.explicitBigEndian, description, bytes: whole.subarray(1) };
    for (let time = 0; time < 2; time++) {
      expect([...(await decoder.decode(job)).values]).toEqual([1, -1, 3, -2044, 5, 6]);
      expect(whole.equals(before)).toBe(true);
    }
    await decoder.close();
  });
});
