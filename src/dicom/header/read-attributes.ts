import { decodeText } from '../elements/character-sets.ts';
import { ElementWalker } from '../elements/element-walker.ts';
import { inflateSome, zlibHeaderLength } from '../elements/inflate-some.ts';
import { findDataSet } from '../elements/part10.ts';
import { parseDecimals } from '../elements/strings.ts';
import { formatTag, tags } from '../tags.ts';
import { noVr, vrName } from '../vr.ts';

/** What an attribute holds: one value, several, or none. Bytes that nobody can tell the meaning of are hexadecimal text. */
export type AttributeContent = string | number | null | readonly (string | number | null)[];

/** An element at the top level of a data set. */
export interface ReadAttribute {
  readonly tag: number;
  /** Two letters; '' where the data set does not say and we do not know. */
  readonly vr: string;
  readonly value: AttributeContent;
}

export interface ReadAttributes {
  readonly attributes: readonly ReadAttribute[];
  /** How many bytes from the start are needed to get further; 0 where all up to the pixel data were read. */
  readonly neededLength: number;
}

/** Longer values are cut: they are tables, documents or thumbnails. */
const maxValueLength = 4096;
/** Bytes that are inflated of a deflated header: few have more. */
const inflatedLength = 1024 * 1024;
/** A deflated header that is longer than this is not read further. */
const maxInflatedLength = 16 * 1024 * 1024;

/**
 * Reads all elements before the pixel data at the top level of a data set, known or not; sequences are left out.
 *
 * @param complete whether the bytes are the whole object
 * @throws NotDicomError, InvalidDicomError
 */
export function readAttributes(object: Uint8Array, complete: boolean): ReadAttributes {
  const start = findDataSet(object, complete);
  if ('neededLength' in start) return { attributes: [], neededLength: start.neededLength };
  const { encoding, offset } = start;
  if (!encoding.deflated) return readFrom(object, offset, encoding, complete);
  const deflated = object.subarray(offset + zlibHeaderLength(object, offset));
  const { bytes, isAll } = inflateSome(deflated, inflatedLength, maxInflatedLength);
  const read = readFrom(bytes, 0, encoding, complete && isAll);
  return read.neededLength === 0 ? read : { ...read, neededLength: object.length * 2 };
}

function readFrom(
  object: Uint8Array,
  offset: number,
  encoding: { readonly implicitVr: boolean; readonly bigEndian: boolean },
  complete: boolean,
): ReadAttributes {
  const walker = new ElementWalker(object, encoding, undefined, complete);
  const { bytes } = walker;
  const attributes: ReadAttribute[] = [];
  let characterSet: string | undefined;
  let at = offset;
  while (at < bytes.length) {
    if (!walker.readElementHeader(at)) break;
    const { tag, vr, valueOffset, valueLength } = walker;
    if (tag >= tags.extendedOffsetTable) return { attributes, neededLength: 0 };
    const next = walker.readValue(undefined, 0);
    if (next < 0 || next > bytes.length) break;
    at = next;
    const name = vr === noVr ? (implicitVrs.get(tag) ?? '') : vrName(vr);
    if (valueLength < 0 || name === 'SQ' || isSequence(bytes, valueOffset, valueLength)) continue;
    const value = bytes.subarray(valueOffset, valueOffset + valueLength);
    if (tag === tags.specificCharacterSet) characterSet = value.toString('latin1');
    attributes.push({ tag, vr: name, value: contentOf(value, name, encoding.bigEndian, characterSet) });
  }
  if (at >= bytes.length && complete) return { attributes, neededLength: 0 };
  return { attributes, neededLength: complete ? 0 : Math.max(walker.neededLength, bytes.length + 1) };
}

/** Whether a value begins with an item, as a sequence without VR does. */
function isSequence(bytes: Buffer, at: number, length: number): boolean {
  return length >= 8 && bytes.readUInt16LE(at) === 0xfffe && bytes.readUInt16LE(at + 2) === 0xe000;
}

