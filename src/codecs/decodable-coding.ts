import { UnsupportedError } from '../base/errors.ts';
import { describeTransferSyntax, findTransferSyntax, type PixelCoding } from '../dicom/transfer-syntaxes.ts';

/** A coding that a decoder exists for. */
export type DecodableCoding = Exclude<PixelCoding, 'jpip' | 'none'>;

/**
 * The coding that a transfer syntax declares.
 *
 * @throws {UnsupportedError} an unknown transfer syntax, or one that no decoder exists for
 */
export function decodableCodingOf(transferSyntaxUid: string): DecodableCoding {
  const coding = findTransferSyntax(transferSyntaxUid)?.coding;
  if (coding === 'jpip') {
    throw new UnsupportedError(
      `${describeTransferSyntax(transferSyntaxUid)} keeps the pixels on a JPIP server, not in the object: fetch the images from that server, or ask the archive for another transfer syntax.`,
    );
  }
  if (coding === undefined || coding === 'none') {
    throw new UnsupportedError(
      `No decoder is known for ${describeTransferSyntax(transferSyntaxUid)}: ask the archive for another transfer syntax.`,
    );
  }
  return coding;
}
