/** One component of a JPEG frame (ITU-T T.81 B.2.2). */
export interface JpegComponent {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantizationTable: number;
}

/** What a JPEG codestream says of itself before its first scan. */
export interface JpegHeaders {
  /**
   * The low four bits of the SOF marker: 0 baseline, 1 extended, 2 progressive, 3 lossless, +8 arithmetic; 55 JPEG-LS.
   */
  readonly process: number;
  readonly precision: number;
  /** 0 where a DNL marker gives the number later. */
  readonly rows: number;
  readonly columns: number;
  readonly components: readonly JpegComponent[];
  /** There is an APP0 JFIF marker: three components are YCbCr then. */
  readonly jfif: boolean;
  /** The colour transform of an Adobe APP14 marker: 0 none, 1 YCbCr, 2 YCCK. */
  readonly adobeTransform: number | undefined;
  /** Offset of SOI. */
  readonly start: number;
}

/** The `process` of JPEG-LS, whose frames have a SOF marker of their own (ITU-T T.87). */
export const jpegLsProcess = 55;

const startOfImage = 0xd8;
const startOfJpegLsFrame = 0xf7;
/** DHT, JPG and DAC have markers among those of frame headers. */
const otherMarkers: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);

/**
 * Reads the marker segments up to the frame header (SOF). Bytes before SOI are skipped: some writers leave zeros there.
 *
 * @returns undefined where there is no frame header
 */
export function readJpegHeaders(bytes: Uint8Array): JpegHeaders | undefined {
  const start = findStart(bytes);
  if (start === undefined) return undefined;
  let jfif = false;
  let adobeTransform: number | undefined;
  let at = start + 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += 2;
      continue;
    }
    const length = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    if (length < 2 || marker === 0xda || marker === 0xd9) return undefined;
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xe0 && startsWith(segment, 'JFIF\0')) jfif = true;
    if (marker === 0xee && segment.length >= 12 && startsWith(segment, 'Adobe')) adobeTransform = segment[11];
    const isFrame = (marker >= 0xc0 && marker <= 0xcf && !otherMarkers.has(marker)) || marker === startOfJpegLsFrame;
    if (isFrame) {
      const process = marker === startOfJpegLsFrame ? jpegLsProcess : marker & 15;
      return readFrameHeader(segment, { process, jfif, adobeTransform, start });
    }
    at += 2 + length;
  }
  return undefined;
}

function findStart(bytes: Uint8Array): number | undefined {
  for (let at = 0; at + 1 < bytes.length && at < 64; at++) {
    if (bytes[at] === 0xff && bytes[at + 1] === startOfImage) return at;
  }
  return undefined;
}

function readFrameHeader(
  segment: Uint8Array,
  found: Pick<JpegHeaders, 'process' | 'jfif' | 'adobeTransform' | 'start'>,
): JpegHeaders | undefined {
  const count = segment[5] ?? 0;
  if (segment.length < 6 + 3 * count || count === 0) return undefined;
  const components = Array.from({ length: count }, (_, index): JpegComponent => {
    const at = 6 + 3 * index;
    const sampling = segment[at + 1] ?? 0;
    return {
      id: segment[at] ?? 0,
      horizontal: sampling >> 4,
      vertical: sampling & 15,
      quantizationTable: segment[at + 2] ?? 0,
    };
  });
  return {
    ...found,
    precision: segment[0] ?? 0,
    rows: (segment[1] ?? 0) * 256 + (segment[2] ?? 0),
    columns: (segment[3] ?? 0) * 256 + (segment[4] ?? 0),
    components,
  };
}

function startsWith(segment: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (segment[i] !== text.charCodeAt(i)) return false;
  return true;
}

/**
 * Whether a DCT codestream of three components holds RGB and not YCbCr. The codestream itself tells: the transform of
 * an Adobe marker, JFIF (always YCbCr), component ids 'R', 'G', 'B', subsampled components (never RGB). Where it tells
 * nothing, Photometric Interpretation decides: libraries take it for YCbCr then, which turns true RGB images green.
 */
export function holdsRgb(headers: JpegHeaders, photometricInterpretation: string): boolean {
  if (headers.adobeTransform !== undefined) return headers.adobeTransform === 0;
  if (headers.jfif) return false;
  const [first, second, third] = headers.components;
  if (first?.id === 0x52 && second?.id === 0x47 && third?.id === 0x42) return true;
  const subsampled = headers.components.some(
    (component) => component.horizontal !== first?.horizontal || component.vertical !== first.vertical,
  );
  return !subsampled && photometricInterpretation === 'RGB';
}
