import { cielabToRgb, isInSrgb } from './cielab.ts';
import type { PaletteBytes } from './palette.ts';

/** Grey byte -> colour; the length of each table is 256. */
export interface ColourMap {
  readonly name: string;
  readonly tables: PaletteBytes;
}

/**
 * The colour map 'dose' for dose distributions: from black (no dose) over violet, red, orange and yellow to pale
 * yellow. The lightness (CIE L*) rises in equal steps, so that equal steps of dose look equally large, and so that a
 * grey print keeps the order.
 */
export function doseColourMap(): ColourMap {
  return { name: 'dose', tables: lightnessRamp(290, 460, 95) };
}

/**
 * Tables from black to the lightness `maxLightness`. The hue (in degrees) turns on the way; chroma as in {@link
 * maxChroma}.
 */
function lightnessRamp(firstHue: number, lastHue: number, maxLightness: number): PaletteBytes {
  const tables: PaletteBytes = [new Uint8Array(256), new Uint8Array(256), new Uint8Array(256)];
  for (let index = 0; index < 256; index++) {
    const share = index / 255;
    const lightness = maxLightness * share;
    const hue = ((firstHue + (lastHue - firstHue) * share) * Math.PI) / 180;
    const direction = [Math.cos(hue), Math.sin(hue)] as const;
    const chroma = maxChroma(lightness, direction);
    const colour = cielabToRgb(lightness, chroma * direction[0], chroma * direction[1]);
    tables.forEach((table, channel) => {
      table[index] = colour[channel] ?? 0;
    });
  }
  return tables;
}

/** The greatest chroma that sRGB has at this lightness and hue, but not more than 80, and less near black. */
function maxChroma(lightness: number, [a, b]: readonly [number, number]): number {
  let low = 0;
  let high = Math.min(80, 4 * lightness);
  for (let step = 0; step < 8; step++) {
    const middle = (low + high) / 2;
    if (isInSrgb(lightness, middle * a, middle * b)) low = middle;
    else high = middle;
  }
  return low;
}
