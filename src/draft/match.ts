/** Cells of the table that a matching fills, one byte each. */
const maxTableLength = 2 ** 26;

/** How many targets can be matched with so many candidates. */
export function maxTargets(candidates: number): number {
  return Math.min(candidates, Math.floor(maxTableLength / Math.max(1, candidates)));
}

/**
 * Gives each target a candidate of its own, in the same order, so that the sum of the distances is as small as
 * possible. Of equally good matchings it takes the one with earlier candidates.
 *
 * @param candidates ascending
 * @param targets ascending, no more than {@link maxTargets}
 * @returns for each target the index of its candidate, ascending
 */
export function matchInOrder(candidates: readonly number[], targets: readonly number[]): readonly number[] {
  const width = candidates.length + 1;
  // taken[target * width + n] is 1 where the target takes the last of the first n candidates.
  const taken = new Uint8Array(targets.length * width);
  let before = new Float64Array(width);
  let after = new Float64Array(width);
  for (const [index, target] of targets.entries()) {
    after.fill(Number.POSITIVE_INFINITY);
    for (let count = index + 1; count < width; count++) {
      const distance = Math.abs((candidates[count - 1] ?? 0) - target);
      const taking = (before[count - 1] ?? 0) + distance;
      const leaving = after[count - 1] ?? Number.POSITIVE_INFINITY;
      if (taking < leaving) taken[index * width + count] = 1;
      after[count] = Math.min(taking, leaving);
    }
    [before, after] = [after, before];
  }
  const chosen: number[] = new Array(targets.length);
  let count = candidates.length;
  for (let index = targets.length - 1; index >= 0; index--) {
    while (count > 0 && taken[index * width + count] === 0) count--;
    chosen[index] = --count;
  }
  return chosen;
}

/**
 * The value at a place between known points, linearly; beyond them that of the nearest point.
 *
 * @param x ascending
 * @param y as many as `x`
 */
export function interpolate(x: readonly number[], y: readonly number[], at: number): number {
  let low = 0;
  let high = x.length - 1;
  if (high < 0 || at <= (x[0] ?? 0)) return y[0] ?? 0;
  if (at >= (x[high] ?? 0)) return y[high] ?? 0;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) <= at) low = middle;
    else high = middle;
  }
  const [from = 0, to = 0] = [x[low], x[high]];
  const [start = 0, end = 0] = [y[low], y[high]];
  return to === from ? start : start + ((end - start) * (at - from)) / (to - from);
}
