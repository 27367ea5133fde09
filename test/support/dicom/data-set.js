import { lookUp } from './dictionary.js';
import { encodeValue, hasLongLength, paddingByte } from './values.js';

const ITEM = 0xfffee000;
const ITEM_END = 0xfffee00d;
const SEQUENCE_END = 0xfffee0dd;
const UNDEFINED_LENGTH = 0xffffffff;
const PIXEL_DATA = 0x7fe00010;

/**
 * How a data set is written. `signed` decides the VR of "US or SS" attributes.
 *
 * @typedef {object} Encoding
 * @property {boolean} explicit
 * @property {boolean} littleEndian
 * @property {boolean} utf8
 * @property {boolean} signed
 * @property {'defined' | 'undefined'} sequenceLength
 */

/** @typedef {Iterable<Uint8Array>} Chunks */

/** @type {(chunks: readonly Uint8Array[]) => number} */
const totalLength = (chunks) => chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);

/** @param {unknown} value @returns {value is import('./index.d.ts').Element} */
function isElement(value) {
  return isRecord(value) && 'vr' in value;
}

/** @param {unknown} value @returns {value is import('./index.d.ts').Encapsulated} */
function isEncapsulated(value) {
  return isRecord(value) && 'fragments' in value && 'basicOffsetTable' in value;
}

/** @param {unknown} value @returns {value is readonly import('./index.d.ts').Attributes[]} */
function isItems(value) {
  return Array.isArray(value) && value.every(isRecord);
}

/** @param {unknown} value @returns {value is object} */
function isRecord(value) {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Array.isArray(value);
}

/**
 * An element's or an item's header (PS3.5 7.1).
 *
 * @param {number} tag
 * @param {string} vr '' for items and delimiters, which have none
 * @param {number} length
 * @param {Encoding} encoding
 * @returns {Buffer}
 */
export function elementHeader(tag, vr, length, encoding) {
  const withVr = encoding.explicit && vr !== '';
  const long = withVr && hasLongLength(vr);
  if (withVr && !long && length > 0xffff) {
    throw new RangeError(`Expected at most 65535 bytes for VR ${vr}, received ${length}.`);
  }
  // Memory of a pool, all of it written: most of the time of making a series goes by in here.
  const header = Buffer.allocUnsafe(long ? 12 : 8);
  const short = withVr && !long;
  if (encoding.littleEndian) {
    header.writeUInt16LE(tag >>> 16, 0);
    header.writeUInt16LE(tag & 0xffff, 2);
    header.writeUInt32LE(short ? 0 : length, long ? 8 : 4);
    if (short) header.writeUInt16LE(length, 6);
  } else {
    header.writeUInt16BE(tag >>> 16, 0);
    header.writeUInt16BE(tag & 0xffff, 2);
    header.writeUInt32BE(short ? 0 : length, long ? 8 : 4);
    if (short) header.writeUInt16BE(length, 6);
  }
  if (long) header.writeUInt16LE(0, 6);
  if (withVr) {
    header[4] = vr.charCodeAt(0);
    header[5] = vr.charCodeAt(1);
  }
  return header;
}

/**
 * @param {string} tableVr
 * @param {import('./index.d.ts').AttributeValue} value
 * @param {Encoding} encoding
 * @returns {import('./index.d.ts').Element}
 */
function toElement(tableVr, value, encoding) {
  if (isElement(value)) return value;
  if (tableVr === 'XS') return { vr: encoding.signed ? 'SS' : 'US', value };
  if (tableVr === 'OX') return { vr: isEncapsulated(value) || value instanceof Uint8Array ? 'OB' : 'OW', value };
  if (tableVr === '') throw new TypeError('Expected { vr, value } for a tag outside the dictionary.');
  return { vr: tableVr, value };
}

/**
 * @param {readonly import('./index.d.ts').Attributes[]} items
 * @param {boolean} undefinedLength
 * @param {Encoding} encoding
 * @returns {Uint8Array[]}
 */
function encodeItems(items, undefinedLength, encoding) {
  /** @type {Uint8Array[]} */
  const chunks = [];
  for (const item of items) {
    const content = [...encodeDataSet(item, encoding)];
    chunks.push(elementHeader(ITEM, '', undefinedLength ? UNDEFINED_LENGTH : totalLength(content), encoding));
    chunks.push(...content);
    if (undefinedLength) chunks.push(elementHeader(ITEM_END, '', 0, encoding));
  }
  return chunks;
}

/**
 * Fragments in items, after the Basic Offset Table's item (PS3.5 A.4).
 *
 * @param {import('./index.d.ts').Encapsulated} value
 * @param {Encoding} encoding
 * @returns {Uint8Array[]}
 */
