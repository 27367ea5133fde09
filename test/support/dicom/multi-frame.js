import { greyPixelAttributes, privateHeader, seriesAttributes, sopClass, toStoredValues } from './common.js';
import { encapsulatedPixelData } from './encapsulated.js';
import { sliceStack } from './geometry.js';
import { createPhantom } from './phantom.js';
import { seededRandom, shuffled } from './random.js';
import { windowAttributes } from './slices.js';
import { typedArrayBytes } from './values.js';
import { writeInstance, writeInstanceFile } from './writer.js';

const KINDS = {
  CT: { sopClassUid: sopClass.enhancedCt, intercept: -1024, windows: [{ center: 40, width: 400 }] },
  MR: { sopClassUid: sopClass.enhancedMr, intercept: -1024, windows: [{ center: 100, width: 900 }] },
};

/**
 * The functional groups of one frame (PS3.3 C.7.6.16).
 *
 * @param {object} frame
 * @param {readonly number[]} frame.position
 * @param {number} frame.slice in reading order, from 0
 * @param {number} frame.volume
 * @param {import('./index.d.ts').Attributes} frame.voi
 * @param {import('./index.d.ts').EnhancedOptions['placedBy']} [frame.placedBy]
 */
function perFrameGroups({ position, slice, volume, voi, placedBy = 'position' }) {
  return {
    FrameContentSequence: [
      {
        FrameAcquisitionNumber: volume + 1,
        ...(placedBy === 'dimensions' ? {} : { StackID: '1', InStackPositionNumber: slice + 1 }),
        TemporalPositionIndex: volume + 1,
        DimensionIndexValues: [1, slice + 1, volume + 1],
      },
    ],
    ...(placedBy === 'position' ? { PlanePositionSequence: [{ ImagePositionPatient: [...position] }] } : {}),
    ...voi,
  };
}

/**
 * What an enhanced instance is made of: attributes without pixel data, and the frames one at a time.
 *
 * @param {import('./index.d.ts').EnhancedOptions} options
 */
function enhancedParts(options) {
  const { seed = 1, modality = 'CT', slices = 12, volumes = 1, rows = 64, columns = rows, sliceSpacing = 5 } = options;
  const kind = KINDS[modality];
  const stack = sliceStack({ ...options, rows, columns, slices });
  const phantom = createPhantom(stack, options);
  const inOrder = Array.from({ length: slices * volumes }, (_, index) => ({
    slice: Math.floor(index / volumes),
    volume: index % volumes,
  }));
  const order = options.shuffleFrames === true ? shuffled(inOrder, seededRandom(seed + 5)) : inOrder;
  const perFrameWindows = options.windowsPerFrame === true;
  /** @type {(slice: number) => import('./index.d.ts').Attributes} */
  const voi = (slice) => ({
    FrameVOILUTSequence: [
      windowAttributes(kind.windows.map(({ center, width }) => ({ center: center + slice, width: width + 2 * slice }))),
    ],
  });
  const stored = { bitsAllocated: 16, bitsStored: 12, intercept: kind.intercept };
  /** @type {import('./index.d.ts').Attributes} */
  const attributes = {
    ...seriesAttributes({ seed, modality, sopClassUid: kind.sopClassUid, series: 'enhanced', instance: 0 }),
    InstanceNumber: 1,
    ...greyPixelAttributes({ rows, columns, ...stored }),
    NumberOfFrames: order.length,
    ...(options.privateHeaderBytes === undefined ? {} : privateHeader(options.privateHeaderBytes)),
    SharedFunctionalGroupsSequence: [
      {
        PlaneOrientationSequence: [{ ImageOrientationPatient: [...stack.orientation] }],
        PixelMeasuresSequence: [{ PixelSpacing: [...stack.spacing], SliceThickness: sliceSpacing }],
        PixelValueTransformationSequence: [{ RescaleIntercept: kind.intercept, RescaleSlope: 1, RescaleType: 'HU' }],
        ...(perFrameWindows ? {} : voi(0)),
      },
    ],
    PerFrameFunctionalGroupsSequence: order.map(({ slice, volume }) =>
      perFrameGroups({
        position: stack.positions[slice] ?? [0, 0, 0],
        slice,
        volume,
        voi: perFrameWindows ? voi(slice) : {},
        placedBy: options.placedBy,
      }),
    ),
    ...options.attributes,
  };
  /** Frames come out of a cycle of so many slices, so that thousands of them cost little. */
  const distinct = Math.min(slices, options.distinctSlices ?? slices);
  /** @type {Map<number, import('./index.d.ts').StoredArray>} */
  const made = new Map();
  /** @type {(frame: number) => import('./index.d.ts').StoredArray} */
  const frameValues = (frame) => {
    const slice = Math.floor(((order[frame]?.slice ?? 0) * distinct) / slices);
    const source = Math.floor((slice * slices) / distinct);
    const values = made.get(slice) ?? toStoredValues(phantom.hounsfield(source), stored);
    if (distinct < slices) made.set(slice, values);
    return values;
  };
  return { attributes, frames: order, frameValues, byteLength: rows * columns * 2 * order.length };
}

