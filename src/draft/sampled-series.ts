import { AmbiguousError } from '../base/errors.ts';
import { distinctInstances } from '../series/header-pass/distinct.ts';
import { membersOf } from '../series/members.ts';
import { type OrderedSeries, orderMembers } from '../series/order.ts';
import type { Selection } from '../series/select.ts';
import { slideLevels } from '../series/slide.ts';
import type { ScannedInstance } from '../types/members.ts';
import { chooseFromSample, type DraftChoice, type DraftTiles } from './choose.ts';
import type { RankedKeys } from './keys.ts';
import { estimatePlaces, type Places, placesByShare, type Sample } from './places.ts';
import { type NextHeaders, nextHeaders } from './refine.ts';

/** The headers that a draft has read so far. */
export interface SampledHeaders {
  readonly instances: readonly ScannedInstance[];
  /** Ranks of the keys whose objects were read, whatever was found there. */
  readonly ranks: ReadonlySet<number>;
  /** Those of them that were read because tiles were thought to lie there. */
  readonly aimed: ReadonlySet<number>;
}

/** What is asked of a draft. */
export interface DraftRequest {
  readonly ranked: RankedKeys;
  readonly tiles: DraftTiles;
  /** The series that is meant; undefined: there must be only one. */
  readonly seriesInstanceUid: string | undefined;
  /** Printable, for messages. */
  readonly location: string;
}

/** A series as far as a sample of its headers tells. */
export interface SampledSeries {
  /** The instances of the sample, each once. */
  readonly instances: readonly ScannedInstance[];
  /** The members of the sample, in order. */
  readonly ordered: OrderedSeries;
  readonly sample: Sample;
  readonly places: Places;
}

/** What to do after the headers that have been read. */
export type DraftStep =
  /** The sample is enough. */
  | { readonly kind: 'draw'; readonly series: SampledSeries }
  /** Read the headers that `next` names. */
  | { readonly kind: 'more'; readonly series: SampledSeries; readonly next: Extract<NextHeaders, { kind: 'more' }> }
  /** Read all headers; where the budget does not allow it, `series` is the best there is (undefined: nothing). */
  | { readonly kind: 'all'; readonly series: SampledSeries | undefined; readonly reason: string }
  /** Read all headers, even above the budget: without them there is no picture. */
  | { readonly kind: 'needs-all'; readonly reason: string };

/**
 * Decides whether the headers read so far are enough for a draft.
 *
 * @throws AmbiguousError where they belong to several series and none was named
 */
export function decideDraft(request: DraftRequest, read: SampledHeaders): DraftStep {
  const { ranked, tiles } = request;
  const wanted = wantedInstances(request, read);
  if (wanted.length === 0) {
    return {
      kind: 'all',
      series: undefined,
      reason: 'no image of the series is among the headers that were read first',
    };
  }
  if (wanted.some((instance) => slideLevels([instance]) !== undefined)) {
    return { kind: 'needs-all', reason: 'a slide is shown by all its levels' };
  }
  const series = sampledSeries(request, read, wanted);
  if (wanted.length < read.instances.length && request.seriesInstanceUid !== undefined) {
    return { kind: 'all', series, reason: 'the folder holds other series too' };
  }
  if (!series.isPlaced) return { kind: 'all', series, reason: reasonWithoutPlaces(series.ordered) };
  const unread = ranked.keys.flatMap((_, rank) => (read.ranks.has(rank) ? [] : rank));
  const choice = chooseFromSample(series.sample, series.places, tiles);
  const next = nextHeaders(ranked.keys, unread, series.sample, series.places, choice, tiles);
  if (next.kind === 'enough') return { kind: 'draw', series };
  if (next.kind === 'more') return { kind: 'more', series, next };
  return { kind: 'all', series, reason: 'the places of the tiles would be too uncertain without most of the headers' };
}

/** Instances of the series that is meant, each once. */
function wantedInstances(request: DraftRequest, read: SampledHeaders): readonly ScannedInstance[] {
  const { seriesInstanceUid, location, ranked } = request;
  const ofSeries =
    seriesInstanceUid === undefined
      ? read.instances
      : read.instances.filter(({ header }) => header.seriesInstanceUid === seriesInstanceUid);
  if (ofSeries.length === 0) return [];
  try {
    return distinctInstances(ofSeries, seriesInstanceUid, location).instances;
  } catch (error) {
    if (!(error instanceof AmbiguousError)) throw error;
    const { candidates, count } = error;
    const message = `${error.message}\nA draft read only ${read.ranks.size} of the ${ranked.keys.length} objects there: the counts are of these, and there may be more series.`;
    throw new AmbiguousError(message, { candidates, count });
  }
}

function reasonWithoutPlaces({ orientation, orderedBy }: OrderedSeries): string {
  if (orientation === 'mixed') return 'orientations are mixed, so that places cannot be told from some of the headers';
  return `without positions (order by ${orderedBy}) places cannot be told from some of the headers`;
}

function sampledSeries(
  { ranked }: DraftRequest,
  { ranks, aimed }: SampledHeaders,
  instances: readonly ScannedInstance[],
): SampledSeries & { readonly isPlaced: boolean } {
  const ordered = orderMembers(membersOf(instances));
  const rankOf = new Map([...ranks].map((rank) => [ranked.keys[rank], rank] as const));
  const members = ordered.members.map(({ member, positionMm }) => {
    const keyRank = rankOf.get(member.instance.key) ?? 0;
    const { instanceNumber } = member.instance.header;
    return { keyRank, instanceNumber, positionMm, isAimed: aimed.has(keyRank) };
  });
  const listed = ranked.keys.length;
  // Only what was drawn evenly tells how many of the listed objects are members.
  const drawn = members.filter(({ isAimed }) => !isAimed).length;
  const total = Math.max(members.length, Math.round((listed * drawn) / Math.max(1, ranks.size - aimed.size)));
  const sample: Sample = { members, instances: instances.length, listed, total };
  const places = estimatePlaces(sample);
  return { instances, ordered, sample, places: places ?? placesByShare(sample), isPlaced: places !== undefined };
}

/**
 * Chooses the tiles of a draft from the members of a sample.
 *
 * @returns selections whose index and position are estimates for the whole series
 */
export function selectFromSample(
  series: SampledSeries,
  tiles: DraftTiles,
): { readonly selections: readonly Selection[]; readonly choice: DraftChoice } {
  const { ordered, sample, places } = series;
  const choice = chooseFromSample(sample, places, tiles);
  const startMm = places.extent?.startMm;
  const selections = choice.chosen.flatMap((index): readonly Selection[] => {
    const found = ordered.members[index];
    if (found === undefined) return [];
    const positionMm = startMm === undefined || found.positionMm === undefined ? undefined : found.positionMm - startMm;
    const position = places.positions[index] ?? 0;
    return [
      {
        index: Math.round((places.quantiles[index] ?? 0) * (sample.total - 1)),
        ordered: { member: found.member, positionMm, position },
      },
    ];
  });
  return { selections, choice };
}
