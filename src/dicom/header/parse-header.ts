import { InvalidDicomError, NotDicomError } from '../../base/errors.ts';
import { limitHint } from '../../base/limit-hint.ts';
import type { InstanceHeader, PixelDataLocation } from '../../types/instance.ts';
import { defaultLimits, type Limits } from '../../types/limits.ts';
import { type ByteViews, viewsOf } from '../elements/byte-views.ts';
import { DataSet } from '../elements/data-set.ts';
import { ElementTable } from '../elements/element-table.ts';
import { ElementWalker } from '../elements/element-walker.ts';
import { type InflatedPart, inflateSome, maxInflateRatio, zlibHeaderLength } from '../elements/inflate-some.ts';
import { type DataSetStart, findDataSet } from '../elements/part10.ts';
import { isSingleFrameSopClass } from '../sop-classes.ts';
import { formatTag, tags } from '../tags.ts';
import { vrs } from '../vr.ts';
import { type HeaderMemory, updateHeader } from './header-memory.ts';
import type { WalkedElement } from './header-template.ts';
import { buildInstanceHeader, type HeaderContext } from './instance-header.ts';
import { holdsManySlices } from './unfolding.ts';

/**
 * How much of a header the bytes held:
 * - `start`: not enough to put the instance in order;
 * - `order`: all that ordering needs (groups up to 0020, and the functional groups of a multi-frame instance);
 * - `pixels`: all up to the pixel data element, whose place is known then;
 * - `end`: the whole object, in which there are no pixel data.
 */
export type HeaderExtent = 'start' | 'order' | 'pixels' | 'end';

export interface ParsedHeader {
  readonly extent: HeaderExtent;
  readonly header: InstanceHeader;
  /**
   * How many bytes from the start of the object are needed at least to get further; twice the length of the buffer
   * where nothing better is known. 0 at `pixels` and `end`.
   */
  readonly neededLength: number;
  /**
   * Where the deflate stream of a deflated data set begins: offsets in `header` count in the inflated bytes. Undefined
   * for other data sets.
   */
  readonly deflatedAt: number | undefined;
  /** The object ended inside an element: what follows is missing. */
  readonly truncated: boolean;
  /** The element in which it ended, for messages: `(0028,0010) at byte 1408`. */
  readonly truncatedIn?: string | undefined;
}

export interface ParseOptions {
  /** Whether the bytes are the whole object. */
  readonly complete: boolean;
  /** Bytes of the whole object, where that is known: it can hold only so many frames. */
  readonly objectByteLength?: number | undefined;
  /** Inflate no more of a deflated data set than ordering needs. */
  readonly orderSuffices?: boolean;
  /** Give the same one with all headers of a series, one after the other: reading takes less time and memory then. */
  readonly memory?: HeaderMemory | undefined;
  /** What the header may cost. */
  readonly limits?: Limits | undefined;
}

/** Headers with more elements than this at the top level are not remembered. */
const maxWalkedElements = 10_000;
/** Bytes that are inflated of a header at first: it rarely has more. */
const firstInflatedLength = 8192;

/**
 * Parses a DICOM header (PS3.5, PS3.10) from the first bytes of an object, as far as they reach. Call it again with
 * more bytes where they do not reach far enough: it begins at the start again, which is cheap.
 *
 * @throws NotDicomError, InvalidDicomError
 */
export function parseHeader(bytes: Uint8Array, options: ParseOptions): ParsedHeader {
  const views = options.memory?.viewsOf(bytes) ?? viewsOf(bytes);
  const start = findDataSet(bytes, options.complete, views);
  if ('neededLength' in start) {
    const empty = buildInstanceHeader(new DataSet(views.bytes, views.view, false, new ElementTable<DataSet>(true)), {
      transferSyntaxUid: '',
      sopClassUid: '',
      pixelData: undefined,
      kind: 'integer',
      headerLength: 0,
    });
    const { neededLength } = start;
    return { extent: 'start', header: empty, neededLength, deflatedAt: undefined, truncated: false };
  }
  if (start.encoding.deflated) return parseDeflated(bytes, start, options);
  const { complete, memory, objectByteLength, limits } = options;
  const found = { complete, memory, limits, deflatedAt: undefined, availableLength: objectByteLength };
  return parseDataSet(views, start.offset, start, found);
}

