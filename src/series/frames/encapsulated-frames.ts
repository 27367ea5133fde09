import { InvalidDicomError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { beginsCodestream } from '../../dicom/pixel-data/begins-codestream.ts';
import { fragmentsOfFrames, joinFragments, listFragments, listItems } from '../../dicom/pixel-data/fragments.ts';
import type { InstanceHeader } from '../../types/instance.ts';
import type { ByteRange } from '../../types/storage.ts';
import { locateByOffsetTable, type ReadValue, walkFragments } from './fragment-walk.ts';
import { maxFrameLength, maxWholeValueLength, maxWholeValueWithoutTable, tooLargeFrame } from './frame-limits.ts';

/** Frames in encapsulated pixel data (PS3.5 A.4), each with its fragments joined. */
export interface EncapsulatedFrames {
  /** @param admit as that of a frame reader */
  read(frameIndex: number, signal: AbortSignal | undefined, admit?: AdmitFrame): Promise<EncapsulatedFrame>;
}

/** Called before a frame is read whose length only a table of offsets tells; it may wait for memory, or throw. */
export type AdmitFrame = (byteLength: number) => Promise<void>;

export interface EncapsulatedFrame {
  readonly bytes: Uint8Array;
  /** What was noticed about the pixel data, in sentences. */
  readonly notes: readonly string[];
}

/** Encapsulated pixel data of one instance. */
export interface EncapsulatedValue {
  /** Of the object, for messages. */
  readonly key: string;
  readonly numberOfFrames: number;
  readonly extendedOffsets: InstanceHeader['extendedOffsets'];
  /** Bytes from the Basic Offset Table's item tag to the object's end; undefined where its size is not known. */
  readonly byteLength: number | undefined;
  readonly read: ReadValue;
  /** Takes what was noticed about the pixel data, a sentence each: an error may follow. */
  readonly note: (text: string) => void;
}

/**
 * Finds the frames with as few bytes and requests as the layout allows: by reading everything where the value is small
 * or has one frame, else by an offset table, else by walking from item to item.
 *
 * @throws InvalidDicomError where the frames cannot be told apart
 */
export async function findEncapsulatedFrames(
  value: EncapsulatedValue,
  signal: AbortSignal | undefined,
): Promise<EncapsulatedFrames> {
  const { numberOfFrames, byteLength } = value;
  if (numberOfFrames === 1 || (byteLength !== undefined && byteLength <= maxWholeValueLength)) {
    return framesInMemory(value, signal);
  }
  const { ranges, firstItem } = await locateByOffsetTable(value, signal);
  if (ranges !== undefined) return framesInRanges(value, ranges);
  if (byteLength !== undefined && byteLength <= maxWholeValueWithoutTable) return framesInMemory(value, signal);
  const walked = await walkFragments(value, firstItem, signal);
  walked.notes.forEach(value.note);
  return framesInRanges(value, walked.ranges, walked.notes);
}

async function framesInMemory(value: EncapsulatedValue, signal: AbortSignal | undefined): Promise<EncapsulatedFrames> {
  const bytes = await value.read(0, Math.min(value.byteLength ?? maxFrameLength, maxFrameLength), signal);
  const table = listFragments(bytes);
  table.notes.forEach(value.note);
  const found = fragmentsOfFrames(table, value.numberOfFrames, ({ offset }) => beginsCodestream(bytes, offset));
  found.notes.forEach(value.note);
  const notes = [...table.notes, ...found.notes];
  return {
    read: async (index) => {
      const parts = found.frames[index];
      if (parts === undefined || parts.length === 0) throw missingFrame(value.key, index, table.truncated);
      return { bytes: joinFragments(bytes, parts), notes };
    },
  };
}

function framesInRanges(
  value: EncapsulatedValue,
  ranges: readonly ByteRange[],
  walkNotes: readonly string[] = [],
): EncapsulatedFrames {
  return {
    read: async (index, signal, admit) => {
      const range = ranges[index];
      if (range === undefined) throw missingFrame(value.key, index, true);
      if (range.length > maxFrameLength) throw tooLargeFrame(value.key, range.length);
      await admit?.(range.length);
      const bytes = await value.read(range.offset, range.length, signal);
      const { fragments, notes } = listItems(bytes, 0);
      notes.forEach(value.note);
      return { bytes: joinFragments(bytes, fragments), notes: [...walkNotes, ...notes] };
    },
  };
}

function missingFrame(key: string, index: number, truncated: boolean): InvalidDicomError {
  return new InvalidDicomError(
    `Expected frame ${index + 1} in the pixel data of '${printable(key)}' but they end before it${truncated ? ': the object is truncated' : ''}.`,
  );
}
