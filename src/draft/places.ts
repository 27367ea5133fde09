import { interpolate } from './match.ts';
import { evenStep } from './steps.ts';

/** A member whose header was read, as far as a draft estimates from it. */
export interface SampledMember {
  /** Of its object among all listed keys in natural order, from 0. */
  readonly keyRank: number;
  readonly instanceNumber: number | undefined;
  /** Millimetres along the order, from the first of the sample; undefined where the order does not go by millimetres. */
  readonly positionMm: number | undefined;
  /** Read because it was thought to lie at a certain place: it says nothing of how the series is spread. */
  readonly isAimed: boolean;
}

/** What was read of a series. */
export interface Sample {
  /** In the order that the exact way would put them in. */
  readonly members: readonly SampledMember[];
  /** Instances that the members belong to: several frames of one are one draw from the series. */
  readonly instances: number;
  /** Objects that the listing has, and members that they are taken to hold together. */
  readonly listed: number;
  readonly total: number;
}

/** What tells where the read members lie among those that were not read. */
export type PlacesFrom = 'keys' | 'instance-numbers' | 'even-spacing' | 'sample';

/** Where the members of a sample lie in their series, as far as can be told. */
export interface Places {
  readonly from: PlacesFrom;
  /** For each member its place in the whole ordered list, 0 (first) .. 1 (last), ascending. */
  readonly quantiles: readonly number[];
  /** For each member its position, 0 .. 1: by millimetres within the extent, else the quantile. */
  readonly positions: readonly number[];
  /** Of the whole series, in the members' millimetres; undefined where the order does not go by millimetres. */
  readonly extent: Extent | undefined;
  /**
   * Standard deviation of the ends, as a fraction of the extent, where its length is known and not where it begins;
   * undefined where that is not so.
   */
  readonly shiftDeviation?: number;
}

export interface Extent {
  readonly startMm: number;
  readonly endMm: number;
}

/** Fewer tell nothing about an order: by chance alone one in 20,000 samples of 8 is in order. */
const leastForOrder = 8;
/** Members at an end of the sample that tell how far apart the next ones beyond it are. */
const membersAtEnd = 5;
/** Places nearer than this are one, since header values are rounded; slices of microscopy are closer. */
const samePlaceMm = 0.01;
/** Kolmogorov-Smirnov: even spacing gives a greater distance in 1 of 100 samples (for 1 member: 1.63). */
const unevenDistance = 1.63;

/**
 * Estimates where the members of a sample lie in the whole series: by the order of the keys or by Instance Number
 * where these agree with the order of the sample throughout; else by millimetres, taking slices as evenly spaced unless
 * the sample speaks against it.
 *
 * @returns undefined where nothing tells: without positions and with numbers that say nothing
 */
