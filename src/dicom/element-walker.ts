import { InvalidDicomError } from '../errors/errors.ts';
import { DataSet } from './data-set.ts';
import { formatTag, tags } from './tags.ts';

/** Nesting beyond this is taken for an attack: the standard's own objects need less than ten levels. */
const maximumDepth = 32;
/** Items of interest in one header: a slide with 300,000 sparse frames has about a million. */
const maximumItems = 2_000_000;
const undefinedLength = 0xffff_ffff;

const wantedTags: ReadonlySet<number> = new Set(Object.values(tags));

/** Sequences whose items are read; all others are stepped over. */
const wantedSequences: ReadonlySet<number> = new Set([
  tags.sequenceOfUltrasoundRegions,
  tags.cardiacSynchronizationSequence,
  tags.frameContentSequence,
  tags.planePositionSequence,
  tags.planeOrientationSequence,
  tags.planePositionVolumeSequence,
  tags.planeOrientationVolumeSequence,
  tags.modalityLutSequence,
  tags.voiLutSequence,
  tags.pixelMeasuresSequence,
  tags.frameVoiLutSequence,
  tags.pixelValueTransformationSequence,
  tags.planePositionSlideSequence,
  tags.detectorInformationSequence,
  tags.segmentSequence,
  tags.segmentIdentificationSequence,
  tags.uihGridSequence,
  tags.sharedFunctionalGroupsSequence,
  tags.perFrameFunctionalGroupsSequence,
]);

function isOverlay(tag: number): boolean {
  return tag >= 0x6000_0000 && tag <= 0x601e_ffff;
}

/** Two letters -> index 0..675, or -1 where they are no VR. */
function vrIndex(first: number, second: number): number {
  if (first < 65 || first > 90 || second < 65 || second > 90) return -1;
  return (first - 65) * 26 + (second - 65);
}

function vrTable(names: string): Uint8Array {
  const table = new Uint8Array(26 * 26);
  for (const name of names.split(' ')) table[vrIndex(name.charCodeAt(0), name.charCodeAt(1))] = 1;
  return table;
}

/** VRs with two reserved bytes and a 32-bit length (PS3.5 7.1.2). */
const longVrs = vrTable('OB OD OF OL OV OW SQ SV UC UN UR UT UV');
const knownVrs = vrTable(
  'AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV',
);
const vrNames: readonly string[] = Array.from({ length: 26 * 26 }, (_, index) =>
  String.fromCharCode(65 + Math.trunc(index / 26), 65 + (index % 26)),
);

/** Whether two bytes are a VR that the standard knows. */
export function isKnownVr(first: number | undefined, second: number | undefined): boolean {
  const index = vrIndex(first ?? 0, second ?? 0);
  return index >= 0 && knownVrs[index] === 1;
}

/**
 * Steps over the elements of a data set (PS3.5 section 7) in a buffer that may end anywhere.
 *
 * Methods that move answer the offset after what they read, or -1 where the buffer ended first; `neededLength` then says
 * how many bytes from the object's start are needed at least to get further.
 */
export class ElementWalker {
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly bigEndian: boolean;
  neededLength = 0;
  /** The element header read last. */
  tag = 0;
  vr = '';
  valueOffset = 0;
  /** Bytes, or -1 for undefined length. */
  valueLength = 0;
  #implicitVr: boolean;
  #items = 0;

