import { interpolate, matchInOrder, maxTargets } from './match.ts';
import type { Places, Sample } from './places.ts';

/** Which part of a series a mosaic shows, and in how many tiles. */
export interface DraftTiles {
  readonly count: number;
  /** Positions, 0 .. 1. */
  readonly start: number;
  readonly end: number;
}

/** The best members of a sample for a mosaic. */
export interface DraftChoice {
  /** Indices into the sample's members, ascending. */
  readonly chosen: readonly number[];
  /** Quantiles of the members that a mosaic of all headers would show, as estimated. One for each chosen member. */
  readonly targets: readonly number[];
  /** Mean distance of the tiles from where they would be with all headers, as estimated: a fraction of the extent. */
  readonly expectedError: number;
  /** Tiles that a mosaic of all headers would show, as estimated. */
  readonly wanted: number;
}

/** The mean distance from 0 of a normal distribution with standard deviation 1. */
const meanDistance = Math.sqrt(2 / Math.PI);
/** Rounding must not lose a member that lies on an end of the range. */
const positionTolerance = 1e-9;

/**
 * Chooses members evenly spaced over the series: for each target the nearest member of the sample, no member twice.
 *
 * There are fewer than asked for where the sample, or the whole series as estimated, has fewer within the range.
 */
export function chooseFromSample(sample: Sample, places: Places, tiles: DraftTiles): DraftChoice {
  const { quantiles, positions } = places;
  const within = positions.flatMap((position, index) =>
    position >= tiles.start - positionTolerance && position <= tiles.end + positionTolerance ? index : [],
  );
  const line = positionLine(places);
  const first = tiles.start <= 0 ? 0 : interpolate(line.positions, line.quantiles, tiles.start);
  const last = tiles.end >= 1 ? 1 : interpolate(line.positions, line.quantiles, tiles.end);
  const membersWithin = Math.max(1, Math.round((last - first) * (sample.total - 1)) + 1);
  const wanted = Math.min(tiles.count, membersWithin);
  const count = Math.min(wanted, within.length, maxTargets(within.length));
  const targets = evenlyBetween(first, last, count).map((quantile) => nearestMemberTo(quantile, sample.total));
  const candidates = within.map((index) => quantiles[index] ?? 0);
  const chosen = matchInOrder(candidates, targets).flatMap((index) => within[index] ?? []);
  return { chosen, targets, expectedError: expectedErrorOf(sample, places, line, chosen, targets), wanted };
}

/** As `selectEvenly` does: both ends are among them; a single one is in the middle. */
function evenlyBetween(first: number, last: number, count: number): readonly number[] {
  if (count === 1) return [(first + last) / 2];
  return Array.from({ length: count }, (_, tile) => first + ((last - first) * tile) / (count - 1));
}

/** The quantile of the nearest of `total` members. */
function nearestMemberTo(quantile: number, total: number): number {
  const last = Math.max(1, total - 1);
  return Math.round(quantile * last) / last;
}

interface PositionLine {
  readonly quantiles: readonly number[];
  readonly positions: readonly number[];
}

/** Position against quantile over the whole series, from end to end. */
function positionLine({ quantiles, positions }: Places): PositionLine {
  return { quantiles: [0, ...quantiles, 1], positions: [0, ...positions, 1] };
}

/**
 * The error has two parts: the distance from the target to the member, and the uncertainty of where the target lies.
 */
function expectedErrorOf(
  sample: Sample,
  places: Places,
  line: PositionLine,
  chosen: readonly number[],
  targets: readonly number[],
): number {
  if (chosen.length === 0) return 1;
  let sum = 0;
  for (const [tile, target] of targets.entries()) {
    const position = places.positions[chosen[tile] ?? 0] ?? 0;
    const distance = position - interpolate(line.quantiles, line.positions, target);
    sum += Math.hypot(distance, meanDistance * targetDeviation(sample, places, line, target));
  }
  return sum / targets.length;
}

/** Standard deviation of the place of a target, as a fraction of the extent. */
function targetDeviation(
  { instances, listed }: Sample,
  { from, shiftDeviation }: Places,
  line: PositionLine,
  target: number,
): number {
  // The more has been read, the less is left to estimate.
  const unread = Math.sqrt(Math.max(0, 1 - instances / listed));
  if (shiftDeviation !== undefined) return shiftDeviation;
  if (from === 'even-spacing') return (unread * Math.hypot(1 - target, target)) / instances;
  if (from !== 'sample') return 0;
  const deviation = unread * Math.sqrt((target * (1 - target)) / instances);
  const [low, high] = [target - deviation, target + deviation].map((quantile) =>
    interpolate(line.quantiles, line.positions, Math.min(1, Math.max(0, quantile))),
  ) as [number, number];
  return Math.max((high - low) / 2, (unread * Math.hypot(1 - target, target)) / instances);
}
