/**
 * Adds a row of differences to their predictions (ITU-T T.81 H.1.2.1, Table H.1), modulo 2^16. The first sample of a
 * row is predicted from the sample above it, that of a first row from `initial`.
 *
 * @param plane samples of one component, row by row; the rows above are decoded already
 * @param start index of the row's first sample
 * @param selection 0 for a first row (predicted from the left), else the selection value 1..7; `overflowing5` and
 * `overflowing6` are what some encoders make of 5 and 6
 */
export function predictRows(
  plane: Uint16Array,
  start: number,
  columns: number,
  differences: Int32Array,
  selection: number,
  initial: number,
): void {
  const above = start - columns;
  const first = selection === 0 ? initial : (plane[above] ?? 0);
  let left = (first + (differences[0] ?? 0)) & 0xffff;
  plane[start] = left;
  switch (selection) {
    case 0:
    case 1:
      for (let x = 1; x < columns; x++) {
        left = (left + (differences[x] ?? 0)) & 0xffff;
        plane[start + x] = left;
      }
      return;
    case 2:
      for (let x = 1; x < columns; x++) plane[start + x] = (plane[above + x] ?? 0) + (differences[x] ?? 0);
      return;
    case 3:
      for (let x = 1; x < columns; x++) plane[start + x] = (plane[above + x - 1] ?? 0) + (differences[x] ?? 0);
      return;
    case 4:
      for (let x = 1; x < columns; x++) {
        left = (left + (plane[above + x] ?? 0) - (plane[above + x - 1] ?? 0) + (differences[x] ?? 0)) & 0xffff;
        plane[start + x] = left;
      }
      return;
    case 5:
      for (let x = 1; x < columns; x++) {
        const slope = ((plane[above + x] ?? 0) - (plane[above + x - 1] ?? 0)) >> 1;
        left = (left + slope + (differences[x] ?? 0)) & 0xffff;
        plane[start + x] = left;
      }
      return;
    case 6:
      for (let x = 1; x < columns; x++) {
        const slope = (left - (plane[above + x - 1] ?? 0)) >> 1;
        left = ((plane[above + x] ?? 0) + slope + (differences[x] ?? 0)) & 0xffff;
        plane[start + x] = left;
      }
      return;
    case overflowing5:
      for (let x = 1; x < columns; x++) {
        const slope = (((plane[above + x] ?? 0) - (plane[above + x - 1] ?? 0)) << 16) >> 17;
        left = (left + slope + (differences[x] ?? 0)) & 0xffff;
        plane[start + x] = left;
      }
      return;
    case overflowing6:
      for (let x = 1; x < columns; x++) {
        const slope = ((left - (plane[above + x - 1] ?? 0)) << 16) >> 17;
        left = ((plane[above + x] ?? 0) + slope + (differences[x] ?? 0)) & 0xffff;
        plane[start + x] = left;
      }
      return;
    default:
      for (let x = 1; x < columns; x++) {
        left = (((left + (plane[above + x] ?? 0)) >> 1) + (differences[x] ?? 0)) & 0xffff;
        plane[start + x] = left;
      }
  }
}

/** Selection values 5 and 6 as encoders compute them whose slope overflows 16 bits. */
export const overflowing5 = 8;
export const overflowing6 = 9;

/**
 * The selection value that the encoder of a plane may have used in place of the right one: some compute the slope of 5
 * and 6 in 16 bits, which overflow. Undefined where that makes no difference.
 *
 * @param plane decoded with the right `selection`, of `columns` a row
 */
export function overflowingSelection(plane: Uint16Array, columns: number, selection: number): number | undefined {
  if (selection !== 5 && selection !== 6) return undefined;
  // From the sample above left: to the one above (5), or to the one on the left (6).
  const step = selection === 5 ? 1 : columns;
  for (let at = 0; at + columns + 1 < plane.length; at++) {
    const slope = (plane[at + step] ?? 0) - (plane[at] ?? 0);
    if (slope < -0x8000 || slope > 0x7fff) return selection === 5 ? overflowing5 : overflowing6;
  }
  return undefined;
}

/**
 * How rough a plane is where it differs from another one: the mean difference of neighbours in a row, modulo 2^16, from
 * 0 to 2^15. Of noise it is 2^14, of pictures far less.
 */
export function roughness(plane: Uint16Array, other: Uint16Array): number {
  let sum = 0;
  let count = 0;
  for (let at = 1; at < plane.length; at++) {
    const value = plane[at] ?? 0;
    if (value === other[at]) continue;
    sum += Math.abs(((value - (plane[at - 1] ?? 0)) << 16) >> 16);
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
