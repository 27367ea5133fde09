import { inflateRawSync } from 'node:zlib';
import { InvalidDicomError, NotDicomError } from '../errors/errors.ts';
import type { InstanceHeader, PixelDataLocation } from '../types/instance.ts';
import { DataSet } from './data-set.ts';
import { ElementWalker } from './element-walker.ts';
import { buildInstanceHeader } from './instance-header.ts';
import { type DataSetStart, findDataSet } from './part10.ts';
import { isSingleFrameSopClass } from './sop-classes.ts';
import { formatTag, tags } from './tags.ts';
import { holdsManySlices } from './unfolding.ts';

/**
 * How far into a header the bytes reached:
 * - `start`: not far enough to put the instance in order;
 * - `order`: all that ordering needs (groups up to 0020, and the functional groups of a multi-frame instance);
 * - `pixels`: up to the pixel data element, whose place is known;
 * - `end`: the whole object, and there are no pixel data in it.
 */
export type HeaderExtent = 'start' | 'order' | 'pixels' | 'end';

export interface ParsedHeader {
  readonly extent: HeaderExtent;
  readonly header: InstanceHeader;
  /**
   * Bytes from the object's start that are needed to get further (a lower bound; the buffer's length doubled where
   * nothing better is known). 0 at `pixels` and `end`.
   */
  readonly neededLength: number;
  /**
   * The data set's bytes where they are not the object's own (a deflated data set): offsets in `header` count from their
   * start. Undefined otherwise.
   */
  readonly inflated: Uint8Array | undefined;
  /** The object ended inside an element, so that what follows is missing. */
  readonly truncated: boolean;
  /** The element that it ended in, for messages: `(0028,0010) at byte 1408`. */
  readonly truncatedIn?: string | undefined;
}

export interface ParseOptions {
  /** Whether the bytes are the whole object. */
  readonly complete: boolean;
}

/** A deflated data set may not grow beyond this: about a thousand CT instances. */
const maximumInflatedLength = 1 << 30;

/**
 * Parses a DICOM header (PS3.5, PS3.10) from the first bytes of an object, as far as they reach. Cheap to call again
 * with more bytes: it starts from the beginning.
 *
 * @throws NotDicomError, InvalidDicomError
 */
export function parseHeader(bytes: Uint8Array, options: ParseOptions): ParsedHeader {
  const start = findDataSet(bytes, options.complete);
  if ('neededLength' in start) {
    const empty = buildInstanceHeader(new DataSet(Buffer.alloc(0), new DataView(new ArrayBuffer(0)), false), {
      transferSyntaxUid: '',
      sopClassUid: '',
      pixelData: undefined,
      kind: 'integer',
    });
    return { extent: 'start', header: empty, neededLength: start.neededLength, inflated: undefined, truncated: false };
  }
  if (!start.encoding.deflated) {
    return parseDataSet(bytes, start.offset, start, options.complete, undefined);
  }
  const inflated = inflate(bytes.subarray(start.offset), options.complete);
  const parsed = parseDataSet(inflated, 0, start, options.complete, inflated);
  // How many compressed bytes hold the missing ones is unknown: ask for twice as many.
  return parsed.neededLength === 0 ? parsed : { ...parsed, neededLength: bytes.length * 2 };
}

/** Inflates a raw deflate stream (RFC 1951) that may be cut off. */
function inflate(bytes: Uint8Array, complete: boolean): Uint8Array {
  // Z_SYNC_FLUSH gives what there is of a stream that is cut off, in place of an error.
  const finishFlush = 2;
  try {
    return inflateRawSync(bytes, { finishFlush, maxOutputLength: maximumInflatedLength });
  } catch (cause) {
    throw new InvalidDicomError(
      `Expected a deflated data set${complete ? '' : ' (a part of it)'} but it does not inflate, or grows beyond ${maximumInflatedLength} bytes.`,
      { cause },
    );
  }
}

