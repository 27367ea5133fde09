import { jpegLsProcess, readJpegHeaders } from './jpeg/jpeg-headers.ts';

/** SOC and SIZ, the markers that every JPEG 2000 codestream begins with. */
export const jpeg2000Mark = 0xff4fff51;
const jp2Signature = 0x6a502020;

/** Whether bytes begin like a JPEG 2000 codestream, or like a JP2 file around one. */
export function looksLikeJpeg2000(bytes: Uint8Array): boolean {
  if (bytes.length < 12) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(0) === jpeg2000Mark || (view.getUint32(0) === 12 && view.getUint32(4) === jp2Signature);
}

const jpegXlContainerMark: readonly number[] = [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20, 0x0d, 0x0a, 0x87, 0x0a];

/** Whether bytes begin like a JPEG XL codestream, or like the container around one. */
export function looksLikeJpegXl(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0x0a) || jpegXlContainerMark.every((byte, index) => bytes[index] === byte);
}

/** The kind of codestream that bytes begin with; undefined for anything else (RLE and native data have no mark). */
export function sniffCodestream(bytes: Uint8Array): 'jpeg' | 'jpeg-ls' | 'jpeg-2000' | 'jpeg-xl' | undefined {
  if (looksLikeJpeg2000(bytes)) return 'jpeg-2000';
  if (looksLikeJpegXl(bytes)) return 'jpeg-xl';
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) return undefined;
  return readJpegHeaders(bytes)?.process === jpegLsProcess ? 'jpeg-ls' : 'jpeg';
}