/** Inflates as little as the header needs. */
function parseDeflated(bytes: Uint8Array, start: DataSetStart, options: ParseOptions): ParsedHeader {
  const deflatedAt = start.offset + zlibHeaderLength(bytes, start.offset);
  const deflated = bytes.subarray(deflatedAt);
  const { objectByteLength, limits } = options;
  const { inflatedHeaderBytes } = limits ?? defaultLimits;
  let wanted = Math.min(firstInflatedLength, inflatedHeaderBytes);
  let part: InflatedPart | undefined;
  for (;;) {
    part = inflateSome(deflated, wanted, inflatedHeaderBytes, part);
    const { bytes: inflated, isAll } = part;
    const complete = options.complete && isAll;
    const maxLength = objectByteLength === undefined ? undefined : (objectByteLength - deflatedAt) * maxInflateRatio;
    const parsed = parseDataSet(viewsOf(inflated), 0, start, {
      ...{ complete, memory: options.memory, limits, deflatedAt },
      availableLength: complete ? inflated.length : maxLength,
    });
    const isEnough = parsed.extent !== 'start' && (options.orderSuffices === true || parsed.extent !== 'order');
    if (isEnough) return parsed;
    // Nobody knows how many deflated bytes hold what is missing: ask for twice as many.
    if (isAll) return { ...parsed, neededLength: bytes.length * 2 };
    if (inflated.length < wanted || wanted === inflatedHeaderBytes) {
      throw new InvalidDicomError(
        `Expected a deflated header of at most ${inflatedHeaderBytes} bytes but found a longer one. The object is damaged or hostile. ${limitHint('inflatedHeaderBytes')}`,
      );
    }
    wanted = Math.min(Math.max(parsed.neededLength, inflated.length * 2), inflatedHeaderBytes);
  }
}

interface DataSetOptions extends Pick<ParseOptions, 'complete' | 'memory' | 'limits'> {
  readonly deflatedAt: number | undefined;
  /** Bytes of the whole data set from the start of the buffer on, at most; undefined where nobody knows. */
  readonly availableLength: number | undefined;
}

function parseDataSet(views: ByteViews, offset: number, start: DataSetStart, options: DataSetOptions): ParsedHeader {
  const { encoding } = start;
  const { memory } = options;
  const { bytes, view } = views;
  const walker = new ElementWalker(bytes, encoding, views, options.complete, options.limits);
  const elements = memory?.elements ?? new ElementTable<DataSet>(true);
  elements.clear();
  const dataSet = new DataSet(bytes, view, encoding.bigEndian, elements);
  const followed = memory?.follow(walker, dataSet, offset);
  if (followed !== undefined) {
    const passed = { at: followed.end, lastTag: followed.known.lastTag, last: followed.last };
    const walked = walkDataSet(walker, dataSet, passed, undefined);
    const context = contextOf(start, walked, options);
    // The header before had no further elements: what was made of it lacks those of this one.
    const header = walked.isFurther ? undefined : updateHeader(followed, dataSet, context);
    if (header !== undefined) {
      return finish(walked, header, followed.known.hasNumberOfFrames, options, bytes.length);
    }
    elements.clear();
  }
  const list: WalkedElement[] | undefined = memory?.isLearning === true ? [] : undefined;
  const walked = walkDataSet(walker, dataSet, { at: offset, lastTag: 0, last: { tag: 0, at: offset } }, list);
  const context = contextOf(start, walked, options);
  const header = buildInstanceHeader(dataSet, context);
  if (
    options.complete &&
    walked.pixelData === undefined &&
    elements.size === 0 &&
    offset === 0 &&
    options.deflatedAt === undefined
  ) {
    throw new NotDicomError('Expected a DICOM data set but found no element that belongs to one.');
  }
  const hasNumberOfFrames = dataSet.has(tags.numberOfFrames);
  const parsed = finish(walked, header, hasNumberOfFrames, options, bytes.length);
  // Where an odd element ends depends on what follows it: such a header is no template for others.
  const isPlain = !walker.hasOddElements && list !== undefined && list.length < maxWalkedElements;
  if (isPlain && parsed.extent !== 'start') memory?.remember(walker, dataSet, list, walked.lastTag, header, context);
  return parsed;
}

/** What was found on the way through a data set, and how far it led. */
interface Walked {
  /** Where the first element begins that was not read. */
  readonly at: number;
  /** The greatest tag that was read: all elements with smaller tags have been read too. */
  readonly lastTag: number;
  /** The element whose header was read last. */
  readonly last: { readonly tag: number; readonly at: number };
  readonly pixelData: PixelDataLocation | undefined;
  readonly kind: 'integer' | 'float' | 'double';
  readonly pixelsAreBytes: boolean;
  readonly neededLength: number;
  /** Whether any element was read. */
  readonly isFurther: boolean;
}

