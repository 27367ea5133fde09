/** Steps of the table that a matching fills at most: a byte each. */
const maximumTableLength = 2 ** 26;

/** Targets that can be matched against so many candidates. */
export function mostTargets(candidates: number): number {
  return Math.min(candidates, Math.floor(maximumTableLength / Math.max(1, candidates)));
}

/**
 * Gives each target a candidate of its own, in their order, so that the distances come to the least sum. Of equally good
 * ways it takes the one with earlier candidates.
 *
 * @param candidates ascending
 * @param targets ascending, no more than {@link mostTargets}
 * @returns for each target the index of its candidate, ascending
 */
export function matchInOrder(candidates: readonly number[], targets: readonly number[]): readonly number[] {
  const width = candidates.length + 1;
  // taken[target * width + n]: of the first n candidates, the last one is what the target takes.
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
 * A value between known points, linearly; beyond them that of the nearest one.
 *
 * @param x ascending
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
