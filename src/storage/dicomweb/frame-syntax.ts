import { transferSyntaxUids as uids } from '../../dicom/transfer-syntaxes.ts';
import type { Part, Parts } from '../../http/parts.ts';

/** What a media type stands for where no transfer syntax is named (PS3.18 section 8.7.3.3.2). */
const syntaxOfType: ReadonlyMap<string, string> = new Map([
  ['image/dicom-rle', uids.rleLossless],
  ['image/x-dicom-rle', uids.rleLossless],
  ['image/jls', uids.jpegLsLossless],
  ['image/x-jls', uids.jpegLsLossless],
  ['image/jp2', uids.jpeg2000Lossless],
  ['image/jpx', uids.jpeg2000McLossless],
  ['image/jphc', uids.htj2kLossless],
  ['image/jph', uids.htj2kLossless],
  ['image/jxl', uids.jpegXlLossless],
  ['video/mpeg', uids.mpeg2Mpml],
  ['video/mpeg2', uids.mpeg2Mpml],
  ['video/mp4', uids.mpeg4Hp41],
  ['video/h265', uids.hevcMp51],
]);

/** The transfer syntax by the start-of-frame marker (ISO/IEC 10918-1 table B.1; ISO/IEC 14495-1 for JPEG-LS). */
const syntaxOfStartOfFrame: ReadonlyMap<number, string> = new Map([
  [0xc0, uids.jpegBaseline8Bit],
  [0xc1, uids.jpegExtended12Bit],
  [0xc2, uids.jpegFullProgressionNonHierarchical1012],
  [0xc3, uids.jpegLosslessSv1],
  [0xf7, uids.jpegLsLossless],
]);

/** Whether a marker stands alone, without a length: TEM, RST0..7, SOI. */
function isStandalone(marker: number): boolean {
  return marker === 1 || (marker >= 0xd0 && marker <= 0xd8);
}

function syntaxOfJpeg(bytes: Uint8Array): string | undefined {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const syntax = syntaxOfStartOfFrame.get(marker);
    if (syntax !== undefined) return syntax;
    if (marker === 0xff) at += 1;
    else if (isStandalone(marker)) at += 2;
    else at += 2 + (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
  }
  return undefined;
}

/** Whether bytes end like a JPEG or JPEG 2000 codestream: with FF D9, and at most one byte of padding after it. */
function endsAsCodestream(bytes: Uint8Array): boolean {
  const end = bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
  return bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9;
}

/** The transfer syntax of bytes that begin and end like a codestream; undefined for other bytes. */
function syntaxOfCodestream(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== 0xff || !endsAsCodestream(bytes)) return undefined;
  if (bytes[1] === 0xd8 && bytes[2] === 0xff) return syntaxOfJpeg(bytes);
  if (bytes[1] !== 0x4f || bytes[2] !== 0xff || bytes[3] !== 0x51) return undefined;
  // An extended capabilities marker after the image size means high throughput (ISO/IEC 15444-15).
  const afterSize = 4 + (bytes[4] ?? 0) * 256 + (bytes[5] ?? 0);
  return bytes[afterSize] === 0xff && bytes[afterSize + 1] === 0x50 ? uids.htj2k : uids.jpeg2000;
}

function namedSyntax(text: string | undefined): string | undefined {
  // Some servers put it inside the quoted type: type="image/jp2; transfer-syntax=1.2...".
  const value = /(?:^|transfer-syntax\s*=\s*"?)([0-9]+(?:\.[0-9]+)+)/.exec(text ?? '')?.[1];
  return value !== undefined && value.length <= 64 ? value : undefined;
}

/**
 * The Transfer Syntax UID of a frame (PS3.18 section 8.7.3): the one that its part names, else the one that the reply
 * names, else that of the codestream, else that of the media type. Plain bytes are Explicit VR Little Endian.
 */
export function syntaxOfFrame(part: Part, reply: Pick<Parts, 'mediaType'>): string {
  const { parameters } = reply.mediaType;
  const named =
    namedSyntax(part.mediaType.parameters.get('transfer-syntax')) ??
    namedSyntax(parameters.get('transfer-syntax')) ??
    namedSyntax(parameters.get('type'));
  const type = part.mediaType.name || (parameters.get('type') ?? '').split(';', 1)[0]?.trim().toLowerCase() || '';
  if (named !== undefined) return named;
  const isImage = type.startsWith('image/') || type.startsWith('video/');
  const found = syntaxOfCodestream(part.bytes);
  // A codestream in a container (JP2) cannot be told by its first bytes, so the media type counts.
  return found ?? (isImage ? (syntaxOfType.get(type) ?? uids.jpegLosslessSv1) : uids.explicitVrLittleEndian);
}
