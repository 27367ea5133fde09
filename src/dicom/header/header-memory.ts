import type { FrameAttributes, InstanceHeader, PixelDataLocation } from '../../types/instance.ts';
import { type ByteViews, viewsOf } from '../elements/byte-views.ts';
import type { DataSet } from '../elements/data-set.ts';
import { ElementTable } from '../elements/element-table.ts';
import type { ElementWalker } from '../elements/element-walker.ts';
import { tags } from '../tags.ts';
import { updateFrameAttributes } from './frame-attributes.ts';
import { changes } from './header-changes.ts';
import { HeaderNotes } from './header-notes.ts';
import { type FollowedHeader, HeaderTemplate, type WalkedElement } from './header-template.ts';
import { type HeaderContext, noPixels, readLossyCompressions } from './instance-header.ts';

/** After so many headers in a row that did not follow their template, no template is tried any more. */
const maxMisses = 16;

/**
 * What is kept of one header for reading the next. Instances of a series differ in a handful of elements. Where all
 * other elements are the same, byte for byte, what was made of them is used again. That takes a fraction of the time of
 * reading them, and saves the memory of thousands of equal strings. The result is the same as if each header were read
 * alone.
 */
export class HeaderMemory {
  /** The elements of the header that is being read. */
  readonly elements: ElementTable<DataSet> = new ElementTable(true);
  readonly #varying = new Set<number>();
  #known: KnownHeader | undefined;
  /** The header whose elements were read one by one last, whether or not others can be made from it. */
  #walked: HeaderTemplate | undefined;
  #seriesInstanceUid: string | undefined;
  #misses = 0;
  #views: ByteViews | undefined;

