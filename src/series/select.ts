import { UsageError } from '../base/errors.ts';
import type { OrderedMember } from './order.ts';

/** A chosen member and its place in the series' ordered list. */
export interface Selection {
  /** Into the ordered list, from 0. */
  readonly index: number;
  readonly ordered: OrderedMember;
}

/** Rounding of positions must not lose a member that lies on an end of the range. */
const positionTolerance = 1e-9;

/**
 * Members for a mosaic: at most `count`, evenly spaced over the ordered list, the first and the last always among them
 * (for a single tile: the middle one). Only members whose position lies within `start`..`end`, ends included.
 *
 * @throws UsageError where no member lies within the range
 */
export function selectEvenly(
  members: readonly OrderedMember[],
  options: { readonly count: number; readonly start: number; readonly end: number },
): readonly Selection[] {
  const { count, start, end } = options;
  const within: number[] = [];
  members.forEach(({ position }, index) => {
    if (position >= start - positionTolerance && position <= end + positionTolerance) within.push(index);
  });
  if (within.length === 0 && members.length > 0) {
    throw new UsageError(
      `Expected images between the positions ${start} and ${end} but the series has none there. Widen --start/--end.`,
    );
  }
  return evenly(within, count).flatMap((index) => {
    const ordered = members[index];
    return ordered === undefined ? [] : { index, ordered };
  });
}

/** At most `count` of them, evenly spaced, the first and the last among them; the middle one where one is asked for. */
function evenly(indices: readonly number[], count: number): readonly number[] {
  const { length } = indices;
  if (length <= count) return indices;
  if (count === 1) return indices.slice(Math.trunc((length - 1) / 2)).slice(0, 1);
  return Array.from({ length: count }, (_, tile) => indices[Math.round((tile * (length - 1)) / (count - 1))] ?? 0);
}

/**
 * The member nearest to `position` (the first of two equally near), then `offset` members further on.
 *
 * @throws UsageError where that is outside the series; the message names the valid range
 */
export function selectNearest(
  members: readonly OrderedMember[],
  options: { readonly position: number; readonly offset: number },
): Selection {
  let nearest = 0;
  let distance = Number.POSITIVE_INFINITY;
  for (const [index, { position }] of members.entries()) {
    const candidate = Math.abs(position - options.position);
    if (candidate < distance - positionTolerance) {
      nearest = index;
      distance = candidate;
    }
  }
  const index = nearest + options.offset;
  const ordered = members[index];
  if (ordered === undefined) {
    throw new UsageError(
      `Expected a slice offset from ${-nearest} to ${members.length - 1 - nearest} at position ${options.position} ` +
        `(image ${nearest + 1} of ${members.length}) but received ${options.offset}.`,
    );
  }
  return { index, ordered };
}
