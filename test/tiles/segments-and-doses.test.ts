// What is drawn in colours of its own: segments, label maps, doses; and the choice among stored windows.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage, createMosaic, UsageError } from '../../src/index.ts';
import { encodedCielabToRgb } from '../../src/pixels/colour/cielab.ts';
import { colourMap } from '../../src/pixels/colour/colour-maps.ts';
import { segmentColour } from '../../src/pixels/colour/segments.ts';
import { decodePicture, type Picture } from '../support/conformance-picture.ts';
import { type Attributes, ctInstances, doseGrid, radiograph, segmentation } from '../support/dicom/index.js';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-colours-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(bytes: Uint8Array): string {
  const path = join(folder, 'one.dcm');
  writeFileSync(path, bytes);
  return path;
}

const native = { imageWidth: 'native', format: 'png' } as const;
const pixel = ({ data, width }: Picture, row: number, column: number): readonly number[] => [
  ...data.subarray((row * width + column) * 3, (row * width + column) * 3 + 3),
];

describe('a segmentation', () => {
  const [rows, columns] = [4, 8];
  const colours = [
    [41000, 48000, 45000],
    [36000, 26000, 22000],
  ] as const;
  const [first, second] = colours.map((colour) => [...encodedCielabToRgb(colour)]);
  const black = [0, 0, 0];
  const place = (segment: number, z: number): Attributes => ({
    PlanePositionSequence: [{ ImagePositionPatient: [0, 0, z] }],
    SegmentIdentificationSequence: [{ ReferencedSegmentNumber: segment }],
  });
  /** Two segments over each other on one plane, one alone on another. */
  const frames = [
    { segment: 1, z: 0, covers: (column: number) => column < 4 },
    { segment: 2, z: 0, covers: (column: number) => column >= 2 && column < 6 },
    { segment: 2, z: 5, covers: (column: number) => column === 7 },
  ];
  const made = (attributes: Attributes): Uint8Array =>
    segmentation({
      rows,
      columns,
      attributes: {
        NumberOfFrames: frames.length,
        PerFrameFunctionalGroupsSequence: frames.map(({ segment, z }) => place(segment, z)),
        SharedFunctionalGroupsSequence: [
          {
            PlaneOrientationSequence: [{ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }],
            PixelMeasuresSequence: [{ PixelSpacing: [1, 1] }],
          },
        ],
        ...attributes,
      },
    });
  const bits = Uint8Array.from({ length: (frames.length * rows * columns) / 8 }, (_, byte) => {
    const frame = frames[Math.trunc((byte * 8) / (rows * columns))];
    return Array.from({ length: 8 }, (_bit, column) => (frame?.covers(column) === true ? 1 << column : 0)).reduce(
      (sum, bit) => sum | bit,
      0,
    );
  });
  const cells = (value: number): Uint8Array =>
    Uint8Array.from({ length: frames.length * rows * columns }, (_, index) => {
      const frame = frames[Math.trunc(index / (rows * columns))];
      return frame?.covers(index % columns) === true ? value : 0;
    });
  const eightBits = { BitsAllocated: 8, BitsStored: 8, HighBit: 7 };

  it('shows all segments of a plane in their recommended colours, later ones on top', async () => {
    const path = written(made({ PixelData: { vr: 'OB', value: bits } }));
    const { bytes, report } = await createMosaic(path, { ...native, tileWidth: 2, tileHeight: 1 });
    // From head to feet: the plane at z = 5 first.
    expect(report.series).toMatchObject({ frames: 2, orderedBy: 'position-along-normal' });
    expect(report.tiles.map(({ frame, window }) => [frame, window])).toEqual([
      [3, null],
      [1, null],
    ]);
    const picture = await decodePicture(bytes, 3);
    for (let row = 0; row < rows; row++) {
      expect(Array.from({ length: 16 }, (_, column) => pixel(picture, row, column))).toEqual([
        ...[black, black, black, black, black, black, black, second],
        ...[first, first, second, second, second, second, black, black],
      ]);
    }
  });

  it('draws fractions by their share', async () => {
    const attributes = {
      ...eightBits,
      SegmentationType: 'FRACTIONAL',
      '0062000e': { vr: 'US', value: 200 },
      PixelData: { vr: 'OB', value: cells(100) },
    };
    const { bytes } = await createImage(written(made(attributes)), { ...native, position: 0 });
    const picture = await decodePicture(bytes, 3);
    const half = second?.map((value) => value / 2) ?? [];
    for (const [channel, value] of pixel(picture, 0, 7).entries()) {
      expect(Math.abs(value - (half[channel] ?? 0))).toBeLessThanOrEqual(1);
    }
    expect(pixel(picture, 0, 0)).toEqual(black);
  });

  it('gives segments without a recommended colour one by their number', async () => {
    const path = written(made({ PixelData: { vr: 'OB', value: bits }, SegmentSequence: [{ SegmentNumber: 2 }] }));
    const picture = await decodePicture((await createImage(path, { ...native, position: 0 })).bytes, 3);
    expect(pixel(picture, 0, 7)).toEqual([...segmentColour(2, new Map())]);
    expect(segmentColour(1, new Map())).not.toEqual(segmentColour(2, new Map()));
  });

  it('as a label map shows each label in its segment’s colour, nothing blended', async () => {
    const labels = Uint8Array.from(cells(1), (value, index) => value * (1 + (index % 2)));
    const attributes = { ...eightBits, SegmentationType: 'LABELMAP', PixelData: { vr: 'OB', value: labels } };
    const path = written(made(attributes));
    const { report } = await createMosaic(path, { ...native, tileWidth: 3, tileHeight: 1 });
    expect(report.series.frames).toBe(3);
    const picture = await decodePicture((await createImage(path, { ...native, position: 0, frame: 1 })).bytes, 3);
    expect(Array.from({ length: 5 }, (_, column) => pixel(picture, 1, column))).toEqual([
      first,
      second,
      first,
      second,
      black,
    ]);
  });

  it('is not windowed, whatever contrast is asked for', async () => {
    const path = written(made({ PixelData: { vr: 'OB', value: bits } }));
    const plain = await createImage(path, { ...native, position: 0 });
    const windowed = await createImage(path, { ...native, position: 0, contrast: '2,1' });
    expect(windowed.bytes).toEqual(plain.bytes);
  });
});

