import { mapConcurrently } from '../base/concurrently.ts';
import { AbortedError, DecodeError, PreviewError } from '../base/errors.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import { findTransferSyntax } from '../dicom/transfer-syntaxes.ts';
import { cropFrame } from '../pixels/scale/frame-parts.ts';
import { pixelAspect, type TileGeometry } from '../pixels/scale/tile-size.ts';
import type { FrameBytes } from '../series/frames/frame-bytes.ts';
import type { FrameMemory } from '../series/frames/frame-memory.ts';
import { InstanceReader } from '../series/frames/instance-reader.ts';
import { attributesOf } from '../series/members.ts';
import type { Selection } from '../series/select.ts';
import type { FrameAttributes, InstanceHeader } from '../types/instance.ts';
import { defaultLimits, type Limits } from '../types/limits.ts';
import type { Member, ScannedInstance, SlideLevel } from '../types/members.ts';
import type { DecodedFrame, OverlayPlane, PixelDescription } from '../types/pixels.ts';
import type { Store } from '../types/storage.ts';
import { frameJobOf } from './frame-job.ts';
import { frameOverlays } from './frame-overlays.ts';
import { FrameRoom, type FrameShare } from './frame-room.ts';
import { maxSegmentsAtATime } from './member-cost.ts';
import { levelReduction, reductionFor } from './reduction.ts';
import { assembleLevel } from './slide-level.ts';

/** A chosen member: decoded, or the reason why it could not be. */
export type DecodedMember = VisibleMember | FailedMember;

export interface VisibleMember {
  readonly selection: Selection;
  readonly frame: DecodedFrame;
  /** The segments on a plane of a segmentation; undefined for other images. */
  readonly segments: readonly SegmentFrame[] | undefined;
  /** Overlay planes to draw. */
  readonly overlays: readonly OverlayPlane[];
  readonly header: InstanceHeader;
  readonly attributes: FrameAttributes;
  readonly description: PixelDescription;
  /** The size at which the image has square pixels. */
  readonly naturalSize: { readonly width: number; readonly height: number };
  /** What was noticed while its pixels were read and decoded, in sentences. */
  readonly notes: readonly string[];
  readonly error?: undefined;
}

/** One segment on a plane. */
export interface SegmentFrame {
  readonly segmentNumber: number;
  readonly frame: DecodedFrame;
}

export interface FailedMember {
  readonly selection: Selection;
  readonly error: PreviewError;
  /** The whole header, where it was read before the error. */
  readonly header?: InstanceHeader | undefined;
  /** What was noticed before the error, in sentences. */
  readonly notes?: readonly string[];
}

export function isVisible(member: DecodedMember): member is VisibleMember {
  return member.error === undefined;
}

/** Different notes that are told. */
const maxNotes = 10;

/** What was noticed at the members, each thing once, with the name of the first object that it is true of. */
export function notesOfMembers(members: readonly DecodedMember[]): readonly string[] {
  const said = new Map<string, { readonly key: string; images: number }>();
  for (const member of members) {
    const { key } = member.selection.ordered.member.instance;
    for (const note of new Set(member.notes)) {
      const known = said.get(note) ?? { key, images: 0 };
      if (isVisible(member)) known.images++;
      said.set(note, known);
    }
  }
  const notes = [...said].slice(0, maxNotes).map(([note, { key, images }]) => {
    return `'${key}'${images <= 1 ? '' : ` (${images} images shown)`}: ${note}`;
  });
  if (said.size > maxNotes) notes.push(`${said.size - maxNotes} more notes of this kind are left out.`);
  return notes;
}

export interface DecodedMembers {
  readonly frames: readonly DecodedMember[];
  readonly pixelBytes: number;
}

export interface ReadFramesOptions {
  /** Frames are decoded no smaller than images of this width need. */
  readonly imageWidth: number | 'native';
  readonly overlays: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (done: number) => void;
  /** What frames may cost. */
  readonly limits?: Limits | undefined;
  /** What earlier calls have read of the same instances. */
  readonly sources?: MemberSources | undefined;
  /** Draws members as soon as they are decoded. */
  readonly drawing?: DrawingOnArrival | undefined;
  /** Bytes of pixels that the picture holds besides these members. Default 0. */
  readonly reservedBytes?: number | undefined;
  /** Memory for members of which these are a part. Default: planned for these alone. */
  readonly room?: FrameRoom | undefined;
}

