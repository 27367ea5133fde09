import { counted } from '../base/counted.ts';
import { UnsupportedError } from '../base/errors.ts';
import type { Orientation, Vector3 } from '../types/instance.ts';
import type { Member } from '../types/members.ts';
import type { SeriesOrientation } from '../types/series-info.ts';
import { areGaps, medianOf } from './gaps.ts';
import { attributesOf } from './members.ts';
import { type OrderedStack, orderMembers } from './order.ts';
import { project, slicePlaneOf } from './orientation.ts';

/** A slice and where its first pixel's centre lies, in millimetres along the stack's own axes. */
export interface PlacedSlice {
  readonly member: Member;
  /** Along the rows. */
  readonly u: number;
  /** Along the columns. */
  readonly v: number;
  /** Across the slices. */
  readonly w: number;
}

/** Parallel slices, one a place, that fill a part of space. */
export interface SliceStack {
  readonly orientation: SeriesOrientation;
  /** Unit vectors in patient coordinates: along a row, along a column, and from the first slice to the last. */
  readonly axes: readonly [u: Vector3, v: Vector3, w: Vector3];
  /** By place, ascending. */
  readonly slices: readonly PlacedSlice[];
  /** Median distance of neighbouring places. */
  readonly spacingMm: number;
  /** What was left out, in sentences. */
  readonly warnings: readonly string[];
}

/** With fewer slices a plane across them shows nothing that anybody could judge. */
const minPlaces = 5;
/** Slices that are turned by more than this (0.5 degrees) against the others do not belong to one block. */
const parallelCosine = Math.cos((0.5 * Math.PI) / 180);

/**
 * The largest stack of a series as a block of slices: at each place the first image in time.
 *
 * @throws UnsupportedError where no stack has orientation and enough places
 */
export function sliceStack(members: readonly Member[]): SliceStack {
  const { stacks: ordered = [] } = orderMembers(members);
  const stacks = ordered.map((stack) => ({ stack, firsts: firstAtEachPlace(stack) }));
  const largest = stacks.toSorted((one, other) => other.firsts.length - one.firsts.length)[0];
  const middle = largest?.firsts[largest.firsts.length >> 1];
  const orientation = middle === undefined ? undefined : attributesOf(middle).imageOrientationPatient;
  if (largest === undefined || orientation === undefined || largest.firsts.length < minPlaces) {
    throw new UnsupportedError(tooFew(members.length, largest?.firsts.length ?? 0));
  }
  const { stack, firsts } = largest;
  const warnings: string[] = [];
  const inOthers = members.length - stack.placed.length;
  if (inOthers > 0) {
    warnings.push(
      `The series has ${stacks.length} orientations: only the largest stack (${stack.orientation}, ${counted(stack.placed.length, 'image')}) is shown.`,
    );
  }
  if (stack.placed.length > firsts.length) {
    warnings.push(
      `${stack.placed.length} images lie at ${firsts.length} places: of each place the first one is shown.`,
    );
  }
  const axes = axesOf(orientation);
  const slices = firsts.flatMap((member) => placed(member, orientation, axes)).sort((one, other) => one.w - other.w);
  if (slices.length < firsts.length) {
    const leaning = counted(firsts.length - slices.length, 'slice is', 'slices are');
    warnings.push(`${leaning} not parallel to the others and left out.`);
  }
  if (slices.length < minPlaces) throw new UnsupportedError(tooFew(members.length, slices.length));
  const distances = slices.slice(1).map(({ w }, index) => w - (slices[index]?.w ?? w));
  return { orientation: stack.orientation, axes, slices, spacingMm: medianOf(distances), warnings };
}

/** The places after which something is missing. */
export function placesBeforeGaps<Place extends { readonly w: number }>(places: readonly Place[]): ReadonlySet<Place> {
  const distances = places.slice(1).map(({ w }, index) => w - (places[index]?.w ?? w));
  const isGap = areGaps(distances);
  return new Set(places.filter((_, index) => isGap[index] === true));
}

function tooFew(images: number, places: number): string {
  return `Expected at least ${minPlaces} parallel images at different places with Image Position and Image Orientation (Patient), to show planes across them, but of ${counted(images, 'image')} at most ${places} ${places === 1 ? 'is' : 'are'} so. 'mosaic' shows them as they are.`;
}

/** One member a place: of several the first in time. Empty where the stack has no places in the patient. */
function firstAtEachPlace({ placed: all, toleranceMm }: OrderedStack): readonly Member[] {
  const firsts: Member[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const { member, mm } of all) {
    if (mm === undefined || attributesOf(member).imageOrientationPatient === undefined) return [];
    if (mm - last <= toleranceMm) continue;
    firsts.push(member);
    last = mm;
  }
  return firsts;
}

function axesOf(orientation: Orientation): SliceStack['axes'] {
  const [rx, ry, rz, cx, cy, cz] = orientation;
  return [unit([rx, ry, rz]), unit([cx, cy, cz]), slicePlaneOf(orientation).direction];
}

function unit([x, y, z]: Vector3): Vector3 {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function placed(member: Member, orientation: Orientation, axes: SliceStack['axes']): readonly PlacedSlice[] {
  const { imagePositionPatient: position, imageOrientationPatient: own } = attributesOf(member);
  if (position === undefined || own === undefined) return [];
  const isParallel = [0, 3].every((start) => cosine(own, orientation, start) >= parallelCosine);
  const [u, v, w] = axes;
  return isParallel ? [{ member, u: project(position, u), v: project(position, v), w: project(position, w) }] : [];
}

/** Cosine of the angle between the row directions (start 0), or the column directions (3). */
function cosine(one: Orientation, other: Orientation, start: number): number {
  const [a, b] = [one, other].map((values) => unit(values.slice(start, start + 3) as [number, number, number]));
  return a === undefined || b === undefined ? 0 : project(a, b);
}
