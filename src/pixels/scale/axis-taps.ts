/**
 * What one axis of a resize is made of: for each target position, neighbouring source positions and whole-number
 * weights. Whole numbers make the sums exact, so every way through the resampler gives the same bytes.
 */
export interface AxisTaps {
  /** First source position of each target position; length = target. */
  readonly first: Int32Array;
  /** Where each target position's weights start; length = target + 1. */
  readonly start: Int32Array;
  readonly weights: Int32Array;
  /** Sum of the weights of each target position. */
  readonly total: number;
}

/**
 * Weights that take `source` positions to `target` positions, both from 1.
 *
 * Reduction: area (box) average with exact shares. With source pixels `target` units wide and target pixels `source`
 * units wide, both rows are equally long and every overlap is a whole number.
 *
 * Enlargement: linear between the two neighbouring source pixel centres; pixel centres lie at x + 0.5, so nothing
 * shifts, and the outermost half pixels repeat the edge.
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
    // The centre (position + 0.5) * source / target - 0.5 in units of 1 / (2 * target), kept between the outer centres.
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
