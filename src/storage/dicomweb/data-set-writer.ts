import { tags } from '../../dicom/tags.ts';
import { hasLongLength, isBinaryVr, vrCodeOf } from '../../dicom/vr.ts';

const undefinedLength = 0xffff_ffff;
/** The largest even number that a 16-bit length can hold. */
const maxShortLength = 0xfffe;

/**
 * Writes a data set in Explicit VR Little Endian (PS3.5 section 7.1). Elements stay in the order in which they are
 * added.
 */
export class DataSetWriter {
  #bytes = Buffer.alloc(4096);
  #length = 0;

  /**
   * Adds an element; its value is padded to an even length. A value that is too long for a 16-bit length gets another
   * VR, whose length has 32 bits: OW for US and SS, UN for others (PS3.5 section 6.2.2).
   */
  element(tag: number, vr: string, value: Uint8Array): void {
    const length = value.length + (value.length % 2);
    const code = vrCodeOf(vr);
    const isShort = !hasLongLength(code);
    if (isShort && length > maxShortLength) {
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
      this.#bytes[this.#length] = vr === 'UI' || isBinaryVr(code) ? 0 : 0x20;
      this.#length += 1;
    }
  }

  beginSequence(tag: number): void {
    this.#reserve(12);
    this.#tag(tag);
    this.#bytes.write('SQ\0\0', this.#length, 4, 'latin1');
    this.#bytes.writeUInt32LE(undefinedLength, this.#length + 4);
    this.#length += 8;
  }

  beginItem(): void {
    this.#mark(tags.item, undefinedLength);
  }

  endItem(): void {
    this.#mark(tags.itemDelimitation, 0);
  }

  endSequence(): void {
    this.#mark(tags.sequenceDelimitation, 0);
  }

  /** The data set, in memory of its own. */
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
