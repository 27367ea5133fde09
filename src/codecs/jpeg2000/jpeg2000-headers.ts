import { jpeg2000Mark, looksLikeJpeg2000 } from '../codestream-kind.ts';

/** What a JPEG 2000 codestream says of itself in its main header (ITU-T T.800 Annex A, T.814 for HT). */
export interface Jpeg2000Headers {
  readonly rows: number;
  readonly columns: number;
  /** The image does not begin at (0, 0) of the reference grid. Nearly all images do. */
  readonly hasOffset: boolean;
  readonly components: readonly {
    readonly precision: number;
    readonly signed: boolean;
    readonly subsampled: boolean;
  }[];
  /** The components went through the reversible or irreversible colour transform: decoders undo it and give RGB. */
  readonly multipleComponentTransform: boolean;
  /** The smallest number n of wavelet decompositions of any component: 2^n is the greatest reduction. */
  readonly decompositions: number;
  /** The code blocks have the high throughput coding. */
  readonly highThroughput: boolean;
  /** The enumerated colour space of a JP2 file around the codestream: 16 sRGB, 17 grey, 18 sYCC. */
  readonly colourSpace: number | undefined;
  /** The codestream, without boxes around it. */
  readonly codestream: Uint8Array;
  /**
   * Offset (in the codestream) of the first component's Ssiz byte, which holds precision and sign; 3 bytes a component.
   */
  readonly signOffset: number;
  /** No tile-part is cut off. */
  readonly complete: boolean;
}

/**
 * Reads the main header and steps over the tile-parts.
 *
 * @returns undefined where there is no codestream, or its main header is broken
 */
export function readJpeg2000Headers(bytes: Uint8Array): Jpeg2000Headers | undefined {
  const found = findCodestream(bytes);
  if (found === undefined) return undefined;
  const { codestream, colourSpace } = found;
  const view = viewOf(codestream);
  if (codestream.length < 60 || view.getUint32(0) !== jpeg2000Mark) return undefined;
  const count = view.getUint16(40);
  if (count === 0 || 42 + 3 * count > codestream.length) return undefined;
  const columns = view.getUint32(8) - view.getUint32(16);
  const rows = view.getUint32(12) - view.getUint32(20);
  const components = Array.from({ length: count }, (_, index) => {
    const at = 42 + 3 * index;
    const size = view.getUint8(at);
    const subsampled = view.getUint8(at + 1) !== 1 || view.getUint8(at + 2) !== 1;
    return { precision: (size & 0x7f) + 1, signed: size >> 7 === 1, subsampled };
  });
  const segments = walkMainHeader(view);
  if (segments === undefined) return undefined;
  return {
    rows,
    columns,
    hasOffset: view.getUint32(16) !== 0 || view.getUint32(20) !== 0,
    components,
    multipleComponentTransform: segments.multipleComponentTransform,
    decompositions: segments.decompositions,
    highThroughput: segments.highThroughput,
    colourSpace,
    codestream,
    signOffset: 42,
    complete: isComplete(view, segments.end),
  };
}

interface MainHeader {
  readonly multipleComponentTransform: boolean;
  readonly decompositions: number;
  readonly highThroughput: boolean;
  /** Offset of the first SOT. */
  readonly end: number;
}

function walkMainHeader(view: DataView): MainHeader | undefined {
  let multipleComponentTransform = false;
  let decompositions: number | undefined;
  let highThroughput = false;
  let at = 2;
  while (at + 4 <= view.byteLength) {
    const marker = view.getUint16(at);
    if (marker === 0xff90) {
      if (decompositions === undefined) return undefined;
      return { multipleComponentTransform, decompositions, highThroughput, end: at };
    }
    const length = view.getUint16(at + 2);
    if (marker >> 8 !== 0xff || length < 2 || at + 2 + length > view.byteLength) return undefined;
    if (marker === 0xff52 && length >= 12) {
      multipleComponentTransform = view.getUint8(at + 8) === 1;
      decompositions = Math.min(decompositions ?? 32, view.getUint8(at + 9));
    } else if (marker === 0xff53 && length >= 9) {
      const wide = view.getUint16(40) > 256 ? 1 : 0;
      decompositions = Math.min(decompositions ?? 32, view.getUint8(at + 6 + wide));
    } else if (marker === 0xff50 && length >= 6) {
      highThroughput = (view.getUint32(at + 4) & 0x00020000) !== 0;
    }
    at += 2 + length;
  }
  return undefined;
}

/**
 * Steps from tile-part to tile-part (SOT: T.800 A.4.2) to the end of the codestream. A last tile-part of length 0
 * reaches to the end: there must be an EOC marker then.
 */
function isComplete(view: DataView, firstTilePart: number): boolean {
  let at = firstTilePart;
  while (at + 12 <= view.byteLength && view.getUint16(at) === 0xff90) {
    const length = view.getUint32(at + 6);
    if (length === 0) return endsWithMarker(view);
    if (length < 14 || at + length > view.byteLength) return false;
    at += length;
  }
  return at + 2 > view.byteLength || view.getUint16(at) === 0xffd9;
}

/** Whether EOC is at the end; zeros after it are padding, or come from joined fragments. */
function endsWithMarker(view: DataView): boolean {
  let end = view.byteLength;
  while (end > 2 && view.getUint8(end - 1) === 0) end -= 1;
  return end >= 2 && view.getUint16(end - 2) === 0xffd9;
}

/** The codestream itself: all bytes, or the content of the contiguous codestream box of a JP2 file (T.800 I.5.4). */
function findCodestream(
  bytes: Uint8Array,
): { readonly codestream: Uint8Array; readonly colourSpace: number | undefined } | undefined {
  if (!looksLikeJpeg2000(bytes)) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(0) === jpeg2000Mark) return { codestream: bytes, colourSpace: undefined };
  let colourSpace: number | undefined;
  let at = 0;
  while (at + 8 <= bytes.length) {
    const box = readBox(view, at);
    if (box === undefined) return undefined;
    if (box.type === 0x6a703263) return { codestream: bytes.subarray(box.start, box.end), colourSpace };
    if (box.type === 0x6a703268) {
      // The JP2 header is a box that holds boxes: step into it.
      at = box.start;
      continue;
    }
    if (box.type === 0x636f6c72 && box.end - box.start >= 7 && view.getUint8(box.start) === 1) {
      colourSpace ??= view.getUint32(box.start + 3);
    }
    at = box.end;
  }
  return undefined;
}

function readBox(
  view: DataView,
  at: number,
): { readonly type: number; readonly start: number; readonly end: number } | undefined {
  const short = view.getUint32(at);
  const type = view.getUint32(at + 4);
  if (short === 0) return { type, start: at + 8, end: view.byteLength };
  if (short !== 1) {
    const end = Math.min(at + short, view.byteLength);
    return short < 8 ? undefined : { type, start: at + 8, end };
  }
  if (at + 16 > view.byteLength) return undefined;
  const long = view.getUint32(at + 8) * 2 ** 32 + view.getUint32(at + 12);
  return long < 16 ? undefined : { type, start: at + 16, end: Math.min(at + long, view.byteLength) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
