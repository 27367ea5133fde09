import type { FrameAttributes } from '../types/instance.ts';
import type { Member } from '../types/members.ts';
import type { VolumeInfo } from '../types/series-info.ts';
import { attributesOf } from './members.ts';
import type { OrderedStack, Placed } from './order.ts';

/** Images of a stack that lie at different places. */
export interface Volume {
  readonly info: VolumeInfo;
  /** In the order of their places. */
  readonly placed: readonly Placed[];
  /**
   * Volumes of one kind hold comparable values: one echo, one component, b-values near to each other, one Image Type. ''
   * where nothing of that tells volumes apart.
   */
  readonly kind: string;
}

/** A stack whose members are split into volumes. */
export interface SplitStack {
  readonly places: number;
  readonly volumes: readonly Volume[];
  /** Places that hold more than one image, and fewer images than the fullest place. */
  readonly repeatedPlaces: number;
  readonly incompletePlaces: number;
}

/** What tells volumes apart besides time, in the order in which they are told apart. */
interface KindAttributes {
  readonly imageComponent: FrameAttributes['imageComponent'];
  readonly echoTimeMs: number | undefined;
  readonly diffusionBValue: number | undefined;
  readonly imageType: string | undefined;
}
type KindName = keyof KindAttributes;

const kindNames: readonly KindName[] = ['imageComponent', 'echoTimeMs', 'diffusionBValue', 'imageType'];

const kindOf: { readonly [Name in KindName]: (member: Member) => KindAttributes[Name] } = {
  imageComponent: (member) => attributesOf(member).imageComponent,
  echoTimeMs: (member) => attributesOf(member).echoTimeMs,
  diffusionBValue: (member) => attributesOf(member).diffusionBValue,
  imageType: ({ instance }) => instance.header.imageType.join('\\'),
};

/** Images at one place that do not differ in kind, in time. */
interface Cell {
  readonly place: number;
  readonly attributes: Partial<KindAttributes>;
  readonly placed: readonly Placed[];
}

/**
 * Splits a stack into volumes where it repeats places: by the component of complex values, the echo, the b-value, the Image
 * Type, each where it differs at some place; images that agree in all of that, by time. What the headers do not tell apart is
 * split by the order at each place, which ends with Instance Number.
 *
 * @param firstNumber the number of the first volume
 */
export function splitStack(stack: OrderedStack, firstNumber: number): SplitStack {
  const places = placesOf(stack);
  const fullest = places.reduce((most, { length }) => Math.max(most, length), 0);
  const counts = {
    places: places.length,
    repeatedPlaces: places.filter(({ length }) => length > 1).length,
    incompletePlaces: places.filter(({ length }) => length < fullest).length,
  };
  if (fullest <= 1) {
    const info = { number: firstNumber, images: stack.placed.length, missingPlaces: 0 };
    return { ...counts, volumes: [{ info, placed: stack.placed, kind: '' }] };
  }
  const kinds = byKind(splitByKind(places));
  const volumes = kinds.flatMap(({ attributes, cells }) => splitByTime(cells).map((each) => ({ attributes, ...each })));
  const steps = bValueSteps(kinds.map(({ attributes }) => attributes.diffusionBValue));
  return {
    ...counts,
    volumes: volumes.map(({ attributes, placed, time }, index) => ({
      info: {
        number: firstNumber + index,
        images: placed.length,
        missingPlaces: places.length - placed.length,
        ...known(attributes),
        ...time,
      },
      placed,
      kind: Object.keys(attributes).length === 0 ? '' : JSON.stringify(comparable(attributes, steps)),
    })),
  };
}

/** The members at each place; each member is a place of its own where there are no millimetres. */
function placesOf({ placed, toleranceMm }: OrderedStack): readonly (readonly Placed[])[] {
  const places: Placed[][] = [];
  let here = Number.NaN;
  for (const each of placed) {
    const last = places.at(-1);
    if (last !== undefined && each.mm !== undefined && each.mm - here <= toleranceMm) last.push(each);
    else {
      places.push([each]);
      here = each.mm ?? Number.NaN;
    }
  }
  return places;
}

function splitByKind(places: readonly (readonly Placed[])[]): readonly Cell[] {
  let cells: readonly Cell[] = places.map((placed, place) => ({ place, attributes: {}, placed }));
  for (const name of kindNames) {
    if (!tellsApart(name, cells)) continue;
    cells = cells.flatMap(({ place, attributes, placed }) => {
      const parts = new Map<unknown, Placed[]>();
      for (const each of placed) {
        const value = kindOf[name](each.member);
        const part = parts.get(value);
        if (part === undefined) parts.set(value, [each]);
        else part.push(each);
      }
      return [...parts].map(([value, part]) => ({ place, attributes: { ...attributes, [name]: value }, placed: part }));
    });
  }
  return cells;
}

