import type { Orientation, Vector3 } from '../types/instance.ts';
import type { Member } from '../types/members.ts';
import type { Plane, SeriesOrientation } from '../types/series-info.ts';
import { compareByDimensions, compareByNumber, compareInStack, compareInTime } from './compare-members.ts';
import { attributesOf } from './members.ts';
import { orientationName, project, type SlicePlane, slicePlaneOf } from './orientation.ts';

/** What decided the order of a series. */
export type OrderedBy =
  | 'position-along-normal'
  | 'position-z'
  | 'in-stack-position'
  | 'slice-location'
  | 'dimension-index'
  | 'instance-number'
  | 'frame-number'
  | 'key'
  | 'tile-position'
  | 'orientation-groups';

/** A member with its place in the order. */
export interface OrderedMember {
  readonly member: Member;
  /** Millimetres from the first member; undefined without geometry and where orientations are mixed. */
  readonly positionMm: number | undefined;
  /** 0 (first) .. 1 (last): by millimetres where they are known, else by index. */
  readonly position: number;
}

export interface OrderedSeries {
  readonly members: readonly OrderedMember[];
  readonly orientation: SeriesOrientation;
  readonly orderedBy: OrderedBy;
  /** The stacks that the series is made of, in this order; absent where the order is not that of stacks. */
  readonly stacks?: readonly OrderedStack[];
}

/**
 * Slices whose normals differ by less than this (10 degrees) are one stack: scanners correct them a little between
 * volumes.
 */
const sameStackCosine = Math.cos((10 * Math.PI) / 180);
/** Positions nearer to each other than this are one place, because header values are rounded. */
export const samePlaceMm = 0.01;

interface Stack {
  /** undefined: members without orientation. */
  readonly slicePlane: SlicePlane | undefined;
  readonly members: Member[];
}

/** A member with its place along the order's line (millimetres along the normal, or from head to feet); undefined for none. */
export interface Placed {
  readonly member: Member;
  readonly mm: number | undefined;
}

/**
 * Puts the members of a series in order: along the slice normal (PS3.3 C.7.6.2.1.1: from Image Orientation and Image
 * Position (Patient)), and at one place by time, Instance Number, frame number and key. Each orientation is kept
 * together; those without one come last. The same members give the same order whatever order they come in.
 */
export function orderMembers(members: readonly Member[]): OrderedSeries {
  const stacks = intoStacks(members);
  const ordered = stacks.map((stack): OrderedStack & Pick<OrderedSeries, 'orderedBy'> => {
    const { placed, orderedBy } = placeMembers(stack);
    return { orientation: nameOf([stack]), placed, toleranceMm: toleranceOf(placed), orderedBy };
  });
  const [first] = ordered;
  if (first === undefined) return { members: [], orientation: 'none', orderedBy: 'key' };
  const orientation = nameOf(stacks);
  if (ordered.length > 1) {
    const all = ordered.flatMap((stack) => stack.placed);
    return { members: byIndex(all), orientation, orderedBy: 'orientation-groups', stacks: ordered };
  }
  return { members: positionsOf(first.placed), orientation, orderedBy: first.orderedBy, stacks: ordered };
}

/** Members of one orientation, in order. */
export interface OrderedStack {
  readonly orientation: SeriesOrientation;
  readonly placed: readonly Placed[];
  /** Members this near (millimetres) to each other lie at one place. */
  readonly toleranceMm: number;
}

function nameOf(stacks: readonly Stack[]): SeriesOrientation {
  const [first] = stacks;
  if (stacks.length !== 1) return 'mixed';
  return first?.slicePlane === undefined ? 'none' : orientationName(first.slicePlane);
}

const planeOrder: readonly Plane[] = ['axial', 'coronal', 'sagittal'];

/** Groups members by orientation: axial stacks first, then coronal, sagittal, and those without orientation. */
function intoStacks(members: readonly Member[]): readonly Stack[] {
  const [first] = members;
  if (first === undefined) return [];
  // Nearly all series have one orientation, which is quickly seen.
  if (haveOneOrientation(members)) return [{ slicePlane: planeOf(first), members: [...members] }];
  const stacks: Stack[] = [];
  // Sorted first, so that which normal a stack is compared by does not depend on the order in which members come.
  for (const member of [...members].sort(compareByNumber)) {
    const slicePlane = planeOf(member);
    const stack = stacks.find((candidate) => belongsTo(candidate, slicePlane));
    if (stack === undefined) stacks.push({ slicePlane, members: [member] });
    else stack.members.push(member);
  }
  return stacks.sort((a, b) => rankOf(a) - rankOf(b));
}

function planeOf(member: Member): SlicePlane | undefined {
  const { imageOrientationPatient, imagePositionPatient } = attributesOf(member);
  if (imageOrientationPatient === undefined || imagePositionPatient === undefined) return undefined;
  return slicePlaneOf(imageOrientationPatient);
}

/** Whether all members have the very same orientation, and a position; or none has. */
function haveOneOrientation(members: readonly Member[]): boolean {
  let last: Orientation | undefined;
  return members.every((member, index) => {
    const { imageOrientationPatient, imagePositionPatient } = attributesOf(member);
    const own = imagePositionPatient === undefined ? undefined : imageOrientationPatient;
    const isSame = index === 0 || own === last || isSameOrientation(own, last);
    last = own;
    return isSame;
  });
}

