import { UnsupportedError } from '../../base/errors.ts';
import type { DecodedFrame, Palette, VoiWindow } from '../../types/pixels.ts';
import { windowFraction } from '../contrast/voi.ts';
import type { DisplayTables, IndexedImage } from '../scale/resize.ts';
import { bitPatterns, byBitPattern, isShort, valueRange } from '../short-values.ts';
import { paletteTables } from './palette.ts';

/** A colour image ready to be looked up and resized. */
export interface ColourSource {
  readonly image: IndexedImage;
  readonly tables: DisplayTables;
}

export interface ColourOptions {
  /** Bits a sample, 1..32: the greatest sample value is 2^bitsStored - 1. */
  readonly bitsStored: number;
  /** Needed for ARGB alone. */
  readonly palette?: Palette | undefined;
  /** Applied to each of red, green and blue, in units of the RGB samples; only where somebody asked for it. */
  readonly window?: VoiWindow | undefined;
}

/** Any frame of three or four samples a pixel, as 8-bit RGB behind tables. ICC profiles are not applied. */
export function colourSource(frame: DecodedFrame, options: ColourOptions): ColourSource {
  const { bitsStored, window } = options;
  const photometric = frame.photometricInterpretation;
  const shape = { width: frame.columns, height: frame.rows, samplesPerPixel: 3 } as const;
  // RGB of at most 16 bits needs no conversion of its own: the table scales, and windows where asked.
  if (frame.samplesPerPixel === 3 && !isConverted(photometric) && isShort(frame.values)) {
    const toByte = sampleToByte(bitsStored, window);
    const { lowest, count } = valueRange(frame.values);
    const table = byBitPattern(
      Uint8Array.from({ length: count }, (_, index) => toByte(lowest + index)),
      lowest,
    );
    return { image: { ...shape, indices: bitPatterns(frame.values) }, tables: [table, table, table] };
  }
  const rgb = toRgb(frame, options);
  const greatest = 2 ** bitsStored - 1;
  // These are bytes already: the window's units shrink with them.
  const scaled = window && {
    ...window,
    center: (window.center * 255) / greatest,
    width: (window.width * 255) / greatest,
    function: window.function === 'LINEAR' ? 'LINEAR_EXACT' : window.function,
  };
  const toByte = sampleToByte(8, bitsStored === 8 ? window : scaled);
  const table = Uint8Array.from({ length: 256 }, (_, index) => toByte(index));
  return { image: { ...shape, indices: rgb }, tables: [table, table, table] };
}

/** Whether the three samples are something else than red, green and blue. */
function isConverted(photometric: string): boolean {
  return photometric.startsWith('YBR') || photometric === 'HSV';
}

/**
 * 8-bit red, green, blue, interleaved; length = rows * columns * 3.
 *
 * @throws UnsupportedError for a Photometric Interpretation whose values cannot be known here.
 */
export function toRgb(frame: DecodedFrame, options: ColourOptions): Uint8Array {
  const { values, samplesPerPixel: samples, photometricInterpretation: photometric } = frame;
  const greatest = 2 ** options.bitsStored - 1;
  const scale = 255 / greatest;
  const rgb = new Uint8Array(frame.rows * frame.columns * 3);
  const convert = conversion(photometric, samples, options, greatest);
  const sample = new Float64Array(4);
  const result = new Float64Array(3);
  for (let from = 0, to = 0; to < rgb.length; from += samples, to += 3) {
    for (let index = 0; index < samples; index++) sample[index] = values[from + index] as number;
    convert(sample, result);
    for (let index = 0; index < 3; index++) rgb[to + index] = clampedByte((result[index] as number) * scale);
  }
  return rgb;
}

/** Writes red, green and blue (0..greatest) of one pixel into `rgb`. */
type PixelConversion = (sample: Float64Array, rgb: Float64Array) => void;

