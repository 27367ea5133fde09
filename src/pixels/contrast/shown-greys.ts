import { greatestCommonDivisor } from '../../base/numbers.ts';
import { GreyTables, mapToGrey } from '../grey.ts';
import { bitPatterns, isShort, paddingEnds } from '../short-values.ts';
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

/** What is wrong with the greys of a picture. */
export type GreyFault =
  /** More than 99 % of the values are displayed as the lowest grey (black, unless inverted), or as the highest. */
  | { readonly kind: 'low' | 'high' }
  /** The greys of all values lie so near to each other that little can be told apart. `greys`: how many they span. */
  | { readonly kind: 'sliver'; readonly greys: number };

/** A picture shows nothing where more than this share of its values is at one end. */
const maxClippedShare = 0.99;
/**
 * A picture shows nearly nothing where its values span fewer greys than this: an eighth of 256. Windows that are only
 * generous (0..4095 for values up to 600) stay above it.
 */
const minSpannedGreys = 32;
/**
 * So large a share of the values is left out at each end when the span is measured: a few defective pixels must not
 * hide that all others are in the dark. The small hot spots for which a PET or NM image is made have more pixels.
 */
export const outlierShare = 0.001;
/** Where a sample of a frame has no more than this share at one end, and spans so many greys, it is clear enough. */
const maxClearShare = 0.9;
const minClearGreys = 2 * minSpannedGreys;
/** Values that are counted at first, of all frames together; but at least `minSamplesOfFrame` of each. */
const samplesOfAll = 8192;
const minSamplesOfFrame = 64;
/** Values that are counted where that is not clear: all values of one image of 512 x 512, a good part of several. */
const closeSamplesOfOne = 512 * 512;
const closeSamplesOfSeveral = 64 * 1024;

/** How many values are displayed as each of the 256 greys: whole numbers, as many as an image has values at most. */
type GreyCounts = Uint32Array;

/** The greys of a sample of one frame. */
export interface SampledGreys {
  readonly counts: GreyCounts;
  /** Each value of the sample stands for so many. */
  readonly step: number;
}

/**
 * What is wrong with the greys of a picture, all frames together; padding does not count. undefined where nothing is,
 * or where there are no values. A sliver of greys is only a fault where the values have contrast: that is not judged
 * here.
 *
 * For most frames a small sample is clear enough. Of the others more values are counted: of a single image all.
 */
export function greyFault(frames: readonly WindowedFrame[]): GreyFault | undefined {
  const tables = new GreyTables();
  return faultOfGreys(frames.map((frame) => countGreys(frame, frames.length, tables)));
}

/** The same, where the greys of all frames have been counted one after the other. */
export function faultOfGreys(frames: readonly SampledGreys[]): GreyFault | undefined {
  // A plain array: the sums of many frames may be larger than 32 bits hold.
  const sum = new Array<number>(256).fill(0);
  for (const { counts, step } of frames) {
    for (let grey = 0; grey < sum.length; grey++) sum[grey] = (sum[grey] ?? 0) + step * (counts[grey] ?? 0);
  }
  const total = totalOf(sum);
  if (total === 0) return undefined;
  if ((sum[0] ?? 0) > maxClippedShare * total) return { kind: 'low' };
  if ((sum[255] ?? 0) > maxClippedShare * total) return { kind: 'high' };
  const greys = spannedGreys(sum, total);
  return greys < minSpannedGreys ? { kind: 'sliver', greys } : undefined;
}

function totalOf(counts: ArrayLike<number>): number {
  let total = 0;
  for (let grey = 0; grey < counts.length; grey++) total += counts[grey] ?? 0;
  return total;
}

/** How many greys there are from the first to the last, without the outliers at each end. */
function spannedGreys(counts: ArrayLike<number>, total: number): number {
  const outliers = outlierShare * total;
  let low = 0;
  for (let below = counts[low] ?? 0; low < 255 && below <= outliers; below += counts[low] ?? 0) low++;
  let high = 255;
  for (let above = counts[high] ?? 0; high > low && above <= outliers; above += counts[high] ?? 0) high--;
  return high - low + 1;
}

/** Counts the values of one of `frames` frames: as many as are needed to be clear. */
export function countGreys(windowed: WindowedFrame, frames: number, tables: GreyTables): SampledGreys {
  const count = (samples: number): SampledGreys => {
    const step = coprimeStep(windowed.frame.values.length / samples, windowed.rowLength);
    return { counts: countFrame(windowed, step, tables), step };
  };
  const sample = count(Math.max(samplesOfAll / frames, minSamplesOfFrame));
  const total = totalOf(sample.counts);
  const ends = Math.max(sample.counts[0] ?? 0, sample.counts[255] ?? 0);
  if (sample.step === 1 || total === 0) return sample;
  if (ends <= maxClearShare * total && spannedGreys(sample.counts, total) >= minClearGreys) return sample;
  return count(Math.max(closeSamplesOfOne / frames ** 2, closeSamplesOfSeveral / frames));
}

function countFrame({ frame, voi }: WindowedFrame, step: number, tables: GreyTables): GreyCounts {
  const counts = new Uint32Array(256);
  if (frame.values.length === 0) return counts;
  const { values, modality, padding } = frame;
  const mapping = { modality, voi, inverted: false, padding: undefined };
  const [first, last] = paddingEnds(padding, values);
  const table = isShort(values) ? tables.table(values, mapping) : undefined;
  const patterns = isShort(values) ? bitPatterns(values) : undefined;
  // Where there is no table, only the values of the sample are mapped.
  const bytes = table === undefined ? mapToGrey(every(values, step), mapping) : undefined;
  for (let index = 0, taken = 0; index < values.length; index += step, taken++) {
    const stored = values[index] as number;
    if ((stored >= first && stored <= last) || !Number.isFinite(stored)) continue;
    const byte =
      table !== undefined && patterns !== undefined ? table[patterns[index] as number] : (bytes as Uint8Array)[taken];
    counts[byte as number] = (counts[byte as number] as number) + 1;
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
