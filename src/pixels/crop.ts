import type { DecodedFrame, StoredValues } from '../types/pixels.ts';

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

function emptyLike(values: StoredValues, length: number): StoredValues {
  if (values instanceof Uint8Array) return new Uint8Array(length);
  if (values instanceof Int8Array) return new Int8Array(length);
  if (values instanceof Uint16Array) return new Uint16Array(length);
  if (values instanceof Int16Array) return new Int16Array(length);
  if (values instanceof Uint32Array) return new Uint32Array(length);
  if (values instanceof Int32Array) return new Int32Array(length);
  return values instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}
