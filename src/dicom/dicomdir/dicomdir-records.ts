import { InvalidDicomError, NotDicomError } from '../../base/errors.ts';
import { decodeText } from '../elements/character-sets.ts';

/** A directory record (PS3.3 F.3): an item of the Directory Record Sequence. */
export interface DirectoryRecord {
  /** Of its item, from the file's beginning: what other records call it by. */
  readonly offset: number;
  readonly next: number;
  readonly lower: number;
  readonly isInUse: boolean;
  readonly type: string;
  readonly texts: ReadonlyMap<number, string>;
}

/** Tags of the Basic Directory Information Object Definition (PS3.3 Annex F), and keys of its records. */
const FIRST_RECORD = 0x0004_1200;
const RECORD_SEQUENCE = 0x0004_1220;
const NEXT_RECORD = 0x0004_1400;
const IN_USE = 0x0004_1410;
const LOWER_RECORD = 0x0004_1420;
const RECORD_TYPE = 0x0004_1430;
export const FILE_ID = 0x0004_1500;
export const FILE_SOP_INSTANCE_UID = 0x0004_1511;
const CHARACTER_SET = 0x0008_0005;
export const MODALITY = 0x0008_0060;
export const SERIES_DESCRIPTION = 0x0008_103e;
export const STUDY_INSTANCE_UID = 0x0020_000d;
export const SERIES_INSTANCE_UID = 0x0020_000e;
const TEXTS: ReadonlySet<number> = new Set([
  RECORD_TYPE,
  FILE_ID,
  FILE_SOP_INSTANCE_UID,
  CHARACTER_SET,
  MODALITY,
  SERIES_DESCRIPTION,
  STUDY_INSTANCE_UID,
  SERIES_INSTANCE_UID,
]);
const ITEM = 0xfffe_e000;
const ITEM_END = 0xfffe_e00d;
const SEQUENCE_END = 0xfffe_e0dd;
const UNDEFINED_LENGTH = 0xffff_ffff;
const MOST_RECORDS = 2_000_000;
const GREATEST_DEPTH = 16;
/** VRs with a length of 32 bits (PS3.5 7.1.2). */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/** One element: where its value lies. */
interface Element {
  readonly tag: number;
  readonly offset: number;
  /** UNDEFINED_LENGTH for undefined. */
  readonly length: number;
}

