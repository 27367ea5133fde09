import { placeToleranceMm } from '../series/order.ts';
import { interpolate } from './match.ts';
import { evenStep } from './steps.ts';

/** What a draft uses of a member whose header was read. */
export interface SampledMember {
  /** Rank of its object's key among all listed keys, from 0. */
  readonly keyRank: number;
  readonly instanceNumber: number | undefined;
  /** Millimetres from the first member of the sample; undefined where the order does not go by millimetres. */
  readonly positionMm: number | undefined;
  /** It was read because a tile was thought to lie there, so it tells nothing of how the series is distributed. */
  readonly isAimed: boolean;
}

/** The members of a series whose headers were read. */
export interface Sample {
  /** In order. */
  readonly members: readonly SampledMember[];
  /** Instances that the members belong to. The frames of one instance are one draw from the series. */
  readonly instances: number;
  /** Objects in the listing. */
  readonly listed: number;
  /** Members of the whole series, as estimated. */
  readonly total: number;
}

/** What tells where the members of a sample lie in the whole series. */
export type PlacesFrom = 'keys' | 'instance-numbers' | 'even-spacing' | 'sample';

/** Where the members of a sample lie in the whole series, as estimated. */
export interface Places {
  readonly from: PlacesFrom;
  /** The place of each member in the whole ordered list, 0 (first) .. 1 (last), ascending. */
  readonly quantiles: readonly number[];
  /** The position of each member, 0 .. 1: by millimetres within the extent, else its quantile. */
  readonly positions: readonly number[];
  /** Where the whole series begins and ends; undefined where the order does not go by millimetres. */
  readonly extent: Extent | undefined;
  /**
   * Standard deviation of both ends, as a fraction of the extent: set where the length of the extent is known but not
   * where it begins.
   */
  readonly shiftDeviation?: number;
}

/** In the millimetres of the sample's members. */
export interface Extent {
  readonly startMm: number;
  readonly endMm: number;
}

/** Fewer members tell nothing of an order: by chance alone, one in 20,000 samples of 8 is in order. */
const minForOrder = 8;
/** So many members at each end of the sample tell how far apart members beyond it are. */
const membersAtEnd = 5;
/**
 * Kolmogorov-Smirnov test: of evenly spaced series, 1 sample in 100 has a greater distance times the square root of its
 * size.
 */
const unevenDistance = 1.63;

/**
 * Estimates where the members of a sample lie in the whole series. Keys, then Instance Numbers, tell it where they run
 * like the order of the whole sample. Else millimetres tell it: slices count as evenly spaced unless the sample shows
 * that they are not.
 *
 * @returns undefined where nothing tells it
 */
export function estimatePlaces(sample: Sample): Places | undefined {
  const { members, listed } = sample;
  if (members.length === sample.instances && members.length >= minForOrder) {
    const byKey = quantilesOf(
      members.map(({ keyRank }) => keyRank),
      0,
      listed - 1,
    );
    if (byKey !== undefined) return placesFrom('keys', byKey, members);
    const byNumber = numberQuantiles(sample);
    if (byNumber !== undefined) return placesFrom('instance-numbers', byNumber, members);
  }
  return placesByMm(sample);
}

/** Places where nothing but the order of the sample is known: each member stands for an equal share of the series. */
export function placesByShare({ members }: Sample): Places {
  const quantiles = members.map((_, index) => (index + 1) / (members.length + 1));
  return { from: 'sample', quantiles, positions: quantiles, extent: undefined };
}

/** Numbers as fractions of `first`..`last`; undefined unless they run strictly up or strictly down along the order. */
function quantilesOf(numbers: readonly number[], first: number, last: number): readonly number[] | undefined {
  const isDescending = (numbers[0] ?? 0) > (numbers.at(-1) ?? 0);
  const factor = isDescending ? -1 : 1;
  for (let index = 1; index < numbers.length; index++) {
    if (!(((numbers[index] ?? 0) - (numbers[index - 1] ?? 0)) * factor > 0)) return undefined;
  }
  const start = isDescending ? last : first;
  const range = (last - first) * factor;
  return range === 0 ? undefined : numbers.map((number) => (number - start) / range);
}

/** Quantiles by Instance Number, where the numbers seem to count the members from 1 (or 0) without gaps. */
function numberQuantiles({ members, listed, total }: Sample): readonly number[] | undefined {
  const numbers = members.flatMap(({ instanceNumber }) => instanceNumber ?? []);
  if (numbers.length < members.length) return undefined;
  const min = numbers.reduce((a, b) => Math.min(a, b));
  const max = numbers.reduce((a, b) => Math.max(a, b));
  const first = min === 0 ? 0 : 1;
  if (min < first || max > first + listed - 1) return undefined;
  const last = Math.max(max, first + total - 1);
  // A sample leaves out little at the ends. Where much is left out, the numbers count something else.
  const leftOut = 1 - (max - min) / (last - first);
  return leftOut > minForOrder / (numbers.length + 1) ? undefined : quantilesOf(numbers, first, last);
}

function placesFrom(from: PlacesFrom, quantiles: readonly number[], members: readonly SampledMember[]): Places {
  const mm = millimetresOf(members);
  if (mm === undefined || mm.at(-1) === mm[0]) return { from, quantiles, positions: quantiles, extent: undefined };
  const extent = extentAt(mm, quantiles);
  return { from, quantiles, positions: positionsOf(mm, extent), extent };
}

