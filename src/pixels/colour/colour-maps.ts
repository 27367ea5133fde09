import { cielabToRgb, isInSrgb } from './cielab.ts';
import type { PaletteBytes } from './palette.ts';

/** Grey byte -> colour; each table's length = 256. */
export interface ColourMap {
  readonly name: string;
  readonly tables: PaletteBytes;
}

/**
 * The map for dose distributions, 'dose': no dose is black, then violet, red, orange, yellow to a pale yellow. Lightness
 * (CIE L*) rises in equal steps, so that equal steps of dose look equally large and grey prints keep the order.
 */
export function doseColourMap(): ColourMap {
  return { name: 'dose', tables: lightnessRamp(290, 460, 95) };
}

/** From black to `lightest`, the hue (degrees) turning on the way, as strong as sRGB allows within a bound. */
function lightnessRamp(firstHue: number, lastHue: number, lightest: number): PaletteBytes {
  const tables: PaletteBytes = [new Uint8Array(256), new Uint8Array(256), new Uint8Array(256)];
  for (let index = 0; index < 256; index++) {
    const share = index / 255;
    const lightness = lightest * share;
    const hue = ((firstHue + (lastHue - firstHue) * share) * Math.PI) / 180;
    const direction = [Math.cos(hue), Math.sin(hue)] as const;
    const chroma = greatestChroma(lightness, direction);
    const colour = cielabToRgb(lightness, chroma * direction[0], chroma * direction[1]);
    tables.forEach((table, channel) => {
      table[index] = colour[channel] ?? 0;
    });
  }
  return tables;
}

/** The greatest chroma that sRGB holds at this lightness and hue, up to 80, and less near black. */
function greatestChroma(lightness: number, [a, b]: readonly [number, number]): number {
  let low = 0;
  let high = Math.min(80, 4 * lightness);
  for (let step = 0; step < 8; step++) {
    const middle = (low + high) / 2;
    if (isInSrgb(lightness, middle * a, middle * b)) low = middle;
    else high = middle;
  }
  return low;
}
