import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PreviewError } from '../../../src/base/errors.ts';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import {
  type Attributes,
  ctSeries,
  doseGrid,
  enhancedMultiFrame,
  paletteUltrasound,
  radiograph,
  segmentation,
  sopClass,
  transferSyntax,
  writeInstance,
} from '../../support/dicom/index.js';
import { repetitions } from '../../support/repetitions.ts';

function firstOf(series: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const [bytes] = series.values();
  if (bytes === undefined) throw new Error('An empty series.');
  return bytes;
}

const ct = firstOf(ctSeries({ seed: 3, instances: 2, rows: 16, windows: [{ center: 40, width: 400 }] }));

describe('parseHeader', () => {
  it('reads what order and picture need', () => {
    const { header, extent, truncated } = parseHeader(ct, { complete: true });
    expect(extent).toBe('pixels');
    expect(truncated).toBe(false);
    expect(header).toMatchObject({
      sopClassUid: sopClass.ct,
      modality: 'CT',
      transferSyntaxUid: '1.2.840.10008.1.2.1',
      numberOfFrames: 1,
      pixels: { rows: 16, columns: 16, samplesPerPixel: 1, photometricInterpretation: 'MONOCHROME2', kind: 'integer' },
    });
    expect(header.frames).toHaveLength(1);
    expect(header.frames[0]?.windows).toEqual([{ center: 40, width: 400, function: 'LINEAR' }]);
    expect(header.frames[0]?.imageOrientationPatient).toEqual([1, 0, 0, 0, 1, 0]);
    const { pixelData } = header;
    expect(pixelData?.encapsulated).toBe(false);
    expect((pixelData?.offset ?? 0) + (pixelData?.length ?? 0)).toBe(ct.length);
  });

  it('gives the same header in every encoding of the data set', () => {
    const reference = parseHeader(ct, { complete: true }).header;
    for (const uid of [
      transferSyntax.implicitLittleEndian,
      transferSyntax.explicitBigEndian,
      transferSyntax.deflatedExplicitLittleEndian,
    ]) {
      const bytes = firstOf(
        ctSeries({ seed: 3, instances: 2, rows: 16, windows: [{ center: 40, width: 400 }], transferSyntaxUid: uid }),
      );
      const { header } = parseHeader(bytes, { complete: true });
      expect({ ...header, pixelData: 0 }).toEqual({ ...reference, transferSyntaxUid: uid, pixelData: 0 });
    }
  });

  it('believes the first element where the transfer syntax is wrong', () => {
    const attributes = { SOPInstanceUID: '2.25.1', SeriesInstanceUID: '2.25.2', Rows: 4, Columns: 5 };
    for (const [real, declared] of [
      [transferSyntax.implicitLittleEndian, transferSyntax.explicitLittleEndian],
      [transferSyntax.explicitLittleEndian, transferSyntax.implicitLittleEndian],
      [transferSyntax.explicitBigEndian, transferSyntax.explicitLittleEndian],
    ] as const) {
      const bytes = writeInstance(attributes, { transferSyntaxUid: real, declaredTransferSyntaxUid: declared });
      const { header } = parseHeader(bytes, { complete: true });
      expect(header.pixels).toMatchObject({ rows: 4, columns: 5 });
      expect(header.seriesInstanceUid).toBe('2.25.2');
    }
  });

  it('reads objects without preamble, and without meta information', () => {
    const attributes = { SOPClassUID: sopClass.ct, SOPInstanceUID: '2.25.1', Rows: 4, Columns: 5 };
    for (const transferSyntaxUid of [
      transferSyntax.implicitLittleEndian,
      transferSyntax.explicitLittleEndian,
      transferSyntax.explicitBigEndian,
    ]) {
      const bare = writeInstance(attributes, { transferSyntaxUid, preamble: false, fileMeta: false });
      expect(parseHeader(bare, { complete: true }).header).toMatchObject({
        sopInstanceUid: '2.25.1',
        transferSyntaxUid,
        pixels: { rows: 4 },
      });
      const withMeta = writeInstance(attributes, { transferSyntaxUid, preamble: false });
      expect(parseHeader(withMeta, { complete: true }).header.transferSyntaxUid).toBe(transferSyntaxUid);
    }
  });

  it('never needs more than it says, wherever the bytes are cut off', () => {
    const bytes = firstOf(ctSeries({ seed: 4, instances: 2, rows: 8, privateHeaderBytes: 1000 }));
    const whole = parseHeader(bytes, { complete: true });
    let orderKnownAt = 0;
    const extents = new Set<string>();
    for (let length = 0; length <= bytes.length; length++) {
      const parsed = parseHeader(bytes.subarray(0, length), { complete: false });
      extents.add(parsed.extent);
      if (parsed.extent === 'start' || parsed.extent === 'order') expect(parsed.neededLength).toBeGreaterThan(length);
      if (parsed.extent === 'order' && orderKnownAt === 0) orderKnownAt = length;
      if (parsed.extent !== 'start') expect(parsed.header.frames[0]).toMatchObject(orderingOf(whole.header));
      if (parsed.extent === 'pixels') expect(parsed.header).toEqual(whole.header);
    }
    // The private element lies between what ordering needs and the pixel data.
    expect(orderKnownAt).toBeGreaterThan(0);
    expect(orderKnownAt).toBeLessThan(bytes.length - 1000);
    expect([...extents]).toEqual(['start', 'order', 'pixels']);
  });

  it('steps over sequences of either length, nested and private', () => {
    const attributes = {
      SOPInstanceUID: '2.25.1',
      ReferencedImageSequence: [{ ReferencedSOPInstanceUID: '2.25.9', Rows: 99 }],
      InstanceNumber: 7,
      Rows: 3,
      Columns: 2,
    };
    for (const sequenceLength of ['defined', 'undefined'] as const) {
      for (const transferSyntaxUid of [transferSyntax.implicitLittleEndian, transferSyntax.explicitLittleEndian]) {
        const { header } = parseHeader(writeInstance(attributes, { sequenceLength, transferSyntaxUid }), {
          complete: true,
        });
        expect(header.instanceNumber).toBe(7);
        expect(header.pixels).toMatchObject({ rows: 3, columns: 2 });
      }
    }
  });

  it('gives each frame of an enhanced instance its own place', () => {
    for (const sequenceLength of ['defined', 'undefined'] as const) {
      const bytes = enhancedMultiFrame({ slices: 5, rows: 8, columns: 8, sliceSpacing: 4, write: { sequenceLength } });
      const { header } = parseHeader(bytes, { complete: true });
      expect(header.numberOfFrames).toBe(5);
      const heights = header.frames.map(({ imagePositionPatient }) => imagePositionPatient?.[2] ?? Number.NaN);
      expect(heights).toHaveLength(5);
      for (let frame = 1; frame < 5; frame++) {
        expect((heights[frame - 1] ?? 0) - (heights[frame] ?? 0)).toBeCloseTo(4, 6);
      }
      expect(header.frames.every(({ imageOrientationPatient }) => imageOrientationPatient !== undefined)).toBe(true);
    }
  });

  it('places the frames of a dose grid by Grid Frame Offset Vector', () => {
    const { header } = parseHeader(doseGrid({ slices: 4, rows: 4, columns: 4, sliceSpacing: 2.5 }), { complete: true });
    const heights = header.frames.map(({ imagePositionPatient }) => imagePositionPatient?.[2] ?? Number.NaN);
    expect(Math.abs((heights[3] ?? 0) - (heights[0] ?? 0))).toBeCloseTo(7.5, 6);
    expect(header.frames[0]?.modality).toMatchObject({ kind: 'linear' });
  });

  it('reads palettes, VOI LUTs and 1-bit descriptions', () => {
    const ultrasound = parseHeader(paletteUltrasound({ rows: 8, columns: 8 }), { complete: true }).header;
    expect(ultrasound.pixels?.photometricInterpretation).toBe('PALETTE COLOR');
    expect(ultrasound.palette?.red.length).toBeGreaterThan(0);
    const film = parseHeader(radiograph({ rows: 8, columns: 8 }), { complete: true }).header;
    expect(film.frames[0]?.voiTables).toHaveLength(1);
    expect(film.pixels?.photometricInterpretation).toBe('MONOCHROME1');
    expect(parseHeader(segmentation({ rows: 5, columns: 5 }), { complete: true }).header.pixels?.bitsAllocated).toBe(1);
  });

  it('tells padding values with their sign', () => {
    const signed = writeInstance({
      Rows: 1,
      Columns: 1,
      BitsAllocated: 16,
      PixelRepresentation: 1,
      PixelPaddingValue: { vr: 'SS', value: -2000 },
      PixelPaddingRangeLimit: { vr: 'SS', value: -1900 },
    });
    expect(parseHeader(signed, { complete: true }).header.padding).toEqual({ low: -2000, high: -1900 });
  });

  it.each([transferSyntax.implicitLittleEndian, transferSyntax.explicitLittleEndian, transferSyntax.explicitBigEndian])(
    'tells the padding of float and 32-bit pixel data (%s)',
    (transferSyntaxUid) => {
      const paddingOf = (attributes: Attributes): unknown => {
        const bytes = writeInstance({ Rows: 1, Columns: 1, ...attributes }, { transferSyntaxUid });
        return parseHeader(bytes, { complete: true }).header.padding;
      };
      const float = { FloatPixelData: Float32Array.of(1), FloatPixelPaddingValue: -9999.5 };
      expect(paddingOf(float)).toEqual({ low: -9999.5, high: -9999.5 });
      expect(paddingOf({ ...float, FloatPixelPaddingRangeLimit: -1e5 })).toEqual({ low: -1e5, high: -9999.5 });
      expect(paddingOf({ ...float, FloatPixelPaddingValue: Number.NaN })).toBeUndefined();
      const double = { DoubleFloatPixelData: Float64Array.of(1), DoubleFloatPixelPaddingValue: 1.1 };
      expect(paddingOf(double)).toEqual({ low: 1.1, high: 1.1 });
      expect(paddingOf({ ...double, DoubleFloatPixelPaddingRangeLimit: 2.2 })).toEqual({ low: 1.1, high: 2.2 });
      expect(paddingOf({ ...double, DoubleFloatPixelPaddingValue: undefined, PixelPaddingValue: 3 })).toBeUndefined();
      const long = { BitsAllocated: 32, PixelRepresentation: 1, PixelPaddingValue: { vr: 'SL', value: -100_000 } };
      expect(paddingOf(long)).toEqual({ low: -100_000, high: -100_000 });
      expect(paddingOf({ BitsAllocated: 32, PixelPaddingValue: { vr: 'US', value: 7 } })).toEqual({ low: 7, high: 7 });
    },
  );

  it('refuses what is not DICOM', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(500), Buffer.from('{"no": "dicom"}'.padEnd(300))]) {
      expect(() => parseHeader(new Uint8Array(bytes), { complete: true })).toThrow(/Expected a DICOM/);
    }
  });

  it('throws only its own errors, whatever the bytes are', () => {
    const valid = enhancedMultiFrame({ slices: 2, rows: 4, columns: 4 });
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: Math.min(valid.length, 6000) - 1 }), fc.nat({ max: 255 })), { maxLength: 12 }),
        fc.boolean(),
        (changes, complete) => {
          const bytes = valid.slice();
          for (const [at, value] of changes) bytes[at] = value;
          try {
            parseHeader(bytes, { complete });
            outcomes.add('header');
          } catch (error) {
            expect(error).toBeInstanceOf(PreviewError);
            outcomes.add('error');
          }
        },
      ),
      { seed: 11, numRuns: repetitions(200, 1500) },
    );
    expect([...outcomes].sort()).toEqual(['error', 'header']);
  });

  it('bounds nesting', () => {
    const open = [0x08, 0x00, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff];
    const item = [0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff];
    const bytes = new Uint8Array(Array.from({ length: 2000 }, () => [...open, ...item]).flat());
    expect(() => parseHeader(bytes, { complete: false })).toThrow(/nested/);
  });
});

function orderingOf(header: ReturnType<typeof parseHeader>['header']): object {
  const { imagePositionPatient, imageOrientationPatient, sliceLocation } = header.frames[0] ?? {};
  return { imagePositionPatient, imageOrientationPatient, sliceLocation };
}