export function estimatePlaces(sample: Sample): Places | undefined {
  const { members, listed } = sample;
  if (members.length === sample.instances && members.length >= leastForOrder) {
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

/** Where only the order of the sample is known: its members stand for equal shares of the series. */
export function placesByShare({ members }: Sample): Places {
  const quantiles = members.map((_, index) => (index + 1) / (members.length + 1));
  return { from: 'sample', quantiles, positions: quantiles, extent: undefined };
}

/** Numbers that run strictly up or down along the order, as fractions of `first`..`last`; undefined where they do not. */
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

/** Instance Numbers that count the members from 1 (or 0) on without gaps, as far as the sample shows. */
function numberQuantiles({ members, listed, total }: Sample): readonly number[] | undefined {
  const numbers = members.flatMap(({ instanceNumber }) => instanceNumber ?? []);
  if (numbers.length < members.length) return undefined;
  const least = numbers.reduce((a, b) => Math.min(a, b));
  const greatest = numbers.reduce((a, b) => Math.max(a, b));
  const first = least === 0 ? 0 : 1;
  if (least < first || greatest > first + listed - 1) return undefined;
  const last = Math.max(greatest, first + total - 1);
  // A sample leaves little out at the ends; one that does has numbers that count something else.
  const leftOut = 1 - (greatest - least) / (last - first);
  return leftOut > leastForOrder / (numbers.length + 1) ? undefined : quantilesOf(numbers, first, last);
}

function placesFrom(from: PlacesFrom, quantiles: readonly number[], members: readonly SampledMember[]): Places {
  const mm = millimetresOf(members);
  if (mm === undefined || mm.at(-1) === mm[0]) return { from, quantiles, positions: quantiles, extent: undefined };
  // Where places repeat, the next members lie at the same place or a step further: the pace would be in between.
  const steps = stepsOf(mm) === undefined ? undefined : extensionOf(mm, members.length);
  const extent = {
    startMm: steps === undefined ? beyond(mm, quantiles, 0, membersAtEnd - 1, 0) : (mm[0] ?? 0) - steps,
    endMm:
      steps === undefined
        ? beyond(mm, quantiles, mm.length - 1, mm.length - membersAtEnd, 1)
        : (mm.at(-1) ?? 0) + steps,
  };
  return { from, quantiles, positions: positionsOf(mm, extent), extent };
}

/** Millimetres at a quantile beyond the member `end`, at the pace between it and the member `inner`. */
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

/** From the evenly drawn members alone; those that were aimed at are placed among them. */
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

/** Slices a step apart: the series is as long as all steps together, and the sample may lie anywhere in it. */
function placesBySteps(mm: readonly number[], step: number, total: number): Places {
  const [first = 0] = mm;
  const last = mm.at(-1) ?? 0;
  const left = Math.max(0, total - 1 - Math.round((last - first) / step));
  const extension = (left / 2) * step;
  const extent = { startMm: first - extension, endMm: last + extension };
  const positions = positionsOf(mm, extent);
  // Of an even distribution over what is left.
  const shiftDeviation = left / (total - 1) / Math.sqrt(12);
  return { from: 'even-spacing', quantiles: positions, positions, extent, shiftDeviation };
}

/**
 * How far a series reaches beyond the ends of a sample of it, in mm: of n evenly distributed places the outermost ones
 * lie 1/(n+1) of the extent from its ends in the mean. Where places repeat they are few, a step apart, and each end is
 * missed with the chance that all of n draws miss it: then whole steps are left out, as many as are to be expected.
 */
function extensionOf(mm: readonly number[], draws: number): number {
  const range = (mm.at(-1) ?? 0) - (mm[0] ?? 0);
  const step = stepsOf(mm);
  if (step === undefined) return range / (draws - 1);
  const missed = Math.exp(-draws / (range / step + 1));
  return Math.round(missed / (1 - missed)) * step;
}

/** The smallest way from one place to the next, in mm, where places repeat; undefined where they do not. */
function stepsOf(mm: readonly number[]): number | undefined {
  const same = samePlaceIn(mm);
  let step = Number.POSITIVE_INFINITY;
  let repeats = false;
  for (let index = 1; index < mm.length; index++) {
    const gap = (mm[index] ?? 0) - (mm[index - 1] ?? 0);
    if (gap <= same) repeats = true;
    else step = Math.min(step, gap);
  }
  return repeats ? step : undefined;
}

function samePlaceIn(mm: readonly number[]): number {
  return Math.min(samePlaceMm, ((mm.at(-1) ?? 0) - (mm[0] ?? 0)) / (mm.length * 4));
}

/** The greatest distance between the distribution of the members and an even one; of equal places the middle counts. */
function unevenness(mm: readonly number[], first: number, range: number): number {
  const same = samePlaceIn(mm);
  let greatest = 0;
  for (let from = 0, to = 0; from < mm.length; from = to) {
    while (to < mm.length && (mm[to] ?? 0) - (mm[from] ?? 0) <= same) to++;
    const share = (from + to) / 2 / mm.length;
    greatest = Math.max(greatest, Math.abs(share - ((mm[from] ?? 0) - first) / range));
  }
  return greatest;
}
