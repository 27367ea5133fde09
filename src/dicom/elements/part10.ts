import { NotDicomError } from '../../base/errors.ts';
import { type DataSetEncoding, dataSetEncodingOf, transferSyntaxUids } from '../transfer-syntaxes.ts';
import { hasLongLength, isKnownVr, vrCode } from '../vr.ts';
import { type ByteViews, viewsOf } from './byte-views.ts';
import { asciiText } from './strings.ts';

/** Where an object's data set begins and how it is laid out. */
export interface DataSetStart {
  readonly offset: number;
  readonly encoding: DataSetEncoding;
  /** From the file meta information; from the layout where there is no such information, or where it is wrong. */
  readonly transferSyntaxUid: string;
  /** Media Storage SOP Class UID of the file meta information; '' where there is none. */
  readonly sopClassUid: string;
}

/** The start of the data set, or how many bytes from the start of the object are needed to find it. */
export type DataSetStartResult = DataSetStart | { readonly neededLength: number };

/**
 * Finds the data set in a DICOM object (PS3.10 section 7): after the preamble and the file meta information. Objects
 * without one or both of them are against the standard, but common. Where the Transfer Syntax UID contradicts the first
 * element, the element counts.
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
  const guessed = guessTransferSyntax(view, 0);
  if (guessed === undefined) throw new NotDicomError(notDicomMessage(bytes));
  if (bytes[0] === 2 && bytes[1] === 0) return readMeta(bytes, view, 0, complete);
  return { offset: 0, encoding: dataSetEncodingOf(guessed), transferSyntaxUid: guessed, sopClassUid: '' };
}

function hasMagic(bytes: Uint8Array): boolean {
  return bytes[128] === 0x44 && bytes[129] === 0x49 && bytes[130] === 0x43 && bytes[131] === 0x4d;
}

/**
 * Reads the elements of group 0002. They are in Explicit VR Little Endian (PS3.10 7.1); some objects have implicit
 * ones.
 */
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
    } else if (hasLongLength(vrCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0))) {
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
  if (at + 8 > bytes.length && !complete) return { neededLength: at + 16 };
  const claimed = transferSyntaxUid === '' ? transferSyntaxUids.explicitVrLittleEndian : transferSyntaxUid;
  const guessed = guessTransferSyntax(view, at) ?? claimed;
  const encoding = dataSetEncodingOf(guessed);
  // Pixel data have the byte order of the data set: where another one is claimed, the claim is wrong.
  const isBelieved = transferSyntaxUid !== '' && dataSetEncodingOf(claimed).bigEndian === encoding.bigEndian;
  return { offset: at, encoding, transferSyntaxUid: isBelieved ? transferSyntaxUid : guessed, sopClassUid };
}

/** The native transfer syntax in which the bytes at `at` make an element; undefined where they do so in none. */
function guessTransferSyntax(view: DataView, at: number): string | undefined {
  if (at + 8 > view.byteLength) return undefined;
  const explicit = isKnownVr(view.getUint8(at + 4), view.getUint8(at + 5));
  if (isFirstGroup(view.getUint16(at, true))) {
    if (explicit) return transferSyntaxUids.explicitVrLittleEndian;
    return view.getUint32(at + 4, true) < 0x1_0000 ? transferSyntaxUids.implicitVrLittleEndian : undefined;
  }
  return explicit && isFirstGroup(view.getUint16(at, false)) ? transferSyntaxUids.explicitVrBigEndian : undefined;
}

/**
 * Data sets usually begin with group 0008. Groups 0002 and 0004 come before it, and a few objects begin a little later.
 */
function isFirstGroup(group: number): boolean {
  return (
    group === 2 || group === 4 || group === 8 || group === 0x10 || group === 0x18 || group === 0x20 || group === 0x28
  );
}

function notDicomMessage(bytes: Uint8Array): string {
  const first = bytes.subarray(0, 4);
  const packed = packedAs(first);
  if (packed !== undefined) {
    return `Expected a DICOM object but found ${packed}: unpack it first.`;
  }
  const found = bytes.length === 0 ? 'an empty object' : `bytes ${Buffer.from(first).toString('hex')} at the start`;
  return `Expected a DICOM object ("DICM" at byte 128, or a data set from the first byte) but found ${found}.`;
}

/** What a packed file is called, by its first bytes. */
function packedAs(first: Uint8Array): string | undefined {
  const mark = Buffer.from(first).toString('latin1');
  if (mark === 'PK\u0003\u0004') return 'a zip archive';
  return mark.startsWith('\u001f\u008b') ? 'a gzip file' : undefined;
}
