import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PreviewError } from '../../../src/base/errors.ts';
import { HeaderMemory } from '../../../src/dicom/header/header-memory.ts';
import { type ParsedHeader, parseHeader } from '../../../src/dicom/header/parse-header.ts';
import {
  type Attributes,
  ctSeries,
  enhancedMultiFrame,
  localizerSeries,
  mrSeries,
  petSeries,
  radiograph,
  sopClass,
  transferSyntax,
  writeInstance,
} from '../../support/dicom/index.js';
import { repetitions } from '../../support/repetitions.ts';

type Outcome = ParsedHeader | { readonly error: string };

function outcome(bytes: Uint8Array, complete: boolean, memory?: HeaderMemory): Outcome {
  try {
    return parseHeader(bytes, { complete, memory });
  } catch (error) {
    if (!(error instanceof PreviewError)) throw error;
    return { error: error.message };
  }
}

/** Headers read one after the other with a memory must come out as each read alone. */
function expectSameAsAlone(objects: Iterable<Uint8Array>, length = 8192): HeaderMemory {
  const memory = new HeaderMemory();
  for (const object of objects) {
    const bytes = object.subarray(0, length);
    const complete = object.length <= length;
    expect(outcome(bytes, complete, memory)).toStrictEqual(outcome(bytes, complete));
  }
  return memory;
}

const size = { rows: 16, instances: 12 };
const windows = (index: number): readonly { center: number; width: number }[] => [
  { center: 40 + index, width: 400 },
  { center: 50, width: 90 * (index + 1) },
];

