import { isBinaryVr, isTextVr, vrCodeOf } from '../../dicom/vr.ts';
import { type JsonObject, valuesOf } from './json-data-set.ts';

/** Base64 (RFC 4648 section 4), with its padding. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const noBytes = new Uint8Array(0);

interface NumberWriter {
  readonly byteLength: number;
  /** Answers false where the number does not fit. */
  readonly write: (view: DataView, at: number, value: number) => boolean;
}

function integerWriter(byteLength: 2 | 4, set: (view: DataView, at: number, value: number) => void): NumberWriter {
  const bits = byteLength * 8;
  return {
    byteLength,
    write: (view, at, value) => {
      // Where a VR is "US or SS", a server may choose the wrong one; the bits are the same.
      if (!Number.isInteger(value) || value < -(2 ** (bits - 1)) || value >= 2 ** bits) return false;
      set(view, at, value);
      return true;
    },
  };
}

function floatWriter(byteLength: 4 | 8, set: (view: DataView, at: number, value: number) => void): NumberWriter {
  return {
    byteLength,
    write: (view, at, value) => {
      set(view, at, value);
      return true;
    },
  };
}

const int16 = integerWriter(2, (view, at, value) => view.setInt16(at, value, true));
const int32 = integerWriter(4, (view, at, value) => view.setInt32(at, value, true));

const numberWriters: ReadonlyMap<string, NumberWriter> = new Map([
  ['US', int16],
  ['SS', int16],
  ['UL', int32],
  ['SL', int32],
  ['FL', floatWriter(4, (view, at, value) => view.setFloat32(at, value, true))],
  ['FD', floatWriter(8, (view, at, value) => view.setFloat64(at, value, true))],
]);

/** The value of an attribute in Explicit VR Little Endian; undefined for a value that does not fit the VR. */
export function valueBytes(vr: string, attribute: JsonObject): Uint8Array | undefined {
  const code = vrCodeOf(vr);
  const inline = attribute['InlineBinary'];
  // Some servers write tables of 16-bit entries inline although their VR is US or SS.
  if (inline !== undefined && inline !== null)
    return isBinaryVr(code) || vr === 'US' || vr === 'SS' ? base64Bytes(inline) : undefined;
  const values = valuesOf(attribute);
  if (values.every((each) => each === null)) return noBytes;
  if (vr === 'PN') return textBytes(values.map(nameText));
  if (vr === 'UN' || isTextVr(code)) return textBytes(values.map(plainText));
  if (vr === 'AT') return tagBytes(values);
  if (vr === 'UV' || vr === 'SV') return longBytes(values);
  const writer = numberWriters.get(vr);
  return writer === undefined ? undefined : numberBytes(values, writer);
}

function base64Bytes(inline: unknown): Uint8Array | undefined {
  const [first] = Array.isArray(inline) ? (inline as readonly unknown[]) : [inline];
  return typeof first === 'string' && base64.test(first) ? Buffer.from(first, 'base64') : undefined;
}

function textBytes(texts: readonly (string | undefined)[]): Uint8Array | undefined {
  return texts.includes(undefined) ? undefined : Buffer.from(texts.join('\\'), 'utf8');
}

function plainText(value: unknown): string | undefined {
  if (value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? value : undefined;
}

/** A person's name: up to three representations (PS3.18 section F.2.2), joined as in PS3.5 section 6.2.1. */
function nameText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return plainText(value);
  const groups = ['Alphabetic', 'Ideographic', 'Phonetic'].map((name) => {
    const group: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
    return typeof group === 'string' ? group : '';
  });
  return groups.join('=').replace(/=+$/, '');
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const special = /^\s*([-+]?)inf(?:inity)?\s*$/i.exec(value);
  if (special !== null) return special[1] === '-' ? -Infinity : Infinity;
  if (/^\s*nan\s*$/i.test(value)) return Number.NaN;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

function numberBytes(values: readonly unknown[], writer: NumberWriter): Uint8Array | undefined {
  const bytes = new Uint8Array(values.length * writer.byteLength);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    const number = numberOf(value);
    if (number === undefined || !writer.write(view, index * writer.byteLength, number)) return undefined;
  }
  return bytes;
}

/** 64-bit integers, given as numbers, or as strings where they are too large for that (PS3.18 section F.2.3). */
function longBytes(values: readonly unknown[]): Uint8Array | undefined {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    const isNumber = Number.isSafeInteger(value) || (typeof value === 'string' && /^\s*-?\d{1,20}\s*$/.test(value));
    if (!isNumber) return undefined;
    view.setBigInt64(index * 8, BigInt.asIntN(64, BigInt(String(value).trim())), true);
  }
  return bytes;
}

function tagBytes(values: readonly unknown[]): Uint8Array | undefined {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    // Some servers write a tag as in print, with a comma and parentheses.
    const digits = typeof value === 'string' ? value.replace(/[(), ]/g, '') : '';
    if (!/^[0-9a-f]{8}$/i.test(digits)) return undefined;
    view.setUint16(index * 4, Number.parseInt(digits.slice(0, 4), 16), true);
    view.setUint16(index * 4 + 2, Number.parseInt(digits.slice(4), 16), true);
  }
  return bytes;
}
