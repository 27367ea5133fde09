import { UnsupportedError } from '../../base/errors.ts';
import type { DecodedFrame, Palette, VoiWindow } from '../../types/pixels.ts';
import { windowFraction } from '../contrast/voi.ts';
import type { DisplayTables, IndexedImage } from '../scale/indexed-image.ts';
import { bitPatterns, byBitPattern, isShort, valueRange } from '../short-values.ts';
import { paletteTables } from './palette.ts';

/** A colour image, ready to be looked up in its tables and resized. */
export interface ColourSource {
  readonly image: IndexedImage;
  readonly tables: DisplayTables;
}

export interface ColourOptions {
  /** Bits of a sample, 1..32: the max sample is 2^bitsStored - 1. */
  readonly bitsStored: number;
  /** Needed for ARGB only. */
  readonly palette?: Palette | undefined;
  /** Applied to red, green and blue alike, in units of the samples. Only given where the caller asked for it. */
  readonly window?: VoiWindow | undefined;
}

/**
 * A frame of three or four samples a pixel, with the tables that make 8-bit RGB of it. ICC profiles are not applied.
 */
export function colourSource(frame: DecodedFrame, options: ColourOptions): ColourSource {
  const { bitsStored, window } = options;
  const photometric = frame.photometricInterpretation;
  const shape = { width: frame.columns, height: frame.rows, samplesPerPixel: 3 } as const;
  // RGB of at most 16 bits needs no conversion: its table scales the samples, and applies the window.
  if (frame.samplesPerPixel === 3 && !isConverted(photometric) && isShort(frame.values)) {
    const toByte = sampleToByte(bitsStored, window);
    const { min, count } = valueRange(frame.values);
    const table = byBitPattern(
      Uint8Array.from({ length: count }, (_, index) => toByte(min + index)),
      min,
    );
    return { image: { ...shape, indices: bitPatterns(frame.values) }, tables: [table, table, table] };
  }
  const rgb = toRgb(frame, options);
  const max = 2 ** bitsStored - 1;
  // The samples are bytes now: the window must be scaled like them.
  const scaled = window && {
    ...window,
    center: (window.center * 255) / max,
    width: (window.width * 255) / max,
    function: window.function === 'LINEAR' ? 'LINEAR_EXACT' : window.function,
  };
  const toByte = sampleToByte(8, bitsStored === 8 ? window : scaled);
  const table = Uint8Array.from({ length: 256 }, (_, index) => toByte(index));
  return { image: { ...shape, indices: rgb }, tables: [table, table, table] };
}

/** Whether the samples must be converted, because they are not red, green and blue. */
function isConverted(photometric: string): boolean {
  return photometric.startsWith('YBR') || photometric === 'HSV';
}

/**
 * Converts a frame to 8-bit red, green, blue, interleaved; length = rows * columns * 3.
 *
 * @throws UnsupportedError for a Photometric Interpretation that is not known here
 */
export function toRgb(frame: DecodedFrame, options: ColourOptions): Uint8Array {
  const { values, samplesPerPixel: samples, photometricInterpretation: photometric } = frame;
  const max = 2 ** options.bitsStored - 1;
  const scale = 255 / max;
  const rgb = new Uint8Array(frame.rows * frame.columns * 3);
  const convert = conversion(photometric, samples, options, max);
  const sample = new Float64Array(4);
  const result = new Float64Array(3);
  for (let from = 0, to = 0; to < rgb.length; from += samples, to += 3) {
    for (let index = 0; index < samples; index++) sample[index] = values[from + index] as number;
    convert(sample, result);
    for (let index = 0; index < 3; index++) rgb[to + index] = clampedByte((result[index] as number) * scale);
  }
  return rgb;
}

/** Writes the red, green and blue of one pixel, 0 to the greatest sample, to `rgb`. */
type PixelConversion = (sample: Float64Array, rgb: Float64Array) => void;

