import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHeaderIndex } from '../../src/header-index/encode.ts';
import { objectsOfHeaderIndex } from '../../src/header-index/instances.ts';
import { type IndexedObject, rowsOfObject } from '../../src/header-index/rows.ts';
import type { FrameAttributes, InstanceHeader, OverlayGroup, Segmentation } from '../../src/types/instance.ts';
import type { PixelDescription, VoiWindow } from '../../src/types/pixels.ts';
import { repetitions } from '../support/repetitions.ts';

/** A value for every property of a type, so that this file does not compile where one is new. */
type Arbitraries<Type> = { readonly [Name in keyof Type]-?: fc.Arbitrary<Required<Type>[Name]> };

const orNone = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((value) => !value.startsWith('\ufeff'));
const real = fc.double();
const whole = fc.maxSafeInteger();
const count = fc.integer({ min: 0, max: 2 ** 31 - 1 });

const window = fc.record({ center: real, width: real });
/** A header index holds windows of one function a frame. */
const windows = fc
  .tuple(
    fc.array(window, { maxLength: 3 }),
    fc.constantFrom<VoiWindow['function']>('LINEAR', 'LINEAR_EXACT', 'SIGMOID'),
  )
  .map(([each, name]) => each.map((one): VoiWindow => ({ ...one, function: name })));

const frame: Arbitraries<FrameAttributes> = {
  imagePositionPatient: orNone(fc.tuple(real, real, real)),
  imageOrientationPatient: orNone(fc.tuple(real, real, real, real, real, real)),
  pixelSpacing: orNone(fc.tuple(real, real)),
  sliceLocation: orNone(real),
  segmentNumber: orNone(whole),
  tilePosition: orNone(fc.tuple(whole, whole)),
  temporalPosition: orNone(real),
  triggerTime: orNone(real),
  echoTimeMs: orNone(real),
  diffusionBValue: orNone(real),
  imageComponent: orNone(fc.constantFrom('MAGNITUDE', 'PHASE', 'REAL', 'IMAGINARY', 'MIXED')),
  laterality: orNone(text),
  patientOrientation: orNone(fc.tuple(text, text)),
  acquisitionTime: orNone(real),
  contentTime: orNone(real),
  // Lookup tables are left out: see the tests of rows.
  modality: fc.record({ kind: fc.constant('linear'), slope: real, intercept: real }),
  unit: orNone(text),
  windows,
  voiTables: fc.constant([]),
  stackId: orNone(text),
  inStackPositionNumber: orNone(whole),
  dimensionIndexValues: orNone(fc.array(whole, { minLength: 1, maxLength: 4 })),
};

const pixels: Arbitraries<PixelDescription> = {
  rows: count,
  columns: count,
  samplesPerPixel: count,
  photometricInterpretation: text,
  planarConfiguration: fc.constantFrom(0, 1),
  bitsAllocated: count,
  bitsStored: count,
  highBit: count,
  pixelRepresentation: fc.constantFrom(0, 1),
  kind: fc.constantFrom('integer', 'float', 'double'),
};

const segmentation: Arbitraries<Segmentation> = {
  type: fc.constantFrom('BINARY', 'FRACTIONAL', 'LABELMAP'),
  maximum: real,
  colours: fc.array(fc.tuple(whole, fc.tuple(real, real, real)), { maxLength: 3 }).map((each) => new Map(each)),
};

const overlay: Arbitraries<OverlayGroup> = {
  rows: count,
  columns: count,
  origin: fc.tuple(whole, whole),
  numberOfFrames: count,
  firstFrame: count,
  bitPosition: count,
  bits: fc.constant(undefined),
};

const frames = fc.array(fc.record(frame), { minLength: 1, maxLength: 3 });

