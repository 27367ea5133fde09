import { InvalidDicomError, UnsupportedError } from '../base/errors.ts';
import type { DecodedFrame } from '../types/pixels.ts';
import { isShort, type ShortValues } from './grey.ts';

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
