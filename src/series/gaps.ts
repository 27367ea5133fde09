/** Neighbours further apart than what is usual nearby times this have something missing between them. */
const gapFactor = 1.5;
/** Distances on each side that tell what is usual at a place. */
const usualReach = 2;

/**
 * Which distances of neighbouring places are gaps: those that are much greater than is usual nearby. Scanners change the
 * distance on purpose (thin slices through the skull's base, thick ones above it): that is no gap.
 *
 * @param distances all of a stack, in order
 */
export function areGaps(distances: readonly number[]): readonly boolean[] {
  return distances.map((distance, index) => {
    const nearby = distances.slice(Math.max(0, index - usualReach), index + usualReach + 1);
    return distance > medianOf(nearby) * gapFactor;
  });
}

/** The lower one of the two in the middle; 0 for none. */
export function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[(values.length - 1) >> 1] ?? 0;
}
