import { greatestCommonDivisor } from '../../base/numbers.ts';
import { GreyTables, mapToGrey } from '../grey.ts';
import { bitPatterns, isShort, ordered } from '../short-values.ts';
import type { MeasuredFrame } from './value-ranks.ts';
import type { Voi } from './voi.ts';

/** A frame and what it is to be displayed with. */
export interface WindowedFrame {
  readonly frame: MeasuredFrame;
  /** Values a row has (columns x samples): sampling steps over rows unevenly so that every column is met. */
  readonly rowLength: number;
  readonly voi: Voi;
}

/** A picture with more than this share of its values at one end shows nothing. */
const CLIPPED_SHARE = 0.99;
/** A frame of which a sample has less at one end than this needs no closer look. */
const CLEARLY_LESS = 0.9;
/** Values looked at, over all frames; of each at least so many. */
const SAMPLES = 8192;
const LEAST_OF_FRAME = 64;
/** The same where a sample is not clear: all values of an image of 512 x 512, of several a fair part. */
const CLOSE_SAMPLES = 512 * 512;
const CLOSE_SAMPLES_OF_SEVERAL = 64 * 1024;

/** How many values of a frame, padding left out, are displayed as the lowest, and as the highest value. */
export interface EndCounts {
  readonly low: number;
  readonly high: number;
  readonly total: number;
}

/**
 * Which end of the display range swallows the picture: more than 99 % of the values of all frames together (padding left
 * out) are displayed as the lowest value ('low': black, unless inverted) or the highest ('high'). undefined where that is
 * not so, or where no value counts.
 *
 * A sample settles the clear frames; of the others more is counted, a single image's values all.
 */
export function clippedEnd(frames: readonly WindowedFrame[]): 'low' | 'high' | undefined {
  const tables = new GreyTables();
  return clippedEndOf(frames.map((frame) => countEnds(frame, frames.length, tables)));
}

/** As {@link clippedEnd}, from the counts of all frames. */
export function clippedEndOf(counts: readonly EndCounts[]): 'low' | 'high' | undefined {
  const sum = { low: 0, high: 0, total: 0 };
  for (const { low, high, total } of counts) {
    sum.low += low;
    sum.high += high;
    sum.total += total;
  }
  if (sum.total === 0) return undefined;
  if (sum.low > CLIPPED_SHARE * sum.total) return 'low';
  return sum.high > CLIPPED_SHARE * sum.total ? 'high' : undefined;
}

/** Counts one of `frames` frames: as many values as make it clear. */
export function countEnds(windowed: WindowedFrame, frames: number, tables: GreyTables): EndCounts {
  const sample = countSample(windowed, Math.max(SAMPLES / frames, LEAST_OF_FRAME), tables);
  if (Math.max(sample.low, sample.high) <= CLEARLY_LESS * sample.total) return sample;
  return countSample(windowed, Math.max(CLOSE_SAMPLES / frames ** 2, CLOSE_SAMPLES_OF_SEVERAL / frames), tables);
}

/** Counts about so many of a frame's values, and what they stand for. */
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
  // Where there is no table, map just the values that count.
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

/** The next step, from 1, that shares no factor with the row length. */
function coprimeStep(wanted: number, rowLength: number): number {
  let step = Math.max(Math.floor(wanted), 1);
  while (greatestCommonDivisor(step, Math.max(rowLength, 1)) !== 1) step++;
  return step;
}
