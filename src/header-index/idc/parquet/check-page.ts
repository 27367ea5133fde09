// hyparquet takes room for as many values as a page, or a run within it, claims to have. These checks walk over a page
// first and allocate next to nothing.
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { parquetLimits, wholeNumberOf } from './limits.ts';

/** Values that a run of packed bits may have beyond those that are wanted: writers fill up. */
const maxPadding = 512;

/**
 * Checks runs of repeated and packed numbers (Parquet's RLE/bit-packing hybrid).
 *
 * @param place where they lie: hyparquet reads on beyond `end`, up to the end of the bytes
 * @returns how many of the numbers are 1, where they have one bit
 * @throws RangeError where there are more or fewer than `count`
 */
export function checkRuns(
  bytes: Uint8Array,
  place: { readonly start: number; readonly end: number },
  { bits, count }: { readonly bits: number; readonly count: number },
): number {
  const end = wholeNumberOf(place.end, bytes.length, 'an end of runs');
  const width = (bits + 7) >> 3;
  let at = wholeNumberOf(place.start, end, 'a start of runs');
  let ones = 0;
  for (let seen = 0; seen < count; ) {
    let head = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= end || shift > 28) throw new RangeError(`expected ${count} values but the page has ${seen}`);
      const byte = bytes[at++] ?? 0;
      head += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    const length = Math.floor(head / 2) * (head % 2 === 1 ? 8 : 1);
    const wanted = Math.min(length, count - seen);
    if (length > count - seen + (head % 2 === 1 ? maxPadding : 0)) {
      throw new RangeError(`expected ${count} values but a run has ${length}`);
    }
    if (head % 2 === 0) {
      if ((bytes[at] ?? 0) % 2 === 1) ones += wanted;
      at += width;
    } else {
      for (let each = 0; bits === 1 && each < wanted; each += 1) {
        ones += ((bytes[at + (each >> 3)] ?? 0) >> (each & 7)) & 1;
      }
      at += (length / 8) * bits;
    }
    seen += length;
    // The last run of packed bits may be cut off behind the last value.
    if (at > end && seen < count) throw new RangeError(`expected ${count} values but the page has ${seen}`);
  }
  return ones;
}

/** Checks that so many texts lie one behind the other, each behind its length. */
export function checkTexts(bytes: Uint8Array, start: number, count: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  for (let each = 0; each < count; each += 1) {
    const length = wholeNumberOf(view.getUint32(at, true), parquetLimits.text, 'bytes of a text');
    at += 4 + length;
    if (at > bytes.length) throw new RangeError(`expected ${count} texts but the page has ${each}`);
  }
}

/**
 * Checks how numbers that are packed as differences are divided: blocks, of so many smaller ones each. With a number below 1
 * hyparquet would read the same block for ever.
 */
export function checkDifferences(bytes: Uint8Array, start: number): void {
  let at = start;
  const next = (): number => {
    let number = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = bytes[at++] ?? 255;
      number += (byte & 127) * 2 ** shift;
      if (byte < 128) return number;
    }
    throw new RangeError('expected how differences are packed');
  };
  const values = wholeNumberOf(next(), parquetLimits.pageValues, 'differences of a block');
  const parts = wholeNumberOf(next(), values, 'parts of a block');
  if (parts === 0 || values % parts !== 0) throw new RangeError(`expected ${values} differences in ${parts} parts`);
}

/**
 * Checks texts whose lengths stand before them, packed as differences, and which may share their beginning with the text
 * before (`shares`).
 */
export function checkPackedTexts(bytes: Uint8Array, start: number, count: number, shares: boolean): void {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: start };
  const shared = new Int32Array(count);
  if (shares) {
    checkDifferences(bytes, reader.offset);
    deltaBinaryUnpack(reader, count, shared);
  }
  const own = new Int32Array(count);
  checkDifferences(bytes, reader.offset);
  deltaBinaryUnpack(reader, count, own);
  let whole = 0;
  for (let each = 0, before = 0; each < count; each += 1) {
    const from = wholeNumberOf(shared[each], before, 'bytes that a text shares');
    before = wholeNumberOf(from + (own[each] ?? 0), parquetLimits.text, 'bytes of a text');
    wholeNumberOf(own[each], before, 'bytes of a text');
    whole = wholeNumberOf(whole + before, parquetLimits.pages, 'bytes of texts');
  }
}
