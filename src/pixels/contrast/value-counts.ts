import { modalityFunction, sameModality } from '../modality.ts';
import { bitPatterns, paddingEnds, type ShortValues, valueRange } from '../short-values.ts';
import type { MeasuredFrame, OrderedValues } from './value-ranks.ts';

/** A frame of values of at most 16 bits. */
export type ShortFrame = MeasuredFrame & { readonly values: ShortValues };

/** The modality values that occur, ascending, and how many values are less than or equal to each. */
interface CumulativeCounts {
  readonly values: Float64Array;
  readonly cumulative: Float64Array;
}

/** Exact ranks over frames of at most 16 bits, from one histogram for all frames with the same transform. */
export function shortValuesInOrder(frames: readonly ShortFrame[]): OrderedValues {
  const groups = groupedAlike(frames).map(countGroup);
  const count = groups.reduce((sum, group) => sum + (group.cumulative.at(-1) ?? 0), 0);
  return { count, at: (ranks) => ranks.map((rank) => valueAtRank(groups, rank)) };
}

/** Groups of frames whose histograms can be added. */
function groupedAlike(frames: readonly ShortFrame[]): readonly (readonly ShortFrame[])[] {
  const groups: ShortFrame[][] = [];
  for (const frame of frames) {
    const group = groups.find(([one]) => one !== undefined && alike(one, frame));
    if (group === undefined) groups.push([frame]);
    else group.push(frame);
  }
  return groups;
}

function alike(one: ShortFrame, other: ShortFrame): boolean {
  return (
    one.values.constructor === other.values.constructor &&
    sameModality(one.modality, other.modality) &&
    one.padding?.low === other.padding?.low &&
    one.padding?.high === other.padding?.high
  );
}

function countGroup(frames: readonly ShortFrame[]): CumulativeCounts {
  const [one] = frames;
  if (one === undefined) return { values: new Float64Array(), cumulative: new Float64Array() };
  const { min, count } = valueRange(one.values);
  const histogram = new Uint32Array(count);
  for (const frame of frames) addToHistogram(bitPatterns(frame.values), histogram);
  if (one.padding !== undefined) {
    const [first, last] = paddingEnds(one.padding, one.values);
    for (let stored = Math.max(Math.ceil(first), min); stored <= Math.min(last, min + count - 1); stored++) {
      histogram[stored & (count - 1)] = 0;
    }
  }
  const toModality = modalityFunction(one.modality);
  const entries: { readonly value: number; readonly count: number }[] = [];
  for (let stored = min; stored < min + count; stored++) {
    const occurrences = histogram[stored & (count - 1)] ?? 0;
    if (occurrences === 0) continue;
    const value = toModality(stored);
    // An absurd rescale overflows.
    if (Number.isFinite(value)) entries.push({ value, count: occurrences });
  }
  entries.sort((left, right) => left.value - right.value);
  let sum = 0;
  return {
    values: Float64Array.from(entries, (entry) => entry.value),
    cumulative: Float64Array.from(entries, (entry) => {
      sum += entry.count;
      return sum;
    }),
  };
}

/** Every index is in range, therefore `as number`. */
function addToHistogram(patterns: Uint8Array | Uint16Array, histogram: Uint32Array): void {
  // Two histograms in turn: with one, each addition to a run of equal values (air) would wait for the one before it.
  const other = new Uint32Array(histogram.length);
  const even = patterns.length & ~1;
  for (let index = 0; index < even; index += 2) {
    const one = patterns[index] as number;
    const two = patterns[index + 1] as number;
    histogram[one] = (histogram[one] as number) + 1;
    other[two] = (other[two] as number) + 1;
  }
  if (even < patterns.length) other[patterns[even] as number] = (other[patterns[even] as number] as number) + 1;
  for (let pattern = 0; pattern < histogram.length; pattern++) {
    histogram[pattern] = (histogram[pattern] as number) + (other[pattern] as number);
  }
}

/** The least value to which more than `rank` values are less or equal. */
function valueAtRank(groups: readonly CumulativeCounts[], rank: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (const { values } of groups) {
    // From value to value of a group the count only rises: bisect for the first value whose count is large enough.
    let low = 0;
    let high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const value = values[middle] ?? 0;
      const upTo = groups.reduce((sum, group) => sum + countUpTo(group, value), 0);
      if (upTo > rank) high = middle;
      else low = middle + 1;
    }
    best = Math.min(best, values[low] ?? Number.POSITIVE_INFINITY);
  }
  return best;
}

function countUpTo({ values, cumulative }: CumulativeCounts, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : (cumulative[low - 1] ?? 0);
}