  /** Views of a buffer. It is often the buffer of the header before, filled with other bytes. */
  viewsOf(bytes: Uint8Array): ByteViews {
    if (this.#views?.bytes !== bytes) this.#views = viewsOf(bytes);
    return this.#views;
  }

  /** Whether it is still worth remembering headers. */
  get isLearning(): boolean {
    return this.#misses < maxMisses;
  }

  /** Compares this header with the one before; undefined where they differ in more than they may. */
  follow(walker: ElementWalker, dataSet: DataSet, at: number): Followed | undefined {
    const known = this.#known;
    if (
      known === undefined ||
      !this.isLearning ||
      known.bigEndian !== dataSet.bigEndian ||
      known.implicitVr !== walker.implicitVr
    ) {
      return undefined;
    }
    const followed = known.template.follow(dataSet, at);
    if (followed === undefined) {
      this.elements.clear();
      return undefined;
    }
    this.#misses = 0;
    return { ...followed, known };
  }

  /** Remembers a header whose elements were read one by one: the next header may follow it. */
  remember(
    walker: ElementWalker,
    dataSet: DataSet,
    walked: readonly WalkedElement[],
    lastTag: number,
    header: InstanceHeader,
    context: HeaderContext,
  ): void {
    this.#misses++;
    if (header.seriesInstanceUid === this.#seriesInstanceUid) {
      this.#walked?.learn(walked, dataSet.bytes, this.#varying);
    } else if (this.#walked === undefined) {
      // The headers of the series before were too different. These need not be.
      this.#varying.clear();
    }
    this.#seriesInstanceUid = header.seriesInstanceUid;
    this.#known = undefined;
    this.#walked = HeaderTemplate.of(walked, dataSet.bytes, this.#varying);
    const [only] = header.frames;
    const hasOneFrame = header.numberOfFrames === 1 && header.frames.length === 1;
    // What a note says need not hold for the next header.
    const isPlain = hasOneFrame && header.notes.length === 0 && !dataSet.elements.hasSequences;
    if (this.#walked === undefined || only === undefined || !isPlain) return;
    const { bigEndian } = dataSet;
    const hasNumberOfFrames = dataSet.has(tags.numberOfFrames);
    const { implicitVr } = walker;
    this.#known = { template: this.#walked, header, only, context, lastTag, hasNumberOfFrames, bigEndian, implicitVr };
  }
}

/** A header that others can be made from. */
export interface KnownHeader {
  readonly template: HeaderTemplate;
  readonly header: InstanceHeader;
  /** The attributes of its only frame. */
  readonly only: FrameAttributes;
  readonly context: HeaderContext;
  /** The greatest tag before the pixel data. */
  readonly lastTag: number;
  readonly hasNumberOfFrames: boolean;
  readonly bigEndian: boolean;
  readonly implicitVr: boolean;
}

export interface Followed extends FollowedHeader {
  readonly known: KnownHeader;
}

/**
 * The header before, with all that differs read again; undefined where it was read in another context, or where there is
 * something to say of this one.
 */
export function updateHeader(
  { known, changed }: Followed,
  dataSet: DataSet,
  context: HeaderContext,
): InstanceHeader | undefined {
  const { header: before, only } = known;
  if (!isSameContext(known.context, context)) return undefined;
  const notes = new HeaderNotes();
  const frame =
    changed === 0
      ? only
      : updateFrameAttributes(only, dataSet, before.manufacturer, changed, before.pixels ?? noPixels, notes);
  if (notes.all.length > 0) return undefined;
  const isOther = (changed & changes.identity) !== 0;
  // Every property is written out: a spread takes many times as long.
  const header: InstanceHeader = {
    sopClassUid: before.sopClassUid,
    sopInstanceUid: isOther ? (dataSet.text(tags.sopInstanceUid) ?? '') : before.sopInstanceUid,
    seriesInstanceUid: before.seriesInstanceUid,
    studyInstanceUid: before.studyInstanceUid,
    modality: before.modality,
    seriesDescription: before.seriesDescription,
    seriesNumber: before.seriesNumber,
    seriesDate: before.seriesDate,
    manufacturer: before.manufacturer,
    manufacturerModelName: before.manufacturerModelName,
    bodyPartExamined: before.bodyPartExamined,
    protocolName: before.protocolName,
    frameTimeMs: before.frameTimeMs,
    recommendedDisplayFrameRate: before.recommendedDisplayFrameRate,
    cineRate: before.cineRate,
    lossyImageCompression: before.lossyImageCompression,
    lossyCompressions: (changed & changes.lossyRatio) === 0 ? before.lossyCompressions : readLossyCompressions(dataSet),
    burnedInAnnotation: before.burnedInAnnotation,
    imageType: before.imageType,
    transferSyntaxUid: before.transferSyntaxUid,
    instanceNumber: isOther ? dataSet.integer(tags.instanceNumber) : before.instanceNumber,
    numberOfFrames: before.numberOfFrames,
    unfolding: before.unfolding,
    notes: before.notes,
    pixels: before.pixels,
    pixelData: samePixelData(before.pixelData, context.pixelData),
    extendedOffsets: before.extendedOffsets,
    pixelAspectRatio: before.pixelAspectRatio,
    padding: before.padding,
    saidOfPixels: before.saidOfPixels,
    presentationLutShape: before.presentationLutShape,
    totalPixelMatrix: before.totalPixelMatrix,
    segmentation: before.segmentation,
    overlays: before.overlays,
    palette: before.palette,
    frames: [frame],
  };
  return before.pixelsAreBytes === true ? { ...header, pixelsAreBytes: true } : header;
}

function isSameContext(one: HeaderContext, other: HeaderContext): boolean {
  return (
    one.transferSyntaxUid === other.transferSyntaxUid &&
    one.sopClassUid === other.sopClassUid &&
    one.kind === other.kind &&
    one.pixelsAreBytes === other.pixelsAreBytes
  );
}

function samePixelData(
  before: PixelDataLocation | undefined,
  found: PixelDataLocation | undefined,
): PixelDataLocation | undefined {
  const isSame =
    before?.offset === found?.offset &&
    before?.length === found?.length &&
    before?.encapsulated === found?.encapsulated;
  return isSame ? before : found;
}