/** Takes what it needs of a decoded member, and lends the memory of its frame to the next one. */
export interface DrawingOnArrival {
  readonly memory: FrameMemory;
  /** Answers the member as it is kept: without the values of its frame. */
  readonly draw: (member: VisibleMember) => VisibleMember;
}

/** What the members of an instance share, by instance. */
export type MemberSources = Map<ScannedInstance, MemberSource>;

/** What the members of one instance share. */
export interface MemberSource {
  /** Has read the whole header and the offset table once for all members. */
  readonly reader: InstanceReader;
  /** Where the instance's one stored frame holds all slices (Siemens mosaic, UIH grid): its bytes. */
  stored: Promise<FrameBytes> | undefined;
  /** The same, decoded. */
  whole: Promise<DecodedFrame> | undefined;
}

/**
 * Reads and decodes the chosen members, many at a time. For a member that fails the result holds its error: only an
 * abort ends everything. So many are in work at a time as there is memory for.
 *
 * @throws UsageError, before anything is read, where they hold more bytes together than the limit allows
 */
export async function decodeMembers(
  store: Store,
  decoder: FrameDecoder,
  selections: readonly Selection[],
  options: ReadFramesOptions,
): Promise<DecodedMembers> {
  const sources = options.sources ?? new Map<ScannedInstance, MemberSource>();
  const limits = options.limits ?? defaultLimits;
  const room = options.room ?? roomFor(selections, options);
  const before = receivedBytes(sources);
  const left = options.sources === undefined ? countInstances(selections) : undefined;
  let droppedBytes = 0;
  /** What was read of an instance is kept for its other members only. */
  const drop = (instance: ScannedInstance): void => {
    const count = (left?.get(instance) ?? 2) - 1;
    left?.set(instance, count);
    if (count > 0) return;
    droppedBytes += sources.get(instance)?.reader.receivedBytes ?? 0;
    sources.delete(instance);
  };
  // Memory is lent for instances of which one frame is read: the reader of several keeps what it has read.
  const readOnce = options.drawing === undefined ? undefined : instancesReadOnce(selections);
  const memoryFor = (instance: ScannedInstance): FrameMemory | undefined =>
    readOnce?.has(instance) === true ? options.drawing?.memory : undefined;
  const sourceOf = (instance: ScannedInstance): MemberSource => {
    const known = sources.get(instance) ?? {
      reader: new InstanceReader(store, instance, options.limits, memoryFor(instance)),
      stored: undefined,
      whole: undefined,
    };
    sources.set(instance, known);
    return known;
  };
  for (const { ordered } of selections) prepareDecoder(decoder, ordered.member.instance, options.imageWidth);
  let done = 0;
  const frames = await mapConcurrently(selections, store.concurrency, options.signal, async (selection, signal) => {
    const { instance } = selection.ordered.member;
    const shown = await decodeMember(sourceOf(instance), decoder, selection, {
      imageWidth: options.imageWidth,
      overlays: options.overlays,
      drawing: options.drawing,
      signal,
      limits,
      room,
    });
    drop(instance);
    done++;
    options.onProgress(done);
    return shown;
  });
  return { frames, pixelBytes: droppedBytes + receivedBytes(sources) - before };
}

/**
 * Plans the memory of these members.
 *
 * @throws UsageError where they hold more than the limit allows
 */
export function roomFor(
  selections: readonly Selection[],
  options: Pick<ReadFramesOptions, 'imageWidth' | 'overlays' | 'limits' | 'drawing' | 'reservedBytes'>,
): FrameRoom {
  return new FrameRoom(selections, { ...options, isDrawn: options.drawing !== undefined });
}

function countInstances(selections: readonly Selection[]): Map<ScannedInstance, number> {
  const counts = new Map<ScannedInstance, number>();
  for (const { ordered } of selections) {
    const { instance } = ordered.member;
    counts.set(instance, (counts.get(instance) ?? 0) + 1);
  }
  return counts;
}

