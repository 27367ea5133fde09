// Frames that hold many slices, all the way to the picture.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createImage, createMosaic } from '../../src/index.ts';
import { decodePicture } from '../support/conformance-picture.ts';
import { type ManySlices, siemensMosaic, uihGrid } from '../support/dicom/index.js';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-slices-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rows = 24;
const columns = 20;
/** LINEAR (PS3.3 C.11.2.1.2.1) of a stored value, whose intercept is -1024, in the window 800/40. */
const shown = (stored: number): number =>
  Math.floor(255 * Math.min(1, Math.max(0, (stored - 1024 - 39.5) / 799 + 0.5)) + 0.5);

const square = { rows, columns, spacing: [2, 2] } as const;
const cases: readonly (readonly [string, ManySlices, boolean])[] = [
  ['a Siemens mosaic in reading order', siemensMosaic(square), false],
  ['a Siemens mosaic against it', siemensMosaic({ ...square, reversed: true }), true],
  ['a UIH grid in reading order', uihGrid(square), false],
  ['a UIH grid against it', uihGrid({ ...square, reversed: true }), true],
];

describe.each(cases)('%s', (name, { bytes, slices }, isReversed) => {
  const path = join(folder, `${name}.dcm`);
  writeFileSync(path, bytes);
  const inReadingOrder = isReversed ? slices.toReversed() : slices;

  it('is a series of slices in reading order', async () => {
    const { bytes: png, report } = await createMosaic(path, {
      tileWidth: 7,
      tileHeight: 1,
      imageWidth: 'native',
      format: 'png',
    });
    expect(report.series).toMatchObject({
      instances: 1,
      frames: 7,
      orientation: 'axial',
      orderedBy: 'position-along-normal',
    });
    expect(report.tiles.map(({ frame }) => frame)).toEqual(isReversed ? [7, 6, 5, 4, 3, 2, 1] : [1, 2, 3, 4, 5, 6, 7]);
    const { data, width } = await decodePicture(png, 1);
    for (const [tile, slice] of inReadingOrder.entries()) {
      const drawn = Array.from({ length: rows }, (_, row) => {
        const from = row * width + tile * columns;
        return [...data.subarray(from, from + columns)];
      });
      expect(drawn.flat()).toEqual(Array.from(slice, shown));
    }
  });

  it('shows one slice when asked for one, and the one at a place', async () => {
    for (const [position, frame] of [
      [0, undefined],
      [1, undefined],
      [0.5, 3],
    ] as const) {
      const options = { position, imageWidth: 'native', format: 'png' } as const;
      const image = await createImage(path, frame === undefined ? options : { ...options, frame });
      const { data, height, width } = await decodePicture(image.bytes, 1);
      expect([width, height]).toEqual([columns, rows]);
      const slice = frame === undefined ? inReadingOrder.at(-position) : slices[frame - 1];
      expect([...data]).toEqual(Array.from(slice ?? [], shown));
    }
  });
});