function isSameOrientation(one: Orientation | undefined, other: Orientation | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.every((component, index) => component === other[index]);
}

function belongsTo(stack: Stack, slicePlane: SlicePlane | undefined): boolean {
  if (stack.slicePlane === undefined || slicePlane === undefined) return stack.slicePlane === slicePlane;
  return project(stack.slicePlane.direction, slicePlane.direction) > sameStackCosine;
}

function rankOf(stack: Stack): number {
  return stack.slicePlane === undefined ? planeOrder.length : planeOrder.indexOf(stack.slicePlane.plane);
}

function placeMembers(stack: Stack): { readonly placed: readonly Placed[]; readonly orderedBy: OrderedBy } {
  const { members, slicePlane } = stack;
  if (slicePlane !== undefined) {
    return {
      placed: sortPlaced(members, (member) => along(member, slicePlane.direction)),
      orderedBy: 'position-along-normal',
    };
  }
  // Without orientation: from head to feet by the position's z.
  const towardsFeet: Vector3 = [0, 0, -1];
  if (members.every((member) => attributesOf(member).imagePositionPatient !== undefined)) {
    return { placed: sortPlaced(members, (member) => along(member, towardsFeet)), orderedBy: 'position-z' };
  }
  if (members.every((member) => attributesOf(member).inStackPositionNumber !== undefined)) {
    return { placed: sortUnplaced(members, compareInStack), orderedBy: 'in-stack-position' };
  }
  if (members.every((member) => attributesOf(member).sliceLocation !== undefined)) {
    const location = (member: Member): number | undefined => negated(attributesOf(member).sliceLocation);
    return { placed: sortPlaced(members, location), orderedBy: 'slice-location' };
  }
  if (members.every((member) => attributesOf(member).dimensionIndexValues !== undefined)) {
    return { placed: sortUnplaced(members, compareByDimensions), orderedBy: 'dimension-index' };
  }
  return { placed: sortUnplaced(members, compareByNumber), orderedBy: decidedBy(members) };
}

function sortUnplaced(members: readonly Member[], compare: (a: Member, b: Member) => number): readonly Placed[] {
  return [...members].sort(compare).map((member) => ({ member, mm: undefined }));
}

function negated(value: number | undefined): number | undefined {
  return value === undefined ? undefined : -value;
}

function decidedBy(members: readonly Member[]): OrderedBy {
  const numbers = new Set(members.map((member) => member.instance.header.instanceNumber));
  const instances = new Set(members.map((member) => member.instance));
  if (instances.size === 1 && members.length > 1) return 'frame-number';
  return numbers.size === instances.size && !numbers.has(undefined) ? 'instance-number' : 'key';
}

function along(member: Member, direction: Vector3): number | undefined {
  const position = attributesOf(member).imagePositionPatient;
  return position === undefined ? undefined : project(position, direction);
}

/** Sorts by place; members at one place (within rounding) by time and number. */
function sortPlaced(members: readonly Member[], placeOf: (member: Member) => number | undefined): readonly Placed[] {
  const placed = members.map((member) => ({ member, mm: placeOf(member) ?? 0 })).sort((a, b) => a.mm - b.mm);
  const tolerance = toleranceOf(placed);
  for (let start = 0; start < placed.length; ) {
    const here = placed[start]?.mm ?? 0;
    let end = start + 1;
    while (end < placed.length && (placed[end]?.mm ?? 0) - here <= tolerance) end++;
    if (end - start > 1) {
      const together = placed.slice(start, end).sort((a, b) => compareInTime(a.member, b.member));
      for (const [index, item] of together.entries()) placed[start + index] = item;
    }
    start = end;
  }
  return placed;
}

function toleranceOf(placed: readonly Placed[]): number {
  return placeToleranceMm((placed.at(-1)?.mm ?? 0) - (placed[0]?.mm ?? 0), placed.length);
}

/** Members this near to each other lie at one place. Less than usual where slices are very thin (microscopy). */
export function placeToleranceMm(extentMm: number, members: number): number {
  return Math.min(samePlaceMm, extentMm / (members * 4));
}

/** Members in order, with their positions between the first and the last of them. */
export function positionsOf(placed: readonly Placed[]): readonly OrderedMember[] {
  let start = Number.POSITIVE_INFINITY;
  let end = Number.NEGATIVE_INFINITY;
  for (const { mm } of placed) {
    if (mm === undefined) return byIndex(placed);
    start = Math.min(start, mm);
    end = Math.max(end, mm);
  }
  const extent = end - start;
  if (extent === 0) return byIndex(placed).map((member) => ({ ...member, positionMm: 0 }));
  return placed.map(({ member, mm = start }) => ({
    member,
    positionMm: mm - start,
    position: (mm - start) / extent,
  }));
}

function byIndex(placed: readonly Placed[]): readonly OrderedMember[] {
  const last = Math.max(1, placed.length - 1);
  return placed.map(({ member }, index) => ({ member, positionMm: undefined, position: index / last }));
}
