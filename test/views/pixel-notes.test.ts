import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMosaic } from '../../src/index.ts';
import {
  encapsulatedPixelData,
  encodeRleFrame,
  greyPixelAttributes,
  seriesAttributes,
  sopClass,
  transferSyntax,
  writeInstance,
  writeSeriesFolder,
} from '../support/dicom/index.js';
import { encodeJpegDct } from '../support/encoders/jpeg-dct.ts';
import { encodeJ2k } from '../support/encoders/wasm-encoders.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function folderOf(objects: readonly Uint8Array[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
  folders.push(folder);
  writeSeriesFolder(folder, new Map(objects.map((bytes, index) => [`${index}.dcm`, bytes])));
  return folder;
}

const rows = 64;
const attributesOf = (instance: number): ReturnType<typeof seriesAttributes> =>
  seriesAttributes({ modality: 'MR', sopClassUid: sopClass.mr, instance });

/** Three images of a series, of which the middle one is cut off after a part of its bytes. */
function withCut(transferSyntaxUid: string, frame: Uint8Array, part: number): string {
  const objects = [1, 2, 3].map((instance) => {
    const bytes = writeInstance(
      {
        ...attributesOf(instance),
        ...greyPixelAttributes({ rows, columns: rows, bitsAllocated: 8, bitsStored: 8 }),
        ...encapsulatedPixelData([frame]),
      },
      { transferSyntaxUid },
    );
    const behind = 8 + Math.round(frame.length * (1 - part));
    return instance === 2 ? bytes.subarray(0, bytes.length - behind) : bytes;
  });
  return folderOf(objects);
}

describe('a compressed frame that is cut off', () => {
  const values = Uint8Array.from({ length: rows * rows }, (_, index) => (index * 31) & 0xff);
  it.each([
    ['RLE', transferSyntax.rleLossless, encodeRleFrame(values, { columns: rows, bytesPerSample: 1 })],
    ['JPEG', transferSyntax.jpegBaseline, encodeJpegDct(values, { rows, columns: rows, precision: 8 })],
  ])('is shown in part, with a warning and an error of its tile: %s', async (_name, syntax, frame) => {
    for (const [part, warning] of [
      [0.7, /Image 2 of 3 is shown in part: .* rows are shown, and the rest is background/],
      [0.3, /Image 2 of 3 is not shown/],
    ] as const) {
      const { report } = await createMosaic(withCut(syntax, frame, part), { tileWidth: 3, format: 'png' });
      expect(report.tiles.map(({ error }) => error?.code)).toEqual([undefined, 'decode', undefined]);
      expect(report.warnings).toEqual([expect.stringMatching(warning)]);
    }
  });
});

describe('what is noticed at the pixels', () => {
  it('is a warning of the report: once, with the first object and how many images it is true of', async () => {
    const values = Array.from({ length: rows * rows }, (_, index) => (index % rows) - 32);
    const frame = { rows, columns: rows, samplesPerPixel: 1, bitsStored: 12, signed: true };
    const bytes = await encodeJ2k(values, frame);
    const objects = [1, 2, 3].map((instance) =>
      writeInstance(
        {
          ...attributesOf(instance),
          ...greyPixelAttributes({ rows, columns: rows, bitsAllocated: 16, bitsStored: 12, pixelRepresentation: 0 }),
          ...encapsulatedPixelData([bytes]),
        },
        { transferSyntaxUid: transferSyntax.jpeg2000Lossless },
      ),
    );
    const { report } = await createMosaic(folderOf(objects), { tileWidth: 3, format: 'png' });
    expect(report.warnings.filter((warning) => warning.includes('Pixel Representation'))).toEqual([
      expect.stringMatching(/^'0\.dcm' \(3 images shown\): Its compressed data are signed/),
    ]);
  });

  it.each([
    [
      '16-bit data under an 8-bit header',
      { bytes: rows * rows * 2, bitsAllocated: 8 },
      /exactly twice as many.*16 bits/,
    ],
    ['half the Columns', { bytes: rows * rows * 4, bitsAllocated: 16 }, /exactly twice as many.*columns/],
    ['three frames under one', { bytes: rows * rows * 6, bitsAllocated: 16 }, /more than a frame too many/],
    ['part of a frame too many', { bytes: rows * rows * 3, bitsAllocated: 16 }, undefined],
  ] as const)('surplus native bytes: %s', async (_name, { bytes, bitsAllocated }, expected) => {
    const object = writeInstance({
      ...attributesOf(1),
      ...greyPixelAttributes({ rows, columns: rows, bitsAllocated, bitsStored: bitsAllocated }),
      PixelData: { vr: 'OW', bytes: Uint8Array.from({ length: bytes }, (_, index) => index & 0x3f) },
    });
    const { report } = await createMosaic(folderOf([object]), { tileWidth: 1, format: 'png' });
    const found = report.warnings.filter((warning) => warning.includes('where the header describes'));
    expect(found).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)]);
  });
});