function encodeFragments(value, encoding) {
  const table = new Uint32Array(value.basicOffsetTable);
  /** @type {Uint8Array[]} */
  const chunks = [elementHeader(ITEM, '', table.byteLength, encoding), new Uint8Array(table.buffer)];
  for (const fragment of value.fragments) {
    const odd = fragment.byteLength % 2;
    chunks.push(elementHeader(ITEM, '', fragment.byteLength + odd, encoding), fragment);
    if (odd === 1) chunks.push(Uint8Array.of(0));
  }
  return chunks;
}

/**
 * @param {number} tag
 * @param {import('./index.d.ts').Element} element
 * @param {Encoding} encoding
 * @returns {Chunks}
 */
function* encodeElement(tag, element, encoding) {
  const { vr, value = null, bytes, stream } = element;
  const sequence = vr === 'SQ' || (vr === 'UN' && isItems(value) && value.length > 0);
  const encapsulated = isEncapsulated(value);
  const undefinedLength =
    element.undefinedLength ?? (encapsulated || (sequence && encoding.sequenceLength === 'undefined'));
  if (stream !== undefined) {
    yield elementHeader(tag, vr, element.declaredLength ?? stream.byteLength, encoding);
    yield* stream.chunks();
    return;
  }
  /** @type {Uint8Array[]} */
  let content;
  if (bytes !== undefined) content = [bytes];
  else if (isEncapsulated(value)) content = encodeFragments(value, encoding);
  else if (isItems(value) && sequence) {
    // A sequence of VR UN is implicit VR little endian inside, whatever the transfer syntax (PS3.5 6.2.2, Note 2).
    const inside = vr === 'UN' ? { ...encoding, explicit: false, littleEndian: true } : encoding;
    content = encodeItems(value, undefinedLength, inside);
  } else {
    const encoded = encodeValue(vr, plain(value, vr), encoding);
    content = encoded.byteLength % 2 === 0 ? [encoded] : [encoded, Uint8Array.of(paddingByte(vr))];
  }
  const length = element.declaredLength ?? (undefinedLength ? UNDEFINED_LENGTH : totalLength(content));
  yield elementHeader(tag, vr, length, encoding);
  yield* content;
  if (undefinedLength) {
    yield elementHeader(SEQUENCE_END, '', 0, vr === 'UN' ? { ...encoding, littleEndian: true } : encoding);
  }
}

/**
 * @param {import('./index.d.ts').AttributeValue} value
 * @param {string} vr
 * @returns {import('./index.d.ts').PlainValue}
 */
function plain(value, vr) {
  if (isElement(value) || isEncapsulated(value) || (isItems(value) && value.length > 0)) {
    throw new TypeError(`Expected a plain value for VR ${vr}, received a sequence or an element.`);
  }
  return /** @type {import('./index.d.ts').PlainValue} */ (value);
}

/**
 * The elements of a data set in ascending order of their tags.
 *
 * @param {import('./index.d.ts').Attributes} attributes
 * @param {Encoding} encoding
 * @returns {Chunks}
 */
export function* encodeDataSet(attributes, encoding) {
  const own = attributes.PixelRepresentation;
  const inner = own === undefined ? encoding : { ...encoding, signed: own === 1 };
  for (const { tag, element } of sortedElements(attributes, inner)) yield* encodeElement(tag, element, inner);
}

/**
 * @param {import('./index.d.ts').Attributes} attributes
 * @param {Encoding} encoding
 * @returns {{tag: number, element: import('./index.d.ts').Element}[]}
 */
function sortedElements(attributes, encoding) {
  const elements = [];
  for (const [keyword, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    const { tag, vr } = lookUp(keyword);
    elements.push({ tag, element: toElement(vr, value, encoding) });
  }
  return elements.sort((first, second) => first.tag - second.tag);
}

/**
 * The same, each group led by its retired Group Length (gggg,0000), the one of Pixel Data excepted.
 *
 * @param {import('./index.d.ts').Attributes} attributes
 * @param {Encoding} encoding
 * @returns {Chunks}
 */
export function* encodeWithGroupLengths(attributes, encoding) {
  /** @type {Map<number, import('./index.d.ts').Attributes>} */
  const groups = new Map();
  for (const [keyword, value] of Object.entries(attributes)) {
    const group = lookUp(keyword).tag >>> 16;
    groups.set(group, { ...groups.get(group), [keyword]: value });
  }
  const signed = attributes.PixelRepresentation === 1;
  for (const [group, content] of [...groups].sort(([first], [second]) => first - second)) {
    const chunks = encodeDataSet(content, { ...encoding, signed });
    if (group === PIXEL_DATA >>> 16) {
      yield* chunks;
      continue;
    }
    const materialised = [...chunks];
    const length = Buffer.alloc(4);
    if (encoding.littleEndian) length.writeUInt32LE(totalLength(materialised));
    else length.writeUInt32BE(totalLength(materialised));
    yield elementHeader(group * 0x10000, 'UL', 4, encoding);
    yield length;
    yield* materialised;
  }
}
