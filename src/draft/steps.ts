import { greatestCommonDivisor } from '../base/numbers.ts';

/** How far a gap may be from a whole number of steps, in steps: positions are rounded, and tables do not move quite evenly. */
const stepTolerance = 0.15;
/** Places within this many millimetres are one place: such small numbers can no longer be divided exactly. */
const minRangeMm = 1e-9;
/** An even sample of n leaves out more than this many n-ths of a series less than once in a thousand times. */
const maxLeftOut = 10;

/**
 * The distance between neighbouring slices, in mm, of a series whose slices all lie equally far apart. Then the gaps of
 * a sample are whole numbers of steps, and all slices together reach little further than the sample does.
 *
 * @param mm places of the sample, ascending
 * @param total slices of the series
 * @returns undefined where no step fits
 */
export function evenStep(mm: readonly number[], total: number): number | undefined {
  const range = (mm.at(-1) ?? 0) - (mm[0] ?? 0);
  if (!(range >= minRangeMm)) return undefined;
  const gaps = mm.slice(1).map((place, index) => place - (mm[index] ?? 0));
  gaps.sort((a, b) => a - b);
  const [smallestGap = 0] = gaps;
  const minStep = range / (total - 0.5);
  const maxStep = (range / (total - 1)) * (1 + maxLeftOut / mm.length);
  if (!(smallestGap > 0) || smallestGap < minStep * (1 - stepTolerance)) return undefined;
  const maxSteps = Math.max(1, Math.floor(smallestGap / minStep + stepTolerance));
  for (let steps = Math.max(1, Math.floor(smallestGap / maxStep)); steps <= maxSteps; steps++) {
    const step = fitStep(gaps, smallestGap / steps);
    if (step !== undefined && step >= minStep && step <= maxStep) return step;
  }
  return undefined;
}

/**
 * The step that fits all gaps best; undefined where some gap is not a whole number of steps.
 *
 * @param gaps ascending: short gaps come first, because they still fit where the guess is not exact
 */
function fitStep(gaps: readonly number[], guess: number): number | undefined {
  let step = guess;
  let sum = 0;
  let steps = 0;
  let common = 0;
  for (const gap of gaps) {
    const count = Math.round(gap / step);
    // A gap of nearly nothing gives no number of steps.
    if (!Number.isSafeInteger(count) || count < 1 || Math.abs(gap / step - count) > stepTolerance) return undefined;
    sum += gap;
    steps += count;
    step = sum / steps;
    common = greatestCommonDivisor(count, common);
  }
  // If all counts share a divisor, the real step is that many times as long.
  return common === 1 ? step : undefined;
}
