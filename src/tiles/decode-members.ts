import { mapConcurrently } from '../base/concurrently.ts';
import type { FrameDecoder } from '../codecs/frame-decoder.ts';
import { isNative } from '../dicom/transfer-syntaxes.ts';
import type { FrameMemory } from '../series/frames/frame-memory.ts';
import { InstanceReader } from '../series/frames/instance-reader.ts';
import type { Selection } from '../series/select.ts';
import { defaultLimits } from '../types/limits.ts';
import type { ScannedInstance } from '../types/members.ts';
import type { Store } from '../types/storage.ts';
import { decodeMember } from './decode-member.ts';
import type { DecodedMember, MemberSource, MemberSources, ReadFramesOptions } from './decoded-member.ts';
import { FrameRoom } from './frame-room.ts';
import { reductionFor } from './reduction.ts';

export interface DecodedMembers {
  readonly frames: readonly DecodedMember[];
  readonly pixelBytes: number;
}

/**
 * Node reads local files in so many threads. Native frames are drawn one after the other as they come: more of them would only
 * wait, each in memory of its own, which comes from the system page by page (2 % of a mosaic's time).
 */
const localNativeFrames = 4;

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
  const counts = countInstances(selections);
  // Memory is lent for instances of which one frame is read: the reader of several keeps what it has read.
  const readOnce = options.drawing === undefined ? undefined : instancesReadOnce(counts);
  const left = options.sources === undefined ? counts : undefined;
  let droppedBytes = 0;
  /** What was read of an instance is kept for its other members only. */
  const drop = (instance: ScannedInstance): void => {
    const count = (left?.get(instance) ?? 2) - 1;
    left?.set(instance, count);
    if (count > 0) return;
    droppedBytes += sources.get(instance)?.reader.receivedBytes ?? 0;
    sources.delete(instance);
  };
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
  const isLocalAndNative =
    store.readSync !== undefined &&
    selections.every(({ ordered }) => isNative(ordered.member.instance.header.transferSyntaxUid));
  const atATime = isLocalAndNative ? Math.min(localNativeFrames, store.concurrency) : store.concurrency;
  const frames = await mapConcurrently(selections, atATime, options.signal, async (selection, signal) => {
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

function instancesReadOnce(counts: ReadonlyMap<ScannedInstance, number>): ReadonlySet<ScannedInstance> {
  const once = new Set<ScannedInstance>();
  for (const [instance, count] of counts) {
    // Overlays are kept with the header, where they lie.
    if (count === 1 && instance.header.overlays.length === 0) once.add(instance);
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
