import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage, createMosaic } from '../../src/index.ts';
import { decodePicture, type Picture } from '../support/conformance-picture.ts';
import { type Attributes, sopClass, transferSyntax, writeInstance } from '../support/dicom/index.js';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-overlays-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = 6;
const columns = 10;
const frames = 3;
const stored = Array.from({ length: rows * columns * frames }, (_, index) => (index * 7) % 200);

/** Bits as overlay planes have them: no gaps, the least significant first. */
function packed(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 16) * 2);
  for (const [index, bit] of bits.entries()) if (bit) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (1 << (index & 7));
  return bytes;
}

function written(
  attributes: Attributes,
  count: number,
  transferSyntaxUid = transferSyntax.explicitLittleEndian,
): string {
  const path = join(folder, 'image.dcm');
  const bytes = writeInstance(
    {
      SOPClassUID: sopClass.secondaryCapture,
      SOPInstanceUID: '2.25.1',
      SeriesInstanceUID: '2.25.2',
      Modality: 'OT',
      NumberOfFrames: count,
      Rows: rows,
      Columns: columns,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      BitsAllocated: 16,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      WindowCenter: 128,
      WindowWidth: 256,
      PixelData: Uint16Array.from(stored.slice(0, rows * columns * count)),
      ...attributes,
    },
    { transferSyntaxUid },
  );
  writeFileSync(path, bytes);
  return path;
}

async function show(path: string, options: { overlays?: boolean; frame?: number } = {}): Promise<Picture> {
  const { bytes } = await createImage(path, { position: 0, frame: 1, imageWidth: 'native', format: 'png', ...options });
  return decodePicture(bytes, 1);
}

/** The frame's own values, white where the overlay lies. */
const drawn = (frame: number, isDrawn: (row: number, column: number) => boolean): readonly number[] =>
  stored
    .slice((frame - 1) * rows * columns, frame * rows * columns)
    .map((value, pixel) => (isDrawn(Math.trunc(pixel / columns), pixel % columns) ? 255 : value));

const group = (planeRows: number, planeColumns: number, origin: readonly [number, number]): Attributes => ({
  OverlayRows: planeRows,
  OverlayColumns: planeColumns,
  OverlayType: 'G',
  OverlayOrigin: [...origin],
  OverlayBitsAllocated: 1,
  OverlayBitPosition: 0,
});

describe('overlays', () => {
  const cross = Array.from({ length: 4 * 4 }, (_, bit) => bit % 4 === bit >> 2 || bit % 4 === 3 - (bit >> 2));
  const isCross = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < 4 && column < 4 && (cross[row * 4 + column] ?? false);

  it('are drawn only when asked for', async () => {
    const path = written({ ...group(4, 4, [2, 3]), OverlayData: { vr: 'OW', bytes: packed(cross) } }, 1);
    expect([...(await show(path)).data]).toEqual(drawn(1, () => false));
    expect([...(await show(path, { overlays: false })).data]).toEqual(drawn(1, () => false));
    expect([...(await show(path, { overlays: true })).data]).toEqual(
      drawn(1, (row, column) => isCross(row - 1, column - 2)),
    );
  });

  it('are cut where they reach outside', async () => {
    const path = written({ ...group(4, 4, [-1, 8]), OverlayData: { vr: 'OW', bytes: packed(cross) } }, 1);
    expect([...(await show(path, { overlays: true })).data]).toEqual(
      drawn(1, (row, column) => isCross(row + 2, column - 7)),
    );
  });

  it('of one plane belong to every frame; of several to the frames they are numbered for', async () => {
    const single = written({ ...group(4, 4, [1, 1]), OverlayData: { vr: 'OW', bytes: packed(cross) } }, frames);
    for (const frame of [1, 2, 3]) {
      expect([...(await show(single, { overlays: true, frame })).data]).toEqual(drawn(frame, isCross));
    }
    // Two planes of 3 x 3 bits, the second of which begins inside a byte: for the frames 2 and 3.
    const planes = Array.from({ length: 18 }, (_, bit) => (bit < 9 ? bit % 3 === 0 : bit % 3 === 2));
    const several = written(
      {
        ...group(3, 3, [1, 1]),
        '60000015': { vr: 'IS', value: '2' },
        '60000051': { vr: 'US', value: 2 },
        OverlayData: { vr: 'OW', bytes: packed(planes) },
      },
      frames,
    );
    const at =
      (wanted: number) =>
      (row: number, column: number): boolean =>
        row < 3 && column === wanted;
    expect([...(await show(several, { overlays: true, frame: 1 })).data]).toEqual(drawn(1, () => false));
    expect([...(await show(several, { overlays: true, frame: 2 })).data]).toEqual(drawn(2, at(0)));
    expect([...(await show(several, { overlays: true, frame: 3 })).data]).toEqual(drawn(3, at(2)));
  });

  it.each([transferSyntax.explicitLittleEndian, transferSyntax.explicitBigEndian])(
    'in unused bits of the pixels are masked, and drawn when asked for: %s',
    async (syntax) => {
      for (const bitPosition of [8, 13, 15]) {
        const pixels = stored
          .slice(0, rows * columns)
          .map((value, pixel) => value | (pixel % 7 === 0 ? 1 << bitPosition : 0));
        const attributes = {
          ...group(rows, columns, [1, 1]),
          OverlayBitsAllocated: 16,
          OverlayBitPosition: bitPosition,
          PixelData: Uint16Array.from(pixels),
        };
        const path = written(attributes, 1, syntax);
        expect([...(await show(path)).data]).toEqual(drawn(1, () => false));
        const expected = drawn(1, (row, column) => (row * columns + column) % 7 === 0);
        expect([...(await show(path, { overlays: true })).data]).toEqual(expected);
      }
    },
  );

  it('that claim bits of the stored values are none', async () => {
    const path = written({ ...group(rows, columns, [1, 1]), OverlayBitsAllocated: 16, OverlayBitPosition: 3 }, 1);
    expect([...(await show(path, { overlays: true })).data]).toEqual(drawn(1, () => false));
  });

  it('shrink with the image, lightening what they cover in part', async () => {
    const all = Array.from({ length: rows * columns }, () => true);
    const path = written({ ...group(rows, columns, [1, 1]), OverlayData: { vr: 'OW', bytes: packed(all) } }, 1);
    const { bytes } = await createMosaic(path, { tileWidth: 1, imageWidth: 5, format: 'png', overlays: true });
    expect(new Set((await decodePicture(bytes, 1)).data)).toEqual(new Set([255]));
  });
});
