import type { DataSet } from './data-set.ts';
import type { ElementWalker } from './element-walker.ts';
import { changeOfSlot } from './header-changes.ts';
import { slotOf } from './wanted-elements.ts';

/** An element at the top level of a header that was walked through. */
export interface WalkedElement {
  readonly tag: number;
  readonly vr: number;
  /** Where its header begins, its value, and what follows it. */
  readonly at: number;
  readonly valueOffset: number;
  readonly end: number;
}

/** An element that may differ in the next header: the bytes between two of them must not. */
interface VariableElement extends WalkedElement {
  readonly slot: number;
  /** What changes with it. */
  readonly change: number;
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
  /** Offset in the object of the data set, and of the kept bytes' first. */
  readonly #start: number;
  readonly #end: number;

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
    this.#end = last.end;
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
    const variable: VariableElement[] = [];
    for (const element of elements) {
      const slot = slotOf(element.tag);
      const change = changeOfSlot(slot);
      if (change === 0 && !varying.has(element.tag)) continue;
      if (change === 0 && slot > 0) return undefined;
      variable.push({ ...element, slot, change });
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
  follow(walker: ElementWalker, dataSet: DataSet, at: number): FollowedHeader | undefined {
    const { bytes, elements } = dataSet;
    const kept = this.#bytes;
    /** How much further on the same element lies here, counted from the kept bytes. */
    let shift = at;
    let from = 0;
    let changed = 0;
    for (const variable of this.#variable) {
      const to = variable.at - this.#start;
      if (!isSame(kept, from, to, bytes, from + shift)) return undefined;
      if (!walker.readElementHeader(to + shift)) return undefined;
      const { valueOffset, valueLength } = walker;
      const end = valueOffset + valueLength;
      if (walker.tag !== variable.tag || walker.vr !== variable.vr || valueLength < 0 || end > bytes.length) {
        return undefined;
      }
      from = variable.end - this.#start;
      if (variable.slot > 0) {
        elements.add(variable.tag, variable.slot, variable.vr, valueOffset, valueLength);
        const value = variable.valueOffset - this.#start;
        if (valueLength !== from - value || !isSame(kept, value, from, bytes, valueOffset)) changed |= variable.change;
      }
      shift = end - from;
    }
    const length = this.#end - this.#start;
    if (!isSame(kept, from, length, bytes, from + shift)) return undefined;
    return { changed, end: length + shift, last: { tag: this.#last.tag, at: this.#last.at - this.#start + shift } };
  }
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
