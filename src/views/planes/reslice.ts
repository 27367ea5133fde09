import { counted } from '../../base/counted.ts';
import { InvalidDicomError, type PreviewError, UnsupportedError } from '../../base/errors.ts';
import { round } from '../../base/numbers.ts';
import type { FrameDecoder } from '../../codecs/frame-decoder.ts';
import { displayModality, modalityFunction } from '../../pixels/modality.ts';
import { PlaneCollector, type SliceValues } from '../../pixels/reslice/collect-planes.ts';
import { type ResampledPlane, resampleLines, turnPlane } from '../../pixels/reslice/resample-lines.ts';
import { paddingEnds } from '../../pixels/short-values.ts';
import type { OpenedSeries } from '../../series/opened-series.ts';
import type { OrderedSeries } from '../../series/order.ts';
import { type ShownPlane, shownPlanes } from '../../series/plane-axes.ts';
import type { Selection } from '../../series/select.ts';
import { type PlacedSlice, placesBeforeGaps, type SliceStack } from '../../series/slice-stack.ts';
import { type DecodedMember, isVisible, type VisibleMember } from '../../tiles/decoded-member.ts';
import { readInOrder } from '../../tiles/read-in-order.ts';
import type { RunOptions } from '../../types/options.ts';
import type { PlanesReport } from '../../types/report.ts';
import type { PlanesSettings } from '../../types/view-settings.ts';
import { checkPictureBytes } from '../picture/picture-bytes.ts';
import { checkPlanesSize } from './draw-planes.ts';
import { planesBytes } from './planes-bytes.ts';
import {
  extentMm,
  type PlaneSize,
  pixelSize,
  placeAt,
  planeSize,
  positionOf,
  type StackFrame,
  stackFrame,
} from './stack-frame.ts';

/** A slice of the stack, and its place in the series' order. */
export interface ChosenSlice extends PlacedSlice, Selection {}

/** A plane in square pixels. */
export interface ReslicedPlane {
  readonly shown: ShownPlane;
  readonly pixels: ResampledPlane;
  /** 0..1. */
  readonly position: number;
  /** Millimetres from position 0. */
  readonly positionMm: number;
  /** The slice that the plane shows as it is. */
  readonly image: ChosenSlice | undefined;
}

/** Planes, and what they were made of. */
export interface Resliced {
  readonly planes: readonly ReslicedPlane[];
  readonly pixelMm: number;
  /** A slice that stands for all: they have its kind of pixels. Without its values. */
  readonly like: VisibleMember;
  /** What was read, without values. */
  readonly read: readonly DecodedMember[];
  /** What of it could be shown. */
  readonly shown: readonly VisibleMember[];
  readonly pixelBytes: number;
  readonly gaps: PlanesReport['gaps'];
  readonly warnings: readonly string[];
}

