import { decodeText } from './character-sets.ts';

/** One element of a data set: where its value lies in the buffer. */
export interface DataElement {
  readonly tag: number;
  /** Two letters; '' in implicit VR. */
  readonly vr: string;
  readonly offset: number;
  /** Bytes; -1 for undefined length. */
  readonly length: number;
  /** A sequence's items, where it was of interest. */
  readonly items: readonly DataSet[] | undefined;
}

/**
 * Elements of one data set or item, with typed access to their values. Values are read on demand: parsing only notes
 * where they lie. Every getter answers undefined for what is absent, empty or not a value of that kind.
 */
export class DataSet {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly bigEndian: boolean;
  readonly elements: Map<number, DataElement> = new Map();
  /** Whether there is any element of an overlay group. */
  hasOverlays = false;

  /** @param bytes the whole buffer, as a Buffer: it makes strings far faster than a loop over bytes */
  constructor(bytes: Buffer, view: DataView, bigEndian: boolean) {
    this.bytes = bytes;
    this.view = view;
    this.bigEndian = bigEndian;
  }

  has(tag: number): boolean {
    return this.elements.has(tag);
  }

  /** The value's bytes (a view into the buffer). */
  valueBytes(tag: number): Buffer | undefined {
    const element = this.elements.get(tag);
    if (element === undefined || element.length <= 0) return undefined;
    return this.bytes.subarray(element.offset, element.offset + element.length);
  }

  items(tag: number): readonly DataSet[] {
    return this.elements.get(tag)?.items ?? [];
  }

  /** The first item of a sequence: most functional group macros have just one. */
  item(tag: number): DataSet | undefined {
    return this.elements.get(tag)?.items?.[0];
  }

  /** Text in the default repertoire, without padding. */
  text(tag: number): string | undefined {
    const element = this.elements.get(tag);
    if (element === undefined || element.length <= 0) return undefined;
    return asciiText(this.bytes, element.offset, element.length);
  }

  /** Text in the data set's Specific Character Set. */
  describedText(tag: number, characterSet: string | undefined): string | undefined {
    const value = this.valueBytes(tag);
    return value === undefined ? undefined : decodeText(value, characterSet);
  }

  /** The values of a multi-valued string element, each without padding. */
  texts(tag: number): readonly string[] {
    const text = this.text(tag);
    return text === undefined ? [] : text.split('\\').map((value) => value.trim());
  }

  /** Decimal strings (DS, IS). Values that are no number are NaN, so that indices stay right. */
  decimals(tag: number): readonly number[] {
    const element = this.elements.get(tag);
    if (element === undefined || element.length <= 0) return [];
    // A binary VR in place of a decimal string occurs in the wild.
    if (isBinaryNumber(element.vr)) return this.numbers(tag);
    const text = asciiText(this.bytes, element.offset, element.length);
    return text.includes('\\') ? text.split('\\').map(parseDecimal) : [parseDecimal(text)];
  }

  decimal(tag: number): number | undefined {
    const value = this.decimals(tag)[0];
    return value === undefined || !Number.isFinite(value) ? undefined : value;
  }

  /** An integer string (IS), or a binary integer in its place. */
  integer(tag: number): number | undefined {
    const value = this.decimal(tag);
    return value === undefined ? undefined : Math.trunc(value);
  }

  /** Unsigned 16-bit value (US); text in its place is read as a number. */
  uint16(tag: number): number | undefined {
    const element = this.elements.get(tag);
    if (element === undefined) return undefined;
    if (isNumberText(element.vr)) return this.integer(tag);
    return element.length >= 2 ? this.view.getUint16(element.offset, !this.bigEndian) : undefined;
  }

  int16(tag: number): number | undefined {
    const element = this.elements.get(tag);
    if (element === undefined || element.length < 2) return undefined;
    return this.view.getInt16(element.offset, !this.bigEndian);
  }

