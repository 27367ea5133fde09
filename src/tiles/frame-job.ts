import type { FrameJob } from '../codecs/codec.ts';
import { sniffCodestream } from '../codecs/codestream-kind.ts';
import { beginsCodestream } from '../dicom/pixel-data/begins-codestream.ts';
import { findTransferSyntax, transferSyntaxUids } from '../dicom/transfer-syntaxes.ts';
import type { FrameBytes } from '../series/frames/frame-bytes.ts';

/** A transfer syntax of each kind of codestream: which of the kind it is, decoders read from the codestream itself. */
const syntaxOfCodestream = {
  jpeg: transferSyntaxUids.jpegBaseline8Bit,
  'jpeg-ls': transferSyntaxUids.jpegLsLossless,
  'jpeg-2000': transferSyntaxUids.jpeg2000Lossless,
  'jpeg-xl': transferSyntaxUids.jpegXlLossless,
} as const;

/** The decoder's job for a stored frame, which may be decoded up to `reduce` times smaller. */
export function frameJobOf(stored: FrameBytes, reduce: number): FrameJob {
  const { header, description, bytes, bitOffset, streamFrameIndex } = stored;
  // Pixel data of OB have no byte order.
  const neverSwapped = header.pixelsAreBytes === true && description.bitsAllocated <= 8;
  return {
    transferSyntaxUid: actualTransferSyntax(stored),
    description,
    bytes,
    bitOffset,
    reduce,
    ...(neverSwapped ? { bigEndian: false } : {}),
    ...(streamFrameIndex === undefined ? {} : { frameIndex: streamFrameIndex }),
  };
}

/**
 * The transfer syntax that the pixel data really have. Some writers leave the one of the object that they converted:
 * then compressed data lie in items (PS3.5 A.4) under a native syntax, or native data of the full length under a
 * compressed one.
 */
function actualTransferSyntax({ header, bytes }: FrameBytes): string {
  const { transferSyntaxUid, pixelData } = header;
  const syntax = findTransferSyntax(transferSyntaxUid);
  if (pixelData === undefined || syntax === undefined) return transferSyntaxUid;
  const { coding } = syntax;
  const isNative = coding === 'native' && !syntax.isEncapsulatedNative;
  if (isNative !== pixelData.encapsulated) return transferSyntaxUid;
  const codestream = sniffCodestream(bytes);
  if (isNative) return codestream === undefined ? transferSyntaxUid : syntaxOfCodestream[codestream];
  const isDecodable = coding !== 'jpip' && coding !== 'none';
  return !beginsCodestream(bytes, 0) && isDecodable ? transferSyntaxUids.explicitVrLittleEndian : transferSyntaxUid;
}
