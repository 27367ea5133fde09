/** Values along a straight line: those of a plane, one line beside the other. */
export interface ValueLine {
  /** Millimetres across the lines. Lines are in ascending order. */
  readonly at: number;
  /** Millimetres along the line: of the first value's centre, and from value to value. */
  readonly start: number;
  readonly step: number;
  /** NaN: no value, such as padding. */
  readonly values: Float32Array;
  /** Nothing is known between this line and the next one. */
  readonly isBeforeGap: boolean;
}

/** The rectangle that is resampled: its edges in millimetres, and its size in square pixels. */
export interface ResampleGrid {
  /** Along the lines. */
  readonly alongStart: number;
  readonly columns: number;
  /** Across the lines. */
  readonly acrossStart: number;
  readonly rows: number;
  readonly pixelMm: number;
}

/** What a pixel of a resampled plane is. */
export const pixelKinds = { image: 0, gap: 1, outside: 2 } as const;

/** A plane in square pixels, row by row. */
export interface ResampledPlane {
  readonly rows: number;
  readonly columns: number;
  /** NaN where there is no value. */
  readonly values: Float32Array;
  /** One of {@link pixelKinds} a pixel. */
  readonly kinds: Uint8Array;
}

/** Samples a side that one pixel averages, at most. */
const maxSamples = 8;

/**
 * Draws lines of values as a picture with square pixels: linear between values and between neighbouring lines, and the
 * average of several samples where a pixel covers more than one value. Lines reach half their distance beyond the first and
 * the last one, and into gaps; what lies in a gap between is not made up.
 */
export function resampleLines(lines: readonly ValueLine[], grid: ResampleGrid): ResampledPlane {
  const { rows, columns, pixelMm } = grid;
  const values = new Float32Array(rows * columns).fill(Number.NaN);
  const kinds = new Uint8Array(rows * columns).fill(pixelKinds.outside);
  const [first] = lines;
  if (first === undefined) return { rows, columns, values, kinds };
  const acrossSamples = samplesFor(pixelMm, shortestStep(lines));
  const alongSamples = samplesFor(pixelMm, first.step);
  const sums = new Float64Array(columns);
  const counts = new Uint32Array(columns);
  const hits = new Uint32Array(columns);
  for (let row = 0; row < rows; row++) {
    sums.fill(0);
    counts.fill(0);
    hits.fill(0);
    let inGap = 0;
    for (let sample = 0; sample < acrossSamples; sample++) {
      const at = grid.acrossStart + (row + (sample + 0.5) / acrossSamples) * pixelMm;
      const between = linesAt(lines, at);
      if (between === 'gap') inGap++;
      if (typeof between === 'string') continue;
      for (let column = 0; column < columns; column++) {
        for (let along = 0; along < alongSamples; along++) {
          const mm = grid.alongStart + (column + (along + 0.5) / alongSamples) * pixelMm;
          const value = valueBetween(between, mm);
          if (value === undefined) continue;
          hits[column] = (hits[column] ?? 0) + 1;
          if (Number.isNaN(value)) continue;
          sums[column] = (sums[column] ?? 0) + value;
          counts[column] = (counts[column] ?? 0) + 1;
        }
      }
    }
    // A pixel is what most of it is.
    const isGap = 2 * inGap > acrossSamples;
    for (let column = 0; column < columns; column++) {
      const pixel = row * columns + column;
      const count = counts[column] ?? 0;
      if (isGap) kinds[pixel] = pixelKinds.gap;
      else if (2 * (hits[column] ?? 0) >= (acrossSamples - inGap) * alongSamples && (hits[column] ?? 0) > 0) {
        kinds[pixel] = pixelKinds.image;
        if (count > 0) values[pixel] = (sums[column] ?? 0) / count;
      }
    }
  }
  return { rows, columns, values, kinds };
}

/** The distance of the two lines that are nearest to each other. */
function shortestStep(lines: readonly ValueLine[]): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let index = 1; index < lines.length; index++) {
    shortest = Math.min(shortest, (lines[index]?.at ?? 0) - (lines[index - 1]?.at ?? 0));
  }
  return Number.isFinite(shortest) ? shortest : 0;
}

