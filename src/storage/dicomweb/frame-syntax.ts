import type { Part, Parts } from '../../http/parts.ts';

const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const JPEG = '1.2.840.10008.1.2.4';

/** What a media type stands for where no transfer syntax is named (PS3.18 section 8.7.3.3.2). */
const SYNTAX_OF_TYPE: Readonly<Record<string, string | undefined>> = {
  'image/dicom-rle': '1.2.840.10008.1.2.5',
  'image/x-dicom-rle': '1.2.840.10008.1.2.5',
  'image/jls': `${JPEG}.80`,
  'image/x-jls': `${JPEG}.80`,
  'image/jp2': `${JPEG}.90`,
  'image/jpx': `${JPEG}.92`,
  'image/jphc': `${JPEG}.201`,
  'image/jph': `${JPEG}.201`,
  'image/jxl': `${JPEG}.110`,
  'video/mpeg': `${JPEG}.100`,
  'video/mpeg2': `${JPEG}.100`,
  'video/mp4': `${JPEG}.102`,
  'video/h265': `${JPEG}.107`,
};

/** Start of frame -> transfer syntax (ISO/IEC 10918-1 table B.1, ISO/IEC 14495-1 for JPEG-LS). */
const SYNTAX_OF_JPEG_FRAME: Readonly<Record<number, string | undefined>> = {
  192: `${JPEG}.50`,
  193: `${JPEG}.51`,
  194: `${JPEG}.55`,
  195: `${JPEG}.70`,
  247: `${JPEG}.80`,
};

/** Standalone markers without a length: TEM, RST0..7, SOI. */
function isStandalone(marker: number): boolean {
  return marker === 1 || (marker >= 0xd0 && marker <= 0xd8);
}

function syntaxOfJpeg(bytes: Uint8Array): string | undefined {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const syntax = SYNTAX_OF_JPEG_FRAME[marker];
    if (syntax !== undefined) return syntax;
    if (marker === 0xff) at += 1;
    else if (isStandalone(marker)) at += 2;
    else at += 2 + (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
  }
  return undefined;
}

/** JPEG and JPEG 2000 codestreams end with FF D9, a byte of padding behind it at most. */
function endsAsCodestream(bytes: Uint8Array): boolean {
  const end = bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
  return bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9;
}

/** The transfer syntax of a codestream that begins and ends as one; undefined for bytes that need not be one. */
function syntaxOfCodestream(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== 0xff || !endsAsCodestream(bytes)) return undefined;
  if (bytes[1] === 0xd8 && bytes[2] === 0xff) return syntaxOfJpeg(bytes);
  if (bytes[1] !== 0x4f || bytes[2] !== 0xff || bytes[3] !== 0x51) return undefined;
  // An extended capabilities marker behind the image size: high throughput (ISO/IEC 15444-15).
  const afterSize = 4 + (bytes[4] ?? 0) * 256 + (bytes[5] ?? 0);
  return bytes[afterSize] === 0xff && bytes[afterSize + 1] === 0x50 ? `${JPEG}.203` : `${JPEG}.91`;
}

function namedSyntax(text: string | undefined): string | undefined {
  // Some servers put it inside the quoted type: type="image/jp2; transfer-syntax=1.2...".
  const value = /(?:^|transfer-syntax\s*=\s*"?)([0-9]+(?:\.[0-9]+)+)/.exec(text ?? '')?.[1];
  return value !== undefined && value.length <= 64 ? value : undefined;
}

/**
 * The Transfer Syntax UID that a frame came in: the one its part names, else the one the reply names, else that of the
 * codestream, of the media type, and for plain bytes Explicit VR Little Endian (PS3.18 section 8.7.3).
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
  // A codestream in a container (JP2) shows nothing at its start: the media type tells.
  return found ?? (isImage ? (SYNTAX_OF_TYPE[type] ?? `${JPEG}.70`) : EXPLICIT_LITTLE_ENDIAN);
}
