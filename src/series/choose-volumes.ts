import { counted } from '../base/counted.ts';
import { UsageError } from '../base/errors.ts';
import type { Member } from '../types/members.ts';
import type { VolumeLabel } from '../types/series-info.ts';
import type { VolumeChoice } from '../types/settings.ts';
import { type OrderedSeries, type OrderedStack, positionsOf } from './order.ts';
import type { Selection } from './select.ts';
import { type SplitStack, splitStack, type Volume } from './volumes.ts';

/** The volumes of a series, numbered through all its stacks. */
export interface SeriesVolumes {
  readonly stacks: readonly SplitStack[];
  readonly volumes: readonly Volume[];
  readonly volumeOf: (member: Member) => Volume | undefined;
}

/** undefined where no stack repeats a place, as is usual: unless `isWanted`, nothing need be split then. */
export function volumesOf({ stacks = [] }: OrderedSeries, isWanted: boolean): SeriesVolumes | undefined {
  if (!isWanted && !stacks.some(repeatsPlaces)) return undefined;
  const split: SplitStack[] = [];
  let number = 1;
  for (const stack of stacks) {
    const part = splitStack(stack, number);
    number += part.volumes.length;
    split.push(part);
  }
  const volumes = split.flatMap((part) => part.volumes);
  const byMember = new Map(volumes.flatMap((volume) => volume.placed.map(({ member }) => [member, volume] as const)));
  return { stacks: split, volumes, volumeOf: (member) => byMember.get(member) };
}

function repeatsPlaces({ placed, toleranceMm }: OrderedStack): boolean {
  return placed.some(({ mm }, index) => {
    const before = placed[index - 1]?.mm;
    return mm !== undefined && before !== undefined && mm - before <= toleranceMm;
  });
}

/**
 * The volumes that the caller chose: those that agree with all that was asked. `shown` is the first of them, unless all were asked
 * for.
 *
 * @throws UsageError that lists what there is, where none agrees
 */
export function chooseVolumes({ volumes }: SeriesVolumes, choice: VolumeChoice): ChosenVolumes {
  const labels = volumes.map(({ info }) => info);
  const asked = volumeOptions.flatMap((name) => {
    const value = choice[name];
    return value === undefined ? [] : [{ name, value }];
  });
  const agreeing = volumes.filter(({ info }) => asked.every(({ name, value }) => agrees[name](info, value)));
  if (agreeing.length === 0) {
    const isEachThere = asked.every(({ name, value }) => labels.some((label) => agrees[name](label, value)));
    const received = asked.map(({ name, value }) => `${name} ${value}`).join(' and ');
    if (isEachThere) {
      throw new UsageError(
        `Expected values that an image has together, but none has ${received}. Leave one of them out.`,
        { optionNames: asked.map(({ name }) => name) },
      );
    }
    const facts = factsOf(labels);
    const there = orList(
      facts.map(([name, values]) => `${name} ${values}`),
      ', or ',
    );
    const named = new Set([...facts.map(([name]) => name), ...asked.map(({ name }) => name)]);
    throw new UsageError(
      `Expected ${there}, but received ${received}. ${volumes.length === 1 ? 'Leave it out' : 'Choose one of these'}.`,
      { optionNames: volumeOptions.filter((name) => named.has(name)) },
    );
  }
  return { shown: choice.volumes === 'all' ? agreeing : agreeing.slice(0, 1), fitting: agreeing.length };
}

/** The options that choose among volumes by what a volume is. */
const volumeOptions = ['volume', 'time', 'bValue', 'echo'] as const;

type VolumeOption = (typeof volumeOptions)[number];

const agrees: Readonly<Record<VolumeOption, (label: VolumeLabel, wanted: number) => boolean>> = {
  volume: ({ number }, wanted) => number === wanted,
  time: ({ time = 1 }, wanted) => time === wanted,
  bValue: ({ diffusionBValue }, wanted) => isNear(diffusionBValue, wanted, 0.5),
  echo: ({ echoTimeMs }, wanted) => isNear(echoTimeMs, wanted, 0.05),
};

interface ChosenVolumes {
  readonly shown: readonly Volume[];
  readonly fitting: number;
}

function isNear(value: number | undefined, wanted: number, tolerance: number): boolean {
  return value !== undefined && Math.abs(value - wanted) <= tolerance;
}

