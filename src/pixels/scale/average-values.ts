import { axisTaps } from './axis-taps.ts';

/** Grey values on a grid, row by row. */
export interface ValueGrid {
  readonly rows: number;
  readonly columns: number;
  /** length = rows * columns. */
  readonly values: ArrayLike<number>;
}

/**
 * Averages values over areas, to a grid of `rows` x `columns` (each from 1, and no more than the source has). Unlike
 * pictures, whose display values are averaged, this keeps the unit of the values.
 *
 * Values that are not finite numbers count for nothing, and so do others that are no measurements (padding). Where an
 * area holds no other, the first of them stands.
 *
 * @param isLeftOut whether a value is padding
 * @returns length = rows * columns
 */
export function averageValues(
  source: ValueGrid,
  rows: number,
  columns: number,
  isLeftOut: (value: number) => boolean,
): Float32Array {
  const vertical = axisTaps(source.rows, rows);
  const horizontal = axisTaps(source.columns, columns);
  const result = new Float32Array(rows * columns);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      let total = 0;
      let first = Number.NaN;
      forEachTap(vertical, row, (sourceRow, rowWeight) => {
        forEachTap(horizontal, column, (sourceColumn, columnWeight) => {
          const value = source.values[sourceRow * source.columns + sourceColumn] ?? Number.NaN;
          if (Number.isNaN(first)) first = value;
          if (!Number.isFinite(value) || isLeftOut(value)) return;
          sum += value * rowWeight * columnWeight;
          total += rowWeight * columnWeight;
        });
      });
      result[to++] = total === 0 ? first : sum / total;
    }
  }
  return result;
}

function forEachTap(
  { first, start, weights }: ReturnType<typeof axisTaps>,
  position: number,
  visit: (source: number, weight: number) => void,
): void {
  const begin = start[position] ?? 0;
  const count = (start[position + 1] ?? begin) - begin;
  for (let tap = 0; tap < count; tap++) visit((first[position] ?? 0) + tap, weights[begin + tap] ?? 0);
}
