import { sniffCodestream } from '../codecs/classify.ts';
import type { FrameJob } from '../codecs/frame-job.ts';
import { findTransferSyntax } from '../codecs/transfer-syntaxes.ts';
import type { FrameBytes } from '../series/frames/frame-bytes.ts';

const explicitLittleEndian = '1.2.840.10008.1.2.1';
const encapsulatedUncompressed = '1.2.840.10008.1.2.1.98';

/** A transfer syntax of each kind of codestream: which of the kind it is, decoders read from the codestream itself. */
const syntaxOfCodestream = {
  jpeg: '1.2.840.10008.1.2.4.50',
  'jpeg-ls': '1.2.840.10008.1.2.4.80',
  'jpeg-2000': '1.2.840.10008.1.2.4.90',
  'jpeg-xl': '1.2.840.10008.1.2.4.110',
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
  const family = findTransferSyntax(transferSyntaxUid)?.family;
  if (pixelData === undefined || family === undefined) return transferSyntaxUid;
  const isNative = family === 'native' && transferSyntaxUid !== encapsulatedUncompressed;
  if (isNative !== pixelData.encapsulated) return transferSyntaxUid;
  const codestream = sniffCodestream(bytes);
  if (isNative) return codestream === undefined ? transferSyntaxUid : syntaxOfCodestream[codestream];
  return codestream === undefined && family !== 'jpip' && family !== 'none' ? explicitLittleEndian : transferSyntaxUid;
}
