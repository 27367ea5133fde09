import { PreviewError, UnsupportedError } from '../../base/errors.ts';
import type { DecodedFrame } from '../../types/pixels.ts';
import { checkCodestreamSize, photometricOf, powerOfTwoFactor } from '../check-description.ts';
import type { FrameJob } from '../codec.ts';
import { cutFrame, rowsMissing } from '../cut-frame.ts';
import { decodeFailure, throwIfModuleIsMissing } from '../decode-failure.ts';
import { frameOfCells } from '../stored-values.ts';
import { WasmFailure } from '../wasm/emscripten.ts';
import { type CutRows, decodeJpegDct, type JpegPicture } from './jpeg-dct.ts';
import { holdsRgb, type JpegHeaders, readJpegHeaders } from './jpeg-headers.ts';
import { decodeJpegLossless } from './jpeg-lossless.ts';
import { readScans } from './jpeg-scans.ts';
import { decodeJpegTurbo } from './jpeg-turbo.ts';

/** Whether this frame goes to libjpeg-turbo, and not to the decoders written here. */
export function needsJpegTurbo(job: FrameJob): boolean {
  const headers = readJpegHeaders(job.bytes);
  return headers !== undefined && turboFits(headers) && reduction(job, headers) === 1;
}

/** Whether libjpeg-turbo can decode it: it knows no DNL marker, and no colour of 2 or 4 components. */
function turboFits({ process, precision, components, rows }: JpegHeaders): boolean {
  const huffmanDct = process <= 2;
  const arithmeticDct = process === 9 || process === 10;
  return (
    (huffmanDct || arithmeticDct) && precision === 8 && rows > 0 && (components.length === 1 || components.length === 3)
  );
}

/** Of larger pictures libjpeg-turbo makes the full size sooner than the decoder here makes the half size. */
const maxPixelsToHalve = 2 ** 20;

function reduction(job: FrameJob, headers: JpegHeaders): 1 | 2 | 4 | 8 {
  const factor = headers.process <= 2 ? powerOfTwoFactor(job.reduce, 8) : 1;
  if (factor === 2 && turboFits(headers) && headers.rows * headers.columns > maxPixelsToHalve) return 1;
  return factor >= 8 ? 8 : factor >= 4 ? 4 : factor >= 2 ? 2 : 1;
}

/**
 * Decodes JPEG (ITU-T T.81) of the process that its own markers name, whatever the transfer syntax says: DCT,
 * sequential and progressive, of 8 and 12 bits; lossless of 2 to 16 bits. DCT images of three components come out as
 * RGB.
 *
 * @throws {DecodeError} broken, cut off, or not what the header describes
 * @throws {UnsupportedError} hierarchical JPEG, and arithmetic coding other than 8-bit DCT
 */
export async function decodeJpeg(job: FrameJob): Promise<DecodedFrame> {
  const { bytes, description, transferSyntaxUid } = job;
  const headers = readJpegHeaders(bytes);
  if (headers === undefined) throw decodeFailure(transferSyntaxUid, 'Its bytes hold no JPEG frame header.');
  const { process, columns, components, precision } = headers;
  try {
    const rows = headers.rows === 0 ? rowsFromEnd(bytes, headers) : headers.rows;
    const sized = { ...headers, rows };
    checkCodestreamSize(transferSyntaxUid, description, { rows, columns, samplesPerPixel: components.length });
    if (process === 3) {
      const { samples: cells, notes, cut } = decodeJpegLossless(bytes, headers, rows);
      const photometricInterpretation = photometricOf(description);
      const frame = frameOfCells(
        {
          rows,
          columns,
          samplesPerPixel: components.length,
          cells,
          precision,
          signed: false,
          photometricInterpretation,
        },
        description,
      );
      return cutRows(bytes, notes.length === 0 ? frame : { ...frame, notes }, cut);
    }
    if (process > 2 && !turboFits(headers)) throw new UnsupportedError(describeProcess(process));
    const picture = await decodePicture(job, sized, reduction(job, headers) === 1 && turboFits(headers));
    const colour = components.length === 3;
    const frame = frameOfCells(
      {
        rows: picture.rows,
        columns: picture.columns,
        samplesPerPixel: components.length,
        cells: picture.samples,
        precision,
        signed: false,
        photometricInterpretation: colour ? 'RGB' : photometricOf(description),
      },
      description,
    );
    return cutRows(bytes, frame, picture.cut);
  } catch (error) {
    if (error instanceof PreviewError) throw error;
    throwIfModuleIsMissing(error);
    throw decodeFailure(transferSyntaxUid, error instanceof Error ? error.message : 'The decoder failed.', error);
  }
}

