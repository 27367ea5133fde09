/**
 * Adds a row of differences to their predictions (ITU-T T.81 H.1.2.1, Table H.1), modulo 2^16. The first sample of a
 * row is predicted from the sample above it, that of a first row from `initial`.
 *
 * @param plane samples of one component, row by row; the rows above are decoded already
 * @param start index of the row's first sample
 * @param selection 0 for a first row (predicted from the left), else the selection value 1..7
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
    default:
      for (let x = 1; x < columns; x++) {
        left = (((left + (plane[above + x] ?? 0)) >> 1) + (differences[x] ?? 0)) & 0xffff;
        plane[start + x] = left;
      }
  }
}
