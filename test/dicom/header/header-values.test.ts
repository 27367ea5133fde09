import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import type { InstanceHeader } from '../../../src/types/instance.ts';
import { type Attributes, doseGrid, sopClass, transferSyntax, writeInstance } from '../../support/dicom/index.js';

const image: Attributes = { SOPClassUID: sopClass.ct, Rows: 2, Columns: 2, BitsAllocated: 16 };

function headerOf(attributes: Attributes): InstanceHeader {
  return parseHeader(writeInstance({ ...image, ...attributes }), { complete: true }).header;
}

const text = (value: string): { vr: string; bytes: Uint8Array } => ({
  vr: 'DS',
  bytes: new Uint8Array(Buffer.from(value.padEnd(value.length + (value.length % 2), ' '), 'latin1')),
});

describe('decimal strings', () => {
  it.each([
    ['1', 1],
    ['-1.5', -1.5],
    ['+.5', 0.5],
    ['5.', 5],
    [' 1E2 ', 100],
    ['1e-3', 0.001],
    ['12345678901234567890', 12345678901234567000],
    ['1,5', 1.5],
  ])('%s is a number', (value, number) => {
    expect(headerOf({ SliceLocation: text(value) }).frames[0]?.sliceLocation).toBe(number);
  });

  it.each(['0x32', '0b1', '1e400', '-1e400', 'Infinity', 'NaN', '.', '1_0', 'e5', '1 2'])('%s is none', (value) => {
    expect(headerOf({ SliceLocation: text(value) }).frames[0]?.sliceLocation).toBeUndefined();
  });
});

describe('rescale values', () => {
  it.each([
    ['0', 'Rescale Slope is 0: 1 is taken in its place.'],
    ['', 'Rescale Slope is empty: 1 is taken in its place.'],
    ['0x32', "Rescale Slope is '0x32', which is no number: 1 is taken in its place."],
    ['NaN', "Rescale Slope is 'NaN', which is no number: 1 is taken in its place."],
  ])('that are of no use have a note: slope "%s"', (slope, note) => {
    const { frames, notes } = headerOf({ RescaleSlope: text(slope), RescaleIntercept: '-5' });
    expect(frames[0]?.modality).toEqual({ kind: 'linear', slope: 1, intercept: -5 });
    expect(notes).toEqual([note]);
  });

  it('that are of no use have a note: intercept', () => {
    const { frames, notes } = headerOf({ RescaleSlope: '2', RescaleIntercept: text('1e400') });
    expect(frames[0]?.modality).toEqual({ kind: 'linear', slope: 2, intercept: 0 });
    expect(notes).toEqual(["Rescale Intercept is '1e400', which is no number: 0 is taken in its place."]);
  });

  it('have no note where they are absent or right', () => {
    expect(headerOf({}).notes).toEqual([]);
    expect(headerOf({ RescaleSlope: '2', RescaleIntercept: '0' }).notes).toEqual([]);
    expect(headerOf({ DoseGridScaling: '0' }).notes).toEqual([expect.stringMatching(/^Dose Grid Scaling is 0/)]);
  });

  it('have one note for all frames', () => {
    const { notes } = headerOf({
      NumberOfFrames: '3',
      PerFrameFunctionalGroupsSequence: [1, 2, 3].map(() => ({
        PixelValueTransformationSequence: [{ RescaleSlope: '0', RescaleIntercept: '0' }],
      })),
    });
    expect(notes).toHaveLength(1);
  });
});

describe('stored windows', () => {
  it('without use are left out with a note', () => {
    const { frames, notes } = headerOf({
      WindowCenter: text('40\\1e400\\0\\1e16\\x\\7'),
      WindowWidth: text('400\\10\\1e20\\10\\10\\0'),
    });
    expect(frames[0]?.windows).toEqual([{ center: 40, width: 400, function: 'LINEAR' }]);
    expect(notes).toEqual([expect.stringMatching(/^A stored window is left out/)]);
    expect(headerOf({ WindowCenter: '40' }).notes).toHaveLength(1);
    expect(headerOf({ WindowCenter: text(''), WindowWidth: text('') }).notes).toEqual([]);
  });

  it.each([
    ['sigmoid', 'SIGMOID', 0],
    ['linear_exact', 'LINEAR_EXACT', 0],
    ['Linear', 'LINEAR', 0],
    ['CUBIC', 'LINEAR', 1],
    ['', 'LINEAR', 0],
  ])('have the function that the standard means by %s', (name, voiFunction, count) => {
    const { frames, notes } = headerOf({ WindowCenter: 40, WindowWidth: 400, VOILUTFunction: name });
    expect(frames[0]?.windows[0]?.function).toBe(voiFunction);
    expect(notes).toHaveLength(count);
    if (count > 0) expect(notes[0]).toMatch(/^VOI LUT Function is 'CUBIC'/);
  });
});

