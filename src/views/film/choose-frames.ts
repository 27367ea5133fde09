import { UsageError } from '../../base/errors.ts';
import { attributesOf } from '../../series/members.ts';
import { type OrderedMember, type OrderedStack, orderMembers } from '../../series/order.ts';
import { type Selection, selectEvenly } from '../../series/select.ts';
import type { InstanceHeader } from '../../types/instance.ts';
import type { Member } from '../../types/members.ts';
import type { FilmReport } from '../../types/report.ts';
import type { FilmSettings } from '../../types/view-settings.ts';

type Along = FilmReport['along'];

/** The frames of a film. */
export interface FilmFrames {
  readonly along: Along;
  readonly selections: readonly Selection[];
  /** How many there were to choose from. */
  readonly available: number;
}

/** Members at one place in a row that make a series one in time. */
const minTimes = 3;

/**
 * Chooses what a film shows.
 *
 * @throws UsageError where the series has not what was asked for
 */
export function chooseFrames(ordered: readonly OrderedMember[], settings: FilmSettings): FilmFrames {
  const members = ordered.map(({ member }) => member);
  const { stacks = [] } = orderMembers(members);
  const along = settings.along ?? usualAlong(members, stacks);
  const chosen = membersAlong(along, members, stacks);
  if (chosen.length < 2 && members.length > 1 && settings.along !== undefined) {
    const what = { space: 'places', time: 'times at one place', frames: 'frames in one instance' }[along];
    throw new UsageError(`Expected several ${what} for a film along ${along}, but this series has not.`, {
      optionNames: ['along'],
    });
  }
  const indices = new Map(members.map((member, index) => [member, index]));
  const last = Math.max(1, chosen.length - 1);
  // Positions here are those in the film.
  const inFilm = chosen.map(
    (member, index): OrderedMember => ({ member, positionMm: undefined, position: index / last }),
  );
  const { samples: count, start, end } = settings;
  const selections = selectEvenly(inFilm, { count, start, end }).flatMap(
    ({ ordered: { member } }): readonly Selection[] => {
      const index = indices.get(member) ?? 0;
      const own = ordered[index];
      return own === undefined ? [] : [{ index, ordered: own }];
    },
  );
  return { along, selections, available: chosen.length };
}

function usualAlong(members: readonly Member[], stacks: readonly OrderedStack[]): Along {
  const longest = longestInstance(members);
  if (longest.length > 1 && longest.every((member) => attributesOf(member).imagePositionPatient === undefined)) {
    return 'frames';
  }
  const times = timesAtOnePlace(stacks);
  const isInTime = times.some((member) => {
    const [one, other] = [attributesOf(member), attributesOf(times[0] ?? member)];
    return one.temporalPosition !== other.temporalPosition || one.triggerTime !== other.triggerTime;
  });
  return isInTime && times.length >= minTimes ? 'time' : 'space';
}

function membersAlong(along: Along, members: readonly Member[], stacks: readonly OrderedStack[]): readonly Member[] {
  if (along === 'frames') return longestInstance(members);
  if (along === 'time') return timesAtOnePlace(stacks);
  return stacks.flatMap((stack) => placesOf(stack).flatMap((place) => place.slice(0, 1)));
}

/** The members of the instance that has the most, in the order of its frames. */
function longestInstance(members: readonly Member[]): readonly Member[] {
  const byInstance = new Map<Member['instance'], Member[]>();
  for (const member of members) {
    const own = byInstance.get(member.instance);
    if (own === undefined) byInstance.set(member.instance, [member]);
    else own.push(member);
  }
  const longest = [...byInstance.values()].toSorted((one, other) => other.length - one.length)[0] ?? [];
  return longest.toSorted((one, other) => one.frameIndex - other.frameIndex);
}

/** Of the fullest places the middle one: what lies there, in time. */
function timesAtOnePlace(stacks: readonly OrderedStack[]): readonly Member[] {
  const places = stacks.flatMap(placesOf);
  const most = places.reduce((count, place) => Math.max(count, place.length), 0);
  const fullest = places.filter((place) => place.length === most);
  return fullest[(fullest.length - 1) >> 1] ?? [];
}

/** The members at each place; without geometry each member is a place of its own. */
function placesOf({ placed, toleranceMm }: OrderedStack): readonly (readonly Member[])[] {
  const places: Member[][] = [];
  let start: number | undefined;
  for (const { member, mm } of placed) {
    if (mm !== undefined && start !== undefined && mm - start <= toleranceMm) places.at(-1)?.push(member);
    else {
      places.push([member]);
      start = mm;
    }
  }
  return places;
}

const defaultFramesPerSecond = 10;
const maxFramesPerSecond = 60;
const minFramesPerSecond = 0.1;

/** How fast a film runs: as asked, or as the series says, as far as it shows time. */
export function framesPerSecondOf(
  { along, selections, available }: FilmFrames,
  header: InstanceHeader | undefined,
  asked: number | undefined,
): number {
  if (asked !== undefined) return asked;
  const { recommendedDisplayFrameRate, cineRate, frameTimeMs } = header ?? {};
  const fromTime = frameTimeMs !== undefined && frameTimeMs > 0 ? 1000 / frameTimeMs : undefined;
  const own = [recommendedDisplayFrameRate, cineRate, fromTime].find((rate) => rate !== undefined && rate > 0);
  if (own === undefined || along === 'space') return defaultFramesPerSecond;
  // Where only every third frame is shown, each stays three times as long.
  const rate = own * (selections.length / Math.max(1, available));
  return Math.round(Math.min(Math.max(rate, minFramesPerSecond), maxFramesPerSecond) * 100) / 100;
}
