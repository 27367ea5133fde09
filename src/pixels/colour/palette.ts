import type { Palette } from '../../types/pixels.ts';
import { byBitPattern, type ShortValues, valueRange } from '../short-values.ts';

/** The three tables of a palette as bytes. Index 0 is the first mapped value; as long as the palette. */
export type PaletteBytes = readonly [Uint8Array, Uint8Array, Uint8Array];

/**
 * The entries of a palette as bytes. 8-bit entries stay as they are; 16-bit entries are divided by 257 and rounded half
 * up. Where all of them have an empty low byte, they are 8-bit colours that were shifted up: the high byte is the
 * colour.
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
 * Red, green and blue by the bit pattern of the stored value, for arrays of the type of `values` (PS3.3 C.7.6.3.1.5).
 * Values below the first mapped one have the first entry, values above the last mapped one the last entry.
 *
 * @param grey for a supplemental palette (C.7.6.19, C.8.16.2.1.1.1): the grey bytes, by bit pattern, of the stored
 * values below the first mapped one
 */
export function paletteByPattern(values: ShortValues, palette: Palette, grey?: Uint8Array): PaletteBytes {
  const { min, count } = valueRange(values);
  const [red, green, blue] = paletteTables(palette).map((entries) => {
    const byValue = Uint8Array.from({ length: count }, (_, index) => {
      const entry = min + index - palette.firstMapped;
      if (entry < 0 && grey !== undefined) return grey[(min + index) & (count - 1)] ?? 0;
      return entries[Math.min(Math.max(entry, 0), entries.length - 1)] ?? 0;
    });
    return byBitPattern(byValue, min);
  });
  return [red ?? new Uint8Array(count), green ?? new Uint8Array(count), blue ?? new Uint8Array(count)];
}
