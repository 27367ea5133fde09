import { beginsCodestream } from '../../dicom/pixel-data/begins-codestream.ts';
import { endNote, framesByStart, noFirstItem, readBasicOffsets } from '../../dicom/pixel-data/fragments.ts';
import { itemHeaderLength, readFragmentHeader } from '../../dicom/pixel-data/item-header.ts';
import type { InstanceHeader } from '../../types/instance.ts';
import type { ByteRange } from '../../types/storage.ts';

/** Reads a range of the encapsulated value; shorter where it ends. */
export type ReadValue = (offset: number, length: number, signal: AbortSignal | undefined) => Promise<Uint8Array>;

/** Bytes read of a frame where nothing tells its end. */
const unknownFrameLength = 256 * 1024 * 1024;

/** Where frames have at most this many bytes in the mean, the walk reads a wide window, which covers many items. */
const maxSmallFrameLength = 128 * 1024;
const wideWindow = 1024 * 1024;
/** Else it reads little more than an item header at a time. */
const narrowWindow = 32;

/** Encapsulated pixel data whose frames are to be found. */
export interface LocatedValue {
  readonly numberOfFrames: number;
  readonly extendedOffsets: InstanceHeader['extendedOffsets'];
  readonly byteLength: number | undefined;
  readonly read: ReadValue;
}

/**
 * Finds where each frame's items lie in an encapsulated value (PS3.5 A.4) without reading the frames: by the Extended
 * Offset Table, else the Basic one. Undefined where neither fits.
 */
export async function locateByOffsetTable(
  { numberOfFrames, extendedOffsets, byteLength, read }: LocatedValue,
  signal: AbortSignal | undefined,
): Promise<{ readonly ranges: readonly ByteRange[] | undefined; readonly firstItem: number }> {
  const guess = itemHeaderLength + numberOfFrames * 4 + itemHeaderLength;
  const start = await read(0, guess, signal);
  const table = start.length < itemHeaderLength ? undefined : readFragmentHeader(start, 0);
  if (table === undefined || table.kind === 'end') return { ranges: [], firstItem: 0 };
  if (table.kind === 'other') throw noFirstItem(table.tag);
  const firstItem = itemHeaderLength + table.length;
  if (extendedOffsets !== undefined && extendedOffsets.offsets.length === numberOfFrames) {
    const ranges = extendedOffsets.offsets.map((offset, frame) => ({
      offset: firstItem + offset,
      length: (extendedOffsets.lengths[frame] ?? 0) + itemHeaderLength,
    }));
    return { ranges, firstItem };
  }
  const offsets = readBasicOffsets(start, table.length);
  if (offsets.length !== numberOfFrames || !isAscending(offsets)) return { ranges: undefined, firstItem };
  const end = byteLength === undefined ? Number.POSITIVE_INFINITY : byteLength - firstItem;
  const ranges = offsets.map((offset, frame) => ({
    offset: firstItem + offset,
    // The last frame's end is not in the table: it ends with the value.
    length: Math.min((offsets[frame + 1] ?? end) - offset, unknownFrameLength),
  }));
  return { ranges, firstItem };
}

function isAscending(offsets: readonly number[]): boolean {
  return offsets.every((offset, index) => index === 0 || offset > (offsets[index - 1] ?? 0));
}

interface WalkedItem {
  readonly offset: number;
  readonly length: number;
  readonly begins: boolean;
}

/**
 * Finds where each frame's items lie by walking from item header to item header: for values without an offset table.
 *
 * @param firstItem offset of the first fragment's item tag
 * @throws InvalidDicomError where the frames cannot be told apart
 */
export async function walkFragments(
  { numberOfFrames, byteLength, read }: LocatedValue,
  firstItem: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly ranges: readonly ByteRange[]; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const items: WalkedItem[] = [];
  const isSmall = byteLength === undefined || byteLength / numberOfFrames <= maxSmallFrameLength;
  const windowLength = isSmall ? wideWindow : narrowWindow;
  let at = firstItem;
  let window = await read(at, windowLength, signal);
  let windowStart = at;
  for (;;) {
    // An item header and the first bytes of its content, which tell whether a codestream begins there.
    if (at + itemHeaderLength + 8 > windowStart + window.length) {
      window = await read(at, windowLength, signal);
      windowStart = at;
    }
    if (window.length - (at - windowStart) < itemHeaderLength) break;
    const itemHeader = readFragmentHeader(window, at - windowStart);
    if (itemHeader.kind === 'end') break;
    if (itemHeader.kind === 'other') {
      if (items.length === 0) throw noFirstItem(itemHeader.tag);
      notes.push(endNote(itemHeader.tag));
      break;
    }
    const length = itemHeader.length + itemHeaderLength;
    items.push({ offset: at, length, begins: beginsCodestream(window, at - windowStart + itemHeaderLength) });
    at += length;
  }
  const isCut = notes.length > 0 || byteLength === undefined || at > byteLength;
  const { frames, notes: more } = framesByStart(items, numberOfFrames, ({ begins }) => begins, isCut);
  const ranges = frames.map((parts) => ({
    offset: parts[0]?.offset ?? 0,
    length: parts.reduce((sum, { length }) => sum + length, 0),
  }));
  return { ranges, notes: [...notes, ...more] };
}
