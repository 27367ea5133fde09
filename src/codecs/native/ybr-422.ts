/**
 * Upsamples native YBR_FULL_422 (PS3.3 C.7.6.3.1.2): Y1 Y2 CB CR for two neighbouring pixels of a row. Both pixels get
 * the same CB and CR.
 *
 * @param pairs length = rows * columns * 2; `columns` even
 * @returns YBR_FULL, length = rows * columns * 3
 */
export function upsampleYbr422(pairs: Uint8Array, rows: number, columns: number): Uint8Array {
  const result = new Uint8Array(rows * columns * 3);
  for (let from = 0, to = 0; to < result.length; from += 4, to += 6) {
    const blue = pairs[from + 2] ?? 0;
    const red = pairs[from + 3] ?? 0;
    result[to] = pairs[from] ?? 0;
    result[to + 1] = blue;
    result[to + 2] = red;
    result[to + 3] = pairs[from + 1] ?? 0;
    result[to + 4] = blue;
    result[to + 5] = red;
  }
  return result;
}

/**
 * Partial range (YBR_PARTIAL_*: Y 16..235, CB and CR 16..240) -> the full range of YBR_FULL, interleaved by pixel.
 *
 * @returns a new array of the same length
 */
export function expandPartialRange(ybr: Uint8Array): Uint8Array {
  const luma = new Uint8ClampedArray(256);
  const chroma = new Uint8ClampedArray(256);
  for (let value = 0; value < 256; value++) {
    luma[value] = ((value - 16) * 255) / 219;
    chroma[value] = ((value - 128) * 255) / 224 + 128;
  }
  const result = new Uint8Array(ybr.length);
  for (let i = 0; i < ybr.length; i += 3) {
    result[i] = luma[ybr[i] ?? 0] ?? 0;
    result[i + 1] = chroma[ybr[i + 1] ?? 0] ?? 0;
    result[i + 2] = chroma[ybr[i + 2] ?? 0] ?? 0;
  }
  return result;
}
