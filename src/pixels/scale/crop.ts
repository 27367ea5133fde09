import type { DecodedFrame } from '../../types/pixels.ts';
import { emptyLike } from '../typed-values.ts';

/** A part of a frame, in pixels from its top left corner. */
export interface FramePart {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Cuts a part out of a frame: the same kind of values, length = rows * columns * samplesPerPixel.
 *
 * @throws RangeError where the part reaches outside the frame
 */
export function cropFrame(frame: DecodedFrame, part: FramePart): DecodedFrame {
  const { samplesPerPixel, columns } = frame;
  if (part.row < 0 || part.column < 0 || part.row + part.rows > frame.rows || part.column + part.columns > columns) {
    throw new RangeError(
      `Expected a part within ${columns} x ${frame.rows} pixels but received ${part.columns} x ${part.rows} at ${part.column}, ${part.row}.`,
    );
  }
  const values = emptyLike(frame.values, part.rows * part.columns * samplesPerPixel);
  const width = part.columns * samplesPerPixel;
  for (let row = 0; row < part.rows; row++) {
    const from = ((part.row + row) * columns + part.column) * samplesPerPixel;
    values.set(frame.values.subarray(from, from + width), row * width);
  }
  return { ...frame, rows: part.rows, columns: part.columns, values };
}
