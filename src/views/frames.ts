import { DecodeError } from '../base/errors.ts';
import { withWarnings } from '../base/with-warnings.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import { displayModality, modalityFunction } from '../pixels/modality.ts';
import { renderFrame } from '../pixels/render.ts';
import { averageValues } from '../pixels/scale/average-values.ts';
import { paddingEnds } from '../pixels/short-values.ts';
import { membersOf } from '../series/members.ts';
import type { OpenedSeries } from '../series/opened-series.ts';
import { type OrderedMember, orderMembers } from '../series/order.ts';
import { type Selection, selectEvenly, selectNearest } from '../series/select.ts';
import { withoutLabels } from '../series/slide.ts';
import { notesOfMembers, type VisibleMember } from '../tiles/decoded-member.ts';
import { groupShare, groupsOf, readGroups } from '../tiles/read-in-order.ts';
import type { SeriesFrame } from '../types/frames.ts';
import type { Orientation, Vector3 } from '../types/instance.ts';
import { defaultLimits } from '../types/limits.ts';
import type { RunOptions } from '../types/options.ts';
import type { StoredValues } from '../types/pixels.ts';
import type { FramesSettings } from '../types/settings.ts';

/** Frames that are read ahead. */
const maxReadAhead = 16;
/** Bytes of stored values that they take. */
const maxReadAheadLength = 64 * 1024 * 1024;

/**
 * Decoded frames of a series, in order, one after the other. While the caller works on one, the next few are read. No
 * others are in memory.
 *
 * @throws UsageError where no frame lies within the range; at a frame that cannot be read or decoded, its error
 */
export async function* frames(
  series: OpenedSeries,
  settings: FramesSettings,
  decoder: FrameDecoder,
  { signal, onProgress }: RunOptions,
): AsyncGenerator<SeriesFrame, void, undefined> {
  const { store, limits } = series.located;
  const { instances } = withoutLabels(series.instances);
  const ordered = orderMembers(membersOf(instances, limits)).members;
  const selections = chooseFrames(ordered, settings).flatMap(singleFrames);
  const { pictureBytes } = limits ?? defaultLimits;
  const groups = groupsOf(selections, {
    maxCount: Math.min(maxReadAhead, store.concurrency),
    maxBytes: Math.min(maxReadAheadLength, pictureBytes / groupShare),
  });
  const options = { imageWidth: settings.width, overlays: false, signal, limits };
  let done = 0;
  for await (const { members } of readGroups(groups, store, decoder, options)) {
    for (const member of members) {
      if (member.error !== undefined) throw withWarnings(member.error, notesOfMembers([member]));
      // Values that are not there must not look like values.
      const { incomplete } = member.frame;
      const { transferSyntaxUid } = member.header;
      if (incomplete !== undefined) throw new DecodeError(incomplete, { transferSyntaxUid });
      yield frameOf(member, settings.width);
      done++;
      onProgress?.({ stage: 'pixels', done, total: selections.length });
    }
  }
}

function chooseFrames(
  ordered: readonly OrderedMember[],
  { count, positions, range }: FramesSettings,
): readonly Selection[] {
  if (positions !== undefined) return positions.map((position) => selectNearest(ordered, { position, offset: 0 }));
  const [start, end] = range;
  return selectEvenly(ordered, { count, start, end });
}

/** Here every segment on a plane is a frame of its own: a picture shows them together, a program does not want that. */
function singleFrames(selection: Selection): readonly Selection[] {
  const { layers, ...member } = selection.ordered.member;
  if (layers === undefined) return [selection];
  return layers.map((frameIndex) => ({
    ...selection,
    ordered: { ...selection.ordered, member: { ...member, frameIndex } },
  }));
}