/**
 * An enhanced multi-frame CT or MR instance with shared and per-frame functional groups.
 *
 * @type {typeof import('./index.d.ts').enhancedMultiFrame}
 */
export function enhancedMultiFrame(options = {}) {
  const { attributes, frames, frameValues } = enhancedParts(options);
  const { encodeFrame } = options;
  const values = frames.map((_, frame) => frameValues(frame));
  const pixelData =
    encodeFrame === undefined
      ? { PixelData: { vr: 'OW', value: Buffer.concat(values.map((frame) => typedArrayBytes(frame, true))) } }
      : encapsulatedPixelData(values.map(encodeFrame), options.encapsulation);
  return writeInstance(
    { ...attributes, ...pixelData },
    { transferSyntaxUid: options.transferSyntaxUid, ...options.write },
  );
}

/**
 * The same, native little endian, into a file and one frame at a time: any size in little memory.
 *
 * @type {typeof import('./index.d.ts').writeEnhancedMultiFrameFile}
 */
export function writeEnhancedMultiFrameFile(path, options = {}) {
  const { attributes, frames, frameValues, byteLength } = enhancedParts(options);
  const stream = {
    byteLength,
    *chunks() {
      for (const [frame] of frames.entries()) yield typedArrayBytes(frameValues(frame), true);
    },
  };
  return writeInstanceFile(path, { ...attributes, PixelData: { vr: 'OW', stream } }, options.write);
}

/**
 * A binary segmentation: frames of one bit a pixel, packed without padding between them (PS3.5 8.1.1), so that most
 * frames begin inside a byte when rows x columns is no multiple of 8.
 *
 * @type {typeof import('./index.d.ts').segmentation}
 */