/** Reads the slices of a stack and makes the three planes of them. */
export async function reslice(
  { located }: OpenedSeries,
  stack: SliceStack,
  ordered: OrderedSeries,
  settings: PlanesSettings,
  decoder: FrameDecoder,
  { signal, onProgress }: RunOptions,
): Promise<Resliced> {
  const { store, limits } = located;
  const slices = withIndices(stack, ordered);
  const planes = shownPlanes(stack);
  const options = { overlays: false, signal, limits } as const;
  const key = await keySlice(slices, placeOfImagePlane(stack, planes, settings), (slice, take) =>
    readInOrder([slice], store, decoder, { ...options, imageWidth: 'native' }, take),
  );
  const { nearest, like } = key;
  const frame = stackFrame(stack, like);
  const pixelMm = pixelSize(planes, frame, settings);
  const sizes = planes.map((plane) => planeSize(plane, frame, pixelMm));
  checkPlanesSize(sizes, settings, limits);

  const isFar = store.readSync === undefined && !settings.full;
  const chosen = isFar ? evenly(slices, Math.ceil(extentMm(frame, 2) / pixelMm), nearest) : slices;
  const toMake = planesBytes({
    ...{ frame, slices: chosen.length, sizes, format: settings.format },
    isProjection: settings.projection !== undefined,
    hasColour: (settings.colourMap ?? 'grey') !== 'grey' || like.header.modality === 'RTDOSE',
  });
  checkPictureBytes(toMake, chosen.length, limits);
  const at = [0, 1, 2].map((axis) => {
    const plane = planes.find(({ across }) => across.axis === axis);
    return axis === 2 || plane === undefined ? nearest.w : placeAt(frame, plane.across, settings.at[plane.plane]);
  });
  const collector = new PlaneCollector({
    at: [at[0] ?? 0, at[1] ?? 0, at[2] ?? 0],
    projection: settings.projection,
    slabMm: settings.slabMm,
    corner: frame.corner,
  });
  const isReduced = settings.projection === undefined && settings.imageWidth !== 'native';
  const imageWidth = isReduced ? Math.ceil(extentMm(frame, 0) / pixelMm) : 'native';
  const read: DecodedMember[] = [];
  const shown: VisibleMember[] = [];
  const used: ChosenSlice[] = [];
  const faults: string[] = [];
  const pixelBytes = await readInOrder(
    chosen,
    store,
    decoder,
    { ...options, imageWidth, reservedBytes: toMake },
    (slice, member) => {
      read.push(withoutValues(member));
      onProgress?.({ stage: 'pixels', done: read.length, total: chosen.length });
      const fault = faultOf(member, like);
      if (fault !== undefined) faults.push(`A slice is not shown ('${slice.member.instance.key}'): ${fault}`);
      if (fault !== undefined || !isVisible(member)) return;
      collector.add(valuesOf(slice, member), slice === nearest);
      used.push(slice);
      shown.push(withoutValues(member));
    },
  );
  if (used.length === 0) throw firstError(read);

  const gaps = gapsBetween(used, chosen, slices);
  const gapStarts = new Set(gaps.map(({ before }) => before.w));
  return {
    planes: planes.map((plane, index): ReslicedPlane => {
      const { across } = plane;
      const lines = collector.linesAcross(across.axis, gapStarts);
      const isImage = across.axis === 2 && settings.projection === undefined;
      return {
        shown: plane,
        pixels: planePixels(plane, lines, frame, pixelMm, sizes[index] ?? { width: 1, height: 1 }),
        ...positionOf(frame, across, at[across.axis] ?? 0),
        image: isImage ? nearest : undefined,
      };
    }),
    ...{ pixelMm, like, read, shown, pixelBytes: pixelBytes + key.pixelBytes },
    gaps: gaps.map(({ before, after }) => ({
      afterMm: round(before.w - (slices[0]?.w ?? 0), 1e4),
      widthMm: round(after.w - before.w, 1e4),
    })),
    warnings: [...fewerRead(chosen.length, slices.length), ...someOf(faults)],
  };
}

function withIndices({ slices }: SliceStack, { members }: OrderedSeries): readonly ChosenSlice[] {
  const byMember = new Map(members.map((ordered, index) => [ordered.member, { ordered, index }]));
  return slices.flatMap((slice) => {
    const found = byMember.get(slice.member);
    return found === undefined ? [] : { ...slice, ...found };
  });
}

/** Where the plane lies that shows slices as they are. */
function placeOfImagePlane({ slices }: SliceStack, planes: readonly ShownPlane[], settings: PlanesSettings): number {
  const [first, last] = [slices[0]?.w ?? 0, slices.at(-1)?.w ?? 0];
  const plane = planes.find(({ across }) => across.axis === 2);
  if (plane === undefined) return first;
  return placeAt(
    {
      centres: [
        [0, 0],
        [0, 0],
        [first, last],
      ],
    },
    plane.across,
    settings.at[plane.plane],
  );
}

/** Slices that are tried until one can be decoded. */
const maxTries = 5;

/**
 * The slice nearest to a place that can be decoded: it also tells the size and the spacing of all.
 *
 * @throws the error of the nearest one where none can
 */
async function keySlice(
  slices: readonly ChosenSlice[],
  place: number,
  read: (slice: ChosenSlice, take: (slice: ChosenSlice, member: DecodedMember) => void) => Promise<number>,
): Promise<{ readonly nearest: ChosenSlice; readonly like: VisibleMember; readonly pixelBytes: number }> {
  const byDistance = slices.toSorted((one, other) => Math.abs(one.w - place) - Math.abs(other.w - place));
  const tried: DecodedMember[] = [];
  let pixelBytes = 0;
  for (const nearest of byDistance.slice(0, maxTries)) {
    pixelBytes += await read(nearest, (_, member) => tried.push(member));
    const like = tried.at(-1);
    if (like === undefined || !isVisible(like) || like.frame.incomplete !== undefined) continue;
    const { frame } = like;
    if (frame.samplesPerPixel !== 1 || !frame.photometricInterpretation.startsWith('MONOCHROME')) {
      throw new UnsupportedError(
        `Expected grey images, of which planes across them can be made, but these are ${frame.photometricInterpretation}. 'mosaic' shows them as they are.`,
      );
    }
    return { nearest, like: withoutValues(like), pixelBytes };
  }
  throw firstError(tried);
}

function firstError(read: readonly DecodedMember[]): PreviewError {
  const failed = read.find((member) => !isVisible(member));
  return failed?.error ?? new InvalidDicomError('Expected slices that can be shown, but all of them are cut off.');
}

function withoutValues<Member extends DecodedMember>(member: Member): Member {
  if (!isVisible(member)) return member;
  return { ...member, frame: { ...member.frame, values: member.frame.values.slice(0, 0) } };
}

