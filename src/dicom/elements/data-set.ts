import { noVr, vrs } from '../vr.ts';
import { decodeText } from './character-sets.ts';
import type { ElementTable } from './element-table.ts';
import { asciiText, parseDecimals } from './strings.ts';

const none: readonly never[] = [];

/**
 * The elements of one data set or item, with typed access to their values. Parsing only notes where values lie; they
 * are read when they are asked for. A getter returns undefined (or no values) where the element is absent, empty, or
 * not of that kind.
 */
export class DataSet {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly bigEndian: boolean;
  readonly elements: ElementTable<DataSet>;
  /** Whether there are elements of overlay groups. */
  hasOverlays = false;

  /** @param bytes the whole buffer; a Buffer, because it makes strings far faster than a loop over bytes */
  constructor(bytes: Buffer, view: DataView, bigEndian: boolean, elements: ElementTable<DataSet>) {
    this.bytes = bytes;
    this.view = view;
    this.bigEndian = bigEndian;
    this.elements = elements;
  }

  has(tag: number): boolean {
    return this.elements.find(tag) >= 0;
  }

  /** The bytes of a value, in the memory of the buffer. */
  valueBytes(tag: number): Buffer | undefined {
    const at = this.#find(tag, 1);
    if (at < 0) return undefined;
    const offset = this.elements.offset(at);
    return this.bytes.subarray(offset, offset + this.elements.length(at));
  }

  items(tag: number): readonly DataSet[] {
    const at = this.elements.find(tag);
    return at < 0 ? none : (this.elements.items(at) ?? none);
  }

  /** The first item of a sequence: most functional group macros have only one. */
  item(tag: number): DataSet | undefined {
    return this.items(tag)[0];
  }

  /** Text of the default character repertoire, without padding. */
  text(tag: number): string | undefined {
    const at = this.#find(tag, 1);
    return at < 0 ? undefined : asciiText(this.bytes, this.elements.offset(at), this.elements.length(at));
  }

  /** Text in the data set's Specific Character Set. */
  describedText(tag: number, characterSet: string | undefined): string | undefined {
    const value = this.valueBytes(tag);
    return value === undefined ? undefined : decodeText(value, characterSet);
  }

  /** The values of a multi-valued string element, each without padding. */
  texts(tag: number): readonly string[] {
    const text = this.text(tag);
    return text === undefined ? none : text.split('\\').map((value) => value.trim());
  }

  /** Decimal strings (DS, IS). A value that is not a number is NaN, so that the others keep their indices. */
  decimals(tag: number): readonly number[] {
    const at = this.#find(tag, 1);
    if (at < 0) return none;
    // Some objects have a binary VR in place of a decimal string.
    const reader = numberReaders.get(this.elements.vr(at));
    if (reader !== undefined) return this.#readAll(at, reader);
    return parseDecimals(this.bytes, this.elements.offset(at), this.elements.length(at));
  }

  decimal(tag: number): number | undefined {
    const value = this.decimals(tag)[0];
    return value === undefined || !Number.isFinite(value) ? undefined : value;
  }

  /** An integer string (IS); a binary integer in its place is read too. */
  integer(tag: number): number | undefined {
    const value = this.decimal(tag);
    return value === undefined ? undefined : Math.trunc(value);
  }

  /** An unsigned 16-bit value (US); text in its place is read as a number. */
  uint16(tag: number): number | undefined {
    const at = this.elements.find(tag);
    if (at < 0) return undefined;
    if (isNumberText(this.elements.vr(at))) return this.integer(tag);
    return this.elements.length(at) >= 2 ? this.view.getUint16(this.elements.offset(at), !this.bigEndian) : undefined;
  }

  int16(tag: number): number | undefined {
    const at = this.#find(tag, 2);
    return at < 0 ? undefined : this.view.getInt16(this.elements.offset(at), !this.bigEndian);
  }

  uint32(tag: number): number | undefined {
    const at = this.#find(tag, 4);
    return at < 0 ? undefined : this.view.getUint32(this.elements.offset(at), !this.bigEndian);
  }

  /** Unsigned 32-bit values (UL); other binary numbers in their place are read too. */
  uint32s(tag: number): readonly number[] {
    const at = this.#find(tag, 1);
    if (at < 0) return none;
    const vr = this.elements.vr(at);
    return vr === noVr || vr === vrs.UN ? this.#readAll(at, unsignedLong) : this.numbers(tag);
  }

  /** 16-bit values, signed or not. */
  uint16s(tag: number, signed = false): readonly number[] {
    const at = this.#find(tag, 2);
    return at < 0 ? none : this.#readAll(at, signed ? signedShort : unsignedShort);
  }

  /** Binary numbers as their VR says (FD, FL, US, SS, UL, SL); text in their place is read as decimals. */
  numbers(tag: number): readonly number[] {
    const at = this.#find(tag, 1);
    if (at < 0) return none;
    const reader = numberReaders.get(this.elements.vr(at));
    return reader === undefined ? this.decimals(tag) : this.#readAll(at, reader);
  }

  /** Signed 32-bit values (SL), whatever the VR says. */
  int32s(tag: number): readonly number[] {
    const at = this.#find(tag, 4);
    return at < 0 ? none : this.#readAll(at, signedLong);
  }

  /** Values of an element whose VR is FD: in implicit VR data sets only the dictionary says so. */
  float64s(tag: number): readonly number[] {
    const at = this.#find(tag, 8);
    if (at < 0) return none;
    const vr = this.elements.vr(at);
    return vr === noVr || vr === vrs.UN ? this.#readAll(at, double) : this.numbers(tag);
  }

  /** The same for FL. */
  float32s(tag: number): readonly number[] {
    const at = this.#find(tag, 4);
    if (at < 0) return none;
    const vr = this.elements.vr(at);
    return vr === noVr || vr === vrs.UN ? this.#readAll(at, float) : this.numbers(tag);
  }

  /** The index of an element of at least so many bytes; -1 where there is none. */
  #find(tag: number, minLength: number): number {
    const at = this.elements.find(tag);
    return at >= 0 && this.elements.length(at) >= minLength ? at : -1;
  }

  #readAll(element: number, { size, get }: NumberReader): readonly number[] {
    const little = !this.bigEndian;
    const values: number[] = [];
    const offset = this.elements.offset(element);
    const end = offset + this.elements.length(element);
    for (let at = offset; at + size <= end; at += size) values.push(get(this.view, at, little));
    return values;
  }
}

interface NumberReader {
  readonly size: number;
  readonly get: (view: DataView, at: number, littleEndian: boolean) => number;
}

const unsignedShort: NumberReader = { size: 2, get: (view, at, little) => view.getUint16(at, little) };
const signedShort: NumberReader = { size: 2, get: (view, at, little) => view.getInt16(at, little) };
const unsignedLong: NumberReader = { size: 4, get: (view, at, little) => view.getUint32(at, little) };
const signedLong: NumberReader = { size: 4, get: (view, at, little) => view.getInt32(at, little) };
const float: NumberReader = { size: 4, get: (view, at, little) => view.getFloat32(at, little) };
const double: NumberReader = { size: 8, get: (view, at, little) => view.getFloat64(at, little) };

const numberReaders: ReadonlyMap<number, NumberReader> = new Map([
  [vrs.FD, double],
  [vrs.FL, float],
  [vrs.US, unsignedShort],
  [vrs.SS, signedShort],
  [vrs.UL, unsignedLong],
  [vrs.SL, signedLong],
]);

function isNumberText(vr: number): boolean {
  return vr === vrs.IS || vr === vrs.DS || vr === vrs.LO || vr === vrs.SH;
}