/** Steps over the elements of a DICOMDIR that is in memory whole. */
export class DirectoryReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #start: number;
  #implicitVr = false;

  /** @throws NotDicomError */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = Buffer.from(bytes.subarray(128, 132)).toString('latin1') === 'DICM' ? 132 : 0;
    while (at + 8 <= bytes.length && this.#view.getUint16(at, true) === 2) at = this.#after(this.#elementAt(at), 0);
    if (at + 8 > bytes.length || this.#view.getUint16(at, true) !== 4) {
      throw new NotDicomError('Expected a DICOMDIR (group 0004 after the file meta information) but found none.');
    }
    this.#start = at;
    // Explicit VR by the standard (PS3.10 8.6); implicit ones occur.
    this.#implicitVr = !/^[A-Z]{2}$/.test(String.fromCharCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0));
  }

  /** All records by their offset, in the order in which they stand, and the offset of the first one of the root. */
  readRecords(): { readonly first: number; readonly records: ReadonlyMap<number, DirectoryRecord> } {
    let first = 0;
    let at = this.#start;
    while (at < this.#bytes.length) {
      const element = this.#elementAt(at);
      if (element.tag === FIRST_RECORD) first = this.#uint32(element);
      if (element.tag === RECORD_SEQUENCE) return { first, records: this.#readItems(element) };
      at = this.#after(element, 0);
    }
    throw new InvalidDicomError(
      'Expected a DICOMDIR (with a Directory Record Sequence) but the file is another kind of object.',
    );
  }

  #readItems({ offset, length }: Element): ReadonlyMap<number, DirectoryRecord> {
    const end = length === UNDEFINED_LENGTH ? this.#bytes.length : offset + length;
    const records = new Map<number, DirectoryRecord>();
    let at = offset;
    while (at < end) {
      const item = this.#elementAt(at);
      if (item.tag === SEQUENCE_END) break;
      if (item.tag !== ITEM) throw this.#damaged(at);
      if (records.size >= MOST_RECORDS) {
        throw new InvalidDicomError(`Expected at most ${MOST_RECORDS} records in a DICOMDIR but found more.`);
      }
      const { record, next } = this.#readRecord(at, item);
      records.set(at, record);
      at = next;
    }
    return records;
  }

  #readRecord(itemOffset: number, item: Element): { readonly record: DirectoryRecord; readonly next: number } {
    const end = item.length === UNDEFINED_LENGTH ? this.#bytes.length : item.offset + item.length;
    const texts = new Map<number, string>();
    const numbers = { next: 0, lower: 0, isInUse: true };
    let at = item.offset;
    while (at < end) {
      const element = this.#elementAt(at);
      if (element.tag === ITEM_END) {
        at = element.offset;
        break;
      }
      if (element.tag === NEXT_RECORD) numbers.next = this.#uint32(element);
      else if (element.tag === LOWER_RECORD) numbers.lower = this.#uint32(element);
      else if (element.tag === IN_USE) numbers.isInUse = element.length < 2 || this.#uint16(element) !== 0;
      else if (TEXTS.has(element.tag)) texts.set(element.tag, this.#text(element, texts.get(CHARACTER_SET)));
      at = this.#after(element, 1);
    }
    const record = { ...numbers, offset: itemOffset, type: texts.get(RECORD_TYPE) ?? '', texts };
    return { record, next: at };
  }

  #elementAt(at: number): Element {
    const view = this.#view;
    if (at + 8 > view.byteLength) throw this.#damaged(at);
    const tag = view.getUint16(at, true) * 0x1_0000 + view.getUint16(at + 2, true);
    if (this.#implicitVr || tag >= ITEM) {
      return { tag, offset: at + 8, length: view.getUint32(at + 4, true) };
    }
    const vr = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
    if (!LONG_VRS.has(vr)) return { tag, offset: at + 8, length: view.getUint16(at + 6, true) };
    if (at + 12 > view.byteLength) throw this.#damaged(at);
    return { tag, offset: at + 12, length: view.getUint32(at + 8, true) };
  }

  /** Where the next element begins; items of undefined length are stepped over one by one. */
  #after({ offset, length }: Element, depth: number): number {
    if (length !== UNDEFINED_LENGTH) {
      if (offset + length > this.#bytes.length) throw this.#damaged(offset);
      return offset + length;
    }
    if (depth > GREATEST_DEPTH) throw this.#damaged(offset);
    let at = offset;
    for (;;) {
      const element = this.#elementAt(at);
      if (element.tag === SEQUENCE_END || element.tag === ITEM_END) return element.offset;
      at = this.#after(element, depth + 1);
    }
  }

  #damaged(at: number): InvalidDicomError {
    return new InvalidDicomError(
      `Expected directory records at byte ${at} of the DICOMDIR but it is damaged or cut off.`,
    );
  }

  #uint32({ offset, length }: Element): number {
    return length >= 4 && offset + 4 <= this.#view.byteLength ? this.#view.getUint32(offset, true) : 0;
  }

  #uint16({ offset }: Element): number {
    return offset + 2 <= this.#view.byteLength ? this.#view.getUint16(offset, true) : 0;
  }

  #text({ tag, offset, length }: Element, characterSet: string | undefined): string {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    const value = Buffer.from(buffer, byteOffset + offset, Math.max(0, Math.min(length, byteLength - offset)));
    if (tag === SERIES_DESCRIPTION) return decodeText(value, characterSet);
    return value
      .toString('latin1')
      .replace(/[\0 ]+$/, '')
      .trimStart();
  }
}
