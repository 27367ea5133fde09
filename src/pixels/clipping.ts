import { bitPatterns, isShort, mapToGrey, ordered } from './grey.ts';
import { GreyTables } from './grey-tables.ts';
import type { MeasuredFrame } from './measured-frame.ts';
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
/** A sample with less at one end than this needs no full count. */
const CLEARLY_LESS = 0.9;
/** Over all frames; of each at least so many. */
const SAMPLES = 8192;
const LEAST_OF_FRAME = 64;

/**
 * Which end of the display range swallows the picture: more than 99 % of the values of all frames together (padding left
 * out) are displayed as the lowest value ('low': black, unless inverted) or the highest ('high'). undefined where that is
 * not so, or where no value counts.
 *
 * A sample settles the clear cases; the others are counted in full.
 */
export function clippedEnd(frames: readonly WindowedFrame[]): 'low' | 'high' | undefined {
  const sample = countEnds(frames, Math.max(SAMPLES / frames.length, LEAST_OF_FRAME));
  if (sample.total > 0 && Math.max(sample.low, sample.high) <= CLEARLY_LESS * sample.total) return undefined;
  const { low, high, total } = countEnds(frames, Number.POSITIVE_INFINITY);
  if (total === 0) return undefined;
  if (low > CLIPPED_SHARE * total) return 'low';
  return high > CLIPPED_SHARE * total ? 'high' : undefined;
}

interface EndCounts {
  low: number;
  high: number;
  total: number;
}

function countEnds(frames: readonly WindowedFrame[], perFrame: number): EndCounts {
  const counts: EndCounts = { low: 0, high: 0, total: 0 };
  const tables = new GreyTables();
  for (const windowed of frames) {
    const step = coprimeStep(windowed.frame.values.length / perFrame, windowed.rowLength);
    countFrame(windowed, step, tables, counts);
  }
  return counts;
}

function countFrame({ frame, voi }: WindowedFrame, step: number, tables: GreyTables, counts: EndCounts): void {
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

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
