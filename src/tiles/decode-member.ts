import { mapConcurrently } from '../base/concurrently.ts';
import { AbortedError, DecodeError, PreviewError } from '../base/errors.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import { isNative } from '../dicom/transfer-syntaxes.ts';
import { cropFrame } from '../pixels/scale/frame-parts.ts';
import type { FrameBytes } from '../series/frames/frame-bytes.ts';
import { attributesOf } from '../series/members.ts';
import type { Selection } from '../series/select.ts';
import type { Limits } from '../types/limits.ts';
import type { Member, SlideLevel } from '../types/members.ts';
import type { DecodedFrame, PixelDescription } from '../types/pixels.ts';
import {
  type DecodedMember,
  type MemberSource,
  naturalSizeOf,
  type ReadFramesOptions,
  type SegmentFrame,
} from './decoded-member.ts';
import { frameJobOf } from './frame-job.ts';
import { frameOverlays } from './frame-overlays.ts';
import type { FrameRoom, FrameShare } from './frame-room.ts';
import { maxSegmentsAtATime } from './member-cost.ts';
import { levelReduction, reductionFor } from './reduction.ts';
import { assembleLevel } from './slide-level.ts';

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

export async function decodeMember(
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
    if (!isNative(job.transferSyntaxUid)) {
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
