/** How the Pixel Data of a transfer syntax are coded: which codec a frame goes to. */
export type CodecFamily =
  | 'native'
  | 'rle'
  | 'deflated-frame'
  | 'jpeg'
  | 'jpeg-ls'
  | 'jpeg-2000'
  | 'jpeg-xl'
  | 'video'
  | 'jpip'
  | 'none';

export interface TransferSyntax {
  readonly uid: string;
  /** As PS3.6 Table A-1 writes it. */
  readonly name: string;
  readonly retired: boolean;
  readonly family: CodecFamily;
}

const current = (uid: string, family: CodecFamily, name: string): TransferSyntax => ({
  uid,
  name,
  retired: false,
  family,
});
const retired = (uid: string, family: CodecFamily, name: string): TransferSyntax => ({
  uid,
  name,
  retired: true,
  family,
});

const DICOM = '1.2.840.10008.1.2';
const JPEG = `${DICOM}.4`;

/** Every transfer syntax of PS3.6 Table A-1, retired ones included, and GE's private one. */
const TRANSFER_SYNTAXES: readonly TransferSyntax[] = [
  current(DICOM, 'native', 'Implicit VR Little Endian'),
  current(`${DICOM}.1`, 'native', 'Explicit VR Little Endian'),
  current(`${DICOM}.1.98`, 'native', 'Encapsulated Uncompressed Explicit VR Little Endian'),
  current(`${DICOM}.1.99`, 'native', 'Deflated Explicit VR Little Endian'),
  retired(`${DICOM}.2`, 'native', 'Explicit VR Big Endian'),
  current('1.2.840.113619.5.2', 'native', 'Implicit VR Little Endian with big endian Pixel Data (GE private)'),
  current(`${DICOM}.5`, 'rle', 'RLE Lossless'),
  current(`${DICOM}.8.1`, 'deflated-frame', 'Deflated Image Frame Compression'),
  current(`${JPEG}.50`, 'jpeg', 'JPEG Baseline (Process 1)'),
  current(`${JPEG}.51`, 'jpeg', 'JPEG Extended (Process 2 & 4)'),
  retired(`${JPEG}.52`, 'jpeg', 'JPEG Extended (Process 3 & 5)'),
  retired(`${JPEG}.53`, 'jpeg', 'JPEG Spectral Selection, Non-Hierarchical (Process 6 & 8)'),
  retired(`${JPEG}.54`, 'jpeg', 'JPEG Spectral Selection, Non-Hierarchical (Process 7 & 9)'),
  retired(`${JPEG}.55`, 'jpeg', 'JPEG Full Progression, Non-Hierarchical (Process 10 & 12)'),
  retired(`${JPEG}.56`, 'jpeg', 'JPEG Full Progression, Non-Hierarchical (Process 11 & 13)'),
  current(`${JPEG}.57`, 'jpeg', 'JPEG Lossless, Non-Hierarchical (Process 14)'),
  retired(`${JPEG}.58`, 'jpeg', 'JPEG Lossless, Non-Hierarchical (Process 15)'),
  retired(`${JPEG}.59`, 'jpeg', 'JPEG Extended, Hierarchical (Process 16 & 18)'),
  retired(`${JPEG}.60`, 'jpeg', 'JPEG Extended, Hierarchical (Process 17 & 19)'),
  retired(`${JPEG}.61`, 'jpeg', 'JPEG Spectral Selection, Hierarchical (Process 20 & 22)'),
  retired(`${JPEG}.62`, 'jpeg', 'JPEG Spectral Selection, Hierarchical (Process 21 & 23)'),
  retired(`${JPEG}.63`, 'jpeg', 'JPEG Full Progression, Hierarchical (Process 24 & 26)'),
  retired(`${JPEG}.64`, 'jpeg', 'JPEG Full Progression, Hierarchical (Process 25 & 27)'),
  retired(`${JPEG}.65`, 'jpeg', 'JPEG Lossless, Hierarchical (Process 28)'),
  retired(`${JPEG}.66`, 'jpeg', 'JPEG Lossless, Hierarchical (Process 29)'),
  current(
    `${JPEG}.70`,
    'jpeg',
    'JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])',
  ),
  current(`${JPEG}.80`, 'jpeg-ls', 'JPEG-LS Lossless Image Compression'),
  current(`${JPEG}.81`, 'jpeg-ls', 'JPEG-LS Lossy (Near-Lossless) Image Compression'),
  current(`${JPEG}.90`, 'jpeg-2000', 'JPEG 2000 Image Compression (Lossless Only)'),
  current(`${JPEG}.91`, 'jpeg-2000', 'JPEG 2000 Image Compression'),
  current(`${JPEG}.92`, 'jpeg-2000', 'JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)'),
  current(`${JPEG}.93`, 'jpeg-2000', 'JPEG 2000 Part 2 Multi-component Image Compression'),
  current(`${JPEG}.94`, 'jpip', 'JPIP Referenced'),
  current(`${JPEG}.95`, 'jpip', 'JPIP Referenced Deflate'),
  current(`${JPEG}.100`, 'video', 'MPEG2 Main Profile / Main Level'),
  current(`${JPEG}.100.1`, 'video', 'Fragmentable MPEG2 Main Profile / Main Level'),
  current(`${JPEG}.101`, 'video', 'MPEG2 Main Profile / High Level'),
  current(`${JPEG}.101.1`, 'video', 'Fragmentable MPEG2 Main Profile / High Level'),
  current(`${JPEG}.102`, 'video', 'MPEG-4 AVC/H.264 High Profile / Level 4.1'),
  current(`${JPEG}.102.1`, 'video', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1'),
  current(`${JPEG}.103`, 'video', 'MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1'),
  current(`${JPEG}.103.1`, 'video', 'Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1'),
  current(`${JPEG}.104`, 'video', 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video'),
  current(`${JPEG}.104.1`, 'video', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video'),
  current(`${JPEG}.105`, 'video', 'MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video'),
  current(`${JPEG}.105.1`, 'video', 'Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video'),
  current(`${JPEG}.106`, 'video', 'MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2'),
  current(`${JPEG}.106.1`, 'video', 'Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2'),
  current(`${JPEG}.107`, 'video', 'HEVC/H.265 Main Profile / Level 5.1'),
  current(`${JPEG}.108`, 'video', 'HEVC/H.265 Main 10 Profile / Level 5.1'),
  current(`${JPEG}.110`, 'jpeg-xl', 'JPEG XL Lossless'),
  current(`${JPEG}.111`, 'jpeg-xl', 'JPEG XL JPEG Recompression'),
  current(`${JPEG}.112`, 'jpeg-xl', 'JPEG XL'),
  current(`${JPEG}.201`, 'jpeg-2000', 'High-Throughput JPEG 2000 Image Compression (Lossless Only)'),
  current(`${JPEG}.202`, 'jpeg-2000', 'High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)'),
  current(`${JPEG}.203`, 'jpeg-2000', 'High-Throughput JPEG 2000 Image Compression'),
  current(`${JPEG}.204`, 'jpip', 'JPIP HTJ2K Referenced'),
  current(`${JPEG}.205`, 'jpip', 'JPIP HTJ2K Referenced Deflate'),
  retired(`${DICOM}.6.1`, 'none', 'RFC 2557 MIME encapsulation'),
  retired(`${DICOM}.6.2`, 'none', 'XML Encoding'),
  current(`${DICOM}.7.1`, 'none', 'SMPTE ST 2110-20 Uncompressed Progressive Active Video'),
  current(`${DICOM}.7.2`, 'none', 'SMPTE ST 2110-20 Uncompressed Interlaced Active Video'),
  current(`${DICOM}.7.3`, 'none', 'SMPTE ST 2110-30 PCM Digital Audio'),
  retired('1.2.840.10008.1.20', 'native', 'Papyrus 3 Implicit VR Little Endian'),
];

const BY_UID: ReadonlyMap<string, TransferSyntax> = new Map(TRANSFER_SYNTAXES.map((syntax) => [syntax.uid, syntax]));

/** The transfer syntax of a UID; undefined where the standard knows none (private ones, broken headers). */
export function findTransferSyntax(uid: string): TransferSyntax | undefined {
  return BY_UID.get(uid);
}

/** Every transfer syntax known here, in the standard's order. */
export function listTransferSyntaxes(): readonly TransferSyntax[] {
  return TRANSFER_SYNTAXES;
}

/** Name and UID for a message: `JPEG 2000 Image Compression (1.2.840.10008.1.2.4.91)`. */
export function describeTransferSyntax(uid: string): string {
  const syntax = BY_UID.get(uid);
  if (syntax === undefined) return `an unknown transfer syntax (${printable(uid)})`;
  return `${syntax.name}${syntax.retired ? ', retired' : ''} (${syntax.uid})`;
}

/** Can frames of this transfer syntax be decoded at all (for video: given ffmpeg)? */
export function isSupported(uid: string): boolean {
  const family = BY_UID.get(uid)?.family;
  return family !== undefined && family !== 'jpip' && family !== 'none';
}

/** UIDs come from headers: nothing else than digits and dots, and not much of it, belongs in a message. */
function printable(uid: string): string {
  const clean = uid.replace(/[^0-9A-Za-z.]/g, '').slice(0, 64);
  return clean === '' ? 'no UID' : clean;
}
