import { Projected, type Projection } from './projection.ts';
import type { ValueLine } from './resample-lines.ts';

/** The values of one slice, and where it lies: millimetres along rows (u), along columns (v) and across slices (w). */
export interface SliceValues {
  /** Of the first pixel's centre. */
  readonly u: number;
  readonly v: number;
  readonly w: number;
  readonly rows: number;
  readonly columns: number;
  /** Millimetres from row to row, and from column to column. */
  readonly rowMm: number;
  readonly columnMm: number;
  /** The modality value of a pixel, counted row by row; NaN for padding. */
  readonly valueAt: (pixel: number) => number;
}

export interface PlanesRequest {
  /** Where the three planes lie, in millimetres along u, v and w. */
  readonly at: readonly [u: number, v: number, w: number];
  /** undefined: sections. */
  readonly projection: Projection | undefined;
  /** Thickness of what is joined; Infinity for everything. */
  readonly slabMm: number;
  /** How far the first pixels of the slices lie apart, along u and along v: the sides of a tilted stack slant. */
  readonly corner: { readonly u: number; readonly v: number; readonly uMm: number; readonly vMm: number };
}

/**
 * Collects three planes from slices that come one after the other, in ascending order of w. Of each slice the lines that the planes need are kept,
 * and nothing else. With a projection all slices must have one size.
 */
export class PlaneCollector {
  readonly #request: PlanesRequest;
  /** Lines of the planes across u, and across v. */
  readonly #lines: readonly [ValueLine[], ValueLine[]] = [[], []];
  #within: readonly ValueLine[] = [];
  #joined:
    | { readonly values: Projected; readonly slice: SliceValues; readonly columns: number; readonly rows: number }
    | undefined;

  constructor(request: PlanesRequest) {
    this.#request = request;
  }

  /** @param isNearest this slice is the one nearest to the plane along the slices */
  add(slice: SliceValues, isNearest: boolean): void {
    const { at, projection, slabMm } = this.#request;
    const { w, u, v, rows, columns, rowMm, columnMm, valueAt } = slice;
    const [placeU, placeV] = [(at[0] - u) / columnMm, (at[1] - v) / rowMm];
    let acrossU: Float32Array;
    let acrossV: Float32Array;
    if (projection === undefined) {
      acrossU = section(columns, placeU, rows, (row, column) => valueAt(row * columns + column));
      acrossV = section(rows, placeV, columns, (column, row) => valueAt(row * columns + column));
      if (isNearest) this.#within = linesOf(slice, valueAt);
    } else {
      const values = new Float32Array(rows * columns);
      for (let pixel = 0; pixel < values.length; pixel++) values[pixel] = valueAt(pixel);
      acrossU = slab(columns, placeU, slabMm / columnMm, new Projected(rows, projection), (joined, column) =>
        joined.addRun(0, values, column, rows, columns),
      );
      acrossV = slab(rows, placeV, slabMm / rowMm, new Projected(columns, projection), (joined, row) =>
        joined.addRun(0, values, row * columns, columns, 1),
      );
      if (isNearest || Math.abs(w - at[2]) <= slabMm / 2) this.#join(slice, values, projection);
    }
    this.#lines[0].push({ at: w, start: v, step: rowMm, values: acrossU, isBeforeGap: false });
    this.#lines[1].push({ at: w, start: u, step: columnMm, values: acrossV, isBeforeGap: false });
  }

  /**
   * The lines of the plane across an axis (0: u, 1: v, 2: w), in ascending order.
   *
   * @param gapStarts where slices lie (w) after which nothing is known until the next one
   */
  linesAcross(axis: number, gapStarts: ReadonlySet<number>): readonly ValueLine[] {
    const lines = this.#lines[axis];
    if (lines !== undefined) return lines.map((line) => ({ ...line, isBeforeGap: gapStarts.has(line.at) }));
    if (this.#joined === undefined) return this.#within;
    const { slice, rows, columns } = this.#joined;
    const { u, v } = this.#request.corner;
    const { values } = this.#joined.values;
    return linesOf({ ...slice, u, v, rows, columns }, (pixel) => values[pixel] ?? Number.NaN);
  }

  #join(slice: SliceValues, given: Float32Array, projection: Projection): void {
    const { corner } = this.#request;
    if (this.#joined === undefined) {
      const columns = slice.columns + Math.ceil(corner.uMm / slice.columnMm - 1e-6);
      const rows = slice.rows + Math.ceil(corner.vMm / slice.rowMm - 1e-6);
      this.#joined = { values: new Projected(rows * columns, projection), slice, columns, rows };
    }
    const { values, columns } = this.#joined;
    // To the nearest whole pixel: what is joined is thicker than what that leaves out.
    const left = Math.round((slice.u - corner.u) / slice.columnMm);
    const top = Math.round((slice.v - corner.v) / slice.rowMm);
    for (let row = 0; row < slice.rows; row++) {
      values.addRun((top + row) * columns + left, given, row * slice.columns, slice.columns, 1);
    }
  }
}

/**
 * Joins what lies in a slab, at least one value.
 *
 * @param place the middle of the slab, and `thickness`: both counted in values
 */
function slab(
  depth: number,
  place: number,
  thickness: number,
  joined: Projected,
  add: (joined: Projected, across: number) => void,
): Float32Array {
  const nearest = Math.round(place);
  const first = Math.max(0, Math.min(nearest, Math.ceil(place - thickness / 2)));
  const last = Math.min(depth - 1, Math.max(nearest, Math.floor(place + thickness / 2)));
  for (let across = first; across <= last; across++) add(joined, across);
  return joined.values;
}

/** What lies at one place across: between two values linear. NaN where the slice does not reach there. */
function section(
  depth: number,
  place: number,
  length: number,
  valueAt: (along: number, across: number) => number,
): Float32Array {
  const values = new Float32Array(length).fill(Number.NaN);
  if (!(place > -0.5 - 1e-6 && place < depth - 0.5 + 1e-6)) return values;
  const before = Math.min(Math.max(Math.floor(place), 0), depth - 1);
  const after = Math.min(before + 1, depth - 1);
  const share = Math.min(Math.max(place - before, 0), 1);
  for (let along = 0; along < length; along++) {
    const one = valueAt(along, before);
    const other = valueAt(along, after);
    if (Number.isNaN(one) || Number.isNaN(other)) values[along] = share < 0.5 ? one : other;
    else values[along] = one + (other - one) * share;
  }
  return values;
}

/** The rows of a slice as lines. */
function linesOf(slice: Omit<SliceValues, 'valueAt'>, valueAt: (pixel: number) => number): readonly ValueLine[] {
  const { u, v, rows, columns, rowMm, columnMm } = slice;
  return Array.from({ length: rows }, (_, row) => ({
    at: v + row * rowMm,
    start: u,
    step: columnMm,
    values: Float32Array.from({ length: columns }, (_value, column) => valueAt(row * columns + column)),
    isBeforeGap: false,
  }));
}
