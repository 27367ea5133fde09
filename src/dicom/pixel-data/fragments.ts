import { counted } from '../../base/counted.ts';
import { InvalidDicomError } from '../../base/errors.ts';
import { itemHeaderLength, readFragmentHeader } from './item-header.ts';

/** The content of a fragment: its offset from the start of the encapsulated value, and its length, in bytes. */
export interface Fragment {
  readonly offset: number;
  readonly length: number;
}

/** Pixel data that do not begin with an item. */
export function noFirstItem(tag: string): InvalidDicomError {
  return new InvalidDicomError(
    `Expected a fragment's item tag (FFFE,E000) in the encapsulated pixel data but found ${tag}. The pixel data are damaged.`,
  );
}

/** Pixel data that end with something else than a Sequence Delimitation Item: what lies before may be whole. */
export function endNote(tag: string): string {
  return `After the last fragment the pixel data have ${tag} in place of their end (FFFE,E0DD): what lies before it is shown.`;
}

/** The parts of encapsulated pixel data. */
export interface FragmentTable {
  /**
   * The Basic Offset Table: where the first item of each frame lies, from the first byte after the table. May be empty.
   */
  readonly basicOffsets: readonly number[];
  /** The offset of the first fragment's item tag. */
  readonly firstItem: number;
  readonly fragments: readonly Fragment[];
  /** The end of the sequence was not found: the last fragment may be cut off. */
  readonly truncated: boolean;
  /** What was noticed, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Lists the fragments of a whole encapsulated value (PS3.5 A.4). Of a fragment that is cut off, the part that is there
 * is listed.
 *
 * @param bytes from the item tag of the Basic Offset Table on
 * @throws InvalidDicomError where the value does not begin with items
 */
export function listFragments(bytes: Uint8Array): FragmentTable {
  const none = { basicOffsets: [], fragments: [], notes: [] };
  if (bytes.length < itemHeaderLength) return { ...none, firstItem: 0, truncated: true };
  const table = readFragmentHeader(bytes, 0);
  if (table.kind === 'other') throw noFirstItem(table.tag);
  if (table.kind === 'end') return { ...none, firstItem: itemHeaderLength, truncated: false };
  const firstItem = itemHeaderLength + table.length;
  const basicOffsets = readBasicOffsets(bytes, table.length);
  return { basicOffsets, firstItem, ...listItems(bytes, firstItem) };
}

/**
 * Lists the items from `at` on, without an offset table before them: for example those of one frame. They end before
 * anything that is no item.
 *
 * @throws InvalidDicomError where there is something else in place of the first item
 */
export function listItems(bytes: Uint8Array, at: number): Pick<FragmentTable, 'fragments' | 'truncated' | 'notes'> {
  const fragments: Fragment[] = [];
  let position = at;
  while (position + itemHeaderLength <= bytes.length) {
    const header = readFragmentHeader(bytes, position);
    if (header.kind === 'end') return { fragments, truncated: false, notes: [] };
    if (header.kind === 'other') {
      if (fragments.length === 0) throw noFirstItem(header.tag);
      return { fragments, truncated: true, notes: [endNote(header.tag)] };
    }
    const offset = position + itemHeaderLength;
    const length = Math.min(header.length, bytes.length - offset);
    fragments.push({ offset, length });
    if (length < header.length) break;
    position = offset + length;
  }
  return { fragments, truncated: true, notes: [] };
}

/** Reads a Basic Offset Table whose item begins at byte 0 and has `length` bytes of content. */
export function readBasicOffsets(bytes: Uint8Array, length: number): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(itemHeaderLength + length, bytes.length);
  const offsets: number[] = [];
  for (let at = itemHeaderLength; at + 4 <= end; at += 4) offsets.push(view.getUint32(at, true));
  return offsets;
}