function conversion(photometric: string, samples: number, options: ColourOptions, greatest: number): PixelConversion {
  if (samples === 4) {
    if (photometric === 'CMYK') return fromCmyk(greatest);
    if (photometric === 'ARGB') return fromArgb(options.palette, greatest);
    // Red, green, blue and an alpha that no part of the standard gives a meaning.
    if (photometric === 'RGB') return copied;
  } else if (samples === 3) {
    // YBR_ICT is the same matrix as YBR_FULL (PS3.3 C.7.6.3.1.2).
    if (photometric === 'YBR_FULL' || photometric === 'YBR_FULL_422' || photometric === 'YBR_ICT')
      return fromYbrFull(greatest);
    if (photometric.startsWith('YBR_PARTIAL')) return fromYbrPartial(greatest);
    if (photometric === 'HSV') return fromHsv(greatest);
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
 * YBR_FULL (PS3.3 C.7.6.3.1.2; the inverse as in ITU-T T.871): Y, CB and CR of the full range, CB and CR around the middle
 * (128 for 8 bits).
 */
function fromYbrFull(greatest: number): PixelConversion {
  const middle = (greatest + 1) / 2;
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

/** YBR_PARTIAL (retired; ITU-R BT.601): of 8 bits Y spans 16..235, CB and CR 16..240. */
function fromYbrPartial(greatest: number): PixelConversion {
  const unit = (greatest + 1) / 256;
  const toFull = fromYbrFull(greatest);
  const full = new Float64Array(3);
  return (sample, rgb) => {
    full[0] = (((sample[0] as number) - 16 * unit) * greatest) / (219 * unit);
    full[1] = (((sample[1] as number) - 128 * unit) * greatest) / (224 * unit) + (greatest + 1) / 2;
    full[2] = (((sample[2] as number) - 128 * unit) * greatest) / (224 * unit) + (greatest + 1) / 2;
    toFull(full, rgb);
  };
}

/** HSV (retired): hue, saturation and value, each over the whole range of a sample. */
function fromHsv(greatest: number): PixelConversion {
  return (sample, rgb) => {
    const hue = ((sample[0] as number) / (greatest + 1)) * 6;
    const saturation = (sample[1] as number) / greatest;
    const value = sample[2] as number;
    for (const [index, sector] of [5, 3, 1].entries()) {
      const distance = (sector + hue) % 6;
      rgb[index] = value * (1 - saturation * Math.max(0, Math.min(distance, 4 - distance, 1)));
    }
  };
}

/** CMYK (retired): 0 is no ink; black is added to each ink and what is left is light. */
function fromCmyk(greatest: number): PixelConversion {
  return (sample, rgb) => {
    for (let index = 0; index < 3; index++) {
      rgb[index] = greatest - Math.min(greatest, (sample[index] as number) + (sample[3] as number));
    }
  };
}

/** ARGB (retired): where alpha reaches the palette's first mapped value, the palette's colour replaces red, green, blue. */
function fromArgb(palette: Palette | undefined, greatest: number): PixelConversion {
  const tables = palette && paletteTables(palette);
  return (sample, rgb) => {
    const index = (sample[0] as number) - (palette?.firstMapped ?? 0);
    for (let channel = 0; channel < 3; channel++) {
      const table = tables?.[channel];
      rgb[channel] =
        table !== undefined && index >= 0
          ? ((table[Math.min(index, table.length - 1)] as number) * greatest) / 255
          : (sample[channel + 1] as number);
    }
  };
}

function sampleToByte(bitsStored: number, window: VoiWindow | undefined): (sample: number) => number {
  const greatest = 2 ** bitsStored - 1;
  const fraction = window === undefined ? (sample: number) => sample / greatest : windowFraction(window);
  return (sample) => clampedByte(255 * fraction(sample));
}

function clampedByte(value: number): number {
  return Math.min(Math.max(Math.floor(value + 0.5), 0), 255);
}
