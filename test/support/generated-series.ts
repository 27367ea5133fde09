import {
  ctSeries,
  doseGrid,
  encodeRleFrame,
  enhancedMultiFrame,
  localizerSeries,
  mrSeries,
  paletteUltrasound,
  petSeries,
  radiograph,
  secondaryCapture,
  segmentation,
  sopClass,
  transferSyntax,
  wholeSlideSeries,
  writeInstance,
} from './dicom/index.js';

type Series = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

function one(bytes: Uint8Array<ArrayBuffer>): Series {
  return new Map([['one.dcm', bytes]]);
}

function rle(stored: ArrayBufferView): Uint8Array {
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  return encodeRleFrame(bytes, { columns: 16, bytesPerSample: 2 });
}

const small = { rows: 16, instances: 7 } as const;
const rleSyntax = { transferSyntaxUid: transferSyntax.rleLossless, encodeFrame: rle } as const;

/** A small series of every kind that the generator makes, by what is special about it. */
export const generatedSeries: ReadonlyMap<string, () => Series> = new Map<string, () => Series>([
  ['CT', () => ctSeries({ ...small, shuffleKeys: true })],
  ['CT, pixel data far away', () => ctSeries({ ...small, privateHeaderBytes: 100_000 })],
  ['CT, RLE', () => ctSeries({ ...small, ...rleSyntax })],
  ['CT, deflated', () => ctSeries({ ...small, transferSyntaxUid: transferSyntax.deflatedExplicitLittleEndian })],
  ['CT, big endian', () => ctSeries({ ...small, transferSyntaxUid: transferSyntax.explicitBigEndian })],
  ['CT, implicit', () => ctSeries({ ...small, transferSyntaxUid: transferSyntax.implicitLittleEndian })],
  ['CT, position only', () => ctSeries({ ...small, geometry: 'position' })],
  ['CT, slice location only', () => ctSeries({ ...small, geometry: 'slice-location' })],
  ['CT, no geometry, no numbers', () => ctSeries({ ...small, geometry: 'none', instanceNumbers: 'missing' })],
  [
    'CT, padding, two windows',
    () =>
      ctSeries({
        ...small,
        pixelPaddingValue: 0,
        windows: [
          { center: 40, width: 400, function: 'SIGMOID' },
          { center: -600, width: 1500, function: 'SIGMOID' },
        ],
      }),
  ],
  ['CT, oblique', () => ctSeries({ ...small, orientation: [0.8, 0.6, 0, 0, 0, -1] })],
  ['MR, echoes', () => mrSeries({ ...small, volumes: 2, windowsPerInstance: true })],
  ['MR, in time', () => mrSeries({ ...small, volumes: 2, repeated: 'trigger' })],
  ['MR, content time', () => mrSeries({ ...small, volumes: 2, repeated: 'content' })],
  ['localizer', () => localizerSeries({ rows: 16 })],
  ['PET', () => petSeries(small)],
  ['radiograph with a VOI LUT', () => one(radiograph({ rows: 32, columns: 24 }))],
  ['radiograph with windows', () => one(radiograph({ rows: 32, columns: 24, voiTable: false, windows: true }))],
  [
    'radiograph, pixels not square',
    () => one(radiograph({ rows: 32, columns: 24, modality: 'CR', voiTable: false, pixelAspectRatio: [2, 1] })),
  ],
  ['colour', () => one(secondaryCapture({ rows: 16, columns: 16, frames: 3 }))],
  [
    'colour, subsampled',
    () => one(secondaryCapture({ rows: 16, columns: 16, photometricInterpretation: 'YBR_FULL_422' })),
  ],
  ['palette', () => one(paletteUltrasound({ rows: 16, columns: 16, frames: 3 }))],
  [
    'enhanced',
    () => one(enhancedMultiFrame({ slices: 9, rows: 16, columns: 16, shuffleFrames: true, windowsPerFrame: true })),
  ],
  ['enhanced, stack', () => one(enhancedMultiFrame({ slices: 12, rows: 16, placedBy: 'stack', shuffleFrames: true }))],
  ['enhanced, dimensions', () => one(enhancedMultiFrame({ slices: 5, rows: 16, placedBy: 'dimensions' }))],
  ['enhanced, RLE', () => one(enhancedMultiFrame({ slices: 5, rows: 16, columns: 16, ...rleSyntax }))],
  [
    'enhanced, extended offsets',
    () =>
      one(
        enhancedMultiFrame({
          slices: 5,
          rows: 16,
          columns: 16,
          ...rleSyntax,
          encapsulation: { offsetTable: 'extended' },
        }),
      ),
  ],
  ['segmentation', () => one(segmentation({ rows: 16, columns: 16, slices: 4, segments: 2 }))],
  ['dose', () => one(doseGrid({ rows: 16, columns: 16, slices: 5 }))],
  ['slide', () => wholeSlideSeries({ width: 200, height: 150, tileSize: 64, levels: 2 })],
  [
    'several kinds and what is no image',
    () =>
      new Map([
        ...ctSeries({ ...small, instances: 3 }),
        [
          'a-report.dcm',
          writeInstance({ SOPClassUID: sopClass.basicTextSr, SOPInstanceUID: '2.25.7', Modality: 'SR' }),
        ],
        ['notes.txt', new Uint8Array(Buffer.from('plain text'))],
      ]),
  ],
]);