const header: Arbitraries<InstanceHeader> = {
  sopClassUid: text,
  sopInstanceUid: text,
  seriesInstanceUid: text,
  studyInstanceUid: text,
  modality: text,
  seriesDescription: text,
  seriesNumber: orNone(whole),
  seriesDate: text,
  manufacturer: text,
  manufacturerModelName: text,
  bodyPartExamined: text,
  protocolName: text,
  frameTimeMs: orNone(real),
  recommendedDisplayFrameRate: orNone(real),
  cineRate: orNone(real),
  lossyImageCompression: orNone(fc.boolean()),
  lossyCompressions: orNone(fc.integer({ min: 1, max: 100 })),
  burnedInAnnotation: orNone(fc.boolean()),
  imageType: fc.array(
    text.map((value) => value.replaceAll('\\', '/')),
    { maxLength: 4 },
  ),
  transferSyntaxUid: text,
  instanceNumber: orNone(whole),
  numberOfFrames: fc.integer({ min: 3, max: 2 ** 31 - 1 }),
  unfolding: orNone(fc.record({ count, gridColumns: count, rows: count, columns: count })),
  notes: fc.array(text, { maxLength: 2 }),
  pixels: orNone(fc.record(pixels)),
  pixelData: orNone(fc.record({ offset: whole, length: orNone(whole), encapsulated: fc.boolean() })),
  pixelsAreBytes: fc.constant(true),
  extendedOffsets: orNone(
    fc.record({ offsets: fc.array(whole, { maxLength: 4 }), lengths: fc.array(whole, { maxLength: 4 }) }),
  ),
  pixelAspectRatio: orNone(fc.tuple(real, real)),
  padding: orNone(fc.record({ low: real, high: real })),
  saidOfPixels: fc.subarray(['burnedInAnnotation', 'recognizableVisualFeatures', 'specimenLabelInImage'] as const),
  presentationLutShape: orNone(fc.constantFrom('IDENTITY', 'INVERSE')),
  palette: fc.constant(undefined),
  totalPixelMatrix: orNone(fc.record({ rows: count, columns: count })),
  segmentation: orNone(fc.record(segmentation)),
  overlays: fc.array(fc.record(overlay), { maxLength: 2 }),
  frames,
};

const listed = fc.record({
  byteLength: orNone(whole.map(Math.abs)),
  etag: orNone(text),
  modified: orNone(text),
  /** The version that was read, where it is not the one that was listed. */
  readEtag: orNone(text),
});

const object: fc.Arbitrary<IndexedObject> = fc
  .record({ listed, header: fc.record(header), isComplete: fc.boolean(), deflated: fc.boolean() })
  .map(({ listed: { readEtag, ...version }, header: each, isComplete, deflated }) => ({
    object: { key: 'a', ...version },
    found: {
      kind: 'instance',
      instance: {
        key: 'a',
        header: each,
        etag: readEtag ?? version.etag,
        objectByteLength: version.byteLength,
        complete: isComplete,
        bytes: undefined,
        deflated,
      },
    },
  }));

function headerOf({ found }: IndexedObject): InstanceHeader {
  if (found.kind !== 'instance') throw new Error(`Expected an instance but it is ${found.kind}.`);
  return found.instance.header;
}

/** The same instance under another key, with another header. */
function withHeader(indexed: IndexedObject, key: string, other: InstanceHeader): IndexedObject {
  if (indexed.found.kind !== 'instance') return indexed;
  const instance = { ...indexed.found.instance, key, header: other };
  return { object: { ...indexed.object, key }, found: { kind: 'instance', instance } };
}

async function throughFile(objects: readonly IndexedObject[]): Promise<readonly IndexedObject[]> {
  return objectsOfHeaderIndex(encodeHeaderIndex(objects.flatMap(rowsOfObject), {}), {});
}

describe('a header index gives back every property', () => {
  it('of one instance, whatever the values', async () => {
    await fc.assert(
      fc.asyncProperty(object, async (one) => {
        expect(await throughFile([one])).toEqual([one]);
      }),
      { numRuns: repetitions(25, 200), seed: 21 },
    );
  });

  it('of instances that have nothing in common', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(object, { minLength: 2, maxLength: 5 }), async (several) => {
        const objects = several.map((each, index) => withHeader(each, `${index}`, headerOf(each)));
        expect(await throughFile(objects)).toEqual(objects);
      }),
      { numRuns: repetitions(10, 50), seed: 22 },
    );
  });

  it.each(Object.keys(header))('of instances that differ in %s alone', async (name) => {
    await fc.assert(
      fc.asyncProperty(object, object, async (one, other) => {
        const changed = {
          ...headerOf(one),
          [name]: Object.entries(headerOf(other)).find(([key]) => key === name)?.[1],
        };
        const objects = [one, withHeader(one, 'b', changed), withHeader(one, 'c', headerOf(one))];
        expect(await throughFile(objects)).toEqual(objects);
      }),
      { numRuns: repetitions(2, 5), seed: 23 },
    );
  });

  it.each(Object.keys(frame))('of instances whose frames differ in %s alone', async (name) => {
    await fc.assert(
      fc.asyncProperty(object, fc.record(frame), async (one, other) => {
        const value = Object.entries(other).find(([key]) => key === name)?.[1];
        const changed = headerOf(one).frames.map((each) => ({ ...each, [name]: value }));
        const objects = [one, withHeader(one, 'b', { ...headerOf(one), frames: changed })];
        expect(await throughFile(objects)).toEqual(objects);
      }),
      { numRuns: repetitions(2, 5), seed: 24 },
    );
  });
});
