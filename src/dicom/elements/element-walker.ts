import { InvalidDicomError } from '../../base/errors.ts';
import { limitHint } from '../../base/limit-hint.ts';
import { defaultLimits, type Limits } from '../../types/limits.ts';
import { formatTag, tags } from '../tags.ts';
import { hasLongLength, hasShortLength, isKnownVr, noVr, vrCode, vrs } from '../vr.ts';
import { type ByteViews, viewsOf } from './byte-views.ts';
import { DataSet } from './data-set.ts';
import { ElementTable } from './element-table.ts';
import { readOddElement } from './odd-element.ts';
import { isWantedSequence, slotOf } from './wanted-elements.ts';

/** Deeper nesting is taken for an attack: the objects of the standard need less than ten levels. */
const maxDepth = 32;
/** Items that are kept of one sequence, the frames' functional groups aside: a segmentation has up to 65,535 segments. */
const maxItemsOfSequence = 65_536;
const undefinedLength = 0xffff_ffff;

/** What one header may hold: a slide with 300,000 sparse frames has about a million items and five million elements. */
type WalkLimits = Pick<Limits, 'headerElements' | 'headerItems'>;

function tooMuch(what: string, limit: keyof WalkLimits): InvalidDicomError {
  return new InvalidDicomError(
    `Expected at most ${what} in a header but found more. The object is damaged or hostile. ${limitHint(limit)}`,
  );
}

/** How many items of a sequence are kept. There are functional groups for each frame, and no more. */
function maxItemsOf(tag: number, target: DataSet | undefined): number {
  if (tag !== tags.perFrameFunctionalGroupsSequence) return maxItemsOfSequence;
  return Math.max(1, target?.integer(tags.numberOfFrames) ?? 1);
}

function isOverlay(tag: number): boolean {
  return tag >= 0x6000_0000 && tag <= 0x601e_ffff;
}

/**
 * Steps over the elements of a data set (PS3.5 section 7) in a buffer that may end anywhere.
 *
 * Methods that read return the offset after what they have read, or -1 where the buffer ends before; `neededLength`
 * then says how many bytes from the start of the object are needed at least to get further.
 */
export class ElementWalker {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Of the elements that are read now: a UN element in a big endian data set is little endian inside. */
  bigEndian: boolean;
  neededLength = 0;
  /** The tag of the element header that was read last; its other fields follow. */
  tag = 0;
  /** The code of its VR, see `vr.ts`. */
  vr: number = noVr;
  valueOffset = 0;
  /** In bytes; -1 for undefined length. */
  valueLength = 0;
  /** Whether there were elements whose VR or length are not as the standard says. */
  hasOddElements = false;
  #implicitVr: boolean;
  readonly #isWhole: boolean;
  readonly #limits: WalkLimits;
  /** Inside a UN element, whose items hold explicit VR elements now and then. */
  #mayBeExplicit = false;
  #items = 0;
  #elements = 0;

  /** @param isWhole whether the buffer holds all of the object */
  constructor(
    object: Uint8Array,
    encoding: { readonly implicitVr: boolean; readonly bigEndian: boolean },
    { bytes, view }: ByteViews = viewsOf(object),
    isWhole = true,
    limits: WalkLimits = defaultLimits,
  ) {
    this.bytes = bytes;
    this.view = view;
    this.bigEndian = encoding.bigEndian;
    this.#implicitVr = encoding.implicitVr;
    this.#isWhole = isWhole;
    this.#limits = limits;
  }

  /** Whether elements have no VR here. */
  get implicitVr(): boolean {
    return this.#implicitVr;
  }

