import { InvalidDicomError } from '../../base/errors.ts';
import { formatTag } from '../tags.ts';
import { slotCount, slotOf } from './wanted-elements.ts';

/** Numbers that are noted of each element: its tag, its VR, the offset of its value and the length. */
const fields = 4;
/** Elements of interest in one data set or item: there are some hundred tags, and up to 16 groups of overlays. */
const maxNotedElements = 4096;

/**
 * Where the elements of one data set or item lie. They are plain numbers in one array and not objects, because the
 * header pass notes some forty elements of every instance. Of an element that occurs twice, the last value counts.
 *
 * @typeParam Item what an item of a sequence is read as
 */
export class ElementTable<Item> {
  /** By slot, the index of the element plus one. Items have none: they have few elements. */
  readonly #bySlot: Uint16Array | undefined;
  readonly #numbers: number[] = [];
  #size = 0;
  #items: Map<number, readonly Item[]> | undefined;

  /** @param isTopLevel true for a data set, whose many elements are looked up by slot; false for an item */
  constructor(isTopLevel: boolean) {
    this.#bySlot = isTopLevel ? new Uint16Array(slotCount) : undefined;
  }

  /** How many elements are noted; their indices run from 0. */
  get size(): number {
    return this.#size;
  }

  /** Whether there is a sequence whose items were read. */
  get hasSequences(): boolean {
    return this.#items !== undefined;
  }

  /** Forgets all elements, so that the table can be used for another data set. */
  clear(): void {
    this.#size = 0;
    this.#items = undefined;
    this.#bySlot?.fill(0);
  }

  /**
   * Notes an element.
   *
   * @param slot the slot of the tag, 0 where it has none
   * @param vr the code of the VR, see `vr.ts`
   * @param length in bytes; -1 for undefined length
   */
  add(tag: number, slot: number, vr: number, offset: number, length: number, items?: readonly Item[]): void {
    const known = this.#bySlot === undefined ? 0 : (this.#bySlot[slot] as number);
    const index = known > 0 ? known - 1 : this.#size;
    if (index === this.#size) this.#size++;
    if (index >= maxNotedElements) {
      throw new InvalidDicomError(
        `Expected each element once in a data set or item but found ${formatTag(tag)} after ${maxNotedElements} others, which repeat. The object is damaged or hostile.`,
      );
    }
    const numbers = this.#numbers;
    const at = index * fields;
    numbers[at] = tag;
    numbers[at + 1] = vr;
    numbers[at + 2] = offset;
    numbers[at + 3] = length;
    if (this.#bySlot !== undefined && slot > 0) this.#bySlot[slot] = index + 1;
    if (items !== undefined) {
      this.#items ??= new Map();
      this.#items.set(index, items);
    } else this.#items?.delete(index);
  }

  /** The index of an element; -1 where it is not noted. */
  find(tag: number): number {
    if (this.#bySlot !== undefined) {
      const slot = slotOf(tag);
      if (slot > 0) return (this.#bySlot[slot] as number) - 1;
    }
    for (let index = this.#size - 1; index >= 0; index--) if (this.#numbers[index * fields] === tag) return index;
    return -1;
  }

  tag(index: number): number {
    return this.#numbers[index * fields] as number;
  }

  vr(index: number): number {
    return this.#numbers[index * fields + 1] as number;
  }

  offset(index: number): number {
    return this.#numbers[index * fields + 2] as number;
  }

  /** In bytes; -1 for undefined length. */
  length(index: number): number {
    return this.#numbers[index * fields + 3] as number;
  }

  /** The items of a sequence, where they were read. */
  items(index: number): readonly Item[] | undefined {
    return this.#items?.get(index);
  }
}
