/**
 * How one axis is resized: for each target position, the neighbouring source positions and their weights. The weights
 * are whole numbers: so sums are exact, and every way through the resampler gives the same bytes.
 */
export interface AxisTaps {
  /** The first source position of each target position; length = target. */
  readonly first: Int32Array;
  /** Where the weights of each target position begin; length = target + 1. */
  readonly start: Int32Array;
  readonly weights: Int32Array;
  /** The sum of the weights, which is the same for each target position. */
  readonly total: number;
}

/**
 * The weights that make `target` positions of `source` positions, both from 1.
 *
 * Reduction: area (box) average with exact shares. Where source pixels are `target` units wide and target pixels are
 * `source` units wide, both rows are equally long, and every overlap is a whole number.
 *
 * Enlargement: linear between the centres of the two neighbouring source pixels. The centres lie at x + 0.5, so the
 * image does not shift; the outermost half pixels repeat the edge.
 */
export function axisTaps(source: number, target: number): AxisTaps {
  return target <= source ? areaTaps(source, target) : linearTaps(source, target);
}

function areaTaps(source: number, target: number): AxisTaps {
  const first = new Int32Array(target);
  const start = new Int32Array(target + 1);
  const weights: number[] = [];
  for (let position = 0; position < target; position++) {
    const from = position * source;
    const to = from + source;
    first[position] = Math.floor(from / target);
    for (let pixel = Math.floor(from / target); pixel * target < to; pixel++) {
      weights.push(Math.min(to, (pixel + 1) * target) - Math.max(from, pixel * target));
    }
    start[position + 1] = weights.length;
  }
  return { first, start, weights: Int32Array.from(weights), total: source };
}

function linearTaps(source: number, target: number): AxisTaps {
  const first = new Int32Array(target);
  const start = new Int32Array(target + 1);
  const weights: number[] = [];
  const unit = 2 * target;
  for (let position = 0; position < target; position++) {
    // (position + 0.5) * source / target - 0.5, in units of 1 / (2 * target), kept between the outermost centres.
    const centre = Math.min(Math.max((2 * position + 1) * source - target, 0), (source - 1) * unit);
    const pixel = Math.min(Math.floor(centre / unit), Math.max(source - 2, 0));
    const share = centre - pixel * unit;
    first[position] = pixel;
    weights.push(unit - share);
    if (source > 1) weights.push(share);
    start[position + 1] = weights.length;
  }
  return { first, start, weights: Int32Array.from(weights), total: unit };
}