function parseDataSet(
  bytes: Uint8Array,
  offset: number,
  { encoding, transferSyntaxUid, sopClassUid }: DataSetStart,
  complete: boolean,
  inflated: Uint8Array | undefined,
): ParsedHeader {
  const walker = new ElementWalker(bytes, encoding);
  const dataSet = new DataSet(walker.bytes, walker.view, encoding.bigEndian);
  let at = offset;
  let lastTag = 0;
  let pixelData: PixelDataLocation | undefined;
  let kind: 'integer' | 'float' | 'double' = 'integer';
  let pixelsAreBytes = false;
  let neededLength = 0;
  let last = { tag: 0, at: offset };
  while (at < bytes.length) {
    if (!walker.readElementHeader(at)) {
      neededLength = walker.neededLength;
      break;
    }
    const { tag } = walker;
    if (tag === 0 && endsInsideDelimitation(walker, at)) {
      at += 4;
      continue;
    }
    last = { tag, at };
    const pixelKind = pixelDataKind(tag);
    if (pixelKind !== undefined) {
      kind = pixelKind;
      pixelData = {
        offset: walker.valueOffset,
        length: walker.valueLength < 0 ? undefined : walker.valueLength,
        encapsulated: walker.valueLength < 0 && startsWithItem(walker),
      };
      pixelsAreBytes = walker.vr === 'OB';
      break;
    }
    const next = walker.readValue(dataSet, 0);
    if (next < 0) {
      neededLength = Math.max(walker.neededLength, bytes.length + 1);
      break;
    }
    // Behind an element of group 0020 or less, everything before it has been seen.
    lastTag = Math.max(lastTag, tag);
    at = next;
  }
  if (at >= bytes.length && neededLength === 0) neededLength = at + 12;
  const header = buildInstanceHeader(dataSet, { transferSyntaxUid, sopClassUid, pixelData, kind, pixelsAreBytes });
  const base = { header, inflated };
  if (pixelData !== undefined) return { ...base, extent: 'pixels', neededLength: 0, truncated: false };
  if (complete) {
    if (dataSet.elements.size === 0 && offset === 0 && inflated === undefined) {
      throw new NotDicomError('Expected a DICOM data set but found no element that belongs to one.');
    }
    const truncated = at !== bytes.length;
    const truncatedIn = truncated ? `${formatTag(last.tag)} at byte ${last.at}` : undefined;
    return { ...base, extent: 'end', neededLength: 0, truncated, truncatedIn };
  }
  const extent = isOrderKnown(dataSet, lastTag, header) ? 'order' : 'start';
  return { ...base, extent, neededLength, truncated: false };
}

/** Whether a sequence was said to end in the middle of its last item's delimitation, as a private one of Philips's does. */
function endsInsideDelimitation({ view, bigEndian }: ElementWalker, at: number): boolean {
  const little = !bigEndian;
  return at >= 4 && view.getUint16(at - 4, little) === 0xfffe && view.getUint16(at - 2, little) === 0xe00d;
}

/** Undefined length alone does not make pixel data encapsulated: native ones of undefined length occur. */
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

/** Whether everything that ordering needs lies before the last element read. */
function isOrderKnown(dataSet: DataSet, lastTag: number, header: InstanceHeader): boolean {
  if (lastTag <= tags.sliceLocation) return false;
  // Where the slices of a mosaic or a grid lie stands in private elements.
  const many = holdsManySlices(header.imageType);
  if (many === 'siemens' && lastTag < tags.siemensCsaImageHeader) return false;
  if (many === 'uih' && lastTag < tags.uihGridSequence) return false;
  if (isSingleFrameSopClass(header.sopClassUid)) return true;
  // Number of Frames stands before Rows.
  if (lastTag < tags.rows) return false;
  if (header.numberOfFrames <= 1 && !dataSet.has(tags.numberOfFrames)) return true;
  // Positions of frames: functional groups (5200), Grid Frame Offset Vector (3004).
  return lastTag > tags.perFrameFunctionalGroupsSequence;
}