/** Frames that could be told apart. */
export interface FoundFrames<Item> {
  /** The items of each frame; fewer or more frames than the header claims are possible. */
  readonly frames: readonly (readonly Item[])[];
  /** What was noticed, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Tells which fragments each frame has. A single frame has all of them. Of several frames, the Basic Offset Table
 * tells; else each has one where there are as many fragments as frames; else a frame begins where a codestream begins,
 * however many there are.
 *
 * @throws InvalidDicomError where none of these tells
 */
export function fragmentsOfFrames(
  table: FragmentTable,
  numberOfFrames: number,
  beginsCodestream: (fragment: Fragment) => boolean,
): FoundFrames<Fragment> {
  const { fragments, basicOffsets, firstItem } = table;
  if (numberOfFrames === 1) return { frames: [fragments], notes: [] };
  if (basicOffsets.length === numberOfFrames) {
    const byOffset = groupByOffsets(fragments, basicOffsets, firstItem);
    if (byOffset !== undefined) return { frames: byOffset, notes: [] };
  }
  if (fragments.length !== numberOfFrames && basicOffsets.length > 1) {
    const byOffset = groupByOffsets(fragments, basicOffsets, firstItem);
    if (byOffset !== undefined) return { frames: byOffset, notes: countNotes(numberOfFrames, byOffset.length) };
  }
  return framesByStart(fragments, numberOfFrames, beginsCodestream, table.truncated);
}

/**
 * Tells the frames apart without an offset table.
 *
 * @param truncated whether the items may end before the last frame
 * @throws InvalidDicomError where nothing tells
 */
export function framesByStart<Item>(
  items: readonly Item[],
  numberOfFrames: number,
  begins: (item: Item) => boolean,
  truncated: boolean,
): FoundFrames<Item> {
  if (items.length === numberOfFrames) return { frames: items.map((item) => [item]), notes: [] };
  const frames: Item[][] = [];
  let isTold = true;
  for (const item of items) {
    const isStart = begins(item);
    if (frames.length === 0) isTold = isStart;
    if (frames.length === 0 || isStart) frames.push([item]);
    else frames.at(-1)?.push(item);
  }
  if (frames.length === numberOfFrames) return { frames, notes: [] };
  if (isTold) return { frames, notes: countNotes(numberOfFrames, frames.length) };
  if (truncated && frames.length < numberOfFrames) return { frames, notes: [] };
  throw new InvalidDicomError(
    `Expected ${counted(numberOfFrames, 'frame')} but the pixel data have ${counted(items.length, 'fragment')}, ${counted(frames.length, 'codestream')} and no offset table that fits: the frames cannot be told apart.`,
  );
}

function countNotes(claimed: number, found: number): readonly string[] {
  const rest =
    found < claimed
      ? 'the others are missing'
      : `the last ${found - claimed === 1 ? 'one is' : `${found - claimed} are`} not looked at`;
  return [`Number of Frames (0028,0008) is ${claimed} but the pixel data hold ${found}: ${rest}.`];
}

function groupByOffsets(
  fragments: readonly Fragment[],
  offsets: readonly number[],
  firstItem: number,
): readonly (readonly Fragment[])[] | undefined {
  const frameAt = new Map(offsets.map((offset, frame) => [firstItem + offset + itemHeaderLength, frame]));
  const frames: Fragment[][] = offsets.map(() => []);
  let frame = -1;
  for (const fragment of fragments) {
    frame = frameAt.get(fragment.offset) ?? frame;
    // A table that points between fragments is wrong.
    if (frame < 0) return undefined;
    frames[frame]?.push(fragment);
  }
  return frames.every((parts) => parts.length > 0) ? frames : undefined;
}

/** Joins fragments into one codestream. A single fragment is not copied. */
export function joinFragments(bytes: Uint8Array, fragments: readonly Fragment[]): Uint8Array {
  const [only] = fragments;
  if (fragments.length === 1 && only !== undefined) return bytes.subarray(only.offset, only.offset + only.length);
  const joined = new Uint8Array(fragments.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const { offset, length } of fragments) {
    joined.set(bytes.subarray(offset, offset + length), at);
    at += length;
  }
  return joined;
}
