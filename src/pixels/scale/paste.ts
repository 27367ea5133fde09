import type { DecodedFrame, StoredValues } from '../../types/pixels.ts';
import { emptyLike } from '../typed-values.ts';

/** Values for a canvas of the kind of `sample`: white for colour (glass), 0 for grey. */
export function emptyCanvas(sample: DecodedFrame, length: number): StoredValues {
  const values = emptyLike(sample.values, length);
  if (!(values instanceof Uint8Array) || sample.samplesPerPixel !== 3) return values;
  if (sample.photometricInterpretation === 'RGB') return values.fill(255);
  // White in YBR_FULL: full luminance, neutral chrominance.
  for (let at = 0; at < length; at++) values[at] = at % 3 === 0 ? 255 : 128;
  return values;
}

/** Copies a frame's values onto a canvas of its kind at a place; what reaches outside is cut off. */
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