function frameOf(member: VisibleMember, width: number | 'native'): SeriesFrame {
  const { selection, header, attributes, description } = member;
  const { index, ordered } = selection;
  const { instance, frameIndex } = ordered.member;
  const pixels = pixelsOf(member, width);
  const factors = [description.rows / pixels.rows, description.columns / pixels.columns] as const;
  const { pixelSpacing, imageOrientationPatient, imagePositionPatient } = attributes;
  return {
    index,
    position: ordered.position,
    positionMm: ordered.positionMm ?? null,
    sopInstanceUid: header.sopInstanceUid,
    frameNumber: frameIndex + 1,
    key: instance.key,
    ...pixels,
    unit: attributes.unit ?? null,
    window: attributes.windows[0] ?? null,
    pixelSpacing: pixelSpacing === undefined ? null : [pixelSpacing[0] * factors[0], pixelSpacing[1] * factors[1]],
    imageOrientationPatient: imageOrientationPatient ?? null,
    imagePositionPatient: firstCentre(imagePositionPatient, imageOrientationPatient, pixelSpacing, factors),
    segmentNumber: attributes.segmentNumber ?? null,
  };
}

/**
 * The centre of the first pixel, in millimetres. After averaging it lies half a larger pixel from the image's corner.
 */
function firstCentre(
  position: Vector3 | undefined,
  orientation: Orientation | undefined,
  spacing: readonly [row: number, column: number] | undefined,
  [rowFactor, columnFactor]: readonly [row: number, column: number],
): Vector3 | null {
  if (position === undefined) return null;
  if (orientation === undefined || spacing === undefined)
    return rowFactor === 1 && columnFactor === 1 ? position : null;
  const [rowX, rowY, rowZ, columnX, columnY, columnZ] = orientation;
  const alongRow = ((columnFactor - 1) * spacing[1]) / 2;
  const alongColumn = ((rowFactor - 1) * spacing[0]) / 2;
  return [
    position[0] + rowX * alongRow + columnX * alongColumn,
    position[1] + rowY * alongRow + columnY * alongColumn,
    position[2] + rowZ * alongRow + columnZ * alongColumn,
  ];
}

type FramePixels = Pick<SeriesFrame, 'rows' | 'columns' | 'channels' | 'values' | 'padding'>;

function pixelsOf(member: VisibleMember, width: number | 'native'): FramePixels {
  const { frame, header, description } = member;
  const columns = width === 'native' ? frame.columns : Math.min(width, frame.columns);
  const rows = Math.max(1, Math.round((frame.rows * columns) / frame.columns));
  if (frame.samplesPerPixel !== 1 || frame.photometricInterpretation === 'PALETTE COLOR') {
    const { bitsStored } = description;
    const { modality } = member.attributes;
    const request = {
      frame,
      bitsStored,
      modality,
      voi: undefined,
      palette: header.palette,
      width: columns,
      height: rows,
    };
    const { data } = renderFrame(request);
    return { rows, columns, channels: 3, values: data, padding: null };
  }
  return greyPixels(member, rows, columns);
}

function greyPixels({ frame, header, attributes }: VisibleMember, rows: number, columns: number): FramePixels {
  const modality = displayModality(attributes.modality, header.modality);
  const toModality = modalityFunction(modality);
  const [first, last] = paddingEnds(header.padding, frame.values);
  const ends = [toModality(first), toModality(last)];
  const padding = first > last ? null : ([Math.min(...ends), Math.max(...ends)] as const);
  const isSame = modality.kind === 'linear' && modality.slope === 1 && modality.intercept === 0;
  const values = isSame ? frame.values : convert(frame.values, toModality);
  if (rows === frame.rows && columns === frame.columns) return { rows, columns, channels: 1, values, padding };
  const isPadding = (value: number): boolean => padding !== null && value >= padding[0] && value <= padding[1];
  const averaged = averageValues({ rows: frame.rows, columns: frame.columns, values }, rows, columns, isPadding);
  return { rows, columns, channels: 1, values: averaged, padding };
}

function convert(values: StoredValues, toModality: (stored: number) => number): Float32Array | Float64Array {
  const isWide = values.BYTES_PER_ELEMENT > 2 && !(values instanceof Float32Array);
  const converted = isWide ? new Float64Array(values.length) : new Float32Array(values.length);
  for (let index = 0; index < values.length; index++) converted[index] = toModality(values[index] ?? 0);
  return converted;
}