/** Reads the elements from `start` on, up to the pixel data or as far as the bytes reach, and adds them to `list`. */
function walkDataSet(
  walker: ElementWalker,
  dataSet: DataSet,
  start: Pick<Walked, 'at' | 'lastTag' | 'last'>,
  list: WalkedElement[] | undefined,
): Walked {
  const { length } = dataSet.bytes;
  let { at, lastTag } = start;
  let lastRead = start.last.tag;
  let lastReadAt = start.last.at;
  let isFurther = false;
  let neededLength = 0;
  let pixelData: PixelDataLocation | undefined;
  let kind: Walked['kind'] = 'integer';
  let pixelsAreBytes = false;
  while (at < length) {
    if (!walker.readElementHeader(at)) {
      neededLength = walker.neededLength;
      break;
    }
    const { tag, vr, valueOffset, valueLength } = walker;
    if (tag === 0 && endsInsideDelimitation(walker, at)) {
      at += 4;
      continue;
    }
    lastRead = tag;
    lastReadAt = at;
    const pixelKind = pixelDataKind(tag);
    if (pixelKind !== undefined) {
      kind = pixelKind;
      pixelData = {
        offset: valueOffset,
        length: valueLength < 0 ? undefined : valueLength,
        encapsulated: valueLength < 0 && startsWithItem(walker),
      };
      pixelsAreBytes = vr === vrs.OB;
      break;
    }
    const next = walker.readValue(dataSet, 0);
    if (next < 0) {
      neededLength = Math.max(walker.neededLength, length + 1);
      break;
    }
    if (list !== undefined && list.length < maxWalkedElements) list.push({ tag, vr, at, valueOffset, end: next });
    isFurther = true;
    if (tag > lastTag) lastTag = tag;
    at = next;
  }
  if (at >= length && neededLength === 0) neededLength = at + 12;
  const last = { tag: lastRead, at: lastReadAt };
  return { at, lastTag, last, pixelData, kind, pixelsAreBytes, neededLength, isFurther };
}

function contextOf(
  { transferSyntaxUid, sopClassUid }: DataSetStart,
  { pixelData, kind, pixelsAreBytes, at }: Walked,
  { availableLength }: DataSetOptions,
): HeaderContext {
  return { transferSyntaxUid, sopClassUid, pixelData, kind, pixelsAreBytes, availableLength, headerLength: at };
}

function finish(
  walked: Walked,
  header: InstanceHeader,
  hasNumberOfFrames: boolean,
  { complete, deflatedAt }: DataSetOptions,
  bufferLength: number,
): ParsedHeader {
  if (walked.pixelData !== undefined) {
    return { header, deflatedAt, extent: 'pixels', neededLength: 0, truncated: false };
  }
  if (complete) {
    const truncated = walked.at !== bufferLength;
    const { tag, at } = walked.last;
    const truncatedIn = truncated ? `${formatTag(tag)} at byte ${at}` : undefined;
    return { header, deflatedAt, extent: 'end', neededLength: 0, truncated, truncatedIn };
  }
  const extent = isOrderKnown(hasNumberOfFrames, walked.lastTag, header) ? 'order' : 'start';
  return { header, deflatedAt, extent, neededLength: walked.neededLength, truncated: false };
}

/**
 * Whether a sequence has ended in the middle of its last item's delimitation, as a private sequence of Philips does.
 */
function endsInsideDelimitation({ view, bigEndian }: ElementWalker, at: number): boolean {
  const little = !bigEndian;
  return at >= 4 && view.getUint16(at - 4, little) === 0xfffe && view.getUint16(at - 2, little) === 0xe00d;
}

/**
 * Whether pixel data begin with an item. Undefined length alone does not say so: some native pixel data have it too.
 */
function startsWithItem(walker: ElementWalker): boolean {
  const { view, valueOffset, bigEndian } = walker;
  if (valueOffset + 4 > view.byteLength) return true;
  return (
    view.getUint16(valueOffset, !bigEndian) === 0xfffe &&
    (view.getUint16(valueOffset + 2, !bigEndian) === 0xe000 || view.getUint16(valueOffset + 2, !bigEndian) === 0xe0dd)
  );
}

function pixelDataKind(tag: number): 'integer' | 'float' | 'double' | undefined {
  if (tag === tags.pixelData) return 'integer';
  if (tag === tags.floatPixelData) return 'float';
  return tag === tags.doubleFloatPixelData ? 'double' : undefined;
}

/** Whether all that ordering needs has been read. */
function isOrderKnown(hasNumberOfFrames: boolean, lastTag: number, header: InstanceHeader): boolean {
  if (lastTag <= tags.sliceLocation) return false;
  // Private elements say where the slices of a mosaic or a grid lie.
  const many = holdsManySlices(header.imageType);
  if (many === 'siemens' && lastTag < tags.siemensCsaImageHeader) return false;
  if (many === 'uih' && lastTag < tags.uihGridSequence) return false;
  if (isSingleFrameSopClass(header.sopClassUid)) return true;
  // Number of Frames comes before Rows.
  if (lastTag < tags.rows) return false;
  if (header.numberOfFrames <= 1 && !hasNumberOfFrames) return true;
  // The positions of frames are in functional groups (5200), or in Grid Frame Offset Vector (3004).
  return lastTag > tags.perFrameFunctionalGroupsSequence;
}