describe('a dose', () => {
  it('is shown in the dose map from 0 to its maximum, which the report names', async () => {
    for (const bitsAllocated of [16, 32] as const) {
      const path = written(doseGrid({ slices: 3, bitsAllocated }));
      const { bytes, report } = await createMosaic(path, { ...native, tileWidth: 3, tileHeight: 1 });
      const [tile] = report.tiles;
      expect(tile).toMatchObject({ colourMap: 'dose', window: { source: 'full-range', function: 'LINEAR_EXACT' } });
      const { center = 0, width = 0 } = tile?.window ?? {};
      expect(center - width / 2).toBeCloseTo(0, 6);
      expect(center + width / 2).toBeGreaterThan(30);
      expect(center + width / 2).toBeLessThanOrEqual(60);
      const picture = await decodePicture(bytes, 3);
      const { tables } = colourMap('dose');
      const known = new Set(Array.from({ length: 256 }, (_, grey) => tables.map((table) => table[grey]).join()));
      for (let at = 0; at < picture.data.length; at += 3) {
        expect(known.has([...picture.data.subarray(at, at + 3)].join())).toBe(true);
      }
      // The hottest point is as bright as the map goes.
      const brightest = tables.map((table) => table[255]).join();
      expect(
        Array.from({ length: picture.data.length / 3 }, (_, index) =>
          [...picture.data.subarray(index * 3, index * 3 + 3)].join(),
        ),
      ).toContain(brightest);
    }
  });
});

describe('windowIndex', () => {
  const [instance] = ctInstances({
    instances: 1,
    rows: 8,
    windows: [
      { center: 40, width: 400 },
      { center: -600, width: 1500 },
    ],
  });

  it('chooses among the stored windows, from 1', async () => {
    const path = written(instance?.bytes ?? new Uint8Array(0));
    const windowOf = async (windowIndex?: number): Promise<unknown> =>
      (await createImage(path, { position: 0, ...(windowIndex === undefined ? {} : { windowIndex }) })).report.tiles[0]
        ?.window;
    expect(await windowOf()).toMatchObject({ center: 40, width: 400, source: 'instance' });
    expect(await windowOf(1)).toMatchObject({ center: 40, width: 400 });
    expect(await windowOf(2)).toMatchObject({ center: -600, width: 1500, source: 'instance' });
  });

  it('beyond what is stored is refused in the numbers that the caller counts in', async () => {
    const path = written(instance?.bytes ?? new Uint8Array(0));
    const three = createImage(path, { position: 0, windowIndex: 3 });
    await expect(three).rejects.toThrow(UsageError);
    await expect(three).rejects.toThrow(/1 to 2 are stored.* received 3/);
    await expect(createImage(path, { position: 0, windowIndex: 0 })).rejects.toThrow(UsageError);
  });

  it('counts VOI LUTs too: before windows in radiography', async () => {
    const path = written(radiograph({ windows: true }));
    const sourceOf = async (windowIndex: number): Promise<string | undefined> =>
      (await createImage(path, { position: 0, windowIndex })).report.tiles[0]?.window?.source;
    expect([await sourceOf(1), await sourceOf(2)]).toEqual(['voi-lut', 'instance']);
  });
});
