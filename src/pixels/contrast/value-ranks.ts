import type { ModalityTransform, PaddingRange, StoredValues } from '../../types/pixels.ts';
import { modalityFunction } from '../modality.ts';
import { paddingEnds } from '../short-values.ts';
import { type DigitGroup, DigitReader } from './sortable-digits.ts';

/** The stored values of a frame, and what makes modality values of them. */
export interface MeasuredFrame {
  readonly values: StoredValues;
  readonly modality: ModalityTransform;
  readonly padding: PaddingRange | undefined;
  /** Modality values as far from 0 as this, or farther, count for nothing. Integers of up to 16 bits all count. */
  readonly limit?: number;
}

/** Values by rank, as if the modality values of all frames (without padding) were sorted in one row. */
export interface OrderedValues {
  /** How many values there are, without padding and without values that are not finite. */
  readonly count: number;
  /** The values at these ranks (0 .. count - 1), in the same order. */
  at(ranks: readonly number[]): readonly number[];
}

/**
 * Exact ranks over frames of any kind, also of 32-bit and float values, in bounded memory. The 64-bit patterns of the
 * values, changed so that they sort as the values do, are counted 16 bits at a time. Each pass looks only at the values
 * that the passes before did not decide. There are four passes at most, and fewer where only one value is left.
 */
export function valuesInOrder(frames: readonly MeasuredFrame[]): OrderedValues {
  const reader = new DigitReader();
  const all = reader.group([]);
  for (const frame of frames) countFrame(frame, reader, [all]);
  return {
    count: all.population,
    at(ranks) {
      const found = new Map<number, number>();
      let open: readonly OpenGroup[] = [{ group: all, ranks: ranks.map((rank) => ({ rank, within: rank })) }];
      while (open.length > 0) {
        open = open.flatMap((one) => narrowed(one, reader, found));
        const groups = open.map(({ group }) => group);
        if (groups.length > 0) for (const frame of frames) countFrame(frame, reader, groups);
      }
      return ranks.map((rank) => found.get(rank) ?? Number.NaN);
    },
  };
}

/** Ranks whose values begin with the digits of the group. `within` is the rank among the values that do. */
interface OpenGroup {
  readonly group: DigitGroup;
  readonly ranks: readonly { readonly rank: number; readonly within: number }[];
}

/** Splits the ranks of a counted group by their next digit. Ranks whose value is known go to `found`. */
function narrowed({ group, ranks }: OpenGroup, reader: DigitReader, found: Map<number, number>): readonly OpenGroup[] {
  const byDigit = new Map<number, { rank: number; within: number }[]>();
  for (const { rank, within } of ranks) {
    if (within === 0 || group.min === group.max) {
      found.set(rank, group.min);
      continue;
    }
    if (within === group.population - 1) {
      found.set(rank, group.max);
      continue;
    }
    const { digit, below } = digitAtRank(group.counts, within);
    if (group.digits.length === 3) {
      found.set(rank, reader.valueOf([...group.digits, digit]));
      continue;
    }
    const sharing = byDigit.get(digit) ?? [];
    sharing.push({ rank, within: within - below });
    byDigit.set(digit, sharing);
  }
  return [...byDigit].map(([digit, sharing]) => ({ group: reader.group([...group.digits, digit]), ranks: sharing }));
}

/** The digit of the value at this rank, and how many values have lower digits. */
function digitAtRank(counts: Uint32Array, rank: number): { readonly digit: number; readonly below: number } {
  let below = 0;
  for (let digit = 0; digit < counts.length; digit++) {
    const upTo = below + (counts[digit] ?? 0);
    if (upTo > rank) return { digit, below };
    below = upTo;
  }
  return { digit: counts.length - 1, below };
}

/** Counts the modality values of a frame in the groups, a few thousand at a time. */
function countFrame(frame: MeasuredFrame, reader: DigitReader, groups: readonly DigitGroup[]): void {
  const { values, modality, limit = Number.POSITIVE_INFINITY } = frame;
  const [first, last] = paddingEnds(frame.padding, values);
  const [slope, intercept] = modality.kind === 'linear' ? [modality.slope, modality.intercept] : [1, 0];
  const toModality = modality.kind === 'table' ? modalityFunction(modality) : undefined;
  const chunk = new Float64Array(4096);
  for (let index = 0; index < values.length; ) {
    let length = 0;
    for (; index < values.length && length < chunk.length; index++) {
      const stored = values[index] as number;
      if ((stored >= first && stored <= last) || Number.isNaN(stored)) continue;
      // Adding 0 turns -0 into 0: they are the same value.
      const value = (toModality === undefined ? stored * slope + intercept : toModality(stored)) + 0;
      if (Math.abs(value) < limit && Math.abs(stored) < Number.POSITIVE_INFINITY) chunk[length++] = value;
    }
    reader.count(chunk, length, groups);
  }
}
