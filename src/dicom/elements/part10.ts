import { NotDicomError } from '../../base/errors.ts';
import { type DataSetEncoding, dataSetEncodingOf } from '../transfer-syntaxes.ts';
import { isKnownVr } from '../vr.ts';
import { asciiText, type ByteViews, viewsOf } from './strings.ts';

/** Where an object's data set begins and how it is laid out. */
export interface DataSetStart {
  readonly offset: number;
  readonly encoding: DataSetEncoding;
  /** From the file meta information; inferred from the layout where there is none, or where that contradicts it. */
  readonly transferSyntaxUid: string;
  /** Media Storage SOP Class UID of the file meta information; '' where there is none. */
  readonly sopClassUid: string;
}

/** Answers the data set's start, or the number of bytes needed from the object's start to tell. */
export type DataSetStartResult = DataSetStart | { readonly neededLength: number };

const explicitLittleEndianUid = '1.2.840.10008.1.2.1';

const explicitLittleEndian: DataSetEncoding = { implicitVr: false, bigEndian: false, deflated: false };
const implicitLittleEndian: DataSetEncoding = { implicitVr: true, bigEndian: false, deflated: false };
const explicitBigEndian: DataSetEncoding = { implicitVr: false, bigEndian: true, deflated: false };

/**
 * Finds the data set in a DICOM object (PS3.10 section 7): behind preamble and meta information, or, against the
 * standard but common, without the one or both. Where the Transfer Syntax UID contradicts the first element, the element
 * is believed.
 *
 * @param complete whether these bytes are the whole object
 * @throws NotDicomError
 */
export function findDataSet(
  object: Uint8Array,
  complete: boolean,
  { bytes, view }: ByteViews = viewsOf(object),
): DataSetStartResult {
  if (!complete && bytes.length < 148) return { neededLength: 148 };
  if (hasMagic(bytes)) return readMeta(bytes, view, 132, complete);
  const first = guessEncoding(view, 0);
  if (first === undefined) throw new NotDicomError(notDicomMessage(bytes));
  if (bytes[0] === 2 && bytes[1] === 0) return readMeta(bytes, view, 0, complete);
  return { offset: 0, encoding: first, transferSyntaxUid: uidOf(first), sopClassUid: '' };
}

function hasMagic(bytes: Uint8Array): boolean {
  return bytes[128] === 0x44 && bytes[129] === 0x49 && bytes[130] === 0x43 && bytes[131] === 0x4d;
}

/** The group 0002 elements, always in explicit VR little endian (PS3.10 7.1); implicit ones occur. */
function readMeta(bytes: Buffer, view: DataView, start: number, complete: boolean): DataSetStartResult {
  let at = start;
  let transferSyntaxUid = '';
  let sopClassUid = '';
  while (at + 8 <= bytes.length && view.getUint16(at, true) === 2) {
    const element = view.getUint16(at + 2, true);
    let valueOffset = at + 8;
    let length: number;
    if (!isKnownVr(bytes[at + 4], bytes[at + 5])) {
      length = view.getUint32(at + 4, true);
    } else if (bytes[at + 4] === 0x4f || (bytes[at + 4] === 0x55 && bytes[at + 5] !== 0x49 && bytes[at + 5] !== 0x4c)) {
      // OB, UN and UT have a 32-bit length; UI and UL do not.
      if (at + 12 > bytes.length) break;
      length = view.getUint32(at + 8, true);
      valueOffset = at + 12;
    } else {
      length = view.getUint16(at + 6, true);
    }
    if (valueOffset + length > bytes.length) {
      if (complete) throw new NotDicomError('Expected file meta information but the object ends inside it.');
      return { neededLength: valueOffset + length + 16 };
    }
    if (element === 0x0010) transferSyntaxUid = asciiText(bytes, valueOffset, length);
    else if (element === 0x0002) sopClassUid = asciiText(bytes, valueOffset, length);
    at = valueOffset + length;
  }
  if (at + 8 > bytes.length) {
    if (!complete) return { neededLength: at + 16 };
    return {
      offset: at,
      encoding: dataSetEncodingOf(transferSyntaxUid),
      transferSyntaxUid: transferSyntaxUid === '' ? explicitLittleEndianUid : transferSyntaxUid,
      sopClassUid,
    };
  }
  const claimed = dataSetEncodingOf(transferSyntaxUid);
  const found = guessEncoding(view, at);
  if (claimed.deflated && found === undefined) return { offset: at, encoding: claimed, transferSyntaxUid, sopClassUid };
  const encoding = found ?? claimed;
  // The pixel data have the byte order that the data set really has.
  const isBelieved = transferSyntaxUid !== '' && claimed.bigEndian === encoding.bigEndian;
  return {
    offset: at,
    encoding,
    transferSyntaxUid: isBelieved ? transferSyntaxUid : uidOf(encoding),
    sopClassUid,
  };
}

/** The layout that makes sense of the element at `at`: undefined where none does. */
function guessEncoding(view: DataView, at: number): DataSetEncoding | undefined {
  if (at + 8 > view.byteLength) return undefined;
  const explicit = isKnownVr(view.getUint8(at + 4), view.getUint8(at + 5));
  if (isFirstGroup(view.getUint16(at, true))) {
    if (explicit) return explicitLittleEndian;
    return view.getUint32(at + 4, true) < 0x1_0000 ? implicitLittleEndian : undefined;
  }
  return explicit && isFirstGroup(view.getUint16(at, false)) ? explicitBigEndian : undefined;
}

/** A data set begins with group 0008 as a rule; 0002 and 0004 stand before it, a few objects begin a little later. */
function isFirstGroup(group: number): boolean {
  return (
    group === 2 || group === 4 || group === 8 || group === 0x10 || group === 0x18 || group === 0x20 || group === 0x28
  );
}

function uidOf(encoding: DataSetEncoding): string {
  if (encoding.bigEndian) return '1.2.840.10008.1.2.2';
  return encoding.implicitVr ? '1.2.840.10008.1.2' : explicitLittleEndianUid;
}

function notDicomMessage(bytes: Uint8Array): string {
  const first = bytes.subarray(0, 4);
  const found = bytes.length === 0 ? 'an empty object' : `bytes ${Buffer.from(first).toString('hex')} at the start`;
  return `Expected a DICOM object ("DICM" at byte 128, or a data set from the first byte) but found ${found}.`;
}