function conversion(photometric: string, samples: number, options: ColourOptions, max: number): PixelConversion {
  if (samples === 4) {
    if (photometric === 'CMYK') return fromCmyk(max);
    if (photometric === 'ARGB') return fromArgb(options.palette, max);
    // Red, green, blue, and an alpha that has no meaning in the standard.
    if (photometric === 'RGB') return copied;
  } else if (samples === 3) {
    // YBR_ICT is the same matrix as YBR_FULL (PS3.3 C.7.6.3.1.2).
    if (photometric === 'YBR_FULL' || photometric === 'YBR_FULL_422' || photometric === 'YBR_ICT')
      return fromYbrFull(max);
    if (photometric.startsWith('YBR_PARTIAL')) return fromYbrPartial(max);
    if (photometric === 'HSV') return fromHsv(max);
    if (!photometric.startsWith('YBR')) return copied;
  }
  throw new UnsupportedError(
    `Cannot show ${samples} samples per pixel of Photometric Interpretation '${photometric}': expected RGB, YBR_FULL, ` +
      'YBR_PARTIAL_422, YBR_ICT, HSV, ARGB or CMYK.',
  );
}

const copied: PixelConversion = (sample, rgb) => {
  for (let index = 0; index < 3; index++) rgb[index] = sample[index] as number;
};

/**
 * YBR_FULL (PS3.3 C.7.6.3.1.2; the inverse is in ITU-T T.871): Y, CB and CR have the full range, CB and CR with the
 * middle (128 for 8 bits) as zero.
 */
function fromYbrFull(max: number): PixelConversion {
  const middle = (max + 1) / 2;
  const greenFromBlue = (0.114 * 1.772) / 0.587;
  const greenFromRed = (0.299 * 1.402) / 0.587;
  return (sample, rgb) => {
    const luma = sample[0] as number;
    const blue = (sample[1] as number) - middle;
    const red = (sample[2] as number) - middle;
    rgb[0] = luma + 1.402 * red;
    rgb[1] = luma - greenFromBlue * blue - greenFromRed * red;
    rgb[2] = luma + 1.772 * blue;
  };
}

/** YBR_PARTIAL (retired; ITU-R BT.601): with 8 bits, Y has the range 16..235, CB and CR 16..240. */
function fromYbrPartial(max: number): PixelConversion {
  const unit = (max + 1) / 256;
  const toFull = fromYbrFull(max);
  const full = new Float64Array(3);
  return (sample, rgb) => {
    full[0] = (((sample[0] as number) - 16 * unit) * max) / (219 * unit);
    full[1] = (((sample[1] as number) - 128 * unit) * max) / (224 * unit) + (max + 1) / 2;
    full[2] = (((sample[2] as number) - 128 * unit) * max) / (224 * unit) + (max + 1) / 2;
    toFull(full, rgb);
  };
}

/** HSV (retired): hue, saturation and value each have the whole range of a sample. */
function fromHsv(max: number): PixelConversion {
  return (sample, rgb) => {
    const hue = ((sample[0] as number) / (max + 1)) * 6;
    const saturation = (sample[1] as number) / max;
    const value = sample[2] as number;
    for (const [index, sector] of [5, 3, 1].entries()) {
      const distance = (sector + hue) % 6;
      rgb[index] = value * (1 - saturation * Math.max(0, Math.min(distance, 4 - distance, 1)));
    }
  };
}

/** CMYK (retired): 0 is no ink. Black is added to each ink; what is left is light. */
function fromCmyk(max: number): PixelConversion {
  return (sample, rgb) => {
    for (let index = 0; index < 3; index++) {
      rgb[index] = max - Math.min(max, (sample[index] as number) + (sample[3] as number));
    }
  };
}

/**
 * ARGB (retired): from the first mapped value of the palette on, alpha is an index into it and replaces red, green,
 * blue.
 */
function fromArgb(palette: Palette | undefined, max: number): PixelConversion {
  const tables = palette && paletteTables(palette);
  return (sample, rgb) => {
    const index = (sample[0] as number) - (palette?.firstMapped ?? 0);
    for (let channel = 0; channel < 3; channel++) {
      const table = tables?.[channel];
      rgb[channel] =
        table !== undefined && index >= 0
          ? ((table[Math.min(index, table.length - 1)] as number) * max) / 255
          : (sample[channel + 1] as number);
    }
  };
}

function sampleToByte(bitsStored: number, window: VoiWindow | undefined): (sample: number) => number {
  const max = 2 ** bitsStored - 1;
  const fraction = window === undefined ? (sample: number) => sample / max : windowFraction(window);
  return (sample) => clampedByte(255 * fraction(sample));
}

function clampedByte(value: number): number {
  return Math.min(Math.max(Math.floor(value + 0.5), 0), 255);
}
