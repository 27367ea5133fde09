/** How the pixel data of a transfer syntax are coded. */
export type PixelCoding =
  | 'native'
  | 'rle'
  | 'deflated-frame'
  | 'jpeg'
  | 'jpeg-ls'
  | 'jpeg-2000'
  | 'jpeg-xl'
  | 'video'
  /** The pixels lie on a JPIP server. */
  | 'jpip'
  /** No objects with pixel data are stored so. */
  | 'none';

/** How the bytes of a data set are laid out (PS3.5 section 10, Annex A). */
export interface DataSetEncoding {
  readonly implicitVr: boolean;
  readonly bigEndian: boolean;
  /** The data set after the file meta information is a raw deflate stream (PS3.5 A.5). */
  readonly deflated: boolean;
}

interface Traits extends DataSetEncoding {
  readonly isRetired: boolean;
  /** Native pixel data are big endian, whatever the data set is. */
  readonly bigEndianPixels: boolean;
  /** Native values that lie in fragments, as compressed ones do (PS3.5 A.4.11). */
  readonly isEncapsulatedNative: boolean;
  /** JPEG of a lossless process. */
  readonly isLosslessJpeg: boolean;
  readonly isHighThroughput: boolean;
}

/** What the standard says of a transfer syntax. */
export interface TransferSyntax extends Traits {
  readonly uid: string;
  /** As PS3.6 Table A-1 writes it. */
  readonly name: string;
  readonly coding: PixelCoding;
}

/** UIDs of the transfer syntaxes that code has to name, by their keyword in PS3.6 Table A-1 (in camel case). */
export const transferSyntaxUids = {
  implicitVrLittleEndian: '1.2.840.10008.1.2',
  explicitVrLittleEndian: '1.2.840.10008.1.2.1',
  encapsulatedUncompressedExplicitVrLittleEndian: '1.2.840.10008.1.2.1.98',
  explicitVrBigEndian: '1.2.840.10008.1.2.2',
  rleLossless: '1.2.840.10008.1.2.5',
  jpegBaseline8Bit: '1.2.840.10008.1.2.4.50',
  jpegExtended12Bit: '1.2.840.10008.1.2.4.51',
  jpegFullProgressionNonHierarchical1012: '1.2.840.10008.1.2.4.55',
  jpegLosslessSv1: '1.2.840.10008.1.2.4.70',
  jpegLsLossless: '1.2.840.10008.1.2.4.80',
  jpeg2000Lossless: '1.2.840.10008.1.2.4.90',
  jpeg2000: '1.2.840.10008.1.2.4.91',
  jpeg2000McLossless: '1.2.840.10008.1.2.4.92',
  mpeg2Mpml: '1.2.840.10008.1.2.4.100',
  mpeg4Hp41: '1.2.840.10008.1.2.4.102',
  hevcMp51: '1.2.840.10008.1.2.4.107',
  jpegXlLossless: '1.2.840.10008.1.2.4.110',
  htj2kLossless: '1.2.840.10008.1.2.4.201',
  htj2k: '1.2.840.10008.1.2.4.203',
} as const;

const uids = transferSyntaxUids;
const retired = { isRetired: true };
const losslessJpeg = { isLosslessJpeg: true };
const highThroughput = { isHighThroughput: true };

type Row = readonly [uid: string, coding: PixelCoding, name: string, traits?: Partial<Traits>];