export function segmentation(options = {}) {
  const { seed = 1, rows = 21, columns = 19, slices = 5, segments = 2 } = options;
  const stack = sliceStack({ rows, columns, slices, sliceSpacing: 5 });
  const phantom = createPhantom(stack, { seed, noise: 0 });
  const thresholds = [300, -700, 100, 60];
  const pixels = rows * columns;
  const bits = new Uint8Array(Math.ceil((pixels * slices * segments) / 8));
  const groups = [];
  for (let segment = 0; segment < segments; segment++) {
    for (let slice = 0; slice < slices; slice++) {
      const frame = segment * slices + slice;
      const limit = thresholds[segment % thresholds.length] ?? 0;
      for (const [pixel, value] of phantom.hounsfield(slice).entries()) {
        const inside = limit < 0 ? value < limit && value > -990 : value > limit;
        const bit = frame * pixels + pixel;
        if (inside) bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
      }
      groups.push({
        FrameContentSequence: [{ DimensionIndexValues: [segment + 1, slice + 1] }],
        PlanePositionSequence: [{ ImagePositionPatient: [...(stack.positions[slice] ?? [])] }],
        SegmentIdentificationSequence: [{ ReferencedSegmentNumber: segment + 1 }],
      });
    }
  }
  const colours = [
    [41000, 48000, 45000],
    [36000, 26000, 22000],
    [50000, 20000, 52000],
    [30000, 33000, 12000],
  ];
  return writeInstance(
    {
      ...seriesAttributes({ seed, modality: 'SEG', sopClassUid: sopClass.segmentation, instance: 0 }),
      InstanceNumber: 1,
      ContentLabel: 'PHANTOM',
      ...greyPixelAttributes({ rows, columns, bitsAllocated: 1, bitsStored: 1 }),
      NumberOfFrames: slices * segments,
      LossyImageCompression: '00',
      SegmentationType: 'BINARY',
      SegmentSequence: Array.from({ length: segments }, (_, segment) => ({
        SegmentNumber: segment + 1,
        SegmentLabel: `Segment ${segment + 1}`,
        SegmentAlgorithmType: 'AUTOMATIC',
        RecommendedDisplayCIELabValue: colours[segment % colours.length] ?? [],
      })),
      SharedFunctionalGroupsSequence: [
        {
          PlaneOrientationSequence: [{ ImageOrientationPatient: [...stack.orientation] }],
          PixelMeasuresSequence: [{ PixelSpacing: [...stack.spacing], SliceThickness: 5 }],
        },
      ],
      PerFrameFunctionalGroupsSequence: groups,
      PixelData: bits,
      ...options.attributes,
    },
    options.write,
  );
}

/**
 * A dose grid: 32 or 16 bit, scaled by Dose Grid Scaling, planes placed by Grid Frame Offset Vector (PS3.3 C.8.8.3).
 *
 * @type {typeof import('./index.d.ts').doseGrid}
 */
export function doseGrid(options = {}) {
  const { seed = 1, rows = 32, columns = 32, slices = 8, bitsAllocated = 32, sliceSpacing = 5 } = options;
  const stack = sliceStack({ rows, columns, slices, sliceSpacing });
  const maximum = bitsAllocated === 32 ? 4_000_000_000 : 65_000;
  const values =
    bitsAllocated === 32 ? new Uint32Array(rows * columns * slices) : new Uint16Array(rows * columns * slices);
  for (let index = 0; index < values.length; index++) {
    const [x, y] = [((index % columns) / columns - 0.45) * 4, ((Math.floor(index / columns) % rows) / rows - 0.55) * 4];
    const z = (Math.floor(index / (rows * columns)) / slices - 0.4) * 3;
    values[index] = Math.round(maximum * Math.exp(-(x * x + y * y + z * z)));
  }
  const [first = [0, 0, 0]] = stack.positions;
  return writeInstance(
    {
      ...seriesAttributes({ seed, modality: 'RTDOSE', sopClassUid: sopClass.rtDose, instance: 0 }),
      InstanceNumber: 1,
      ...greyPixelAttributes({ rows, columns, bitsAllocated }),
      PixelSpacing: [...stack.spacing],
      ImagePositionPatient: [...first],
      ImageOrientationPatient: [...stack.orientation],
      NumberOfFrames: slices,
      FrameIncrementPointer: 0x3004000c,
      DoseUnits: 'GY',
      DoseType: 'PHYSICAL',
      DoseSummationType: 'PLAN',
      // The first plane is the most superior one: the others lie below it, along the negative normal.
      GridFrameOffsetVector: Array.from({ length: slices }, (_, slice) => -slice * sliceSpacing),
      DoseGridScaling: 60 / maximum,
      PixelData: { vr: 'OW', value: values },
      ...options.attributes,
    },
    options.write,
  );
}
