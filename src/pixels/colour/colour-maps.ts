import type { ColourMapName } from '../../types/settings.ts';
import type { DisplayTables } from '../scale/indexed-image.ts';
import { cielabToRgb, isInSrgb } from './cielab.ts';

/** Grey byte -> colour, or another grey; the length of each table is 256. */
export interface ColourMap {
  readonly name: ColourMapName;
  readonly tables: DisplayTables;
}

/** The names of all colour maps. */
export const colourMapNames: readonly ColourMapName[] = [
  ...(['grey', 'inverted', 'hot', 'viridis', 'inferno', 'turbo', 'dose'] as const),
];

/**
 * A colour map by name.
 *
 * - `grey`: as it is. `inverted`: black on white, as many read PET.
 * - `hot`: black, red, yellow, white.
 * - `viridis`, `inferno`: lightness rises evenly, for readers with any colour vision. `turbo`: all hues.
 * - `dose`: from black (no dose) over violet, red, orange and yellow to pale yellow. The lightness (CIE L*) rises in
 *   equal steps, so that equal steps of dose look equally large, and so that a grey print keeps the order.
 */
export function colourMap(name: ColourMapName): ColourMap {
  return { name, tables: tablesOf(name) };
}

function tablesOf(name: ColourMapName): DisplayTables {
  switch (name) {
    case 'grey':
      return [Uint8Array.from({ length: 256 }, (_, grey) => grey)];
    case 'inverted':
      return [Uint8Array.from({ length: 256 }, (_, grey) => 255 - grey)];
    case 'dose':
      return lightnessRamp(290, 460, 95);
    default:
      return between(stops[name]);
  }
}

/** Colours at equal distances, in between linear. They follow Matplotlib's maps within 7 of 256
 * steps, in the mean within one. */
const stops: Readonly<Record<'hot' | 'viridis' | 'inferno' | 'turbo', readonly string[]>> = {
  hot: ['000000', '550000', 'aa0000', 'ff0000', 'ff5500', 'ffaa00', 'ffff00', 'ffff80', 'ffffff'],
  viridis: [
    ...['440154', '481a6c', '472f7d', '414487', '39568c', '31688e', '2a788e', '23888e'],
    ...['1f988b', '22a884', '35b779', '54c568', '7ad151', 'a5db36', 'd2e21b', 'fde725'],
  ],
  inferno: [
    ...['000004', '0c0826', '240c4f', '420a68', '5d126e', '781c6d', '932667', 'ae305c'],
    ...['c73e4c', 'dd513a', 'ed6925', 'f8850f', 'fca50a', 'fac62d', 'f2e661', 'fcffa4'],
  ],
  turbo: [
    ...['30123b', '3f3e9c', '4666dd', '458cfd', '2fb2f4', '1ad4d0', '22ebaa', '52fa7a', '8bff4b'],
    ...['b7f735', 'dbe236', 'f5c53a', 'fea130', 'f9751d', 'e84b0c', 'ce2d04', 'a91601', '7a0403'],
  ],
};

function between(colours: readonly string[]): DisplayTables {
  const channel = (at: number): Uint8Array =>
    Uint8Array.from({ length: 256 }, (_, grey) => {
      const place = (grey / 255) * (colours.length - 1);
      const first = Math.min(Math.floor(place), colours.length - 2);
      const part = (index: number): number => Number.parseInt(colours[index]?.slice(2 * at, 2 * at + 2) ?? '0', 16);
      return Math.round(part(first) + (part(first + 1) - part(first)) * (place - first));
    });
  return [channel(0), channel(1), channel(2)];
}

/**
 * Tables from black to the lightness `maxLightness`. The hue (in degrees) turns on the way; chroma as in {@link
 * maxChroma}.
 */
function lightnessRamp(firstHue: number, lastHue: number, maxLightness: number): DisplayTables {
  const tables = [new Uint8Array(256), new Uint8Array(256), new Uint8Array(256)] as const;
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
