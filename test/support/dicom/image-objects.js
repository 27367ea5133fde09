import { greyPixelAttributes, seriesAttributes, sopClass, toStoredValues } from './common.js';
import { sliceStack } from './geometry.js';
import { createPhantom } from './phantom.js';
import { seededRandom } from './random.js';
import { writeInstance } from './writer.js';

/**
 * The phantom's coronal middle slice as Hounsfield values: what single images show.
 *
 * @param {number} rows
 * @param {number} columns
 * @param {number} seed
 */
function middleSlice(rows, columns, seed) {
  const stack = sliceStack({ rows, columns, slices: 1, orientation: 'coronal', spacing: [400 / rows, 400 / columns] });
  return createPhantom(stack, { seed, noise: 8 }).hounsfield(0);
}

/**
 * A CR-like radiograph: MONOCHROME1, a VOI LUT Sequence in place of a window (or beside one), anisotropic spacing on demand.
 *
 * @type {typeof import('./index.d.ts').radiograph}
 */
export function radiograph(options = {}) {
  const {
    seed = 1,
    rows = 128,
    columns = 96,
    modality = 'CR',
    bitsStored = 12,
    voiTable = true,
    windows = false,
  } = options;
  const values = Float64Array.from(
    middleSlice(rows, columns, seed),
    (value) => (value + 1000) * (2 ** bitsStored / 2400),
  );
  const bitsAllocated = bitsStored > 8 ? 16 : 8;
  const photometricInterpretation = options.photometricInterpretation ?? 'MONOCHROME1';
  const entries = 2 ** bitsStored;
  // An S-curve: a window could not draw it.
  const table = Uint16Array.from({ length: entries }, (_, index) =>
    Math.round(4095 / (1 + Math.exp(8 - (16 * index) / entries))),
  );
  const classes = {
    CR: sopClass.computedRadiography,
    DX: sopClass.digitalXRayForPresentation,
    MG: sopClass.mammographyForPresentation,
  };
  return writeInstance(
    {
      ...seriesAttributes({ seed, modality, sopClassUid: classes[modality], instance: 0 }),
      InstanceNumber: 1,
      ViewPosition: 'AP',
      ImagerPixelSpacing: [400 / rows, 400 / rows],
      ...greyPixelAttributes({ rows, columns, bitsAllocated, bitsStored, photometricInterpretation }),
      ...(options.pixelAspectRatio === undefined ? {} : { PixelAspectRatio: [...options.pixelAspectRatio] }),
      RescaleIntercept: 0,
      RescaleSlope: 1,
      PresentationLUTShape: photometricInterpretation === 'MONOCHROME1' ? 'INVERSE' : 'IDENTITY',
      ...(windows ? { WindowCenter: entries / 2, WindowWidth: entries } : {}),
      ...(voiTable
        ? { VOILUTSequence: [{ LUTDescriptor: [entries % 65536, 0, 12], LUTExplanation: 'S-CURVE', LUTData: table }] }
        : {}),
      PixelData: toStoredValues(values, { bitsAllocated, bitsStored }),
      ...options.attributes,
    },
    options.write,
  );
}

/**
 * RGB of a pixel of the colour test picture: hue over the columns, lightness over the rows, a grey left edge.
 *
 * @param {number} row 0..1
 * @param {number} column 0..1
 * @returns {readonly [number, number, number]}
 */
function colour(row, column) {
  if (column < 0.125) return [255 * row, 255 * row, 255 * row];
  const hue = column * 6;
  /** @type {(shift: number) => number} */
  const channel = (shift) => {
    const k = (shift + hue * 2) % 12;
    return 255 * (row - row * Math.min(row, 1 - row) * Math.max(-1, Math.min(k - 3, 9 - k, 1)));
  };
  return [channel(0), channel(8), channel(4)];
}

/** @type {typeof import('./index.d.ts').rgbPicture} */
export function rgbPicture({ rows, columns, frame = 0 }) {
  const out = new Uint8Array(rows * columns * 3);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const rgb = colour((row + 0.5) / rows, ((column + 0.5) / columns + frame * 0.1) % 1);
      for (const [sample, value] of rgb.entries()) out[(row * columns + column) * 3 + sample] = Math.round(value);
    }
  }
  return out;
}

/**
 * Interleaved RGB as YCbCr of full range (PS3.3 C.7.6.3.1.2), interleaved.
 *
 * @type {typeof import('./index.d.ts').rgbToYbrFull}
 */
export function rgbToYbrFull(rgb) {
  const out = new Uint8Array(rgb.length);
  /** @type {(value: number) => number} */
  const byte = (value) => Math.min(255, Math.max(0, Math.round(value)));
  for (let index = 0; index < rgb.length; index += 3) {
    const [red, green, blue] = [rgb[index] ?? 0, rgb[index + 1] ?? 0, rgb[index + 2] ?? 0];
    out[index] = byte(0.299 * red + 0.587 * green + 0.114 * blue);
    out[index + 1] = byte(-0.1687 * red - 0.3313 * green + 0.5 * blue + 128);
    out[index + 2] = byte(0.5 * red - 0.4187 * green - 0.0813 * blue + 128);
  }
  return out;
}

