import { interpolate, matchInOrder, mostTargets } from './match.ts';
import type { Places, Sample } from './places.ts';

/** Which part of a series a mosaic shows, in how many tiles. */
export interface DraftTiles {
  readonly count: number;
  /** Positions, 0 .. 1. */
  readonly start: number;
  readonly end: number;
}

/** The best members of a sample for a mosaic. */
export interface DraftChoice {
  /** Indexes into the sample's members, ascending. */
  readonly chosen: readonly number[];
  /** The quantiles that the exact way would show, as far as can be told; as many as are chosen. */
  readonly targets: readonly number[];
  /** How far a tile lies from where the exact way would have it, in the mean, as a fraction of the extent. */
  readonly expectedError: number;
  /** Tiles that the exact way would show, as far as can be told. */
  readonly wanted: number;
}

/** Mean distance from 0 of a normal distribution with deviation 1. */
const meanDistance = Math.sqrt(2 / Math.PI);
const tolerance = 1e-9;

/**
 * Chooses members evenly spaced over the series, the nearest that the sample has, each once.
 *
 * Fewer than asked for where the sample (or the series, as far as can be told) holds fewer within the range.
 */
export function chooseFromSample(sample: Sample, places: Places, tiles: DraftTiles): DraftChoice {
  const { quantiles, positions } = places;
  const within = positions.flatMap((position, index) =>
    position >= tiles.start - tolerance && position <= tiles.end + tolerance ? index : [],
  );
  const line = positionLine(places);
  const first = tiles.start <= 0 ? 0 : interpolate(line.positions, line.quantiles, tiles.start);
  const last = tiles.end >= 1 ? 1 : interpolate(line.positions, line.quantiles, tiles.end);
  const held = Math.max(1, Math.round((last - first) * (sample.total - 1)) + 1);
  const wanted = Math.min(tiles.count, held);
  const count = Math.min(wanted, within.length, mostTargets(within.length));
  const targets = evenlyBetween(first, last, count).map((quantile) => ofMember(quantile, sample.total));
  const candidates = within.map((index) => quantiles[index] ?? 0);
  const chosen = matchInOrder(candidates, targets).flatMap((index) => within[index] ?? []);
  return { chosen, targets, expectedError: expectedErrorOf(sample, places, line, chosen, targets), wanted };
}

/** As `selectEvenly` spaces them: the ends are among them, and a single one is in the middle. */
function evenlyBetween(first: number, last: number, count: number): readonly number[] {
  if (count === 1) return [(first + last) / 2];
  return Array.from({ length: count }, (_, tile) => first + ((last - first) * tile) / (count - 1));
}

/** The quantile of the member that is nearest. */
function ofMember(quantile: number, total: number): number {
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

/** Two things add to the error: the way from target to member, and that the target's place is itself an estimate. */
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
    const way = position - interpolate(line.quantiles, line.positions, target);
    sum += Math.hypot(way, meanDistance * targetDeviation(sample, places, line, target));
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
  // Where nearly all has been read, little is left to be wrong about.
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
