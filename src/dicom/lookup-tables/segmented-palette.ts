import { InvalidDicomError } from '../../base/errors.ts';
import { swapPairs } from '../elements/byte-views.ts';

export interface SegmentEncoding {
  /** 1 where the descriptor says 8 bits, else 2. */
  readonly bytesPerEntry: 1 | 2;
  readonly littleEndian: boolean;
  /** Entries that the descriptor asks for, 1..65536. They bound the work, whatever the segments say. */
  readonly entries: number;
}

const discrete = 0;
const linear = 1;
const indirect = 2;

/**
 * Segmented Palette Color Lookup Table Data -> entries (PS3.3 C.7.9.2). A discrete segment lists values; a linear one
 * runs from the value before it to its own last value (rounded half up); an indirect one repeats a number of earlier
 * segments. Entries beyond `entries` are dropped; a table that is too short repeats its last entry.
 *
 * @throws InvalidDicomError for an unknown segment type, a first segment that is linear or indirect, data that end
 * inside a segment, and an indirect segment that points outside the data, to another indirect one or to an empty one
 */
export function expandSegments(data: Uint8Array, encoding: SegmentEncoding): Uint16Array {
  const words = segmentWords(data, encoding);
  const target = new Uint16Array(encoding.entries);
  const table: Expansion = { words, target, length: 0, encoding };
  let next = 0;
  // A single word at the end is padding: every segment has three words or more.
  while (next + 1 < words.length && table.length < target.length) {
    next = wordAt(words, next) === indirect ? expandIndirect(table, next) : expandPlain(table, next);
  }
  if (table.length === 0) throw new InvalidDicomError('Expected a segmented palette but received one without entries.');
  return target.fill(target[table.length - 1] ?? 0, table.length);
}

interface Expansion {
  readonly words: Uint8Array | Uint16Array;
  readonly target: Uint16Array;
  length: number;
  readonly encoding: SegmentEncoding;
}

/** Expands the discrete or linear segment at `start`; returns where the next one starts. */
function expandPlain(table: Expansion, start: number): number {
  const { words, target } = table;
  const type = wordAt(words, start);
  const count = wordAt(words, start + 1);
  const room = Math.min(count, target.length - table.length);
  if (type === discrete) {
    for (let index = 0; index < room; index++) target[table.length++] = wordAt(words, start + 2 + index);
    return start + 2 + count;
  }
  if (type !== linear) {
    throw new InvalidDicomError(`Expected a palette segment of type 0, 1 or 2 but received type ${type}.`);
  }
  if (table.length === 0)
    throw new InvalidDicomError('Expected a discrete first palette segment but received a linear one.');
  const from = target[table.length - 1] ?? 0;
  const to = wordAt(words, start + 2);
  for (let index = 1; index <= room; index++) {
    target[table.length++] = Math.floor(from + ((to - from) * index) / count + 0.5);
  }
  return start + 3;
}

function expandIndirect(table: Expansion, start: number): number {
  const { words, encoding } = table;
  if (table.length === 0)
    throw new InvalidDicomError('Expected a discrete first palette segment but received an indirect one.');
  const count = wordAt(words, start + 1);
  const byteOffset =
    encoding.bytesPerEntry === 1
      ? wordAt(words, start + 2) +
        wordAt(words, start + 3) * 0x100 +
        wordAt(words, start + 4) * 0x10000 +
        wordAt(words, start + 5) * 0x1000000
      : wordAt(words, start + 2) + wordAt(words, start + 3) * 0x10000;
  let next = byteOffset / encoding.bytesPerEntry;
  if (!Number.isInteger(next)) {
    throw new InvalidDicomError(`Expected a palette segment at an even byte but received byte ${byteOffset}.`);
  }
  for (let segment = 0; segment < count && table.length < table.target.length; segment++) {
    // The standard forbids copies of copies. So there can be no endless ones.
    if (wordAt(words, next) === indirect) {
      throw new InvalidDicomError('Expected discrete or linear palette segments to copy but received an indirect one.');
    }
    const before = table.length;
    next = expandPlain(table, next);
    // Copying empty segments thousands of times would be work without end.
    if (table.length === before)
      throw new InvalidDicomError('Expected a palette segment to copy but received an empty one.');
  }
  return start + (encoding.bytesPerEntry === 1 ? 6 : 4);
}

function segmentWords(data: Uint8Array, encoding: SegmentEncoding): Uint8Array | Uint16Array {
  if (encoding.bytesPerEntry === 1) return unpackedBytes(data, encoding.littleEndian);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return Uint16Array.from({ length: data.length >> 1 }, (_, index) => view.getUint16(2 * index, encoding.littleEndian));
}

/** Bytes that are packed two to a 16-bit word, in their order: in a big endian object the low byte comes second. */
export function unpackedBytes(data: Uint8Array, littleEndian: boolean): Uint8Array {
  return littleEndian ? data : swapPairs(data);
}

function wordAt(words: Uint8Array | Uint16Array, index: number): number {
  const word = words[index];
  if (word === undefined) throw new InvalidDicomError('Palette segments end before their last value.');
  return word;
}
