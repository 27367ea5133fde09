import type { DecodedFrame, StoredValues } from '../../types/pixels.ts';

/** A part of a frame, in pixels from the top left corner. */
export interface FramePart {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Cuts a part out of a frame. The values stay of the same kind; length = rows * columns * samplesPerPixel.
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

/** A canvas for frames like `sample`, of `length` values: white (as glass is) for colour, 0 for grey. */
export function emptyCanvas(sample: DecodedFrame, length: number): StoredValues {
  const values = emptyLike(sample.values, length);
  if (!(values instanceof Uint8Array) || sample.samplesPerPixel !== 3) return values;
  if (sample.photometricInterpretation === 'RGB') return values.fill(255);
  // White in YBR_FULL has full luminance and neutral chrominance.
  for (let at = 0; at < length; at++) values[at] = at % 3 === 0 ? 255 : 128;
  return values;
}

/** Copies a frame to a place on a canvas of its kind. Parts outside of the canvas are left out. */
export function pasteFrame(
  canvas: StoredValues,
  size: { readonly rows: number; readonly columns: number; readonly samplesPerPixel: number },
  frame: DecodedFrame,
  row: number,
  column: number,
): void {
  const { samplesPerPixel } = size;
  const top = Math.max(0, -row);
  const left = Math.max(0, -column);
  const rows = Math.min(frame.rows, size.rows - row);
  const columns = Math.min(frame.columns, size.columns - column);
  if (columns <= left) return;
  for (let line = top; line < rows; line++) {
    const from = (line * frame.columns + left) * samplesPerPixel;
    const to = ((row + line) * size.columns + column + left) * samplesPerPixel;
    canvas.set(frame.values.subarray(from, from + (columns - left) * samplesPerPixel), to);
  }
}

/** An array of the same kind, filled with zeros. */
function emptyLike(values: StoredValues, length: number): StoredValues {
  if (values instanceof Uint8Array) return new Uint8Array(length);
  if (values instanceof Int8Array) return new Int8Array(length);
  if (values instanceof Uint16Array) return new Uint16Array(length);
  if (values instanceof Int16Array) return new Int16Array(length);
  if (values instanceof Uint32Array) return new Uint32Array(length);
  if (values instanceof Int32Array) return new Int32Array(length);
  return values instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
}
