import { modalityFunction } from '../modality.ts';
import { paddingEnds } from '../short-values.ts';
import { outlierShare } from './shown-greys.ts';
import { valueStatistics } from './statistics.ts';
import type { MeasuredFrame } from './value-ranks.ts';

/** Values that span so many steps hold more than noise: that of a plain image (water, blank detector) spans 10 to 60. */
const minStepsAboveNoise = 64;
/**
 * Where neighbours differ in the mean by more than this share of the whole span, the values may be noise alone: white
 * noise gives 0.18, images of something give 0.01 to 0.1.
 */
const maxNeighbourShare = 1 / 8;
/** Pairs of neighbours that are compared, of all frames together; but at least `minPairsOfFrame` of each. */
const pairsOfAll = 8192;
const minPairsOfFrame = 64;

/**
 * Whether there is something to see in the values of the frames (padding and a few outliers left out): they are not all
 * the same, and not just noise of a few steps.
 */
export function hasContrast(frames: readonly MeasuredFrame[]): boolean {
  const statistics = valueStatistics(frames, [outlierShare, 1 - outlierShare]);
  if (statistics === undefined) return false;
  const span = statistics.high - statistics.low;
  if (!(span > 0)) return false;
  const step = Math.max(...frames.map(valueStep));
  return span >= minStepsAboveNoise * step || neighbourDifference(frames) <= maxNeighbourShare * span;
}

/** The least difference between two different modality values; 0 where they can lie as close as they like. */
function valueStep({ values, modality }: MeasuredFrame): number {
  if (modality.kind === 'table') return 1;
  return values instanceof Float32Array || values instanceof Float64Array ? 0 : Math.abs(modality.slope);
}

/** How much values differ from their neighbours in the row, in the mean, from a sample. */
function neighbourDifference(frames: readonly MeasuredFrame[]): number {
  const pairs = Math.max(pairsOfAll / frames.length, minPairsOfFrame);
  let sum = 0;
  let count = 0;
  for (const { values, modality, padding } of frames) {
    const toModality = modalityFunction(modality);
    const [first, last] = paddingEnds(padding, values);
    const isValue = (stored: number): boolean => Number.isFinite(stored) && !(stored >= first && stored <= last);
    const step = Math.max(Math.floor(values.length / pairs), 1);
    for (let index = 1; index < values.length; index += step) {
      const one = values[index - 1] ?? Number.NaN;
      const two = values[index] ?? Number.NaN;
      if (!isValue(one) || !isValue(two)) continue;
      sum += Math.abs(toModality(two) - toModality(one));
      count++;
    }
  }
  return count === 0 ? 0 : sum / count;
}
