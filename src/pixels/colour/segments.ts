import type { DecodedFrame, DisplayImage } from '../../types/pixels.ts';
import type { DisplayTables } from '../scale/indexed-image.ts';
import { resizeThroughTables } from '../scale/resize.ts';
import { bitPatterns, shortValuesOf, valueRange } from '../short-values.ts';
import { cielabToRgb, encodedCielabToRgb, type Rgb } from './cielab.ts';

/** The angle that spreads any number of hues evenly (360 degrees over the golden ratio, squared). */
const goldenAngle = 137.507_764;

/**
 * The colour of a segment: the recommended one (PS3.3 C.8.20.2, encoded as in C.10.7.1.1), else one that is made from
 * its number so that neighbouring numbers look different.
 */
export function segmentColour(
  number: number,
  recommended: ReadonlyMap<number, readonly [lightness: number, a: number, b: number]>,
): Rgb {
  const encoded = recommended.get(number);
  if (encoded !== undefined) return encodedCielabToRgb(encoded);
  const hue = ((number * goldenAngle) % 360) * (Math.PI / 180);
  return cielabToRgb(70, 60 * Math.cos(hue), 60 * Math.sin(hue));
}

/** The frame of one segment (PS3.3 C.8.20.2), and how to draw it. */
export interface SegmentLayer {
  readonly frame: DecodedFrame;
  /** The value of a pixel that the segment covers wholly: 1 for BINARY, Maximum Fractional Value for FRACTIONAL. */
  readonly maximum: number;
  readonly colour: Rgb;
}

/**
 * Draws the segments of one plane on black, each in its colour, later ones over earlier ones. A pixel that a segment
 * covers in part (at the resolution of the tile, or by its fraction) takes that part of the colour.
 */
export function drawSegments(layers: readonly SegmentLayer[], width: number, height: number): DisplayImage {
  const data = new Uint8Array(width * height * 3);
  for (const { frame, maximum, colour } of layers) {
    const coverage = resized(frame, width, height, (value) => (255 * value) / maximum);
    for (let pixel = 0; pixel < coverage.length; pixel++) {
      const covered = coverage[pixel] ?? 0;
      if (covered === 0) continue;
      for (let channel = 0; channel < 3; channel++) {
        const below = data[pixel * 3 + channel] ?? 0;
        data[pixel * 3 + channel] = Math.floor(below + (((colour[channel] ?? 0) - below) * covered) / 255 + 0.5);
      }
    }
  }
  return { width, height, channels: 3, data };
}

function resized(frame: DecodedFrame, width: number, height: number, toByte: (value: number) => number): Uint8Array {
  const values = shortValuesOf(frame);
  const { count } = valueRange(values);
  const table = Uint8Array.from({ length: count }, (_, value) => Math.min(Math.floor(toByte(value) + 0.5), 255));
  const image = { width: frame.columns, height: frame.rows, samplesPerPixel: 1, indices: bitPatterns(values) } as const;
  return resizeThroughTables(image, [table], width, height).data;
}

/**
 * Draws a label map (PS3.3 C.8.20.2, LABELMAP): each value in the colour of its segment, values without a segment
 * black.
 */
export function drawLabelMap(
  frame: DecodedFrame,
  colours: ReadonlyMap<number, Rgb>,
  width: number,
  height: number,
): DisplayImage {
  const values = shortValuesOf(frame);
  const { count } = valueRange(values);
  const tables: DisplayTables = [new Uint8Array(count), new Uint8Array(count), new Uint8Array(count)];
  for (const [value, colour] of colours) {
    tables.forEach((table, channel) => {
      if (value >= 0 && value < count) table[value] = colour[channel] ?? 0;
    });
  }
  const image = { width: frame.columns, height: frame.rows, samplesPerPixel: 1, indices: bitPatterns(values) } as const;
  return resizeThroughTables(image, tables, width, height);
}