/** The frame with background in place of the rows that are not there. */
function cutRows(bytes: Uint8Array, frame: DecodedFrame, cut: CutRows | undefined): DecodedFrame {
  if (cut === undefined) return frame;
  const isDamaged = hasEnd(bytes);
  const why = `Its JPEG codestream is ${isDamaged ? 'damaged' : 'cut off'}: ${cut.why}`;
  const what = rowsMissing(why, cut.rows, frame.rows);
  // Not every wrong bit breaks the codestream at once.
  const incomplete = isDamaged ? `${what} Rows above that may be wrong, too.` : what;
  return cutFrame(frame, cut.rows * frame.columns, incomplete);
}

/** Whether a codestream has its end marker, before a few bytes of padding. */
function hasEnd(bytes: Uint8Array): boolean {
  for (let at = Math.max(0, bytes.length - 16); at + 1 < bytes.length; at++) {
    if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
  }
  return false;
}

/** Decodes DCT pictures; three components become RGB. */
async function decodePicture(job: FrameJob, headers: JpegHeaders, turbo: boolean): Promise<JpegPicture> {
  const { rows, columns, components, precision, process } = headers;
  const rgb = holdsRgb(headers, photometricOf(job.description));
  if (turbo) {
    try {
      return { rows, columns, samples: await decodeJpegTurbo(job.bytes, headers, rgb) };
    } catch (error) {
      // libjpeg-turbo fails on warnings too. The decoder here tells those that matter from those that do not.
      if (!(error instanceof WasmFailure) || process > 2) throw error;
    }
  }
  const picture = decodeJpegDct(job.bytes, headers, rows, reduction(job, headers));
  if (components.length === 3 && !rgb) convertYcbcrToRgb(picture.samples, precision);
  return picture;
}

/**
 * Converts YCbCr of the full range (JFIF; ITU-R BT.601) to RGB, in place.
 *
 * @param samples by pixel, 3 each, of `precision` bits
 */
function convertYcbcrToRgb(samples: Uint8Array | Uint16Array, precision: number): void {
  const center = 2 ** (precision - 1);
  const max = 2 ** precision - 1;
  const clamp = (value: number): number => (value <= 0 ? 0 : value >= max ? max : Math.round(value));
  for (let i = 0; i + 2 < samples.length; i += 3) {
    const luma = samples[i] ?? 0;
    const blue = (samples[i + 1] ?? 0) - center;
    const red = (samples[i + 2] ?? 0) - center;
    samples[i] = clamp(luma + 1.402 * red);
    samples[i + 1] = clamp(luma - 0.344136286 * blue - 0.714136286 * red);
    samples[i + 2] = clamp(luma + 1.772 * blue);
  }
}

/** The number of rows from the DNL marker after the first scan (ITU-T T.81 B.2.5). */
function rowsFromEnd(bytes: Uint8Array, { start, components }: JpegHeaders): number {
  const ids = components.map((component) => component.id);
  return readScans(bytes, start, ids).rows ?? 0;
}

function describeProcess(process: number): string {
  const coding = process > 8 ? 'arithmetic' : 'Huffman';
  const hierarchical = (process & 7) >= 5;
  return `JPEG ${hierarchical ? 'in hierarchical mode' : `with ${coding} coding`} (frame header SOF${process}) is not supported: no decoder for it is known.`;
}
