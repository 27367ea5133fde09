import { InvalidDicomError, UnsupportedError } from '../base/errors.ts';
import type { DecodedFrame, PaddingRange, StoredValues } from '../types/pixels.ts';

/** Stored values of at most 16 bits, which a table can map. */
export type ShortValues = Uint8Array | Int8Array | Uint16Array | Int16Array;

export function isShort(values: StoredValues): values is ShortValues {
  return values.BYTES_PER_ELEMENT <= 2;
}

/** Values as their bit patterns, over the same memory: indices into a table of 256 or 65536 entries. */
export function bitPatterns(values: ShortValues): Uint8Array | Uint16Array {
  if (values instanceof Uint8Array || values instanceof Uint16Array) return values;
  return values.BYTES_PER_ELEMENT === 1
    ? new Uint8Array(values.buffer, values.byteOffset, values.length)
    : new Uint16Array(values.buffer, values.byteOffset, values.length);
}

/** The least value an array of this type can hold, and how many there are. */
export function valueRange(values: ShortValues): { readonly lowest: number; readonly count: number } {
  const count = 2 ** (8 * values.BYTES_PER_ELEMENT);
  const signed = values instanceof Int8Array || values instanceof Int16Array;
  return { lowest: signed ? -count / 2 : 0, count };
}

/** A table by value, from the lowest on, as a table by bit pattern. */
export function byBitPattern(byValue: Uint8Array, lowest: number): Uint8Array {
  if (lowest === 0) return byValue;
  const table = new Uint8Array(byValue.length);
  table.set(byValue.subarray(-lowest), 0);
  table.set(byValue.subarray(0, -lowest), byValue.length + lowest);
  return table;
}

/** Lower and upper end, whichever was given first. */
export function ordered({ low, high }: PaddingRange): readonly [low: number, high: number] {
  return low <= high ? [low, high] : [high, low];
}

/**
 * Checks that there are as many values as rows, columns and samples ask for.
 *
 * @throws InvalidDicomError where it is not, or where a side is not a whole number above 0.
 */
export function assertFrameShape(frame: DecodedFrame): void {
  const { rows, columns, samplesPerPixel, values } = frame;
  const sides = Number.isInteger(rows) && Number.isInteger(columns) && rows > 0 && columns > 0;
  if (!sides || values.length !== rows * columns * samplesPerPixel) {
    throw new InvalidDicomError(
      `Expected ${columns} x ${rows} pixels of ${samplesPerPixel} samples but received ${values.length} values.`,
    );
  }
}

/**
 * A frame's values as indices: labels, or entries of a palette.
 *
 * @throws UnsupportedError where values are wider than 16 bits or there are several samples a pixel.
 */
export function shortValuesOf(frame: DecodedFrame): ShortValues {
  assertFrameShape(frame);
  if (frame.samplesPerPixel === 1 && isShort(frame.values)) return frame.values;
  throw new UnsupportedError(
    `Expected labels or palette indices of at most 16 bits but received ${frame.samplesPerPixel} samples per pixel of ` +
      `${8 * frame.values.BYTES_PER_ELEMENT} bits.`,
  );
}