/**
 * Interleaved YCbCr with the chroma of each two columns stored once: Y Y Cb Cr (PS3.3 C.7.6.3.1.2).
 *
 * @param {Uint8Array} ybr
 */
function subsample422(ybr) {
  const out = new Uint8Array((ybr.length / 3) * 2);
  for (let index = 0, target = 0; index < ybr.length; index += 6, target += 4) {
    out[target] = ybr[index] ?? 0;
    out[target + 1] = ybr[index + 3] ?? 0;
    out[target + 2] = ((ybr[index + 1] ?? 0) + (ybr[index + 4] ?? 0) + 1) >> 1;
    out[target + 3] = ((ybr[index + 2] ?? 0) + (ybr[index + 5] ?? 0) + 1) >> 1;
  }
  return out;
}

/**
 * Colour by plane from colour by pixel.
 *
 * @param {Uint8Array} interleaved
 */
function planes(interleaved) {
  const pixels = interleaved.length / 3;
  return Uint8Array.from(
    interleaved,
    (_, index) => interleaved[(index % pixels) * 3 + Math.floor(index / pixels)] ?? 0,
  );
}

/**
 * A Secondary Capture in colour: RGB or YBR_FULL by pixel or by plane, or subsampled YBR_FULL_422.
 *
 * @type {typeof import('./index.d.ts').secondaryCapture}
 */
export function secondaryCapture(options = {}) {
  const {
    seed = 1,
    rows = 64,
    columns = 64,
    photometricInterpretation = 'RGB',
    planarConfiguration = 0,
    frames = 1,
  } = options;
  const pictures = Array.from({ length: frames }, (_, frame) => {
    const rgb = rgbPicture({ rows, columns, frame });
    const samples = photometricInterpretation === 'RGB' ? rgb : rgbToYbrFull(rgb);
    if (photometricInterpretation === 'YBR_FULL_422') return subsample422(samples);
    return planarConfiguration === 1 ? planes(samples) : samples;
  });
  return writeInstance(
    {
      ...seriesAttributes({ seed, modality: 'OT', sopClassUid: sopClass.secondaryCapture, instance: 0 }),
      ConversionType: 'WSD',
      InstanceNumber: 1,
      SamplesPerPixel: 3,
      PhotometricInterpretation: photometricInterpretation,
      PlanarConfiguration: planarConfiguration,
      ...(frames > 1 ? { NumberOfFrames: frames, FrameTime: 40, FrameIncrementPointer: 0x00181063 } : {}),
      Rows: rows,
      Columns: columns,
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      PixelRepresentation: 0,
      PixelData: { vr: 'OB', value: Buffer.concat(pictures) },
      ...options.attributes,
    },
    options.write,
  );
}

/**
 * An ultrasound image (or cine) of palette indices: a fan of speckle in grey, and a patch of colours that no grey can be.
 *
 * @type {typeof import('./index.d.ts').paletteUltrasound}
 */
export function paletteUltrasound(options = {}) {
  const { seed = 1, rows = 64, columns = 64, frames = 1, bits = 16 } = options;
  const random = seededRandom(seed);
  const indices = new Uint8Array(rows * columns * frames);
  for (let index = 0; index < indices.length; index++) {
    const pixel = index % (rows * columns);
    const [y, x] = [Math.floor(pixel / columns) / rows, (pixel % columns) / columns - 0.5];
    const inFan = Math.hypot(x, y) < 0.95 && Math.abs(x) < 0.15 + 0.6 * y;
    const inPatch = Math.abs(x) < 0.15 && Math.abs(y - 0.5) < 0.15;
    if (inPatch) indices[index] = 192 + Math.floor((y - 0.35) * 200);
    else if (inFan)
      indices[index] = Math.floor(random() * 120 * (1.1 - y)) + (Math.floor(index / (rows * columns)) % 8);
  }
  const scale = bits === 16 ? 257 : 1;
  /** @type {(rgb: (index: number) => number) => Uint16Array} */
  const table = (rgb) => Uint16Array.from({ length: 256 }, (_, index) => Math.round(rgb(index)) * scale);
  const warm = (/** @type {number} */ index) => (index - 192) * 4;
  return writeInstance(
    {
      ...seriesAttributes({
        seed,
        modality: 'US',
        sopClassUid: frames > 1 ? sopClass.ultrasoundMultiFrame : sopClass.ultrasound,
        instance: 0,
      }),
      InstanceNumber: 1,
      ...greyPixelAttributes({ rows, columns, bitsAllocated: 8, photometricInterpretation: 'PALETTE COLOR' }),
      ...(frames > 1 ? { NumberOfFrames: frames, FrameTime: 40, FrameIncrementPointer: 0x00181063 } : {}),
      RedPaletteColorLookupTableDescriptor: [256, 0, bits],
      GreenPaletteColorLookupTableDescriptor: [256, 0, bits],
      BluePaletteColorLookupTableDescriptor: [256, 0, bits],
      RedPaletteColorLookupTableData: table((index) => (index < 192 ? index * 1.3 : 255)),
      GreenPaletteColorLookupTableData: table((index) => (index < 192 ? index * 1.3 : warm(index))),
      BluePaletteColorLookupTableData: table((index) => (index < 192 ? index * 1.3 : 0)),
      PixelData: indices,
      ...options.attributes,
    },
    options.write,
  );
}