describe('Presentation LUT Shape', () => {
  it.each([
    ['MONOCHROME1', 'IDENTITY', 1],
    ['MONOCHROME2', 'INVERSE', 1],
    ['MONOCHROME1', 'INVERSE', 0],
    ['MONOCHROME2', 'IDENTITY', 0],
    ['RGB', 'INVERSE', 0],
  ])('of %s as %s', (PhotometricInterpretation, PresentationLUTShape, count) => {
    const { notes } = headerOf({ PhotometricInterpretation, PresentationLUTShape });
    expect(notes).toHaveLength(count);
  });
});

describe('Grid Frame Offset Vector', () => {
  const heightsOf = ({ frames }: InstanceHeader): readonly unknown[] =>
    frames.map(({ imagePositionPatient }) => imagePositionPatient?.[2]);
  const grid = (attributes: Attributes): InstanceHeader =>
    parseHeader(doseGrid({ slices: 4, rows: 4, columns: 4, sliceSpacing: 2, attributes }), { complete: true }).header;
  const right = heightsOf(grid({}));

  it('that is too short places the frames that it covers', () => {
    const header = grid({ GridFrameOffsetVector: [0, -2] });
    expect(heightsOf(header)).toEqual([right[0], expect.any(Number), undefined, undefined]);
    expect(header.notes).toEqual([expect.stringMatching(/places of 4 frames but it has 2 values/)]);
  });

  it('that is too long, or has values that are no numbers, has a note', () => {
    expect(grid({ GridFrameOffsetVector: [0, 2, 4, 6, 8] }).notes).toHaveLength(1);
    const broken = grid({ GridFrameOffsetVector: text('0\\2\\x\\6') });
    expect(heightsOf(broken)[2]).toBeUndefined();
    expect(heightsOf(broken)[3]).toBeDefined();
    expect(broken.notes).toEqual([expect.stringMatching(/some of its values are no numbers/)]);
    expect(grid({}).notes).toEqual([]);
  });

  it('does not make places for a crowd of frames', () => {
    const bytes = doseGrid({ slices: 2, rows: 4, columns: 4, attributes: { NumberOfFrames: '2000000000' } });
    expect(parseHeader(bytes, { complete: true }).header.frames).toHaveLength(1);
  });
});

describe('control characters', () => {
  it.each([transferSyntax.implicitLittleEndian, transferSyntax.explicitLittleEndian])(
    'never leave a header (%s)',
    (uid) => {
      const named = (name: string): string => `${name}\u001b[31m\u0007\u009b1m`;
      const bytes = writeInstance(
        {
          ...image,
          SpecificCharacterSet: 'ISO_IR 192',
          SOPInstanceUID: { vr: 'UI', bytes: new Uint8Array(Buffer.from('2.25.1\u001b[31m\u009b', 'latin1')) },
          Modality: { vr: 'CS', bytes: new Uint8Array(Buffer.from('C\rT\u007f ', 'latin1')) },
          SeriesDescription: `${named('Über')}\u202egnp.\u2066x`,
          RescaleSlope: text('\u001b[2J'),
        },
        { transferSyntaxUid: uid },
      );
      const { header } = parseHeader(bytes, { complete: true });
      expect(header.sopInstanceUid).toBe('2.25.1\ufffd[31m\ufffd');
      expect(header.modality).toBe('C\ufffdT\ufffd');
      expect(header.seriesDescription).toBe('Über\ufffd[31m\ufffd\ufffd1m\ufffdgnp.\ufffdx');
      expect(JSON.stringify(header)).not.toMatch(/\\u00[01]|[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    },
  );
});
