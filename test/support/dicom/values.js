/** VRs with a 32-bit length in explicit VR (PS3.5 7.1.2). */
const LONG_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);

/** Bytes a value of the numeric VRs, and how a DataView writes one. */
const NUMERIC = new Map([
  ['US', 2],
  ['SS', 2],
  ['OW', 2],
  ['UL', 4],
  ['SL', 4],
  ['OL', 4],
  ['AT', 4],
  ['FL', 4],
  ['OF', 4],
  ['FD', 8],
  ['OD', 8],
  ['SV', 8],
  ['UV', 8],
  ['OV', 8],
]);

/** @type {(vr: string) => boolean} */
export const hasLongLength = (vr) => LONG_VRS.has(vr);

/**
 * A number in at most 16 characters (DS, PS3.5 6.2).
 *
 * @type {typeof import('./index.d.ts').decimalString}
 */
export function decimalString(value) {
  const text = String(value);
  if (text.length <= 16) return text;
  for (let digits = 15; digits > 0; digits--) {
    const shorter = String(Number(value.toPrecision(digits)));
    if (shorter.length <= 16) return shorter;
  }
  throw new RangeError(`Expected a number that fits 16 characters, received ${text}.`);
}

/**
 * @param {DataView} view
 * @param {string} vr
 * @param {number} offset
 * @param {number | bigint} value
 * @param {boolean} littleEndian
 */
function setNumber(view, vr, offset, value, littleEndian) {
  const number = Number(value);
  if (vr === 'US' || vr === 'OW') view.setUint16(offset, number, littleEndian);
  else if (vr === 'SS') view.setInt16(offset, number, littleEndian);
  else if (vr === 'UL' || vr === 'OL') view.setUint32(offset, number, littleEndian);
  else if (vr === 'SL') view.setInt32(offset, number, littleEndian);
  else if (vr === 'FL' || vr === 'OF') view.setFloat32(offset, number, littleEndian);
  else if (vr === 'FD' || vr === 'OD') view.setFloat64(offset, number, littleEndian);
  else if (vr === 'AT') {
    view.setUint16(offset, number >>> 16, littleEndian);
    view.setUint16(offset + 2, number & 0xffff, littleEndian);
  } else view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), littleEndian);
}

/**
 * The bytes of a typed array in the byte order asked for; 8-bit arrays and native order without a copy.
 *
 * @param {ArrayBufferView} array
 * @param {boolean} littleEndian
 * @returns {Buffer}
 */
export function typedArrayBytes(array, littleEndian) {
  const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  const width = 'BYTES_PER_ELEMENT' in array ? array.BYTES_PER_ELEMENT : 1;
  if (littleEndian || width === 1) return bytes;
  const swapped = Buffer.from(bytes);
  if (width === 2) return swapped.swap16();
  return width === 4 ? swapped.swap32() : swapped.swap64();
}

/**
 * @param {string} vr
 * @param {readonly (string | number | bigint)[]} values
 * @returns {string}
 */
function text(vr, values) {
  return values
    .map((value) => (vr === 'DS' && typeof value === 'number' ? decimalString(value) : String(value)))
    .join('\\');
}

/**
 * A value's bytes, not yet padded. Numbers and arrays of them for numeric and text VRs, strings (a backslash parts
 * values), typed arrays; null for an empty value.
 *
 * @param {string} vr
 * @param {import('./index.d.ts').PlainValue} value
 * @param {{littleEndian: boolean, utf8: boolean}} encoding
 * @returns {Buffer}
 */
export function encodeValue(vr, value, encoding) {
  if (value === null) return Buffer.alloc(0);
  if (ArrayBuffer.isView(value)) return typedArrayBytes(value, encoding.littleEndian);
  const values = Array.isArray(value) ? value : [value];
  const width = NUMERIC.get(vr);
  if (width === undefined) {
    if (vr === 'OB' || vr === 'UN') return Buffer.from(values.map(Number));
    return Buffer.from(text(vr, values), encoding.utf8 ? 'utf8' : 'latin1');
  }
  const bytes = Buffer.alloc(values.length * width);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const [index, one] of values.entries()) {
    const number = typeof one === 'string' ? Number.parseInt(one, vr === 'AT' ? 16 : 10) : one;
    setNumber(view, vr, index * width, number, encoding.littleEndian);
  }
  return bytes;
}

/** The byte a value of odd length is padded with (PS3.5 6.2): NUL for UI and binary, a space for text. */
export function paddingByte(/** @type {string} */ vr) {
  return vr === 'UI' || NUMERIC.has(vr) || vr === 'OB' || vr === 'UN' ? 0 : 0x20;
}
