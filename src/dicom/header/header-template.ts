import type { DataSet } from '../elements/data-set.ts';
import { slotOf } from '../elements/wanted-elements.ts';
import { hasLongLength, noVr } from '../vr.ts';
import { changeOfSlot } from './header-changes.ts';

/** An element at the top level of a header whose elements were read one by one. */
export interface WalkedElement {
  readonly tag: number;
  readonly vr: number;
  /** Where the element begins, where its value begins, and where the next element begins. */
  readonly at: number;
  readonly valueOffset: number;
  readonly end: number;
}

/** An element whose value may differ in the next header. All other bytes must be the same. */
interface VariableElement {
  readonly tag: number;
  readonly vr: number;
  readonly slot: number;
  /** What changes with it: a bit of `changes`, or 0. */
  readonly change: number;
  /** Where its length field lies in the kept bytes, and how many bytes that field has. */
  readonly lengthAt: number;
  readonly lengthSize: 2 | 4;
  /** Where its value begins and ends in the kept bytes. */
  readonly value: number;
  readonly end: number;
}

/** Longer headers are not kept. */
const maxHeaderLength = 65_536;
/** Where the headers of a series differ in more elements than this, each is read alone. */
const maxVariableElements = 64;

/**
 * The bytes of one header, and which of its elements differ in other headers of the series. Another header of the same
 * layout is compared with it in a few pieces: that replaces reading some hundred elements one by one.
 */
export class HeaderTemplate {
  readonly #elements: readonly WalkedElement[];
  readonly #variable: readonly VariableElement[];
  readonly #bytes: Buffer;
  /** Where the kept bytes were in their object. */
  readonly #start: number;

  readonly #last: WalkedElement;

  private constructor(
    elements: readonly WalkedElement[],
    [first, last]: readonly [WalkedElement, WalkedElement],
    variable: readonly VariableElement[],
    bytes: Buffer,
  ) {
    this.#elements = elements;
    this.#variable = variable;
    this.#start = first.at;
    this.#last = last;
    this.#bytes = Buffer.from(bytes.subarray(first.at, last.end));
  }

  /**
   * @param elements all elements of a header up to the pixel data, or to the end of the buffer
   * @param varying the tags of elements that are known to differ in this series
   * @returns undefined where headers of this series cannot be compared in this way
   */
  static of(
    elements: readonly WalkedElement[],
    bytes: Buffer,
    varying: ReadonlySet<number>,
  ): HeaderTemplate | undefined {
    const [first, last] = [elements[0], elements.at(-1)];
    if (first === undefined || last === undefined || last.end - first.at > maxHeaderLength || last.end > bytes.length) {
      return undefined;
    }
    const changing = changesOf(varying);
    const variable: VariableElement[] = [];
    for (const { tag, vr, valueOffset, end } of elements) {
      const slot = slotOf(tag);
      const change = changeOfSlot(slot);
      if (!varying.has(tag) && (change & changing) === 0) continue;
      if (change === 0 && slot > 0) return undefined;
      const lengthSize = vr === noVr || hasLongLength(vr) ? 4 : 2;
      const value = valueOffset - first.at;
      const place = { lengthAt: value - lengthSize, lengthSize, value, end: end - first.at } as const;
      variable.push({ tag, vr, slot, change, ...place });
    }
    return variable.length > maxVariableElements
      ? undefined
      : new HeaderTemplate(elements, [first, last], variable, bytes);
  }

  /** Adds the tags of elements that differ between this header and another one of the same layout to `varying`. */
  learn(elements: readonly WalkedElement[], bytes: Buffer, varying: Set<number>): void {
    if (elements.length !== this.#elements.length) return;
    for (const [index, { tag, at, end }] of elements.entries()) {
      const own = this.#elements[index];
      if (own === undefined || own.tag !== tag) return;
      const kept = this.#bytes.subarray(own.at - this.#start, own.end - this.#start);
      if (!kept.equals(bytes.subarray(at, end))) varying.add(tag);
    }
  }

  /**
   * Compares a header, whose data set begins at `at`, with the template. Notes the elements that may differ in
   * `dataSet`.
   *
   * @returns what differs and how far the template reaches; undefined where anything else differs
   */
  follow(dataSet: DataSet, at: number): FollowedHeader | undefined {
    const { bytes, view, elements } = dataSet;
    const little = !dataSet.bigEndian;
    const kept = this.#bytes;
    /** Where an element lies in this header, minus where it lies in the kept bytes. */
    let shift = at;
    let from = 0;
    let changed = 0;
    for (const { tag, vr, slot, change, lengthAt, lengthSize, value, end } of this.#variable) {
      if (!isSame(kept, from, lengthAt, bytes, from + shift)) return undefined;
      const here = lengthAt + shift;
      if (here + lengthSize > bytes.length) return undefined;
      const length = lengthSize === 2 ? view.getUint16(here, little) : view.getUint32(here, little);
      const valueHere = here + lengthSize;
      if (valueHere + length > bytes.length) return undefined;
      if (slot > 0) {
        elements.add(tag, slot, vr, valueHere, length);
        if (length !== end - value || !isSame(kept, value, end, bytes, valueHere)) changed |= change;
      }
      shift = valueHere + length - end;
      from = end;
    }
    const { length } = kept;
    if (!isSame(kept, from, length, bytes, from + shift)) return undefined;
    return { changed, end: length + shift, last: { tag: this.#last.tag, at: this.#last.at - this.#start + shift } };
  }
}

/** What changes with elements of these tags. */
function changesOf(varying: ReadonlySet<number>): number {
  let changing = 0;
  for (const tag of varying) changing |= changeOfSlot(slotOf(tag));
  return changing;
}

/** How a header differs from its template. */
export interface FollowedHeader {
  /** What differs, as bits: see `header-changes.ts`. */
  readonly changed: number;
  /** Where the elements of the template end in this header. */
  readonly end: number;
  /** The last of them. */
  readonly last: { readonly tag: number; readonly at: number };
}

/** Up to so many bytes, a loop is faster than a call of Buffer's compare. */
const maxLoopLength = 16;

function isSame(kept: Buffer, from: number, to: number, bytes: Buffer, at: number): boolean {
  const end = at + to - from;
  if (end > bytes.length) return false;
  if (to - from > maxLoopLength) return bytes.compare(kept, from, to, at, end) === 0;
  for (let own = from, other = at; own < to; own++, other++) if (kept[own] !== bytes[other]) return false;
  return true;
}
