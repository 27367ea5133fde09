import { MissingComponentError, UnsupportedError } from '../../base/errors.ts';
import { transferSyntaxUids } from '../../dicom/transfer-syntaxes.ts';
import type { DecodedFrame } from '../../types/pixels.ts';
import { checkCodestreamSize, photometricOf } from '../check-description.ts';
import type { FrameJob } from '../codec.ts';
import { decodeFailure } from '../decode-failure.ts';
import { frameOfCells } from '../stored-values.ts';
import { readJpegXlHeaders } from './jpeg-xl-headers.ts';
import { decodeWithLibjxl } from './libjxl.ts';

/**
 * Decodes JPEG XL (ISO/IEC 18181), JPEG recompression included. Never reduces. Colour comes out as sRGB, except where
 * the header says that a lossless codestream holds YBR_FULL, which is left as it is.
 *
 * @throws {DecodeError} broken, cut off, or not what the header describes
 * @throws {MissingComponentError} the decoder's package is not installed
 * @throws {UnsupportedError} floating point samples, more than 16 bits, animations
 */
export async function decodeJpegXl(job: FrameJob): Promise<DecodedFrame> {
  const { bytes, description, transferSyntaxUid } = job;
  const headers = readJpegXlHeaders(bytes);
  if (headers === undefined) throw decodeFailure(transferSyntaxUid, 'Its bytes hold no JPEG XL header.');
  if (headers.animated) throw new UnsupportedError('JPEG XL animations are not frames of a DICOM object.');
  const { rows, columns, precision } = headers;
  checkCodestreamSize(transferSyntaxUid, description, { ...headers, samplesPerPixel: description.samplesPerPixel });
  if (precision === undefined || precision > 16) {
    throw new UnsupportedError('JPEG XL with floating point samples or more than 16 bits is not supported.');
  }
  const decoded = await decodeWithLibjxl(bytes, description).catch((error: unknown) => {
    if (error instanceof MissingComponentError) throw error;
    throw decodeFailure(transferSyntaxUid, 'The decoder refused its bytes: they are broken or cut off.', error);
  });
  const wide = precision > 8;
  const samplesPerPixel = decoded.length / (rows * columns * (wide ? 2 : 1));
  checkCodestreamSize(transferSyntaxUid, description, { rows, columns, samplesPerPixel });
  const cells = wide ? new Uint16Array(decoded.buffer, 0, decoded.length / 2) : decoded;
  unstretch(cells, precision, wide ? 16 : 8);
  const photometricInterpretation = colourOf(transferSyntaxUid, photometricOf(description), samplesPerPixel);
  return frameOfCells(
    { rows, columns, samplesPerPixel, cells, precision, signed: false, photometricInterpretation },
    description,
  );
}

/** libjxl stretches samples to the full range of bytes or words; this undoes it exactly. */
function unstretch(cells: Uint8Array | Uint16Array, precision: number, width: number): void {
  if (precision === width) return;
  const scale = (2 ** precision - 1) / (2 ** width - 1);
  for (let i = 0; i < cells.length; i++) cells[i] = Math.round((cells[i] ?? 0) * scale);
}

function colourOf(transferSyntaxUid: string, photometric: string, samplesPerPixel: number): string {
  if (samplesPerPixel === 1) return photometric;
  const lossless = transferSyntaxUid === transferSyntaxUids.jpegXlLossless;
  return lossless && photometric === 'YBR_FULL' ? 'YBR_FULL' : 'RGB';
}