/** VRs of elements that are no text, for data sets that do not tell them. */
const implicitVrs: ReadonlyMap<number, string> = new Map([
  ...[tags.samplesPerPixel, tags.planarConfiguration, tags.rows, tags.columns, tags.bitsAllocated].map(us),
  ...[tags.bitsStored, tags.highBit, tags.pixelRepresentation, tags.numberOfImagesInMosaic].map(us),
  ...[tags.diffusionBValue, tags.effectiveEchoTime, tags.nominalCardiacTriggerDelayTime, tags.uihBValue].map(
    (tag) => [tag, 'FD'] as const,
  ),
  [tags.philipsBValue, 'FL'],
  ...[tags.imagePositionPatient, tags.imageOrientationPatient, tags.pixelSpacing, tags.sliceLocation].map(ds),
  ...[tags.sliceThickness, tags.spacingBetweenSlices, tags.echoTime, tags.triggerTime, tags.frameTime].map(ds),
  ...[tags.windowCenter, tags.windowWidth, tags.rescaleIntercept, tags.rescaleSlope].map(ds),
  ...[tags.instanceNumber, tags.seriesNumber, tags.numberOfFrames, tags.temporalPositionIdentifier].map(
    (tag) => [tag, 'IS'] as const,
  ),
]);

function us(tag: number): readonly [number, string] {
  return [tag, 'US'];
}

function ds(tag: number): readonly [number, string] {
  return [tag, 'DS'];
}

const readers: Readonly<
  Record<string, readonly [size: number, read: (bytes: Buffer, at: number, big: boolean) => number]>
> = {
  US: [2, (bytes, at, big) => (big ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at))],
  SS: [2, (bytes, at, big) => (big ? bytes.readInt16BE(at) : bytes.readInt16LE(at))],
  UL: [4, (bytes, at, big) => (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at))],
  SL: [4, (bytes, at, big) => (big ? bytes.readInt32BE(at) : bytes.readInt32LE(at))],
  FL: [4, (bytes, at, big) => (big ? bytes.readFloatBE(at) : bytes.readFloatLE(at))],
  FD: [8, (bytes, at, big) => (big ? bytes.readDoubleBE(at) : bytes.readDoubleLE(at))],
};

/** VRs of one text that may hold backslashes. */
const singleTexts: ReadonlySet<string> = new Set(['LT', 'ST', 'UT', 'UR']);
const binary: ReadonlySet<string> = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN', 'SV', 'UV']);

function contentOf(bytes: Buffer, vr: string, bigEndian: boolean, characterSet: string | undefined): AttributeContent {
  if (bytes.length === 0) return null;
  const reader = readers[vr];
  const cut = bytes.subarray(0, maxValueLength);
  if (reader !== undefined) {
    const [size, read] = reader;
    const values: number[] = [];
    for (let at = 0; at + size <= cut.length; at += size) values.push(read(cut, at, bigEndian));
    return oneOrAll(values.map((value) => (Number.isFinite(value) ? value : null)));
  }
  if (vr === 'AT') {
    const groups = Array.from({ length: cut.length >> 2 }, (_, index) => index * 4);
    const word = (at: number): number => (bigEndian ? cut.readUInt16BE(at) : cut.readUInt16LE(at));
    return oneOrAll(groups.map((at) => formatTag(word(at) * 0x1_0000 + word(at + 2))));
  }
  const isText = /^[\t\n\f\r -~\x80-\xff]*[\0 ]?$/.test(cut.toString('latin1'));
  if (binary.has(vr) || (vr === '' && !isText)) {
    return isText && vr !== 'OB' && vr !== 'OW' ? textOf(cut, characterSet) : cut.toString('hex');
  }
  if (vr === 'DS' || vr === 'IS') {
    const values = parseDecimals(bytes, 0, Math.min(bytes.length, maxValueLength));
    return oneOrAll(values.map((value) => (Number.isFinite(value) ? value : null)));
  }
  const text = textOf(cut, characterSet);
  return singleTexts.has(vr) ? text : oneOrAll(text.split('\\').map((value) => value.trim()));
}

function textOf(bytes: Buffer, characterSet: string | undefined): string {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end--;
  return decodeText(bytes.subarray(0, end), characterSet);
}

function oneOrAll(values: readonly (string | number | null)[]): AttributeContent {
  return values.length === 1 ? (values[0] ?? null) : values;
}
