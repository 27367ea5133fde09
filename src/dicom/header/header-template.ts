import type { DataSet } from '../elements/data-set.ts';
import { slotOf } from '../elements/wanted-elements.ts';
import { hasLongLength, noVr } from '../vr.ts';
import { changeOfSlot } from './header-changes.ts';

/** An element at the top level of a header that was walked through. */
export interface WalkedElement {
  readonly tag: number;
  readonly vr: number;
  /** Where its header begins, its value, and what follows it. */
  readonly at: number;
  readonly valueOffset: number;
  readonly end: number;
}

/** An element whose value may differ in the next header: all bytes between its length and the last value must not. */
interface VariableElement {
  readonly tag: number;
  readonly vr: number;
  readonly slot: number;
  /** What changes with it. */
  readonly change: number;
  /** Where its length lies among the kept bytes, and how many bytes that has. */
  readonly lengthAt: number;
  readonly lengthSize: 2 | 4;
  /** Its value among the kept bytes. */
  readonly value: number;
  readonly end: number;
}

/** Longer headers are not kept to be compared with. */
const longest = 65_536;
/** A series whose headers differ in more elements than this is read header by header. */
const mostVariable = 64;

/**
 * The bytes of one header, and which of its elements differ in others of the series. Another header of the same layout is
 * compared with it in a few pieces, in place of some hundred elements one by one.
 */
export class HeaderTemplate {
  readonly #elements: readonly WalkedElement[];
  readonly #variable: readonly VariableElement[];
  readonly #bytes: Buffer;
  /** Where the kept bytes lay in their object. */
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
   * @param elements all of a header's up to the pixel data, or to the end of the buffer
   * @param varying tags that are known to differ in this series
   * @returns undefined where headers of this series cannot be compared so
   */
  static of(
    elements: readonly WalkedElement[],
    bytes: Buffer,
    varying: ReadonlySet<number>,
  ): HeaderTemplate | undefined {
    const [first, last] = [elements[0], elements.at(-1)];
    if (first === undefined || last === undefined || last.end - first.at > longest || last.end > bytes.length) {
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
    return variable.length > mostVariable ? undefined : new HeaderTemplate(elements, [first, last], variable, bytes);
  }

  /** Adds to `varying` the tags of elements that differ between this header and another one of the same layout. */
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
   * Follows the template through a header whose data set begins at `at`. The elements that may differ are noted in
   * `dataSet`.
   *
   * @returns how far the header is the template's, or undefined where it is another one
   */
  follow(dataSet: DataSet, at: number): FollowedHeader | undefined {
    const { bytes, view, elements } = dataSet;
    const little = !dataSet.bigEndian;
    const kept = this.#bytes;
    /** How much further on the same element lies here, counted from the kept bytes. */
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

/** How a header follows its template. */
export interface FollowedHeader {
  /** Bits of what differs, see `header-changes.ts`. */
  readonly changed: number;
  /** Where the template's elements end in this header. */
  readonly end: number;
  /** The last of them. */
  readonly last: { readonly tag: number; readonly at: number };
}

/** Up to here a loop takes less time than the call of a function outside of JavaScript. */
const short = 16;

function isSame(kept: Buffer, from: number, to: number, bytes: Buffer, at: number): boolean {
  const end = at + to - from;
  if (end > bytes.length) return false;
  if (to - from > short) return bytes.compare(kept, from, to, at, end) === 0;
  for (let own = from, other = at; own < to; own++, other++) if (kept[own] !== bytes[other]) return false;
  return true;
}