/** What there is to choose from: the values of each option that has any. */
function factsOf(labels: readonly VolumeLabel[]): readonly (readonly [VolumeOption, string])[] {
  const lastTime = labels.reduce((count, { time = 1 }) => Math.max(count, time), 1);
  const facts: readonly (readonly [VolumeOption, string])[] = [
    ['volume', upTo(labels.at(-1)?.number ?? 1)],
    ['time', lastTime === 1 ? '' : upTo(lastTime)],
    ['bValue', listed(labels.map(({ diffusionBValue }) => rounded(diffusionBValue)))],
    ['echo', listed(labels.map(({ echoTimeMs }) => echoTimeMs))],
  ];
  return facts.filter(([, values]) => values !== '');
}

function upTo(last: number): string {
  return last === 1 ? '1, the only one' : `1 to ${last}`;
}

function listed(values: readonly (number | undefined)[]): string {
  return orList(different(values), ' or ');
}

function orList(parts: readonly string[], or: string): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')}${or}${parts.at(-1)}`;
}

/** A message lists no more values than this. */
const maxListed = 12;

/** Each value once, numbers rounded for readers. */
function different(values: readonly (number | string | undefined)[]): readonly string[] {
  const known = values.filter((value) => value !== undefined);
  const texts = [
    ...new Set(known.map((value) => (typeof value === 'number' ? String(Number(value.toPrecision(6))) : value))),
  ];
  return texts.length <= maxListed ? texts : [...texts.slice(0, maxListed), '...'];
}

/** What a reader of the picture should know of the volumes of a series. */
export function volumeNotes({ stacks }: SeriesVolumes): readonly string[] {
  return stacks.flatMap(({ places, volumes, repeatedPlaces, incompletePlaces }) => {
    if (repeatedPlaces === 0) return [];
    const labels = volumes.map(({ info }) => info);
    const number = labels[0]?.number ?? 1;
    const counts = counted(places, 'place');
    if (repeatedPlaces * 2 < places) {
      return [
        `${repeatedPlaces} of ${counts} ${repeatedPlaces === 1 ? 'holds' : 'hold'} more than one image: --volume ${number} shows one of each.`,
      ];
    }
    const facts = [
      named(
        'b',
        labels.map(({ diffusionBValue }) => rounded(diffusionBValue)),
      ),
      named(
        'echo',
        labels.map(({ echoTimeMs }) => echoTimeMs),
        ' ms',
      ),
      named(
        '',
        labels.map(({ imageComponent }) => imageComponent?.toLowerCase()),
      ),
    ].filter((fact) => fact !== '');
    const of = facts.length === 0 ? '' : ` (${facts.join('; ')})`;
    const upTo = incompletePlaces === 0 ? 'x' : 'x up to';
    return [`${counts} ${upTo} ${volumes.length} volumes${of}: --volume ${number} shows one.`];
  });
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value);
}

function named(name: string, values: readonly (number | string | undefined)[], unit = ''): string {
  const each = different(values);
  return each.length === 0 ? '' : `${name} ${each.join(', ')}${unit}`.trim();
}

/** The members of some volumes, in the series' order, with positions among themselves and their indices in the whole series. */
export function selectionsOfPart(ordered: OrderedSeries, volumes: readonly Volume[]): readonly Selection[] {
  const places = new Map(volumes.flatMap(({ placed }) => placed.map((each) => [each.member, each] as const)));
  const indices: number[] = [];
  const placed = ordered.members.flatMap(({ member }, index) => {
    const each = places.get(member);
    if (each === undefined) return [];
    indices.push(index);
    return [each];
  });
  // Millimetres of different stacks have nothing to do with each other.
  const isOneStack = ordered.stacks?.length === 1 || volumes.length === 1;
  const members = positionsOf(isOneStack ? placed : placed.map(({ member }) => ({ member, mm: undefined })));
  return members.map((each, index) => ({ index: indices[index] ?? index, ordered: each }));
}

/** The same, a list a volume. Volumes of one stack have a common scale of positions: one position is one place in all. */
export function selectionsOfEach(
  ordered: OrderedSeries,
  volumes: readonly Volume[],
): readonly (readonly Selection[])[] {
  if (ordered.stacks?.length !== 1) return volumes.map((volume) => selectionsOfPart(ordered, [volume]));
  const byMember = new Map(selectionsOfPart(ordered, volumes).map((each) => [each.ordered.member, each]));
  return volumes.map(({ placed }) => placed.flatMap(({ member }) => byMember.get(member) ?? []));
}
