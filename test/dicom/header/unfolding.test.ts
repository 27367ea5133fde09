import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import type { InstanceHeader, Vector3 } from '../../../src/types/instance.ts';
import { type SiemensMosaicOptions, siemensMosaic, uihGrid } from '../../support/dicom/index.js';

const headerOf = (bytes: Uint8Array): InstanceHeader => parseHeader(bytes, { complete: true }).header;
const places = (header: InstanceHeader): readonly (Vector3 | undefined)[] =>
  header.frames.map(({ imagePositionPatient }) => imagePositionPatient);

/** Positions are decimal strings of 16 characters in the object. */
function expectPlaces(header: InstanceHeader, expected: readonly Vector3[]): void {
  expect(header.frames).toHaveLength(expected.length);
  for (const [slice, place] of places(header).entries()) {
    for (const axis of [0, 1, 2] as const) expect(place?.[axis]).toBeCloseTo(expected[slice]?.[axis] ?? 0, 4);
  }
}

describe('a Siemens mosaic', () => {
  const oblique = [0.8, 0.6, 0, -0.36, 0.48, -0.8] as const;

  it.each<[string, SiemensMosaicOptions]>([
    ['in reading order', {}],
    ['against it', { reversed: true }],
    ['coronal', { orientation: 'coronal' }],
    ['sagittal, against reading order', { orientation: 'sagittal', reversed: true }],
    ['oblique', { orientation: oblique, center: [30, -20, 11] }],
    ['oblique, against reading order', { orientation: oblique, reversed: true }],
    ['with as many slices as the grid has cells', { slices: 9 }],
    ['of anisotropic pixels', { spacing: [3, 2] }],
    ['in version 1 of the CSA header', { csaVersion: 1 }],
    ['whose count stands in an element', { countIn: 'element' }],
    ['in big endian', { write: { transferSyntaxUid: '1.2.840.10008.1.2.2' }, countIn: 'element' }],
  ])('comes apart into slices at their places: %s', (_name, options) => {
    const { bytes, positions } = siemensMosaic(options);
    const header = headerOf(bytes);
    const slices = options.slices ?? 7;
    expect(header.unfolding).toEqual({ count: slices, gridColumns: 3, rows: 24, columns: 20 });
    expect(header.numberOfFrames).toBe(slices);
    expect(header.pixels).toMatchObject({ rows: 72, columns: 60 });
    expectPlaces(header, positions);
    expect(header.notes).toEqual([]);
  });

  it('says that the order is uncertain where the slice normal is not told', () => {
    const { bytes, positions } = siemensMosaic({ sliceNormal: false, reversed: true });
    const header = headerOf(bytes);
    expect(header.notes.join()).toMatch(/may be in reverse order/);
    // The cross product of row and column, which for this one is the right direction.
    expectPlaces(header, positions);
  });

  it('keeps the slices without places where the position or the distance is not known', () => {
    for (const attributes of [
      { ImagePositionPatient: undefined },
      { SpacingBetweenSlices: undefined, SliceThickness: undefined },
    ]) {
      const header = headerOf(siemensMosaic({ attributes }).bytes);
      expect(header.numberOfFrames).toBe(7);
      expect(places(header)).toEqual(Array.from({ length: 7 }, () => undefined));
    }
  });

  it('takes Slice Thickness where Spacing Between Slices is not told', () => {
    const { bytes, positions } = siemensMosaic({ attributes: { SpacingBetweenSlices: undefined } });
    expectPlaces(headerOf(bytes), positions);
  });

  it('stays one frame where the count is unknown or does not fit the frame', () => {
    expect(headerOf(siemensMosaic({ countIn: 'nowhere' }).bytes).unfolding).toBeUndefined();
    const odd = siemensMosaic({ slices: 7, attributes: { Columns: 61 } });
    expect(headerOf(odd.bytes)).toMatchObject({ unfolding: undefined, numberOfFrames: 1 });
    for (const count of [0, 1, 5000]) {
      const attributes = { '0019100a': { vr: 'US', value: count } };
      expect(headerOf(siemensMosaic({ countIn: 'nowhere', attributes }).bytes).unfolding).toBeUndefined();
    }
  });

  it('asks for the header up to the CSA element before it is put in order', () => {
    const { bytes } = siemensMosaic();
    const csa = Buffer.from(bytes).indexOf('SV10');
    expect(parseHeader(bytes.subarray(0, csa - 20), { complete: false }).extent).toBe('start');
    expect(parseHeader(bytes, { complete: true }).extent).toBe('pixels');
  });
});

describe('a UIH grid', () => {
  it.each([
    [7, 3, 3],
    [6, 3, 2],
    [12, 4, 3],
  ])('of %d slices comes apart', (slices, gridColumns, gridRows) => {
    for (const reversed of [false, true]) {
      const { bytes, positions } = uihGrid({ slices, reversed });
      const header = headerOf(bytes);
      expect(header.unfolding).toEqual({ count: slices, gridColumns, rows: 24, columns: 20 });
      expect(header.pixels).toMatchObject({ rows: 24 * gridRows, columns: 20 * gridColumns });
      expectPlaces(header, positions);
      expect(new Set(header.frames.map(({ acquisitionTime }) => acquisitionTime)).size).toBe(slices);
    }
  });

  it('stays one frame without its private sequence', () => {
    const attributes = { '00651050': undefined, '00651051': undefined };
    expect(headerOf(uihGrid({ attributes }).bytes).unfolding).toBeUndefined();
  });
});