/** PS3.6 Table A-1, retired transfer syntaxes included, and a private one of GE. */
const rows: readonly Row[] = [
  [uids.implicitVrLittleEndian, 'native', 'Implicit VR Little Endian', { implicitVr: true }],
  [uids.explicitVrLittleEndian, 'native', 'Explicit VR Little Endian'],
  [
    uids.encapsulatedUncompressedExplicitVrLittleEndian,
    'native',
    'Encapsulated Uncompressed Explicit VR Little Endian',
    { isEncapsulatedNative: true },
  ],
  ['1.2.840.10008.1.2.1.99', 'native', 'Deflated Explicit VR Little Endian', { deflated: true }],
  [
    uids.explicitVrBigEndian,
    'native',
    'Explicit VR Big Endian',
    { ...retired, bigEndian: true, bigEndianPixels: true },
  ],
  [
    '1.2.840.113619.5.2',
    'native',
    'Implicit VR Little Endian with big endian Pixel Data (GE private)',
    { implicitVr: true, bigEndianPixels: true },
  ],
  [uids.rleLossless, 'rle', 'RLE Lossless'],
  ['1.2.840.10008.1.2.8.1', 'deflated-frame', 'Deflated Image Frame Compression'],
  [uids.jpegBaseline8Bit, 'jpeg', 'JPEG Baseline (Process 1)'],
  [uids.jpegExtended12Bit, 'jpeg', 'JPEG Extended (Process 2 & 4)'],
  ['1.2.840.10008.1.2.4.52', 'jpeg', 'JPEG Extended (Process 3 & 5)', retired],
  ['1.2.840.10008.1.2.4.53', 'jpeg', 'JPEG Spectral Selection, Non-Hierarchical (Process 6 & 8)', retired],
  ['1.2.840.10008.1.2.4.54', 'jpeg', 'JPEG Spectral Selection, Non-Hierarchical (Process 7 & 9)', retired],
  [
    uids.jpegFullProgressionNonHierarchical1012,
    'jpeg',
    'JPEG Full Progression, Non-Hierarchical (Process 10 & 12)',
    retired,
  ],
  ['1.2.840.10008.1.2.4.56', 'jpeg', 'JPEG Full Progression, Non-Hierarchical (Process 11 & 13)', retired],
  ['1.2.840.10008.1.2.4.57', 'jpeg', 'JPEG Lossless, Non-Hierarchical (Process 14)', losslessJpeg],
  ['1.2.840.10008.1.2.4.58', 'jpeg', 'JPEG Lossless, Non-Hierarchical (Process 15)', { ...retired, ...losslessJpeg }],
  ['1.2.840.10008.1.2.4.59', 'jpeg', 'JPEG Extended, Hierarchical (Process 16 & 18)', retired],
  ['1.2.840.10008.1.2.4.60', 'jpeg', 'JPEG Extended, Hierarchical (Process 17 & 19)', retired],
  ['1.2.840.10008.1.2.4.61', 'jpeg', 'JPEG Spectral Selection, Hierarchical (Process 20 & 22)', retired],
  ['1.2.840.10008.1.2.4.62', 'jpeg', 'JPEG Spectral Selection, Hierarchical (Process 21 & 23)', retired],
  ['1.2.840.10008.1.2.4.63', 'jpeg', 'JPEG Full Progression, Hierarchical (Process 24 & 26)', retired],
  ['1.2.840.10008.1.2.4.64', 'jpeg', 'JPEG Full Progression, Hierarchical (Process 25 & 27)', retired],
  ['1.2.840.10008.1.2.4.65', 'jpeg', 'JPEG Lossless, Hierarchical (Process 28)', { ...retired, ...losslessJpeg }],
  ['1.2.840.10008.1.2.4.66', 'jpeg', 'JPEG Lossless, Hierarchical (Process 29)', { ...retired, ...losslessJpeg }],
  [
    uids.jpegLosslessSv1,
    'jpeg',
    'JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])',
    losslessJpeg,
  ],
  [uids.jpegLsLossless, 'jpeg-ls', 'JPEG-LS Lossless Image Compression'],
  ['1.2.840.10008.1.2.4.81', 'jpeg-ls', 'JPEG-LS Lossy (Near-Lossless) Image Compression'],
  [uids.jpeg2000Lossless, 'jpeg-2000', 'JPEG 2000 Image Compression (Lossless Only)'],
  [uids.jpeg2000, 'jpeg-2000', 'JPEG 2000 Image Compression'],
  [uids.jpeg2000McLossless, 'jpeg-2000', 'JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)'],
  ['1.2.840.10008.1.2.4.93', 'jpeg-2000', 'JPEG 2000 Part 2 Multi-component Image Compression'],
  ['1.2.840.10008.1.2.4.94', 'jpip', 'JPIP Referenced'],
  ['1.2.840.10008.1.2.4.95', 'jpip', 'JPIP Referenced Deflate', { deflated: true }],
  [uids.mpeg2Mpml, 'video', 'MPEG2 Main Profile / Main Level'],
  ['1.2.840.10008.1.2.4.100.1', 'video', 'Fragmentable MPEG2 Main Profile / Main Level'],
  ['1.2.840.10008.1.2.4.101', 'video', 'MPEG2 Main Profile / High Level'],
  ['1.2.840.10008.1.2.4.101.1', 'video', 'Fragmentable MPEG2 Main Profile / High Level'],
  [uids.mpeg4Hp41, 'video', 'MPEG-4 AVC/H.264 High Profile / Level 4.1'],
  ['1.2.840.10008.1.2.4.102.1', 'video', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1'],
  ['1.2.840.10008.1.2.4.103', 'video', 'MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1'],
  ['1.2.840.10008.1.2.4.103.1', 'video', 'Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1'],
  ['1.2.840.10008.1.2.4.104', 'video', 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video'],
  ['1.2.840.10008.1.2.4.104.1', 'video', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video'],
  ['1.2.840.10008.1.2.4.105', 'video', 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video'],
  ['1.2.840.10008.1.2.4.105.1', 'video', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video'],
  ['1.2.840.10008.1.2.4.106', 'video', 'MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2'],
  ['1.2.840.10008.1.2.4.106.1', 'video', 'Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2'],
  [uids.hevcMp51, 'video', 'HEVC/H.265 Main Profile / Level 5.1'],
  ['1.2.840.10008.1.2.4.108', 'video', 'HEVC/H.265 Main 10 Profile / Level 5.1'],
  [uids.jpegXlLossless, 'jpeg-xl', 'JPEG XL Lossless'],
  ['1.2.840.10008.1.2.4.111', 'jpeg-xl', 'JPEG XL JPEG Recompression'],
  ['1.2.840.10008.1.2.4.112', 'jpeg-xl', 'JPEG XL'],
  [uids.htj2kLossless, 'jpeg-2000', 'High-Throughput JPEG 2000 Image Compression (Lossless Only)', highThroughput],
  [
    '1.2.840.10008.1.2.4.202',
    'jpeg-2000',
    'High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)',
    highThroughput,
  ],
  [uids.htj2k, 'jpeg-2000', 'High-Throughput JPEG 2000 Image Compression', highThroughput],
  ['1.2.840.10008.1.2.4.204', 'jpip', 'JPIP HTJ2K Referenced'],
  ['1.2.840.10008.1.2.4.205', 'jpip', 'JPIP HTJ2K Referenced Deflate', { deflated: true }],
  ['1.2.840.10008.1.2.6.1', 'none', 'RFC 2557 MIME encapsulation', retired],
  ['1.2.840.10008.1.2.6.2', 'none', 'XML Encoding', retired],
  ['1.2.840.10008.1.2.7.1', 'none', 'SMPTE ST 2110-20 Uncompressed Progressive Active Video'],
  ['1.2.840.10008.1.2.7.2', 'none', 'SMPTE ST 2110-20 Uncompressed Interlaced Active Video'],
  ['1.2.840.10008.1.2.7.3', 'none', 'SMPTE ST 2110-30 PCM Digital Audio'],
  ['1.2.840.10008.1.20', 'native', 'Papyrus 3 Implicit VR Little Endian', { ...retired, implicitVr: true }],
];

const noTraits: Traits = {
  implicitVr: false,
  bigEndian: false,
  deflated: false,
  isRetired: false,
  bigEndianPixels: false,
  isEncapsulatedNative: false,
  isLosslessJpeg: false,
  isHighThroughput: false,
};

/** All transfer syntaxes, in the order of PS3.6 Table A-1 by kind. */
export const transferSyntaxes: readonly TransferSyntax[] = rows.map(([uid, coding, name, traits]) => ({
  uid,
  coding,
  name,
  ...noTraits,
  ...traits,
}));

const byUid: ReadonlyMap<string, TransferSyntax> = new Map(transferSyntaxes.map((syntax) => [syntax.uid, syntax]));

/** The transfer syntax of a UID; undefined where the standard has none (private ones, broken headers). */
export function findTransferSyntax(uid: string): TransferSyntax | undefined {
  return byUid.get(uid);
}

/**
 * The layout of the data set under a Transfer Syntax UID: Explicit VR Little Endian unless the table says otherwise.
 */
export function dataSetEncodingOf(uid: string): DataSetEncoding {
  return byUid.get(uid) ?? noTraits;
}

/** Whether frames are stored without compression, in fragments or not. */
export function isNative(uid: string): boolean {
  return byUid.get(uid)?.coding === 'native';
}

/** Whether native pixel data are big endian under this transfer syntax. */
export function hasBigEndianPixels(uid: string): boolean {
  return byUid.get(uid)?.bigEndianPixels === true;
}

/** Whether the fragments are one video stream (PS3.5 A.4.5 on), however many frames there are. */
export function isVideo(uid: string): boolean {
  return byUid.get(uid)?.coding === 'video';
}

const surelyLossy: ReadonlySet<string> = new Set(['1.2.840.10008.1.2.4.81', '1.2.840.10008.1.2.4.111']);

/** Whether all that is stored so was compressed with loss. Of JPEG 2000 and others, only the header can tell. */
export function isLossyTransferSyntax(uid: string): boolean {
  const syntax = byUid.get(uid);
  const isLossyJpeg = syntax?.coding === 'jpeg' && !syntax.isLosslessJpeg;
  return isLossyJpeg || syntax?.coding === 'video' || surelyLossy.has(uid);
}

/** Name and UID for a message: `JPEG 2000 Image Compression (1.2.840.10008.1.2.4.91)`. */
export function describeTransferSyntax(uid: string): string {
  const syntax = byUid.get(uid);
  if (syntax === undefined) return `an unknown transfer syntax (${printable(uid)})`;
  return `${syntax.name}${syntax.isRetired ? ', retired' : ''} (${syntax.uid})`;
}

/** UIDs come from headers: a message shows letters, digits and dots alone, and 64 of them at most. */
function printable(uid: string): string {
  const clean = uid.replace(/[^0-9A-Za-z.]/g, '').slice(0, 64);
  return clean === '' ? 'no UID' : clean;
}
