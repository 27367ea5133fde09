import type { DraftChoice, DraftTiles } from './choose.ts';
import { chooseSpread } from './keys.ts';
import { interpolate } from './match.ts';
import type { Places, Sample } from './places.ts';

/** What is to be read before a draft is drawn, or that nothing is. */
export type NextHeaders =
  | { readonly kind: 'enough' }
  /** The ranks of keys whose headers are worth reading; `isAimed`: because targets are thought to lie there. */
  | { readonly kind: 'more'; readonly ranks: readonly number[]; readonly isAimed: boolean }
  /** So much would be worth reading that nothing is gained over reading all. */
  | { readonly kind: 'all' };

/** Tiles whose places are expected to be wrong by no more than this, as a fraction of the extent, are good enough. */
const wantedError = 0.015;
/** Of tiles that lie close, this part of the way from one to the next. */
const wantedTileShare = 0.5;
/** An error that is put up with where a smaller one would take most of the headers. */
const acceptableError = 0.02;
/** Of all headers: beyond that part reading all of them costs little more. */
const mostOfAll = 0.5;
/** Keys tell positions where those of their neighbours do to this, as a fraction of the extent. */
const tellingError = 0.05;

/**
 * How many headers a draft reads first: as many as stores take at once, which is enough for an error of about 1 % with 36
 * tiles where keys tell nothing; more for more tiles.
 */
export function firstSampleLength(tiles: number): number {
  return Math.max(64, Math.ceil((tiles * 1.75) / 32) * 32);
}

/** Whether a sample of that length is worth it: otherwise all headers are read. */
export function isWorthSampling(sampleLength: number, listed: number): boolean {
  return sampleLength <= listed * mostOfAll;
}

/**
 * Which headers to read next: those at keys where the targets are likely to lie, if keys tell; else more of them all,
 * as long as the places are too uncertain and that helps.
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
  // Distances to the nearest member fall with the length of the sample, those of quantiles with its square root.
  const factor = Math.min(4, Math.max(1.5, (expectedError / wanted) ** (places.from === 'sample' ? 2 : 1)));
  const ranks = chooseSpread(keys, unread, Math.ceil(read * (factor - 1)));
  if (isWorthSampling(read + ranks.length, sample.listed)) return { kind: 'more', ranks, isAimed: false };
  return expectedError <= acceptableError && !isSparse ? { kind: 'enough' } : { kind: 'all' };
}

/** Unread keys at which targets are likely to lie nearer than what was chosen; none where keys tell nothing. */
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
    let least = have - Math.max(error, oneMember / 2);
    for (const [index, value] of predicted.entries()) {
      const distance = Math.abs(value - target);
      const rank = unread[index] ?? 0;
      if (distance >= least || near.has(rank)) continue;
      best = rank;
      least = distance;
    }
    if (best !== undefined) near.add(best);
  }
  return [...near].sort((a, b) => a - b);
}

/** How well a member's place can be told from those of its neighbours in the order of keys: the median error. */
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