  constructor(bytes: Uint8Array, encoding: { readonly implicitVr: boolean; readonly bigEndian: boolean }) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.bigEndian = encoding.bigEndian;
    this.#implicitVr = encoding.implicitVr;
  }

  /** Reads the element header at `at` into the fields; false where the buffer ends inside it. */
  readElementHeader(at: number): boolean {
    if (at + 8 > this.bytes.length) return this.#outOfBytes(at + 12);
    const { view } = this;
    const little = !this.bigEndian;
    const tag = view.getUint16(at, little) * 0x1_0000 + view.getUint16(at + 2, little);
    this.tag = tag;
    const vr = this.#implicitVr || tag >= tags.item ? -1 : vrIndex(view.getUint8(at + 4), view.getUint8(at + 5));
    let length: number;
    if (vr < 0 && !this.#implicitVr && this.#hasBlankVr(at)) {
      this.vr = 'UN';
      length = view.getUint16(at + 6, little);
      this.valueOffset = at + 8;
    } else if (vr < 0) {
      this.vr = '';
      length = view.getUint32(at + 4, little);
      this.valueOffset = at + 8;
    } else {
      this.vr = vrNames[vr] ?? '';
      if (longVrs[vr] === 1) {
        if (at + 12 > this.bytes.length) return this.#outOfBytes(at + 12);
        length = view.getUint32(at + 8, little);
        this.valueOffset = at + 12;
      } else {
        length = view.getUint16(at + 6, little);
        this.valueOffset = at + 8;
      }
    }
    this.valueLength = length === undefinedLength ? -1 : length;
    return true;
  }

  /**
   * After `readElementHeader`: notes the element in `target` where it is of interest and answers the offset of the
   * next one.
   */
  readValue(target: DataSet | undefined, depth: number): number {
    const { tag, vr, valueOffset, valueLength } = this;
    const overlay = target !== undefined && isOverlay(tag);
    if (overlay) target.hasOverlays = true;
    const wanted = target !== undefined && (overlay || wantedTags.has(tag));
    if (wanted && wantedSequences.has(tag) && (vr === 'SQ' || vr === '' || vr === 'UN')) {
      const items: DataSet[] = [];
      const next = this.#withEncodingOf(vr, () => this.#readItems(valueOffset, valueLength, items, depth + 1));
      if (next >= 0) target.elements.set(tag, { tag, vr, offset: valueOffset, length: valueLength, items });
      return next;
    }
    if (valueLength < 0) {
      return this.#withEncodingOf(vr, () => this.#readItems(valueOffset, -1, undefined, depth + 1));
    }
    const next = valueOffset + valueLength;
    if (!wanted) return next;
    if (next > this.bytes.length) {
      this.#outOfBytes(next + 12);
      return -1;
    }
    target.elements.set(tag, { tag, vr, offset: valueOffset, length: valueLength, items: undefined });
    return next;
  }

  /** The content of an unknown (UN) element of undefined length is in implicit VR little endian (PS3.5 6.2.2). */
  #withEncodingOf(vr: string, read: () => number): number {
    if (vr !== 'UN') return read();
    const before = this.#implicitVr;
    this.#implicitVr = true;
    const next = read();
    this.#implicitVr = before;
    return next;
  }

  /** Items from `at`, up to the sequence's length or its delimitation (PS3.5 7.5). */
  #readItems(at: number, length: number, items: DataSet[] | undefined, depth: number): number {
    if (depth > maximumDepth) {
      throw new InvalidDicomError(`Expected sequences nested at most ${maximumDepth} deep but found deeper ones.`);
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
      if (items === undefined && valueLength >= 0) {
        position = valueOffset + valueLength;
        continue;
      }
      this.#items++;
      if (this.#items > maximumItems) {
        throw new InvalidDicomError(`Expected at most ${maximumItems} sequence items in a header but found more.`);
      }
      const item = items === undefined ? undefined : new DataSet(this.bytes, this.view, this.bigEndian);
      position = this.#readItem(valueOffset, valueLength, item, depth);
      if (position < 0) return -1;
      if (item !== undefined) items?.push(item);
    }
    return position;
  }

  #readItem(at: number, length: number, item: DataSet | undefined, depth: number): number {
    const end = length < 0 ? Number.POSITIVE_INFINITY : at + length;
    let position = at;
    while (position < end) {
      if (!this.readElementHeader(position)) return -1;
      if (this.tag === tags.itemDelimitation) return this.valueOffset;
      position = this.readValue(item, depth);
      if (position < 0) return -1;
    }
    return position;
  }

  /** Two spaces in place of a VR occur, with a 16-bit length behind them as most VRs have it. */
  #hasBlankVr(at: number): boolean {
    return this.tag < tags.item && this.view.getUint16(at + 4) === 0x2020;
  }

  #outOfBytes(needed: number): false {
    this.neededLength = needed;
    return false;
  }
}