  uint32(tag: number): number | undefined {
    const element = this.elements.get(tag);
    if (element === undefined || element.length < 4) return undefined;
    return this.view.getUint32(element.offset, !this.bigEndian);
  }

  /** 16-bit values, signed or not. */
  uint16s(tag: number, signed = false): readonly number[] {
    const element = this.elements.get(tag);
    if (element === undefined || element.length < 2) return [];
    const values: number[] = [];
    for (let at = element.offset; at + 2 <= element.offset + element.length; at += 2) {
      values.push(signed ? this.view.getInt16(at, !this.bigEndian) : this.view.getUint16(at, !this.bigEndian));
    }
    return values;
  }

  /** Binary numbers by their VR (FD, FL, US, SS, UL, SL); text in their place is read as decimals. */
  numbers(tag: number): readonly number[] {
    const element = this.elements.get(tag);
    if (element === undefined || element.length <= 0) return [];
    const little = !this.bigEndian;
    const read = numberReaders[element.vr];
    if (read === undefined) return this.decimals(tag);
    const values: number[] = [];
    const end = element.offset + element.length;
    for (let at = element.offset; at + read.size <= end; at += read.size) values.push(read.get(this.view, at, little));
    return values;
  }

  /** Signed 32-bit values (SL), whatever the VR says. */
  int32s(tag: number): readonly number[] {
    const element = this.elements.get(tag);
    if (element === undefined || element.length < 4) return [];
    const values: number[] = [];
    for (let at = element.offset; at + 4 <= element.offset + element.length; at += 4) {
      values.push(this.view.getInt32(at, !this.bigEndian));
    }
    return values;
  }

  /** 64-bit floats, for implicit VR where the VR is known only from the dictionary. */
  float64s(tag: number): readonly number[] {
    const element = this.elements.get(tag);
    if (element === undefined || element.length < 8) return [];
    if (element.vr !== '' && element.vr !== 'UN') return this.numbers(tag);
    const values: number[] = [];
    for (let at = element.offset; at + 8 <= element.offset + element.length; at += 8) {
      values.push(this.view.getFloat64(at, !this.bigEndian));
    }
    return values;
  }
}

interface NumberReader {
  readonly size: number;
  readonly get: (view: DataView, at: number, littleEndian: boolean) => number;
}

const numberReaders: Readonly<Record<string, NumberReader | undefined>> = {
  FD: { size: 8, get: (view, at, little) => view.getFloat64(at, little) },
  FL: { size: 4, get: (view, at, little) => view.getFloat32(at, little) },
  US: { size: 2, get: (view, at, little) => view.getUint16(at, little) },
  SS: { size: 2, get: (view, at, little) => view.getInt16(at, little) },
  UL: { size: 4, get: (view, at, little) => view.getUint32(at, little) },
  SL: { size: 4, get: (view, at, little) => view.getInt32(at, little) },
};

function isBinaryNumber(vr: string): boolean {
  return numberReaders[vr] !== undefined;
}

function isNumberText(vr: string): boolean {
  return vr === 'IS' || vr === 'DS' || vr === 'LO' || vr === 'SH';
}

/** Reads a decimal string (PS3.5 DS); NaN where it is none. A decimal comma, against the standard, is read too. */
function parseDecimal(text: string): number {
  const trimmed = text.trim();
  if (trimmed === '') return Number.NaN;
  const value = Number(trimmed);
  if (!Number.isNaN(value)) return value;
  return /^[-+]?\d+,\d+$/.test(trimmed) ? Number(trimmed.replace(',', '.')) : Number.NaN;
}

/** Bytes as text, one character a byte, trailing spaces and NULs (padding) cut, leading spaces too. */
export function asciiText(bytes: Buffer, offset: number, length: number): string {
  let start = offset;
  let end = Math.min(offset + length, bytes.length);
  while (end > start && isPadding(bytes[end - 1])) end--;
  while (start < end && bytes[start] === 0x20) start++;
  return bytes.toString('latin1', start, end);
}

function isPadding(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0;
}
