import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMosaic } from '../../src/index.ts';
import {
  encapsulatedPixelData,
  greyPixelAttributes,
  seriesAttributes,
  sopClass,
  transferSyntax,
  writeInstance,
  writeSeriesFolder,
} from '../support/dicom/index.js';
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
  seriesAttributes({ modality: 'OT', sopClassUid: sopClass.secondaryCapture, instance });

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
