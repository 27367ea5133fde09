import { InvalidDicomError, UnsupportedError } from '../base/errors.ts';
import type { DecodedFrame, PaddingRange, StoredValues } from '../types/pixels.ts';

/** Stored values of at most 16 bits: a table can map them. */
export type ShortValues = Uint8Array | Int8Array | Uint16Array | Int16Array;

export function isShort(values: StoredValues): values is ShortValues {
  return values.BYTES_PER_ELEMENT <= 2;
}

/** The bit patterns of values, in the same memory: they are indices into a table of 256 or 65536 entries. */
export function bitPatterns(values: ShortValues): Uint8Array | Uint16Array {
  if (values instanceof Uint8Array || values instanceof Uint16Array) return values;
  return values.BYTES_PER_ELEMENT === 1
    ? new Uint8Array(values.buffer, values.byteOffset, values.length)
    : new Uint16Array(values.buffer, values.byteOffset, values.length);
}

/** The least value that an array of this type can hold, and how many different values it can hold. */
export function valueRange(values: ShortValues): { readonly min: number; readonly count: number } {
  const count = 2 ** (8 * values.BYTES_PER_ELEMENT);
  const signed = values instanceof Int8Array || values instanceof Int16Array;
  return { min: signed ? -count / 2 : 0, count };
}

/** Turns a table by value, which begins with the least value `min`, into a table by bit pattern. */
export function byBitPattern(byValue: Uint8Array, min: number): Uint8Array {
  if (min === 0) return byValue;
  const table = new Uint8Array(byValue.length);
  table.set(byValue.subarray(-min), 0);
  table.set(byValue.subarray(0, -min), byValue.length + min);
  return table;
}

/**
 * Float values may differ by this share from the end of a padding range that they are meant to be: -9999.1 is another
 * number as a 32-bit float than as a decimal or a double, and writers print six digits of the least float.
 */
const floatPaddingTolerance = 2e-6;

/**
 * The lower and the upper end of the padding among these values, both included, in whatever order the header has them.
 * Without padding, or with one that is no number: an empty range (1, 0).
 */
export function paddingEnds(
  padding: PaddingRange | undefined,
  values: StoredValues,
): readonly [low: number, high: number] {
  if (padding === undefined || Number.isNaN(padding.low) || Number.isNaN(padding.high)) return [1, 0];
  const low = Math.min(padding.low, padding.high);
  const high = Math.max(padding.low, padding.high);
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return [low, high];
  const tolerance = (end: number): number => (Number.isFinite(end) ? floatPaddingTolerance * Math.abs(end) : 0);
  return [low - tolerance(low), high + tolerance(high)];
}

/**
 * Checks that a frame has as many values as its rows, columns and samples say.
 *
 * @throws InvalidDicomError where it has not, or where a side is not a whole number above 0
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
 * The values of a frame that are labels, or indices into a palette.
 *
 * @throws UnsupportedError where they have more than 16 bits, or where there are several samples a pixel
 */
export function shortValuesOf(frame: DecodedFrame): ShortValues {
  assertFrameShape(frame);
  if (frame.samplesPerPixel === 1 && isShort(frame.values)) return frame.values;
  throw new UnsupportedError(
    `Expected labels or palette indices of at most 16 bits but received ${frame.samplesPerPixel} samples per pixel of ` +
      `${8 * frame.values.BYTES_PER_ELEMENT} bits.`,
  );
}
