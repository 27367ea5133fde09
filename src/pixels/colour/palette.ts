import type { Palette } from '../../types/pixels.ts';
import { byBitPattern, type ShortValues, valueRange } from '../short-values.ts';

/** A palette's three tables as bytes, by index from the first mapped value; length = the palette's. */
export type PaletteBytes = readonly [Uint8Array, Uint8Array, Uint8Array];

/**
 * 8-bit entries as they are; 16-bit ones over 257, rounded half up. Where all of these have an empty low byte, as when
 * somebody shifted 8-bit colours up, the high byte is the colour.
 */
export function paletteTables(palette: Palette): PaletteBytes {
  const channels = [palette.red, palette.green, palette.blue] as const;
  const shifted = palette.bits === 16 && channels.every((channel) => channel.every((entry) => (entry & 0xff) === 0));
  const toByte = (entry: number): number => {
    if (palette.bits === 8) return Math.min(entry, 255);
    return shifted ? entry >> 8 : Math.floor(entry / 257 + 0.5);
  };
  const [red, green, blue] = channels;
  return [Uint8Array.from(red, toByte), Uint8Array.from(green, toByte), Uint8Array.from(blue, toByte)];
}

/**
 * Red, green and blue by bit pattern of the stored value, for arrays of the type of `values` (PS3.3 C.7.6.3.1.5): below
 * the first mapped value the first entry holds, above the last one the last.
 *
 * @param grey For a supplemental palette (C.7.6.19, C.8.16.2.1.1.1): the grey bytes, by bit pattern, of stored values
 * below the first mapped one.
 */
export function paletteByPattern(values: ShortValues, palette: Palette, grey?: Uint8Array): PaletteBytes {
  const { lowest, count } = valueRange(values);
  const [red, green, blue] = paletteTables(palette).map((entries) => {
    const byValue = Uint8Array.from({ length: count }, (_, index) => {
      const entry = lowest + index - palette.firstMapped;
      if (entry < 0 && grey !== undefined) return grey[(lowest + index) & (count - 1)] ?? 0;
      return entries[Math.min(Math.max(entry, 0), entries.length - 1)] ?? 0;
    });
    return byBitPattern(byValue, lowest);
  });
  return [red ?? new Uint8Array(count), green ?? new Uint8Array(count), blue ?? new Uint8Array(count)];
}