function samplesFor(pixelMm: number, stepMm: number): number {
  return Math.min(maxSamples, Math.max(1, stepMm > 0 ? Math.ceil(pixelMm / stepMm - 1e-6) : 1));
}

/** The lines before and after a place, and how far it is from the one to the other (0..1). */
interface Between {
  readonly before: ValueLine;
  readonly after: ValueLine;
  readonly share: number;
}

/** Rounding of positions must not cut the edge pixels off. */
const toleranceMm = 1e-6;

function linesAt(lines: readonly ValueLine[], at: number): Between | 'gap' | 'outside' {
  let low = 0;
  let high = lines.length;
  // The first line after the place.
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  const before = lines[low - 1];
  const after = lines[low];
  if (before === undefined || after === undefined) {
    const end = before ?? after;
    const isOutside = end === undefined || Math.abs(at - end.at) > reachOf(lines, before === undefined ? low : low - 1);
    return isOutside ? 'outside' : { before: end, after: end, share: 0 };
  }
  if (!before.isBeforeGap) return { before, after, share: (at - before.at) / (after.at - before.at) };
  if (at - before.at <= reachOf(lines, low - 1)) return { before, after: before, share: 0 };
  return after.at - at <= reachOf(lines, low) ? { before: after, after, share: 0 } : 'gap';
}

/** How far a line reaches where it has no neighbour: half as far as its other neighbour is away, or the
 * nearest of all lines. */
function reachOf(lines: readonly ValueLine[], index: number): number {
  const [before, line, after] = [lines[index - 1], lines[index], lines[index + 1]];
  if (line === undefined) return 0;
  const distances = [
    ...(before === undefined || before.isBeforeGap ? [] : [line.at - before.at]),
    ...(after === undefined || line.isBeforeGap ? [] : [after.at - line.at]),
  ];
  return (distances.length === 0 ? shortestStep(lines) : Math.min(...distances)) / 2 + toleranceMm;
}

/** undefined outside of both lines; NaN where neither has a value. */
function valueBetween({ before, after, share }: Between, mm: number): number | undefined {
  const one = valueOn(before, mm);
  if (share === 0) return one;
  const other = valueOn(after, mm);
  // At a slanting edge only one of the lines reaches here: the nearer one decides.
  if (one === undefined) return share >= 0.5 ? other : undefined;
  if (other === undefined) return share < 0.5 ? one : undefined;
  return mixed(one, other, share);
}

/** Linear between two values; beside a missing value the nearer one decides. */
function mixed(one: number, other: number, share: number): number {
  if (Number.isNaN(one) || Number.isNaN(other)) return share < 0.5 ? one : other;
  return one + (other - one) * share;
}

function valueOn({ start, step, values }: ValueLine, mm: number): number | undefined {
  const place = (mm - start) / step;
  const last = values.length - 1;
  if (place < -0.5 - toleranceMm || place > last + 0.5 + toleranceMm) return undefined;
  const index = Math.min(Math.max(Math.floor(place), 0), last);
  const share = Math.min(Math.max(place - index, 0), 1);
  const one = values[index] ?? Number.NaN;
  if (share === 0 || index === last) return one;
  return mixed(one, values[index + 1] ?? Number.NaN, share);
}

/** Turns a plane: rows become columns, then it is mirrored. */
export function turnPlane(
  plane: ResampledPlane,
  turn: { readonly isTransposed: boolean; readonly mirrorColumns: boolean; readonly mirrorRows: boolean },
): ResampledPlane {
  const [rows, columns] = turn.isTransposed ? [plane.columns, plane.rows] : [plane.rows, plane.columns];
  const values = new Float32Array(rows * columns);
  const kinds = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const sourceRow = turn.mirrorRows ? rows - 1 - row : row;
    for (let column = 0; column < columns; column++) {
      const sourceColumn = turn.mirrorColumns ? columns - 1 - column : column;
      const source = turn.isTransposed
        ? sourceColumn * plane.columns + sourceRow
        : sourceRow * plane.columns + sourceColumn;
      values[row * columns + column] = plane.values[source] ?? Number.NaN;
      kinds[row * columns + column] = plane.kinds[source] ?? pixelKinds.outside;
    }
  }
  return { rows, columns, values, kinds };
}
