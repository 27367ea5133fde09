import { InvalidDicomError, NotDicomError } from '../../base/errors.ts';
import { decodeText } from '../elements/character-sets.ts';
import { asciiText } from '../elements/strings.ts';
import { tags } from '../tags.ts';
import { hasLongLength, vrCode } from '../vr.ts';

/** A directory record (PS3.3 F.3): an item of the Directory Record Sequence. */
export interface DirectoryRecord {
  /** Of its item, from the start of the file: other records refer to it by this number. */
  readonly offset: number;
  readonly next: number;
  readonly lower: number;
  readonly isInUse: boolean;
  readonly type: string;
  readonly texts: ReadonlyMap<number, string>;
}

/** Tags of the Basic Directory Information Object Definition (PS3.3 Annex F). */
export const directoryTags = {
  offsetOfTheFirstDirectoryRecord: 0x0004_1200,
  directoryRecordSequence: 0x0004_1220,
  offsetOfTheNextDirectoryRecord: 0x0004_1400,
  recordInUseFlag: 0x0004_1410,
  offsetOfReferencedLowerLevelDirectoryEntity: 0x0004_1420,
  directoryRecordType: 0x0004_1430,
  referencedFileId: 0x0004_1500,
  referencedSopInstanceUidInFile: 0x0004_1511,
} as const;

/** The elements of a record whose text is read. */
const textTags: ReadonlySet<number> = new Set([
  directoryTags.directoryRecordType,
  directoryTags.referencedFileId,
  directoryTags.referencedSopInstanceUidInFile,
  tags.specificCharacterSet,
  tags.modality,
  tags.seriesDescription,
  tags.studyInstanceUid,
  tags.seriesInstanceUid,
]);

const undefinedLength = 0xffff_ffff;
const maxRecords = 2_000_000;
const maxDepth = 16;

/** An element, and where its value lies. */
interface Element {
  readonly tag: number;
  readonly offset: number;
  /** In bytes, or `undefinedLength`. */
  readonly length: number;
}

/** Reads the elements of a DICOMDIR that is in memory as a whole. */
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
    // The standard asks for explicit VR (PS3.10 8.6); some writers use implicit VR.
    this.#implicitVr = !/^[A-Z]{2}$/.test(String.fromCharCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0));
  }

  /** All records by their offset, in the order of the file, and the offset of the first record of the root. */
  readRecords(): { readonly first: number; readonly records: ReadonlyMap<number, DirectoryRecord> } {
    let first = 0;
    let at = this.#start;
    while (at < this.#bytes.length) {
      const element = this.#elementAt(at);
      if (element.tag === directoryTags.offsetOfTheFirstDirectoryRecord) first = this.#uint32(element);
      if (element.tag === directoryTags.directoryRecordSequence) return { first, records: this.#readItems(element) };
      at = this.#after(element, 0);
    }
    throw new InvalidDicomError(
      'Expected a DICOMDIR (with a Directory Record Sequence) but the file is another kind of object.',
    );
  }

  #readItems({ offset, length }: Element): ReadonlyMap<number, DirectoryRecord> {
    const end = length === undefinedLength ? this.#bytes.length : offset + length;
    const records = new Map<number, DirectoryRecord>();
    let at = offset;
    while (at < end) {
      const item = this.#elementAt(at);
      if (item.tag === tags.sequenceDelimitation) break;
      if (item.tag !== tags.item) throw this.#damaged(at);
      if (records.size >= maxRecords) {
        throw new InvalidDicomError(`Expected at most ${maxRecords} records in a DICOMDIR but found more.`);
      }
      const { record, next } = this.#readRecord(at, item);
      records.set(at, record);
      at = next;
    }
    return records;
  }

  #readRecord(itemOffset: number, item: Element): { readonly record: DirectoryRecord; readonly next: number } {
    const end = item.length === undefinedLength ? this.#bytes.length : item.offset + item.length;
    const texts = new Map<number, string>();
    const numbers = { next: 0, lower: 0, isInUse: true };
    let at = item.offset;
    while (at < end) {
      const element = this.#elementAt(at);
      if (element.tag === tags.itemDelimitation) {
        at = element.offset;
        break;
      }
      if (element.tag === directoryTags.offsetOfTheNextDirectoryRecord) numbers.next = this.#uint32(element);
      else if (element.tag === directoryTags.offsetOfReferencedLowerLevelDirectoryEntity)
        numbers.lower = this.#uint32(element);
      else if (element.tag === directoryTags.recordInUseFlag)
        numbers.isInUse = element.length < 2 || this.#uint16(element) !== 0;
      else if (textTags.has(element.tag))
        texts.set(element.tag, this.#text(element, texts.get(tags.specificCharacterSet)));
      at = this.#after(element, 1);
    }
    const record = { ...numbers, offset: itemOffset, type: texts.get(directoryTags.directoryRecordType) ?? '', texts };
    return { record, next: at };
  }

  #elementAt(at: number): Element {
    const view = this.#view;
    if (at + 8 > view.byteLength) throw this.#damaged(at);
    const tag = view.getUint16(at, true) * 0x1_0000 + view.getUint16(at + 2, true);
    if (this.#implicitVr || tag >= tags.item) {
      return { tag, offset: at + 8, length: view.getUint32(at + 4, true) };
    }
    if (!hasLongLength(vrCode(view.getUint8(at + 4), view.getUint8(at + 5)))) {
      return { tag, offset: at + 8, length: view.getUint16(at + 6, true) };
    }
    if (at + 12 > view.byteLength) throw this.#damaged(at);
    return { tag, offset: at + 12, length: view.getUint32(at + 8, true) };
  }

  /** Where the next element begins. Items of undefined length are read through to find their end. */
  #after({ offset, length }: Element, depth: number): number {
    if (length !== undefinedLength) {
      if (offset + length > this.#bytes.length) throw this.#damaged(offset);
      return offset + length;
    }
    if (depth > maxDepth) throw this.#damaged(offset);
    let at = offset;
    for (;;) {
      const element = this.#elementAt(at);
      if (element.tag === tags.sequenceDelimitation || element.tag === tags.itemDelimitation) return element.offset;
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
    if (tag === tags.seriesDescription) return decodeText(value, characterSet);
    return asciiText(value, 0, value.length);
  }
}
