/** A codestream that breaks the rules; the message is a full sentence. Callers turn it into a DecodeError. */
export class JpegSyntaxError extends Error {}

/** A scan that breaks after some rows of the picture, which are good. */
export class BrokenScanError extends JpegSyntaxError {
  /** Rows of pixels, at full size, before the break. */
  readonly wholeRows: number;
  constructor(message: string, wholeRows: number) {
    super(message);
    this.wholeRows = wholeRows;
  }
}

/** Bits that one look into the table resolves. Longer codes are rare by design; they take the slow way. */
export const lookupBits = 10;

/** What symbol 0 is in `runs`: in an AC table the end of the block, in a DC table no difference. */
export const endOfBlock: number = 64 << 8;

/** A Huffman table (ITU-T T.81 Annex C), ready for decoding. */
export interface HuffmanTable {
  /** For every prefix of lookupBits bits: code length << 8 | symbol; 0 where the code is longer or does not exist. */
  readonly lookup: Uint16Array;
  /**
   * For every prefix of lookupBits bits, a run of zeros and the coefficient after it, where the prefix holds both
   * (ITU-T T.81 F.2.2.2): coefficient << 16 | run << 8 | bits used. For symbol 0 (no more coefficients) a run of 64;
   * else 0.
   */
  readonly runs: Int32Array;
  /** By code length 1..16: the greatest code of that length left-aligned to 16 bits, plus 1; 0 where there is none. */
  readonly limits: Int32Array;
  /** By code length: what to add to a code to get the index of its symbol. */
  readonly offsets: Int32Array;
  readonly symbols: Uint8Array;
}

/**
 * Builds the table that a DHT segment describes.
 *
 * @param counts how many codes have each length 1..16 (index 0 for length 1)
 * @param symbols in the order of their codes
 * @returns undefined where the counts ask for more codes than a prefix code can have
 */
export function buildHuffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable | undefined {
  const lookup = new Uint16Array(1 << lookupBits);
  const limits = new Int32Array(17);
  const offsets = new Int32Array(17);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] ?? 0;
    offsets[length] = index - code;
    if (code + count > 1 << length) return undefined;
    for (let i = 0; i < count; i++, code++, index++) {
      if (length > lookupBits) continue;
      const first = code << (lookupBits - length);
      lookup.fill((length << 8) | (symbols[index] ?? 0), first, first + (1 << (lookupBits - length)));
    }
    limits[length] = count === 0 ? 0 : code << (16 - length);
    code <<= 1;
  }
  return index > symbols.length ? undefined : { lookup, runs: resolveRuns(lookup), limits, offsets, symbols };
}

function resolveRuns(lookup: Uint16Array): Int32Array {
  const runs = new Int32Array(lookup.length);
  for (let prefix = 0; prefix < lookup.length; prefix++) {
    const found = lookup[prefix] ?? 0;
    if (found !== 0 && (found & 0xff) === 0) runs[prefix] = endOfBlock | (found >> 8);
    const size = found & 15;
    const used = (found >> 8) + size;
    if (found === 0 || size === 0 || used > lookupBits) continue;
    const bits = (prefix >>> (lookupBits - used)) & ((1 << size) - 1);
    runs[prefix] = (extend(bits, size) << 16) | (((found >> 4) & 15) << 8) | used;
  }
  return runs;
}

/**
 * Finds the code that 16 bits begin with, length by length.
 *
 * @returns code length << 8 | symbol; 0 where the bits begin with no code
 */
export function findLongCode(table: HuffmanTable, bits16: number): number {
  for (let length = 1; length <= 16; length++) {
    const limit = table.limits[length] ?? 0;
    if (bits16 < limit) {
      const code = bits16 >>> (16 - length);
      return (length << 8) | (table.symbols[code + (table.offsets[length] ?? 0)] ?? 0);
    }
  }
  return 0;
}

/** EXTEND (ITU-T T.81 F.2.2.1): `size` additional bits -> a signed value. */
export function extend(bits: number, size: number): number {
  return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
}

/** @throws {JpegSyntaxError} the table was not defined */
export function need(table: HuffmanTable | undefined): HuffmanTable {
  if (table === undefined) throw new JpegSyntaxError('A Huffman table is missing.');
  return table;
}
