/**
 * The middle one, or the mean of the middle two.
 *
 * @type {typeof import('./statistics.d.ts').median}
 */
export function median(values) {
  const sorted = [...values].sort((first, second) => first - second);
  const half = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[half - 1], sorted[half]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}