/** Why a slice cannot be a part of the planes; undefined where it can. */
function faultOf(member: DecodedMember, like: VisibleMember): string | undefined {
  if (!isVisible(member)) return member.error.message;
  if (member.frame.incomplete !== undefined) return member.frame.incomplete;
  const [row, column] = member.attributes.pixelSpacing ?? [0, 0];
  const [likeRow, likeColumn] = like.attributes.pixelSpacing ?? [0, 0];
  const { rows, columns } = member.description;
  const isSame =
    rows === like.description.rows &&
    columns === like.description.columns &&
    member.frame.samplesPerPixel === 1 &&
    Math.abs(row - likeRow) <= likeRow * 1e-3 &&
    Math.abs(column - likeColumn) <= likeColumn * 1e-3;
  return isSame ? undefined : 'It has another size or spacing than the others.';
}

/** The slice's values, of a frame that may be decoded smaller than it is stored. */
function valuesOf({ u, v, w }: ChosenSlice, { frame, header, attributes, description }: VisibleMember): SliceValues {
  const { rows, columns, values } = frame;
  const [storedRowMm, storedColumnMm] = attributes.pixelSpacing ?? [1, 1];
  const rowMm = (storedRowMm * description.rows) / rows;
  const columnMm = (storedColumnMm * description.columns) / columns;
  const toModality = modalityFunction(displayModality(attributes.modality, header.modality));
  const [first, last] = paddingEnds(header.padding, values);
  return {
    u: u + (columnMm - storedColumnMm) / 2,
    v: v + (rowMm - storedRowMm) / 2,
    ...{ w, rows, columns, rowMm, columnMm },
    valueAt: (pixel) => {
      const stored = values[pixel] ?? Number.NaN;
      return stored >= first && stored <= last ? Number.NaN : toModality(stored);
    },
  };
}

/** At least so many slices are read. */
const minSlices = 5;

/** So many slices, evenly chosen, and this one too. */
function evenly(slices: readonly ChosenSlice[], count: number, nearest: ChosenSlice): readonly ChosenSlice[] {
  const wanted = Math.max(count, minSlices);
  if (wanted >= slices.length) return slices;
  const last = slices.length - 1;
  const indices = new Set(Array.from({ length: wanted }, (_, index) => Math.round((index * last) / (wanted - 1))));
  indices.add(slices.indexOf(nearest));
  return slices.filter((_, index) => indices.has(index));
}

/** Where something is missing between slices that are shown: no slice, or one that could not be shown. */
function gapsBetween(
  used: readonly ChosenSlice[],
  chosen: readonly ChosenSlice[],
  all: readonly ChosenSlice[],
): readonly { readonly before: ChosenSlice; readonly after: ChosenSlice }[] {
  const missingAfter = placesBeforeGaps(all);
  const shown = new Set(used);
  const failed = new Set(chosen.filter((slice) => !shown.has(slice)));
  return used.slice(1).flatMap((after, index) => {
    const before = used[index];
    if (before === undefined) return [];
    const between = all.filter(({ w }) => w >= before.w && w < after.w);
    return between.some((slice) => missingAfter.has(slice) || failed.has(slice)) ? [{ before, after }] : [];
  });
}

function planePixels(
  { across, right, down }: ShownPlane,
  lines: Parameters<typeof resampleLines>[0],
  frame: StackFrame,
  pixelMm: number,
  size: PlaneSize,
): ResampledPlane {
  const along = across.axis === 0 ? 1 : 0;
  const beside = across.axis === 2 ? 1 : 2;
  const isTransposed = right.axis !== along;
  const columns = isTransposed ? size.height : size.width;
  const rows = isTransposed ? size.width : size.height;
  // The pixels do not fill the block exactly: what is left is shared out to both sides.
  const startOf = (axis: number, count: number): number => {
    const [low, high] = frame.edges[axis] ?? [0, 0];
    return (low + high - count * pixelMm) / 2;
  };
  const grid = { alongStart: startOf(along, columns), columns, acrossStart: startOf(beside, rows), rows, pixelMm };
  const resampled = resampleLines(lines, grid);
  return turnPlane(resampled, { isTransposed, mirrorColumns: right.sign < 0, mirrorRows: down.sign < 0 });
}

function fewerRead(read: number, slices: number): readonly string[] {
  if (read === slices) return [];
  return [
    `${read} of ${counted(slices, 'slice')} ${read === 1 ? 'was' : 'were'} read, as many as the picture has pixels for. 'full' (--full) reads all.`,
  ];
}

/** Faults that are told one by one. */
const maxFaults = 5;

function someOf(faults: readonly string[]): readonly string[] {
  const more = faults.length - maxFaults;
  return more <= 0 ? faults : [...faults.slice(0, maxFaults), `${more} more slices are not shown.`];
}
