import { InvalidDicomError } from '../../base/errors.ts';
import type { ShownPlane, StackAxis } from '../../series/plane-axes.ts';
import type { SliceStack } from '../../series/slice-stack.ts';
import type { VisibleMember } from '../../tiles/decoded-member.ts';
import type { PlanesSettings } from '../../types/view-settings.ts';

type Range = readonly [low: number, high: number];

/** The block that a stack fills, in millimetres along its own axes (u along rows, v along columns, w across slices). */
export interface StackFrame {
  readonly rows: number;
  readonly columns: number;
  /** Millimetres from row to row, and from column to column. */
  readonly rowMm: number;
  readonly columnMm: number;
  /** The outer edges of the pixels. */
  readonly edges: readonly [u: Range, v: Range, w: Range];
  /** The centres of the first and the last pixels. */
  readonly centres: readonly [u: Range, v: Range, w: Range];
  /** How far the first pixels of the slices lie apart, along u and along v: the sides of a tilted stack slant. */
  readonly corner: { readonly u: number; readonly v: number; readonly uMm: number; readonly vMm: number };
}

/**
 * @param like a decoded slice: it has the size and the spacing of all
 * @throws InvalidDicomError without Pixel Spacing
 */
export function stackFrame({ slices }: SliceStack, like: VisibleMember): StackFrame {
  const { rows, columns } = like.description;
  const [rowMm, columnMm] = like.attributes.pixelSpacing ?? [0, 0];
  if (!(rowMm > 0 && columnMm > 0)) {
    throw new InvalidDicomError(
      `Expected Pixel Spacing, without which planes would have a wrong shape, but '${like.selection.ordered.member.instance.key}' has none.`,
    );
  }
  const [firstU, lastU] = rangeOf(slices.map(({ u }) => u));
  const [firstV, lastV] = rangeOf(slices.map(({ v }) => v));
  const w = rangeOf(slices.map((slice) => slice.w));
  const firstMm = (slices[1]?.w ?? w[0]) - w[0];
  const lastMm = w[1] - (slices.at(-2)?.w ?? w[1]);
  const u: Range = [firstU, lastU + (columns - 1) * columnMm];
  const v: Range = [firstV, lastV + (rows - 1) * rowMm];
  return {
    ...{ rows, columns, rowMm, columnMm },
    centres: [u, v, w],
    edges: [widened(u, columnMm), widened(v, rowMm), [w[0] - firstMm / 2, w[1] + lastMm / 2]],
    corner: { u: firstU, v: firstV, uMm: lastU - firstU, vMm: lastV - firstV },
  };
}

function rangeOf(values: readonly number[]): Range {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function widened([low, high]: Range, stepMm: number): Range {
  return [low - stepMm / 2, high + stepMm / 2];
}

/** Millimetres along the stack's axis of a position (0..1) along a shown direction. */
export function placeAt({ centres }: Pick<StackFrame, 'centres'>, { axis, sign }: StackAxis, position: number): number {
  const [low, high] = centres[axis] ?? [0, 0];
  return sign > 0 ? low + position * (high - low) : high - position * (high - low);
}

/** The position of a place: 0..1, and in millimetres from 0. */
export function positionOf(
  { centres }: StackFrame,
  { axis, sign }: StackAxis,
  place: number,
): { readonly position: number; readonly positionMm: number } {
  const [low, high] = centres[axis] ?? [0, 0];
  const positionMm = sign > 0 ? place - low : high - place;
  return { position: high > low ? positionMm / (high - low) : 0, positionMm };
}

/** Width and height in pixels. */
export interface PlaneSize {
  readonly width: number;
  readonly height: number;
}

export function extentMm({ edges }: StackFrame, axis: number): number {
  const [low, high] = edges[axis] ?? [0, 0];
  return high - low;
}

/** Millimetres of a pixel of the picture, for all planes. */
export function pixelSize(planes: readonly ShownPlane[], frame: StackFrame, settings: PlanesSettings): number {
  const { imageWidth, layout } = settings;
  const widest = Math.max(...planes.map(({ right }) => extentMm(frame, right.axis)));
  if (layout.width !== undefined) {
    return widest / Math.max(1, Math.floor((layout.width - (planes.length - 1) * layout.gap) / planes.length));
  }
  return imageWidth === 'native' ? Math.min(frame.rowMm, frame.columnMm) : widest / imageWidth;
}

export function planeSize({ right, down }: ShownPlane, frame: StackFrame, pixelMm: number): PlaneSize {
  const pixels = (axis: number): number => Math.max(1, Math.round(extentMm(frame, axis) / pixelMm));
  return { width: pixels(right.axis), height: pixels(down.axis) };
}

/** Smaller angles than this come from rounded positions. */
const minTiltDegrees = 0.5;

/** How far a stack leans, in degrees with one digit; 0 for upright ones. */
export function tiltOf({ slices }: SliceStack): number {
  const [first, last] = [slices[0], slices.at(-1)];
  if (first === undefined || last === undefined) return 0;
  const aside = Math.hypot(last.u - first.u, last.v - first.v);
  const degrees = (Math.atan2(aside, last.w - first.w) * 180) / Math.PI;
  return degrees < minTiltDegrees ? 0 : Math.round(degrees * 10) / 10;
}