describe('HeaderMemory', () => {
  it.each([
    ['CT', ctSeries({ seed: 4, ...size, windows: [{ center: 40, width: 400 }], shuffleKeys: true })],
    ['windows that differ', ctSeries({ seed: 4, ...size, windows })],
    ['MR', mrSeries({ seed: 4, ...size })],
    ['PET, a slope an instance', petSeries({ seed: 4, ...size })],
    ['orientations that differ', localizerSeries({ seed: 4, rows: 16 })],
    ['implicit', ctSeries({ seed: 4, ...size, transferSyntaxUid: transferSyntax.implicitLittleEndian })],
    ['big endian', ctSeries({ seed: 4, ...size, transferSyntaxUid: transferSyntax.explicitBigEndian })],
    ['deflated', ctSeries({ seed: 4, ...size, transferSyntaxUid: transferSyntax.deflatedExplicitLittleEndian })],
    ['RLE', ctSeries({ seed: 4, ...size, transferSyntaxUid: transferSyntax.rleLossless })],
  ])('gives the headers of a series as if each were read alone: %s', (_, series) => {
    expectSameAsAlone(series.values());
    expectSameAsAlone(series.values(), 700);
  });

  it('is not misled by instances of other kinds and encodings in between', () => {
    const objects = [
      ...ctSeries({ seed: 4, ...size, instances: 4 }).values(),
      ...ctSeries({ seed: 4, ...size, instances: 4, transferSyntaxUid: transferSyntax.explicitBigEndian }).values(),
      radiograph({ rows: 16 }),
      radiograph({ rows: 16, seed: 2 }),
      enhancedMultiFrame({ slices: 3, rows: 16 }),
      enhancedMultiFrame({ slices: 4, rows: 16 }),
      ...mrSeries({ seed: 4, ...size, instances: 4 }).values(),
      ...ctSeries({ seed: 5, ...size, instances: 4 }).values(),
    ];
    const random = [...objects, ...objects.toReversed(), ...objects.filter((_, index) => index % 3 === 0)];
    expectSameAsAlone(random);
  });

  const plain: Attributes = {
    SOPClassUID: sopClass.ct,
    SeriesInstanceUID: '2.25.7',
    Modality: 'CT',
    Rows: 4,
    Columns: 4,
    BitsAllocated: 8,
    PixelData: new Uint8Array(16),
  };

  it('reads again what tells volumes apart', () => {
    const objects = Array.from({ length: 12 }, (_, index) =>
      writeInstance({
        ...plain,
        SOPInstanceUID: `2.25.${100 + index}`,
        EchoTime: `${5 * (index % 3)}`,
        '00190010': { vr: 'LO', value: 'SIEMENS MR HEADER' },
        '0019100C': { vr: 'IS', value: `${100 * (index % 4)}` },
        '00200062': { vr: 'CS', value: index % 2 === 0 ? 'L' : 'R' },
        LossyImageCompressionRatio: `${10 + index}.25`,
      }),
    );
    const memory = expectSameAsAlone(objects);
    expect(memory.isLearning).toBe(true);
  });
  const variants: readonly ((index: number) => Attributes)[] = [
    (index) => ({ SOPInstanceUID: `2.25.${10 ** (index % 3)}`, InstanceNumber: index }),
    (index) => ({ ImagePositionPatient: [0, 0, index / 3], ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }),
    (index) => ({ ImagePositionPatient: index % 2 === 0 ? [0, 0] : ['x', 0, 1], SliceLocation: index }),
    (index) => ({ ContentDate: '20200102', ContentTime: `1122${10 + index}.5` }),
    (index) => ({ AcquisitionDate: '20200102', AcquisitionTime: index % 2 === 0 ? '1122' : 'noon' }),
    (index) => ({ TriggerTime: index * 10, TemporalPositionIdentifier: 3 }),
    (index) => ({ WindowCenter: [40, index], WindowWidth: [400, 0], VOILUTFunction: 'SIGMOID' }),
    (index) => ({ RescaleSlope: index, RescaleIntercept: -1024, RescaleType: 'HU' }),
    (index) => ({ InstanceNumber: { vr: index % 2 === 0 ? 'US' : 'IS', value: index % 2 === 0 ? 0x3131 : '11' } }),
    (index) => ({ Rows: index + 1 }),
    (index) => ({ PixelSpacing: [index, 1] }),
    (index) => ({ ImageType: ['ORIGINAL', index % 2 === 0 ? 'PRIMARY' : 'SECONDARY'] }),
    (index) => ({ SeriesDescription: index % 4 === 0 ? 'a' : 'b' }),
    (index) => ({ PatientName: 'x'.repeat(index % 5) }),
    (index) => ({ NumberOfFrames: index % 2 }),
    (index) => ({ Units: index % 2 === 0 ? 'HU' : undefined }),
    (index) => ({ RescaleSlope: index % 3 === 0 ? 0 : 2, RescaleIntercept: ['-1', '0x32', ''][index % 3] }),
    (index) => ({ WindowCenter: ['40', '1e400', '', 'x'][index % 4], WindowWidth: ['400', '1e20'][index % 2] }),
    (index) => ({ WindowCenter: 40, WindowWidth: 400, VOILUTFunction: ['sigmoid', 'CUBIC', 'LINEAR'][index % 3] }),
    (index) => ({ PresentationLUTShape: index % 2 === 0 ? 'INVERSE' : 'IDENTITY' }),
    () => ({ ReferencedImageSequence: [{ ReferencedSOPInstanceUID: '2.25.1' }] }),
    (index) => ({
      ModalityLUTSequence: [{ LUTDescriptor: [1, 0, 16], LUTData: Uint16Array.of(5 + (index % 2)) }],
      RescaleSlope: index,
    }),
    (index) => ({ LossyImageCompressionRatio: index % 3 === 0 ? ['10', '12.5'] : `${index}.5` }),
    (index) => ({ PixelData: new Uint8Array(16 + 2 * (index % 3)) }),
  ];

  it.each(variants.map((variant, index) => [index, variant] as const))(
    'follows what changes: variant %i',
    (_, variant) => {
      const order = [1, 1, 2, 3, 4, 4, 5, 1, 6, 7, 8, 2];
      for (const sequenceLength of ['defined', 'undefined'] as const) {
        const objects = order.map((index) => writeInstance({ ...plain, ...variant(index) }, { sequenceLength }));
        expectSameAsAlone(objects);
      }
    },
  );

  it('follows any mixture of changes', () => {
    const choice = fc.array(fc.tuple(fc.nat(variants.length - 1), fc.nat(9)), { maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(choice, { minLength: 3, maxLength: 8 }),
        fc.integer({ min: 200, max: 1200 }),
        (list, length) => {
          const objects = list.map((chosen) =>
            writeInstance(Object.assign({ ...plain }, ...chosen.map(([which, index]) => variants[which]?.(index)))),
          );
          expectSameAsAlone(objects, length);
        },
      ),
      { seed: 1, numRuns: repetitions(15, 100) },
    );
  });

  it('reads broken bytes as if it had no memory', () => {
    const series = [...ctSeries({ seed: 4, ...size, instances: 4 }).values()].map((bytes) => bytes.slice(0, 1600));
    const damage = fc.array(fc.tuple(fc.nat(1599), fc.nat(255)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), damage, fc.nat(1600)), { maxLength: 6 }), (list) => {
        const memory = new HeaderMemory();
        const read = (bytes: Uint8Array): void => {
          expect(outcome(bytes, false, memory)).toStrictEqual(outcome(bytes, false));
        };
        for (const bytes of series) read(bytes);
        for (const [index, changes, length] of list) {
          const bytes = Uint8Array.from(series[index] ?? []);
          for (const [at, value] of changes) bytes[at] = value;
          read(bytes);
          read(bytes.subarray(0, length));
          read(series[index] ?? bytes);
        }
      }),
      { seed: 2, numRuns: repetitions(15, 100) },
    );
  });

  it('keeps what instances have in common once', () => {
    const memory = new HeaderMemory();
    const headers = [...ctSeries({ seed: 4, ...size, windows: [{ center: 40, width: 400 }] }).values()].map(
      (bytes) => parseHeader(bytes, { complete: true, memory }).header,
    );
    const [first, second] = headers.slice(-2);
    expect(second?.pixels).toBeDefined();
    expect(second?.pixels).toBe(first?.pixels);
    expect(second?.imageType).toBe(first?.imageType);
    expect(second?.frames[0]?.windows).toBe(first?.frames[0]?.windows);
    expect(second?.frames[0]?.imagePositionPatient).not.toEqual(first?.frames[0]?.imagePositionPatient);
  });

  it('goes on with the next series, and the next, whatever came before', () => {
    const windowed = { ...size, windows: [{ center: 40, width: 400 }] };
    const all = [
      ctSeries({ seed: 4, ...windowed }),
      ctSeries({ seed: 5, ...windowed }),
      // Attributes that the memory cannot follow.
      mixedModalities(ctSeries({ seed: 6, ...windowed })),
      mrSeries({ seed: 7, ...size }),
      ctSeries({ seed: 8, ...windowed }),
    ];
    const memory = expectSameAsAlone(all.flatMap((series) => [...series.values()]));
    expect(memory.isLearning).toBe(true);
    const again = new HeaderMemory();
    for (const series of all) {
      const headers = [...series.values()].map((bytes) => parseHeader(bytes, { complete: true, memory: again }).header);
      if (series === all[2]) continue;
      const [first, second] = headers.slice(-2);
      expect(second?.imageType).toBe(first?.imageType);
      // One header is read alone, or two: the first that differs tells in what.
      expect(new Set(headers.map(({ imageType }) => imageType)).size).toBeLessThan(4);
    }
  });
});

/** Every other instance says that it is of another modality. */
function mixedModalities(series: ReadonlyMap<string, Uint8Array>): ReadonlyMap<string, Uint8Array> {
  const modality = Buffer.from([0x08, 0x00, 0x60, 0x00, 0x43, 0x53, 0x02, 0x00]);
  return new Map(
    [...series].map(([key, object], index) => {
      const bytes = Buffer.from(object);
      if (index % 2 === 1) bytes.write('OT', bytes.indexOf(modality) + modality.length, 'latin1');
      return [key, bytes] as const;
    }),
  );
}
