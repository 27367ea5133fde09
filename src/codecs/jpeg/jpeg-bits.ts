import { extend, findLongCode, type HuffmanTable, JpegSyntaxError, lookupBits } from './jpeg-huffman.ts';

/** More bytes than one MCU can read (10 blocks of 64 coefficients of 32 bits): so single reads need no check. */
const slackByteLength = 4096;

/** Reads the bits of one restart interval, the most significant first. After the data come zeros. */
export class JpegBits {
  /** The data and the zeros after them. */
  readonly view: DataView;
  /** Bits used so far. */
  position = 0;
  readonly #available: number;

  constructor(data: Uint8Array) {
    const padded = new Uint8Array(data.length + slackByteLength);
    padded.set(data);
    this.view = new DataView(padded.buffer);
    this.#available = data.length * 8;
  }

  /** Whether more bits were read than there are. Callers ask once an MCU. */
  exhausted(): boolean {
    return this.position > this.#available;
  }

  /** Reads a Huffman-coded symbol. */
  symbol(table: HuffmanTable): number {
    const position = this.position;
    const bits = this.view.getInt32(position >>> 3) << (position & 7);
    let found = table.lookup[bits >>> (32 - lookupBits)] ?? 0;
    if (found === 0) {
      found = findLongCode(table, bits >>> 16);
      if (found === 0) throw new JpegSyntaxError('It holds bits that are no Huffman code.');
    }
    this.position = position + (found >> 8);
    return found & 0xff;
  }

  /** Reads `count` bits (0..16) as an unsigned number. */
  unsigned(count: number): number {
    if (count === 0) return 0;
    const position = this.position;
    this.position = position + count;
    return (this.view.getInt32(position >>> 3) << (position & 7)) >>> (32 - count);
  }

  /** Reads `count` bits (1..16) and extends them to a signed number (ITU-T T.81 F.2.2.1). */
  extended(count: number): number {
    if (count > 16) throw new JpegSyntaxError('It holds a coefficient of more than 16 bits.');
    return extend(this.unsigned(count), count);
  }
}