function instancesReadOnce(selections: readonly Selection[]): ReadonlySet<ScannedInstance> {
  const once = new Set<ScannedInstance>();
  const seen = new Set<ScannedInstance>();
  for (const { ordered } of selections) {
    const { instance } = ordered.member;
    // Overlays are kept with the header, where they lie.
    if (seen.has(instance) || instance.header.overlays.length > 0) once.delete(instance);
    else once.add(instance);
    seen.add(instance);
  }
  return once;
}

function receivedBytes(sources: MemberSources): number {
  let sum = 0;
  for (const { reader } of sources.values()) sum += reader.receivedBytes;
  return sum;
}

/** Lets the decoder load what the frames of an instance will need, as far as its header tells. */
export function prepareDecoder(
  decoder: FrameDecoder,
  { header }: ScannedInstance,
  imageWidth: ReadFramesOptions['imageWidth'],
): void {
  const { pixels, frames } = header;
  const [first] = frames;
  if (pixels === undefined || first === undefined) {
    decoder.prepare(header.transferSyntaxUid);
    return;
  }
  const { rows, columns } = pixels;
  const geometry = { rows, columns, pixelSpacing: first.pixelSpacing, pixelAspectRatio: header.pixelAspectRatio };
  decoder.prepare(header.transferSyntaxUid, { reduce: reductionFor(geometry, imageWidth, pixels) });
}

/** The stored frame that holds the pixels of a member. Where it holds many slices, it is read once. */
function readMember(
  source: MemberSource,
  { instance, frameIndex }: Member,
  { signal, share }: Pick<SharedRun, 'signal' | 'share'>,
): Promise<FrameBytes> {
  if (instance.header.unfolding === undefined) return source.reader.readFrame(frameIndex, signal, share.admit);
  source.stored ??= source.reader.readFrame(frameIndex, signal);
  return source.stored;
}

/** What decoding one member may cost, and what ends it. */
interface MemberRun {
  readonly limits: Limits;
  readonly signal: AbortSignal;
}

interface SharedRun extends MemberRun {
  readonly share: FrameShare;
}

async function decodeMember(
  source: MemberSource,
  decoder: FrameDecoder,
  selection: Selection,
  options: Pick<ReadFramesOptions, 'imageWidth' | 'overlays' | 'drawing'> & MemberRun & { readonly room: FrameRoom },
): Promise<DecodedMember> {
  let share: FrameShare | undefined;
  try {
    const { member } = selection.ordered;
    const { limits, signal } = options;
    share = await options.room.enter(selection, signal);
    const run = { limits, signal, share };
    if (member.level !== undefined)
      return await decodeLevel(source, decoder, selection, member.level, { ...options, share });
    const stored = await readMember(source, member, run);
    const { header } = stored;
    const description = describeMember(stored);
    // The header pass may have ended before windows and spacing. This header reaches the pixel data.
    const attributes = attributesOf({ instance: { ...member.instance, header }, frameIndex: member.frameIndex });
    const geometry = {
      rows: description.rows,
      columns: description.columns,
      pixelSpacing: attributes.pixelSpacing,
      pixelAspectRatio: header.pixelAspectRatio,
    };
    const { layers } = member;
    const hasNames = layers !== undefined || header.segmentation !== undefined || header.palette?.supplemental === true;
    const reduce = hasNames || options.overlays ? 1 : reductionFor(geometry, options.imageWidth, description);
    const frame = await decodeFrame(source, decoder, stored, member.frameIndex, { reduce, ...run });
    const naturalSize = naturalSizeOf(geometry);
    const segments = layers === undefined ? undefined : await decodeSegments(source, decoder, member, run);
    const overlays = options.overlays ? frameOverlays(stored, member.frameIndex) : [];
    const notes = [...(stored.notes ?? []), ...(frame.notes ?? [])];
    const decoded = { selection, frame, segments, overlays, header, attributes, description, naturalSize, notes };
    if (options.drawing === undefined) return decoded;
    const drawn = options.drawing.draw(decoded);
    if (drawn !== decoded) options.drawing.memory.giveBack(stored.bytes);
    return drawn;
  } catch (error) {
    if (error instanceof AbortedError || !(error instanceof PreviewError)) throw error;
    const { header, notes } = source.reader;
    return { selection, error, header, notes };
  } finally {
    share?.give();
  }
}

