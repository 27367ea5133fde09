const UNDEFINED_LENGTH = 0xffff_ffff;
const ITEM = 0xfffe_e000;
const ITEM_DELIMITATION = 0xfffe_e00d;
const SEQUENCE_DELIMITATION = 0xfffe_e0dd;
/** VRs with two reserved bytes and a 32-bit length (PS3.5 section 7.1.2). */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const LONGEST_SHORT_VALUE = 0xfffe;

/** Writes a data set in Explicit VR Little Endian (PS3.5 section 7.1), elements in the order they are given. */
export class DataSetWriter {
  #bytes = Buffer.alloc(4096);
  #length = 0;

  /**
   * An element with its value, padded to an even length. A value too long for its VR's 16-bit length becomes OW or, if it
   * is no 16-bit one, UN, whose lengths have 32 bits (PS3.5 section 6.2.2).
   */
  element(tag: number, vr: string, value: Uint8Array): void {
    const length = value.length + (value.length % 2);
    const isShort = !LONG_VRS.has(vr);
    if (isShort && length > LONGEST_SHORT_VALUE) {
      this.element(tag, vr === 'US' || vr === 'SS' ? 'OW' : 'UN', value);
      return;
    }
    const headerLength = isShort ? 8 : 12;
    this.#reserve(headerLength + length);
    this.#tag(tag);
    this.#bytes.write(vr, this.#length, 2, 'latin1');
    if (isShort) {
      this.#bytes.writeUInt16LE(length, this.#length + 2);
    } else {
      this.#bytes.writeUInt16LE(0, this.#length + 2);
      this.#bytes.writeUInt32LE(length, this.#length + 4);
    }
    this.#length += headerLength - 4;
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    if (value.length % 2 === 1) {
      // UIDs and bytes are padded with NUL, text with a space (PS3.5 section 6.2).
      this.#bytes[this.#length] = vr === 'UI' || vr === 'UN' || vr.startsWith('O') ? 0 : 0x20;
      this.#length += 1;
    }
  }

  beginSequence(tag: number): void {
    this.#reserve(12);
    this.#tag(tag);
    this.#bytes.write('SQ\0\0', this.#length, 4, 'latin1');
    this.#bytes.writeUInt32LE(UNDEFINED_LENGTH, this.#length + 4);
    this.#length += 8;
  }

  beginItem(): void {
    this.#mark(ITEM, UNDEFINED_LENGTH);
  }

  endItem(): void {
    this.#mark(ITEM_DELIMITATION, 0);
  }

  endSequence(): void {
    this.#mark(SEQUENCE_DELIMITATION, 0);
  }

  /** What has been written, in memory of its own. */
  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }

  #mark(tag: number, length: number): void {
    this.#reserve(8);
    this.#tag(tag);
    this.#bytes.writeUInt32LE(length, this.#length);
    this.#length += 4;
  }

  #tag(tag: number): void {
    this.#bytes.writeUInt16LE(tag >>> 16, this.#length);
    this.#bytes.writeUInt16LE(tag & 0xffff, this.#length + 2);
    this.#length += 4;
  }

  #reserve(byteLength: number): void {
    const needed = this.#length + byteLength;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