  /** Reads the element header at `at` into the fields; returns false where the buffer ends inside it. */
  readElementHeader(at: number): boolean {
    const { view } = this;
    if (at + 8 > view.byteLength) return this.#outOfBytes(at + 12);
    this.#elements++;
    const { headerElements } = this.#limits;
    if (this.#elements > headerElements) throw tooMuch(`${headerElements} elements`, 'headerElements');
    const little = !this.bigEndian;
    const tag = view.getUint16(at, little) * 0x1_0000 + view.getUint16(at + 2, little);
    this.tag = tag;
    const vr = this.#implicitVr || tag >= tags.item ? noVr : vrCode(view.getUint8(at + 4), view.getUint8(at + 5));
    let length: number;
    if (hasShortLength(vr)) {
      length = view.getUint16(at + 6, little);
      this.vr = vr;
      this.valueOffset = at + 8;
    } else if (this.#implicitVr || tag >= tags.item) {
      length = view.getUint32(at + 4, little);
      this.vr = noVr;
      this.valueOffset = at + 8;
    } else if (at + 12 > view.byteLength && (hasLongLength(vr) || !this.#isWhole)) {
      return this.#outOfBytes(at + 12);
    } else if (hasLongLength(vr) && view.getUint16(at + 6) === 0) {
      length = view.getUint32(at + 8, little);
      this.vr = vr;
      this.valueOffset = at + 12;
    } else {
      const odd = readOddElement(view, at, little, this.#isWhole);
      if ('neededLength' in odd) return this.#outOfBytes(odd.neededLength);
      this.hasOddElements = true;
      length = odd.length;
      this.vr = odd.vr;
      this.valueOffset = odd.valueOffset;
    }
    this.valueLength = length === undefinedLength ? -1 : length;
    return true;
  }

  /**
   * To be called after `readElementHeader`: notes the element in `target` where it is of interest, and returns the
   * offset of the next one.
   */
  readValue(target: DataSet | undefined, depth: number): number {
    const { tag, vr, valueOffset, valueLength } = this;
    const slot = target === undefined ? 0 : slotOf(tag);
    if (slot > 0 && isWantedSequence(slot) && (vr === vrs.SQ || vr === noVr || vr === vrs.UN)) {
      // Nothing is noted of a sequence that is not there as a whole: do not even begin.
      if (valueLength >= 0 && valueOffset + valueLength > this.view.byteLength) {
        this.#outOfBytes(valueOffset + valueLength + 12);
        return -1;
      }
      const items: DataSet[] = [];
      const next = this.#readSequence(vr, valueOffset, valueLength, items, depth, maxItemsOf(tag, target));
      if (next >= 0) target?.elements.add(tag, slot, vr, valueOffset, valueLength, items);
      return next;
    }
    if (valueLength < 0) return this.#readSequence(vr, valueOffset, -1, undefined, depth);
    const next = valueOffset + valueLength;
    if (target === undefined || (slot === 0 && !isOverlay(tag))) return next;
    if (slot === 0) target.hasOverlays = true;
    if (next > this.view.byteLength) {
      this.#outOfBytes(next + 12);
      return -1;
    }
    target.elements.add(tag, slot, vr, valueOffset, valueLength);
    return next;
  }

  /**
   * Reads a sequence. In a UN element it is in implicit VR little endian, whatever the data set is in (PS3.5 6.2.2,
   * CP-246); that goes for a sequence without VR too.
   */
  #readSequence(
    vr: number,
    at: number,
    length: number,
    items: DataSet[] | undefined,
    depth: number,
    maxKept = 0,
  ): number {
    const isUnknown = !this.#implicitVr && (vr === vrs.UN || vr === noVr);
    if (!isUnknown) return this.#readItems(at, length, items, depth + 1, maxKept);
    const { bigEndian } = this;
    const mayBeExplicit = this.#mayBeExplicit;
    // Some writers keep to the byte order of the data set: the first tag tells.
    if (bigEndian && at + 2 <= this.view.byteLength) this.bigEndian = this.view.getUint16(at) === 0xfffe;
    this.#implicitVr = true;
    this.#mayBeExplicit = true;
    const next = this.#readItems(at, length, items, depth + 1, maxKept);
    this.#implicitVr = false;
    this.#mayBeExplicit = mayBeExplicit;
    this.bigEndian = bigEndian;
    return next;
  }

  /**
   * Reads items from `at` on, up to the length of the sequence or to its delimitation (PS3.5 7.5), and keeps the first
   * ones in `items`.
   */
  #readItems(at: number, length: number, items: DataSet[] | undefined, depth: number, maxKept: number): number {
    if (depth > maxDepth) {
      throw new InvalidDicomError(`Expected sequences nested at most ${maxDepth} deep but found deeper ones.`);
    }
    const end = length < 0 ? Number.POSITIVE_INFINITY : at + length;
    let position = at;
    while (position < end) {
      if (!this.readElementHeader(position)) return -1;
      if (this.tag === tags.sequenceDelimitation) return this.valueOffset;
      if (this.tag !== tags.item) {
        throw new InvalidDicomError(
          `Expected an item (FFFE,E000) at byte ${position} of a sequence but found ${formatTag(this.tag)}. The header is damaged.`,
        );
      }
      const { valueOffset, valueLength } = this;
      const isKept = items !== undefined && items.length < maxKept;
      if (!isKept && valueLength >= 0) {
        position = valueOffset + valueLength;
        continue;
      }
      this.#items++;
      const { headerItems } = this.#limits;
      if (this.#items > headerItems) throw tooMuch(`${headerItems} sequence items`, 'headerItems');
      const item = !isKept
        ? undefined
        : new DataSet(this.bytes, this.view, this.bigEndian, new ElementTable<DataSet>(false));
      position = this.#readItem(valueOffset, valueLength, item, depth);
      if (position < 0) return -1;
      if (item !== undefined) items?.push(item);
    }
    return position;
  }

  #readItem(at: number, length: number, item: DataSet | undefined, depth: number): number {
    const end = length < 0 ? Number.POSITIVE_INFINITY : at + length;
    if (!this.#mayBeExplicit || !this.#implicitVr || !this.#beginsExplicit(at, end)) {
      return this.#readElements(at, end, item, depth);
    }
    this.#implicitVr = false;
    const next = this.#readElements(at, end, item, depth);
    this.#implicitVr = true;
    return next;
  }

  #readElements(at: number, end: number, item: DataSet | undefined, depth: number): number {
    let position = at;
    while (position < end) {
      if (!this.readElementHeader(position)) return -1;
      if (this.tag === tags.itemDelimitation) return this.valueOffset;
      position = this.readValue(item, depth);
      if (position < 0) return -1;
    }
    return position;
  }

  /**
   * Whether an item that should be in implicit VR begins with an explicit element after all, as some writers have it:
   * there is a VR, and it makes no sense as a length.
   */
  #beginsExplicit(at: number, end: number): boolean {
    const { view } = this;
    if (at + 8 > view.byteLength || !isKnownVr(view.getUint8(at + 4), view.getUint8(at + 5))) return false;
    return end === Number.POSITIVE_INFINITY || at + 8 + view.getUint32(at + 4, !this.bigEndian) > end;
  }

  #outOfBytes(needed: number): false {
    this.neededLength = needed;
    return false;
  }
}
