import { greatestCommonDivisor } from '../base/numbers.ts';

/** How far a gap may be from a whole number of steps, in steps: positions are rounded, and not every table moves evenly. */
const stepTolerance = 0.15;
/** Places that all lie within this (mm) lie at one place: numbers that small no longer divide as numbers do. */
const leastRangeMm = 1e-9;
/** A sample of n leaves out more than this many n-ths of a series less than once in a thousand times. */
const mostLeftOut = 10;

/**
 * The step, in mm, that slices of a series lie apart where all of them lie equally far apart: the gaps of a sample are
 * whole numbers of it then, and all slices together fill little more than the sample does.
 *
 * @param mm places of the sample, ascending
 * @param total slices of the series
 * @returns undefined where there is no such step
 */
export function evenStep(mm: readonly number[], total: number): number | undefined {
  const range = (mm.at(-1) ?? 0) - (mm[0] ?? 0);
  if (!(range >= leastRangeMm)) return undefined;
  const gaps = mm.slice(1).map((place, index) => place - (mm[index] ?? 0));
  gaps.sort((a, b) => a - b);
  const [smallest = 0] = gaps;
  const least = range / (total - 0.5);
  const greatest = (range / (total - 1)) * (1 + mostLeftOut / mm.length);
  if (!(smallest > 0) || smallest < least * (1 - stepTolerance)) return undefined;
  const mostSteps = Math.max(1, Math.floor(smallest / least + stepTolerance));
  for (let steps = Math.max(1, Math.floor(smallest / greatest)); steps <= mostSteps; steps++) {
    const step = fitStep(gaps, smallest / steps);
    if (step !== undefined && step >= least && step <= greatest) return step;
  }
  return undefined;
}

/** The step that fits all gaps best, beginning with a guess; the shortest gaps first, since they bear the worst guess. */
function fitStep(gaps: readonly number[], guess: number): number | undefined {
  let step = guess;
  let sum = 0;
  let steps = 0;
  let common = 0;
  for (const gap of gaps) {
    const count = Math.round(gap / step);
    // Gaps of next to nothing leave no number of steps.
    if (!Number.isSafeInteger(count) || count < 1 || Math.abs(gap / step - count) > stepTolerance) return undefined;
    sum += gap;
    steps += count;
    step = sum / steps;
    common = greatestCommonDivisor(count, common);
  }
  // Else the step is that many times as long.
  return common === 1 ? step : undefined;
}