/** Puts a level of a slide together, and decodes it. */
async function decodeLevel(
  source: MemberSource,
  decoder: FrameDecoder,
  selection: Selection,
  level: SlideLevel,
  options: Pick<ReadFramesOptions, 'imageWidth'> & SharedRun,
): Promise<DecodedMember> {
  const { rows, columns } = level;
  const { share } = options;
  const { framePixels: maxSamples } = options.limits;
  const { pixels } = level.instance.header;
  const isNames = pixels?.photometricInterpretation === 'PALETTE COLOR';
  const reduce = levelReduction(columns, options.imageWidth, isNames);
  const decode = (stored: FrameBytes, factor: number, signal: AbortSignal): Promise<DecodedFrame> =>
    decoder.decode(frameJobOf(stored, factor), { signal, maxSamples });
  const { frame, stored } = await assembleLevel(level, source.reader, decode, {
    ...{ reduce, maxSamples, share, signal: options.signal },
  });
  const { header } = stored;
  const attributes = attributesOf({ instance: { ...level.instance, header }, frameIndex: 0 });
  const description = { ...stored.description, rows, columns };
  const { pixelSpacing } = attributes;
  const naturalSize = naturalSizeOf({ rows, columns, pixelSpacing, pixelAspectRatio: header.pixelAspectRatio });
  const shown = { selection, frame, header, attributes, description, naturalSize };
  return { ...shown, segments: undefined, overlays: [], notes: [...(stored.notes ?? []), ...(frame.notes ?? [])] };
}

/** The size at which an image has square pixels. */
export function naturalSizeOf(geometry: TileGeometry): VisibleMember['naturalSize'] {
  const aspect = pixelAspect(geometry);
  return { width: geometry.columns / Math.min(aspect, 1), height: geometry.rows * Math.max(aspect, 1) };
}

/** All segments on the plane of a segmentation's member. */
async function decodeSegments(
  source: MemberSource,
  decoder: FrameDecoder,
  member: Member,
  { limits, signal, share }: SharedRun,
): Promise<readonly SegmentFrame[]> {
  const count = Math.min(maxSegmentsAtATime, share.units);
  return mapConcurrently(member.layers ?? [], count, signal, async (frameIndex, inner) => {
    const stored = await source.reader.readFrame(frameIndex, inner, share.admit);
    const frame = await decoder.decode(frameJobOf(stored, 1), { signal: inner, maxSamples: limits.framePixels });
    // Background would look like a segment that ends there.
    const { incomplete } = frame;
    const { transferSyntaxUid } = stored.header;
    if (incomplete !== undefined) throw new DecodeError(incomplete, { transferSyntaxUid });
    const { segmentNumber = 1 } = attributesOf({ instance: { ...member.instance, header: stored.header }, frameIndex });
    return { segmentNumber, frame };
  });
}

/** The pixels of one member. One of many slices is smaller than the stored frame. */
function describeMember({ header, description }: FrameBytes): PixelDescription {
  const { unfolding } = header;
  return unfolding === undefined ? description : { ...description, rows: unfolding.rows, columns: unfolding.columns };
}

async function decodeFrame(
  source: MemberSource,
  decoder: FrameDecoder,
  stored: FrameBytes,
  frameIndex: number,
  options: { readonly reduce: number } & SharedRun,
): Promise<DecodedFrame> {
  const { unfolding } = stored.header;
  const run = { signal: options.signal, maxSamples: options.limits.framePixels };
  if (unfolding === undefined) {
    const job = frameJobOf(stored, options.reduce);
    if (findTransferSyntax(job.transferSyntaxUid)?.coding !== 'native') {
      const { costOfJob } = await import('../codecs/job-cost.ts');
      await options.share.check(costOfJob(job), stored.bytes.length);
    }
    return decoder.decode(job, run);
  }
  source.whole ??= decoder.decode(frameJobOf(stored, 1), run);
  const { rows, columns, gridColumns } = unfolding;
  const row = Math.trunc(frameIndex / gridColumns) * rows;
  return cropFrame(await source.whole, { row, column: (frameIndex % gridColumns) * columns, rows, columns });
}
