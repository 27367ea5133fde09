import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PreviewError } from '../../../src/base/errors.ts';
import { parseDicomdir } from '../../../src/dicom/dicomdir/dicomdir.ts';
import { makeDicomdir, seriesRecords } from '../../support/dicomdir.ts';
import { repetitions } from '../../support/repetitions.ts';

const two = seriesRecords({ '1.2.3.4': ['DICOM/IM1', 'DICOM/IM2'], '1.2.3.5': ['OTHER/A/B/C'] });
const expected = [
  {
    studyInstanceUid: '1.2.3',
    seriesInstanceUid: '1.2.3.4',
    modality: 'CT',
    seriesDescription: 'series 1',
    files: [
      { fileId: ['DICOM', 'IM1'], sopInstanceUid: '1.2.3.4.1' },
      { fileId: ['DICOM', 'IM2'], sopInstanceUid: '1.2.3.4.2' },
    ],
  },
  {
    studyInstanceUid: '1.2.3',
    seriesInstanceUid: '1.2.3.5',
    modality: 'CT',
    seriesDescription: 'series 2',
    files: [{ fileId: ['OTHER', 'A', 'B', 'C'], sopInstanceUid: '1.2.3.5.1' }],
  },
];

describe('parseDicomdir', () => {
  it('lists series and their files by the links of the records', () => {
    expect(parseDicomdir(makeDicomdir(two))).toEqual(expected);
  });

  it('reads items of undefined length', () => {
    expect(parseDicomdir(makeDicomdir(two, { undefinedLengths: true }))).toEqual(expected);
  });

  it('goes by the order of the records where their links lead nowhere', () => {
    expect(parseDicomdir(makeDicomdir(two, { shiftOffsets: 2 }))).toEqual(expected);
  });

  it('goes by the order of the records where their links go in a circle', () => {
    const bytes = makeDicomdir(two);
    const view = new DataView(bytes.buffer);
    // The first record: after preamble, meta information and the header of the sequence.
    const first = bytes.findIndex((_, at) => at > 132 && view.getUint32(at, true) === 0xe000_fffe);
    view.setUint32(first + 16, first, true);
    expect(parseDicomdir(bytes)).toEqual(expected);
  });

  it('skips inactive records and the records below them', () => {
    const [patient] = two;
    const study = patient?.below?.[0];
    const series = study?.below ?? [];
    const changed = [
      {
        type: 'PATIENT',
        below: [
          { ...study, type: 'STUDY', below: [{ ...series[0], type: 'SERIES', inactive: true }, ...series.slice(1)] },
        ],
      },
    ];
    expect(parseDicomdir(makeDicomdir(changed))).toEqual(expected.slice(1));
  });

  it('joins the records of a series that is listed twice', () => {
    const again = [...two, ...seriesRecords({ '1.2.3.4': ['DICOM/IM3'] })];
    const [first] = parseDicomdir(makeDicomdir(again));
    expect(first?.files.map(({ fileId }) => fileId.join('/'))).toEqual(['DICOM/IM1', 'DICOM/IM2', 'DICOM/IM3']);
  });

  it('says that other objects are not a DICOMDIR', () => {
    expect(() => parseDicomdir(new Uint8Array(1000))).toThrow(expect.objectContaining({ code: 'not-dicom' }));
    expect(() => parseDicomdir(new Uint8Array(0))).toThrow(expect.objectContaining({ code: 'not-dicom' }));
  });

  it('ends in an error or a list, never in a loop, whatever is changed in it', () => {
    const whole = makeDicomdir(two);
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(whole.length),
        fc.boolean(),
        (changes, cut, isCut) => {
          const bytes = whole.slice(0, isCut ? cut : undefined);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          try {
            parseDicomdir(bytes);
            outcomes.add('list');
          } catch (error) {
            expect(error).toBeInstanceOf(PreviewError);
            outcomes.add('error');
          }
        },
      ),
      { numRuns: repetitions(200, 2000), seed: 3 },
    );
    expect([...outcomes].sort()).toEqual(['error', 'list']);
  });
});