/**
 * Whether an attribute differs somewhere between images that nothing before it tells apart. Where some images lack it, as many
 * must lack it at each place: else only some headers were read far enough.
 */
function tellsApart(name: KindName, cells: readonly Cell[]): boolean {
  let differs = false;
  const missing = new Map<number, number>();
  for (const { place, placed } of cells) {
    const [first] = placed;
    const value = first === undefined ? undefined : kindOf[name](first.member);
    let lacking = 0;
    for (const { member } of placed) {
      const own = kindOf[name](member);
      if (own !== value) differs = true;
      if (own === undefined) lacking++;
    }
    missing.set(place, (missing.get(place) ?? 0) + lacking);
  }
  return differs && new Set(missing.values()).size === 1;
}

interface Kind {
  readonly attributes: Partial<KindAttributes>;
  readonly cells: Cell[];
}

const componentOrder: readonly unknown[] = ['MAGNITUDE', 'PHASE', 'REAL', 'IMAGINARY', 'MIXED', undefined];

/** The cells of each kind, in the order in which kinds are shown. */
function byKind(cells: readonly Cell[]): readonly Kind[] {
  const kinds = new Map<string, Kind>();
  for (const cell of cells) {
    const key = JSON.stringify(cell.attributes);
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, { attributes: cell.attributes, cells: [cell] });
    else kind.cells.push(cell);
  }
  return [...kinds.values()].sort(
    ({ attributes: a }, { attributes: b }) =>
      componentOrder.indexOf(a.imageComponent) - componentOrder.indexOf(b.imageComponent) ||
      compareNumbers(a.echoTimeMs, b.echoTimeMs) ||
      compareNumbers(a.diffusionBValue, b.diffusionBValue) ||
      compareTexts(a.imageType ?? '', b.imageType ?? ''),
  );
}

function compareNumbers(a: number | undefined, b: number | undefined): number {
  return a === b ? 0 : a === undefined ? 1 : b === undefined ? -1 : a - b;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type TimeFacts = Pick<VolumeInfo, 'time' | 'temporalPosition' | 'triggerTimeMs'>;

/** Volumes of one kind: by Temporal Position or Trigger Time where these number them, else by the order at each place. */
function splitByTime(
  cells: readonly Cell[],
): readonly { readonly placed: readonly Placed[]; readonly time: TimeFacts }[] {
  const most = cells.reduce((count, { placed }) => Math.max(count, placed.length), 0);
  if (most <= 1) return [{ placed: cells.flatMap(({ placed }) => placed), time: {} }];
  for (const name of ['temporalPosition', 'triggerTime'] as const) {
    const byValue = numberedBy((member) => attributesOf(member)[name], cells, most);
    if (byValue === undefined) continue;
    return byValue.map(([value, placed], index) => ({
      placed,
      time: { time: index + 1, [name === 'triggerTime' ? 'triggerTimeMs' : name]: value },
    }));
  }
  return Array.from({ length: most }, (_, index) => ({
    placed: cells.flatMap(({ placed }) => placed[index] ?? []),
    time: { time: index + 1 },
  }));
}

/** The members with each value of an attribute, if each value occurs once a place, and there are only as many as repeats. */
function numberedBy(
  numberOf: (member: Member) => number | undefined,
  cells: readonly Cell[],
  most: number,
): readonly (readonly [number, readonly Placed[]])[] | undefined {
  const byValue = new Map<number, Placed[]>();
  for (const { placed } of cells) {
    const here = new Set<number>();
    for (const each of placed) {
      const value = numberOf(each.member);
      if (value === undefined || here.has(value)) return undefined;
      here.add(value);
      const known = byValue.get(value);
      if (known !== undefined) known.push(each);
      else if (byValue.size === most) return undefined;
      else byValue.set(value, [each]);
    }
  }
  return [...byValue].sort((a, b) => a[0] - b[0]);
}

function known(attributes: Partial<KindAttributes>): Partial<VolumeInfo> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/** B-values that differ by less than this (in part, and in s/mm2) look alike: scanners write what each direction has. */
const bValueStep = { factor: 1.1, plus: 25 };

/** For each b-value the least of those that look like it. */
function bValueSteps(values: readonly (number | undefined)[]): ReadonlyMap<number, number> {
  const steps = new Map<number, number>();
  let start = Number.NEGATIVE_INFINITY;
  for (const value of values.filter((each) => each !== undefined).sort((a, b) => a - b)) {
    if (value > start * bValueStep.factor + bValueStep.plus || start === Number.NEGATIVE_INFINITY) start = value;
    steps.set(value, start);
  }
  return steps;
}

function comparable(attributes: Partial<KindAttributes>, steps: ReadonlyMap<number, number>): Partial<KindAttributes> {
  const { diffusionBValue } = attributes;
  if (diffusionBValue === undefined) return attributes;
  return { ...attributes, diffusionBValue: steps.get(diffusionBValue) };
}
