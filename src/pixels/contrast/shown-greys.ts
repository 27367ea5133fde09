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

/**
 * What is wrong with the greys of a picture, all frames together; padding does not count. undefined where nothing is,
 * or where there are no values. A sliver of greys is only a fault where the values have contrast: that is not judged
 * here.
 */
export function greyFault(frames: readonly WindowedFrame[]): GreyFault | undefined {
  const greys = new ShownGreys(frames.length);
  for (const frame of frames) greys.add(frame);
  return greys.fault;
}

/**
 * Counts the greys of so many frames, one after the other. For most frames a small sample is clear enough. Of the others
 * more values are counted: of a single image all.
 */
export class ShownGreys {
  readonly #frames: number;
  readonly #tables = new GreyTables();
  /** How many values are displayed as each grey. A plain array: the sums may be larger than 32 bits hold. */
  readonly #counts = new Array<number>(256).fill(0);
  #total = 0;

  constructor(frames: number) {
    this.#frames = frames;
  }

  add(windowed: WindowedFrame): void {
    const frames = this.#frames;
    const step = stepFor(windowed, Math.max(samplesOfAll / frames, minSamplesOfFrame));
    const sample = sampleOf(windowed, step, this.#tables);
    if (step === 1 || sample.length === 0 || isClear(sample)) {
      this.#count(sample, step);
      return;
    }
    const closer = stepFor(windowed, Math.max(closeSamplesOfOne / frames ** 2, closeSamplesOfSeveral / frames));
    this.#count(sampleOf(windowed, closer, this.#tables), closer);
  }

  get fault(): GreyFault | undefined {
    const [counts, total] = [this.#counts, this.#total];
    if (total === 0) return undefined;
    if ((counts[0] ?? 0) > maxClippedShare * total) return { kind: 'low' };
    if ((counts[255] ?? 0) > maxClippedShare * total) return { kind: 'high' };
    const greys = spannedGreys(counts, total);
    return greys < minSpannedGreys ? { kind: 'sliver', greys } : undefined;
  }

  /** Each grey of a sample stands for so many values. */
  #count(sample: Uint8Array, step: number): void {
    const counts = this.#counts;
    for (let index = 0; index < sample.length; index++) {
      const grey = sample[index] as number;
      counts[grey] = (counts[grey] as number) + step;
    }
    this.#total += sample.length * step;
  }
}

/** Whether a sample has few values at the ends, and spans many greys. */
function isClear(sample: Uint8Array): boolean {
  const counts = new Uint16Array(256);
  const outliers = outlierShare * sample.length;
  let [low, high] = [255, 0];
  for (let index = 0; index < sample.length; index++) {
    const grey = sample[index] as number;
    const count = (counts[grey] as number) + 1;
    counts[grey] = count;
    // Fewer are outliers.
    if (count > outliers) {
      if (grey < low) low = grey;
      if (grey > high) high = grey;
    }
  }
  const ends = Math.max(counts[0] as number, counts[255] as number);
  return ends <= maxClearShare * sample.length && high - low + 1 >= minClearGreys;
}

/** How many greys there are from the first to the last, without the outliers at each end. */
function spannedGreys(counts: readonly number[], total: number): number {
  const outliers = outlierShare * total;
  let low = 0;
  for (let below = counts[low] ?? 0; low < 255 && below <= outliers; below += counts[low] ?? 0) low++;
  let high = 255;
  for (let above = counts[high] ?? 0; high > low && above <= outliers; above += counts[high] ?? 0) high--;
  return high - low + 1;
}

function stepFor({ frame, rowLength }: WindowedFrame, samples: number): number {
  return coprimeStep(frame.values.length / samples, rowLength);
}

/** The greys of every so many values, without padding and what is no number. */
function sampleOf({ frame, voi }: WindowedFrame, step: number, tables: GreyTables): Uint8Array {
  const { values, modality, padding } = frame;
  const greys = new Uint8Array(Math.ceil(values.length / step));
  if (values.length === 0) return greys;
  const mapping = { modality, voi, inverted: false, padding: undefined };
  const [first, last] = paddingEnds(padding, values);
  const table = isShort(values) ? tables.table(values, mapping) : undefined;
  const patterns = isShort(values) ? bitPatterns(values) : undefined;
  // Where there is no table, only the values of the sample are mapped.
  const bytes = table === undefined ? mapToGrey(every(values, step), mapping) : undefined;
  let count = 0;
  for (let index = 0, taken = 0; index < values.length; index += step, taken++) {
    const stored = values[index] as number;
    if ((stored >= first && stored <= last) || !Number.isFinite(stored)) continue;
    greys[count++] =
      table !== undefined && patterns !== undefined
        ? (table[patterns[index] as number] as number)
        : ((bytes as Uint8Array)[taken] as number);
  }
  return greys.subarray(0, count);
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
