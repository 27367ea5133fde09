import { greatestCommonDivisor } from '../../base/numbers.ts';
import { GreyTables, mapToGrey } from '../grey.ts';
import { bitPatterns, isShort, ordered } from '../short-values.ts';
import type { MeasuredFrame } from './value-ranks.ts';
import type { Voi } from './voi.ts';

/** A frame and what it is to be displayed with. */
export interface WindowedFrame {
  readonly frame: MeasuredFrame;
  /**
   * Values in a row (columns x samples). The step of a sample shares no factor with it, so that it meets every column.
   */
  readonly rowLength: number;
  readonly voi: Voi;
}

/** A picture shows nothing where more than this share of its values is at one end. */
const maxClippedShare = 0.99;
/** Where a sample of a frame has no more than this share at one end, no more values are counted. */
const maxClearShare = 0.9;
/** Values that are counted at first, of all frames together; but at least `minSamplesOfFrame` of each. */
const samplesOfAll = 8192;
const minSamplesOfFrame = 64;
/** Values that are counted where that is not clear: all values of one image of 512 x 512, a good part of several. */
const closeSamplesOfOne = 512 * 512;
const closeSamplesOfSeveral = 64 * 1024;

/** How many values of a frame (without padding) are displayed as the lowest and as the highest value. */
export interface EndCounts {
  readonly low: number;
  readonly high: number;
  readonly total: number;
}

/**
 * Whether the picture shows nothing: more than 99 % of the values of all frames together (without padding) are
 * displayed as the lowest value ('low': black, unless inverted) or as the highest ('high'). undefined where that is not
 * so, or where there are no values.
 *
 * For most frames a small sample is clear enough. Of the others more values are counted: of a single image all.
 */
export function clippedEnd(frames: readonly WindowedFrame[]): 'low' | 'high' | undefined {
  const tables = new GreyTables();
  return clippedEndOf(frames.map((frame) => countEnds(frame, frames.length, tables)));
}

/** The same as {@link clippedEnd}, from the counts of all frames. */
export function clippedEndOf(counts: readonly EndCounts[]): 'low' | 'high' | undefined {
  const sum = { low: 0, high: 0, total: 0 };
  for (const { low, high, total } of counts) {
    sum.low += low;
    sum.high += high;
    sum.total += total;
  }
  if (sum.total === 0) return undefined;
  if (sum.low > maxClippedShare * sum.total) return 'low';
  return sum.high > maxClippedShare * sum.total ? 'high' : undefined;
}

/** Counts the values of one of `frames` frames: as many as are needed to be clear. */
export function countEnds(windowed: WindowedFrame, frames: number, tables: GreyTables): EndCounts {
  const sample = countSample(windowed, Math.max(samplesOfAll / frames, minSamplesOfFrame), tables);
  if (Math.max(sample.low, sample.high) <= maxClearShare * sample.total) return sample;
  return countSample(windowed, Math.max(closeSamplesOfOne / frames ** 2, closeSamplesOfSeveral / frames), tables);
}

/** Counts about `samples` values of a frame, and scales the counts up to all its values. */
function countSample(windowed: WindowedFrame, samples: number, tables: GreyTables): EndCounts {
  const step = coprimeStep(windowed.frame.values.length / samples, windowed.rowLength);
  const { low, high, total } = countFrame(windowed, step, tables);
  return { low: low * step, high: high * step, total: total * step };
}

function countFrame({ frame, voi }: WindowedFrame, step: number, tables: GreyTables): EndCounts {
  const counts = { low: 0, high: 0, total: 0 };
  if (frame.values.length === 0) return counts;
  const { values, modality, padding } = frame;
  const mapping = { modality, voi, inverted: false, padding: undefined };
  const [first, last] = padding === undefined ? [1, 0] : ordered(padding);
  const table = isShort(values) ? tables.table(values, mapping) : undefined;
  const patterns = isShort(values) ? bitPatterns(values) : undefined;
  // Where there is no table, only the values of the sample are mapped.
  const bytes = table === undefined ? mapToGrey(every(values, step), mapping) : undefined;
  for (let index = 0, taken = 0; index < values.length; index += step, taken++) {
    const stored = values[index] as number;
    if ((stored >= first && stored <= last) || !Number.isFinite(stored)) continue;
    const byte =
      table !== undefined && patterns !== undefined ? table[patterns[index] as number] : (bytes as Uint8Array)[taken];
    counts.total++;
    if (byte === 0) counts.low++;
    else if (byte === 255) counts.high++;
  }
  return counts;
}

function every(values: MeasuredFrame['values'], step: number): Float64Array {
  return Float64Array.from(
    { length: Math.ceil(values.length / step) },
    (_, index) => values[index * step] ?? Number.NaN,
  );
}

/** The first step from `wanted` on that shares no factor with the length of a row. */
function coprimeStep(wanted: number, rowLength: number): number {
  let step = Math.max(Math.floor(wanted), 1);
  while (greatestCommonDivisor(step, Math.max(rowLength, 1)) !== 1) step++;
  return step;
}
