import { beginsCodestream, itemHeaderLength, readBasicOffsets, readFragmentHeader } from '../dicom/fragments.ts';
import { InvalidDicomError } from '../errors/errors.ts';
import type { InstanceHeader } from '../types/instance.ts';
import type { ByteRange } from '../types/storage.ts';

/** Reads a range of the encapsulated value; shorter where it ends. */
export type ReadValue = (offset: number, length: number, signal: AbortSignal | undefined) => Promise<Uint8Array>;

/** A frame is no longer than this where nothing tells its end. */
const unknownFrameLength = 256 * 1024 * 1024;

/** Bytes read around an item header when frames are found by walking: small fragments are passed many at a time. */
const walkWindow = 16 * 1024;

/**
 * Finds where each frame's items lie in a large encapsulated value (PS3.5 A.4) without reading the frames: by the
 * Extended Offset Table, else the Basic one, else by walking from item header to item header.
 *
 * @throws InvalidDicomError where the frames cannot be told apart
 */
export async function locateFragments(
  readValue: ReadValue,
  header: InstanceHeader,
  valueLength: number | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly ByteRange[]> {
  const { numberOfFrames, extendedOffsets } = header;
  const guess = itemHeaderLength + numberOfFrames * 4 + itemHeaderLength;
  const start = await readValue(0, guess, signal);
  const table = start.length < itemHeaderLength ? undefined : readFragmentHeader(start, 0);
  if (table === undefined || table.kind === 'end') return [];
  const firstItem = itemHeaderLength + table.length;
  if (extendedOffsets !== undefined && extendedOffsets.offsets.length === numberOfFrames) {
    return extendedOffsets.offsets.map((offset, frame) => ({
      offset: firstItem + offset,
      length: (extendedOffsets.lengths[frame] ?? 0) + itemHeaderLength,
    }));
  }
  const offsets = readBasicOffsets(start, table.length);
  if (offsets.length === numberOfFrames && isAscending(offsets)) {
    const end = valueLength === undefined ? Number.POSITIVE_INFINITY : valueLength - firstItem;
    return offsets.map((offset, frame) => ({
      offset: firstItem + offset,
      // The last frame's end is not in the table: it ends with the value.
      length: Math.min((offsets[frame + 1] ?? end) - offset, unknownFrameLength),
    }));
  }
  return walk(readValue, firstItem, numberOfFrames, signal);
}

function isAscending(offsets: readonly number[]): boolean {
  return offsets.every((offset, index) => index === 0 || offset > (offsets[index - 1] ?? 0));
}

interface WalkedItem {
  readonly offset: number;
  readonly length: number;
  readonly begins: boolean;
}

async function walk(
  readValue: ReadValue,
  firstItem: number,
  numberOfFrames: number,
  signal: AbortSignal | undefined,
): Promise<readonly ByteRange[]> {
  const items: WalkedItem[] = [];
  let at = firstItem;
  let window = await readValue(at, walkWindow, signal);
  let windowStart = at;
  for (;;) {
    // An item header and the first bytes of its content, which tell whether a codestream begins there.
    if (at + itemHeaderLength + 8 > windowStart + window.length) {
      window = await readValue(at, walkWindow, signal);
      windowStart = at;
    }
    if (window.length - (at - windowStart) < itemHeaderLength) break;
    const itemHeader = readFragmentHeader(window, at - windowStart);
    if (itemHeader.kind === 'end') break;
    const length = itemHeader.length + itemHeaderLength;
    items.push({ offset: at, length, begins: beginsCodestream(window, at - windowStart + itemHeaderLength) });
    at += length;
  }
  const frames = items.length === numberOfFrames ? items.map((item) => [item]) : groupByStart(items);
  if (frames.length !== numberOfFrames) {
    throw new InvalidDicomError(
      `Expected ${numberOfFrames} frames but the pixel data have ${items.length} fragments, ${frames.length} codestreams and no offset table that fits: the frames cannot be told apart.`,
    );
  }
  return frames.map((parts) => ({
    offset: parts[0]?.offset ?? 0,
    length: parts.reduce((sum, { length }) => sum + length, 0),
  }));
}

function groupByStart(items: readonly WalkedItem[]): readonly (readonly WalkedItem[])[] {
  const frames: WalkedItem[][] = [];
  for (const item of items) {
    if (frames.length === 0 || item.begins) frames.push([item]);
    else frames.at(-1)?.push(item);
  }
  return frames;
}