/** Where a series begins and ends whose members lie at these quantiles. */
function extentAt(mm: readonly number[], quantiles: readonly number[]): Extent {
  if (stepOf(mm) === undefined) {
    const last = mm.length - 1;
    return {
      startMm: beyond(mm, quantiles, 0, membersAtEnd - 1, 0),
      endMm: beyond(mm, quantiles, last, mm.length - membersAtEnd, 1),
    };
  }
  // Several members lie at each place: the next one lies at the same place or a step further, never at a mean pace.
  const extension = extensionOf(mm, mm.length);
  return { startMm: (mm[0] ?? 0) - extension, endMm: (mm.at(-1) ?? 0) + extension };
}

/** Millimetres at a quantile beyond the member `end`, at the mean pace between the members `end` and `inner`. */
function beyond(
  mm: readonly number[],
  quantiles: readonly number[],
  end: number,
  inner: number,
  quantile: number,
): number {
  const [fromMm = 0, toMm = 0] = [mm[end], mm[inner]];
  const [from = 0, to = 0] = [quantiles[end], quantiles[inner]];
  return fromMm + ((toMm - fromMm) / (to - from)) * (quantile - from);
}

function millimetresOf(members: readonly SampledMember[]): readonly number[] | undefined {
  const mm = members.flatMap(({ positionMm }) => positionMm ?? []);
  return mm.length === members.length && mm.length > 0 ? mm : undefined;
}

function positionsOf(mm: readonly number[], { startMm, endMm }: Extent): readonly number[] {
  return mm.map((value) => Math.min(1, Math.max(0, (value - startMm) / (endMm - startMm))));
}

/**
 * Places by millimetres. Only evenly drawn members tell how the series is distributed; the others are placed among
 * them.
 */
function placesByMm({ members, instances, total, listed }: Sample): Places | undefined {
  const all = millimetresOf(members);
  const mm = millimetresOf(members.filter(({ isAimed }) => !isAimed));
  const draws = instances - members.filter(({ isAimed }) => isAimed).length;
  if (all === undefined || mm === undefined || draws < 3) return undefined;
  const [first = 0] = mm;
  const last = mm.at(-1) ?? 0;
  const range = last - first;
  if (!(range > 0)) return undefined;
  const step = total === listed && members.length === instances ? evenStep(all, total) : undefined;
  if (step !== undefined) return placesBySteps(all, step, total);
  const extension = extensionOf(mm, draws);
  const extent = {
    startMm: Math.min(first - extension, all[0] ?? first),
    endMm: Math.max(last + extension, all.at(-1) ?? last),
  };
  const positions = positionsOf(all, extent);
  const isEven = unevenness(mm, first, range) * Math.sqrt(draws) <= unevenDistance;
  if (isEven) return { from: 'even-spacing', quantiles: positions, positions, extent };
  const shares = [0, ...mm.map((_, index) => (index + 1) / (mm.length + 1)), 1];
  const places = [extent.startMm, ...mm, extent.endMm];
  return { from: 'sample', quantiles: all.map((value) => interpolate(places, shares, value)), positions, extent };
}

/** Places where slices lie a step apart: all steps together are the extent, and the sample may lie anywhere in it. */
function placesBySteps(mm: readonly number[], step: number, total: number): Places {
  const [first = 0] = mm;
  const last = mm.at(-1) ?? 0;
  const left = Math.max(0, total - 1 - Math.round((last - first) / step));
  const extension = (left / 2) * step;
  const extent = { startMm: first - extension, endMm: last + extension };
  const positions = positionsOf(mm, extent);
  // The standard deviation of an even distribution over the steps that are left.
  const shiftDeviation = left / (total - 1) / Math.sqrt(12);
  return { from: 'even-spacing', quantiles: positions, positions, extent, shiftDeviation };
}

/**
 * How far a series is expected to reach beyond each end of a sample, in mm. Of n places drawn from a series the
 * outermost lie, in the mean, 1/(n+1) of the extent from its ends. Where several members lie at each place, places are
 * few and a step apart: then whole steps are left out, as many as the chance that all n draws miss a place tells.
 */
function extensionOf(mm: readonly number[], draws: number): number {
  const range = (mm.at(-1) ?? 0) - (mm[0] ?? 0);
  const step = stepOf(mm);
  if (step === undefined) return range / (draws - 1);
  const missed = Math.exp(-draws / (range / step + 1));
  return Math.round(missed / (1 - missed)) * step;
}

/** The smallest distance of neighbouring places, in mm, where members share places; undefined where none do. */
function stepOf(mm: readonly number[]): number | undefined {
  const tolerance = toleranceIn(mm);
  let step = Number.POSITIVE_INFINITY;
  let repeats = false;
  for (let index = 1; index < mm.length; index++) {
    const gap = (mm[index] ?? 0) - (mm[index - 1] ?? 0);
    if (gap <= tolerance) repeats = true;
    else step = Math.min(step, gap);
  }
  return repeats ? step : undefined;
}

function toleranceIn(mm: readonly number[]): number {
  return placeToleranceMm((mm.at(-1) ?? 0) - (mm[0] ?? 0), mm.length);
}

/**
 * The greatest distance between the distribution of the members and an even one. Members at one place count as its
 * middle.
 */
function unevenness(mm: readonly number[], first: number, range: number): number {
  const tolerance = toleranceIn(mm);
  let greatest = 0;
  for (let from = 0, to = 0; from < mm.length; from = to) {
    while (to < mm.length && (mm[to] ?? 0) - (mm[from] ?? 0) <= tolerance) to++;
    const share = (from + to) / 2 / mm.length;
    greatest = Math.max(greatest, Math.abs(share - ((mm[from] ?? 0) - first) / range));
  }
  return greatest;
}
