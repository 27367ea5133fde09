import type { DraftChoice, DraftTiles } from './choose.ts';
import { chooseSpread } from './keys.ts';
import { interpolate } from './match.ts';
import type { Places, Sample } from './places.ts';

/** Which headers to read before a draft is drawn. */
export type NextHeaders =
  /** None. */
  | { readonly kind: 'enough' }
  /** Those with these ranks; `isAimed`: because targets are thought to lie there. */
  | { readonly kind: 'more'; readonly ranks: readonly number[]; readonly isAimed: boolean }
  /** So many that all of them may as well be read. */
  | { readonly kind: 'all' };

/** The expected error, as a fraction of the extent, that is good enough. */
const wantedError = 0.015;
/** The same where tiles lie close together: this part of the distance between them. */
const wantedTileShare = 0.5;
/** An error that is accepted where a smaller one would take most of the headers. */
const acceptableError = 0.02;
/** Reading more than this part of the headers costs nearly as much as reading all. */
const maxPartOfAll = 0.5;
/** Keys tell positions if interpolating between neighbouring keys is as exact as this, as a fraction of the extent. */
const tellingError = 0.05;

/**
 * How many headers a draft reads first: 64, which stores read at once, and more for many tiles. With 36 tiles the error
 * is then about 1 %, even where keys tell nothing.
 */
export function firstSampleLength(tiles: number): number {
  return Math.max(64, Math.ceil((tiles * 1.75) / 32) * 32);
}

/** Whether a sample of that length is worth it, or all headers may as well be read. */
export function isWorthSampling(sampleLength: number, listed: number): boolean {
  return sampleLength <= listed * maxPartOfAll;
}

/**
 * Which headers to read next: those at keys where the targets are likely to lie, if keys tell it; else evenly drawn
 * ones, while the expected error is too large and more headers make it smaller.
 */
export function nextHeaders(
  keys: readonly string[],
  unread: readonly number[],
  sample: Sample,
  places: Places,
  choice: DraftChoice,
  tiles: DraftTiles,
): NextHeaders {
  const near = ranksNearTargets(unread, sample, places, choice);
  if (near.length > 0) return { kind: 'more', ranks: near, isAimed: true };
  const spacing = (tiles.end - tiles.start) / Math.max(1, choice.targets.length - 1);
  const wanted = Math.min(wantedError, spacing * wantedTileShare);
  const { expectedError } = choice;
  const isSparse = choice.chosen.length < Math.min(tiles.count, sample.total * (tiles.end - tiles.start));
  if (expectedError <= wanted && !isSparse) return { kind: 'enough' };
  const read = sample.listed - unread.length;
  // With a longer sample the distance to the nearest member falls in proportion, the error of quantiles with the square
  // root.
  const factor = Math.min(4, Math.max(1.5, (expectedError / wanted) ** (places.from === 'sample' ? 2 : 1)));
  const ranks = chooseSpread(keys, unread, Math.ceil(read * (factor - 1)));
  if (isWorthSampling(read + ranks.length, sample.listed)) return { kind: 'more', ranks, isAimed: false };
  return expectedError <= acceptableError && !isSparse ? { kind: 'enough' } : { kind: 'all' };
}

/** Unread ranks that are likely to lie nearer to a target than the chosen member does; none where keys tell nothing. */
function ranksNearTargets(
  unread: readonly number[],
  sample: Sample,
  { quantiles }: Places,
  { chosen, targets }: DraftChoice,
): readonly number[] {
  if (sample.members.length !== sample.instances) return [];
  const points = sample.members
    .map(({ keyRank }, index) => ({ keyRank, quantile: quantiles[index] ?? 0 }))
    .sort((a, b) => a.keyRank - b.keyRank);
  const error = neighbourError(points);
  if (!(error <= tellingError)) return [];
  const ranks = points.map(({ keyRank }) => keyRank);
  const values = points.map(({ quantile }) => quantile);
  const predicted = unread.map((rank) => interpolate(ranks, values, rank));
  const oneMember = 1 / Math.max(1, sample.total - 1);
  const near = new Set<number>();
  for (const [tile, target] of targets.entries()) {
    const have = Math.abs((quantiles[chosen[tile] ?? 0] ?? 0) - target);
    let best: number | undefined;
    let minDistance = have - Math.max(error, oneMember / 2);
    for (const [index, value] of predicted.entries()) {
      const distance = Math.abs(value - target);
      const rank = unread[index] ?? 0;
      if (distance >= minDistance || near.has(rank)) continue;
      best = rank;
      minDistance = distance;
    }
    if (best !== undefined) near.add(best);
  }
  return [...near].sort((a, b) => a - b);
}

/** How exactly the neighbours of a member, in the order of keys, tell its place: the median error. */
function neighbourError(points: readonly { readonly keyRank: number; readonly quantile: number }[]): number {
  const errors: number[] = [];
  for (let index = 1; index < points.length - 1; index++) {
    const [before, point, after] = points.slice(index - 1, index + 2);
    if (before === undefined || point === undefined || after === undefined) continue;
    const told = interpolate([before.keyRank, after.keyRank], [before.quantile, after.quantile], point.keyRank);
    errors.push(Math.abs(told - point.quantile));
  }
  errors.sort((a, b) => a - b);
  return errors[Math.trunc(errors.length / 2)] ?? Number.POSITIVE_INFINITY;
}
