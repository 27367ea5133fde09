import { PreviewError } from '../base/errors.ts';
import type { DecodedFrame } from '../types/pixels.ts';
import type { Codec, FrameJob } from './codec.ts';
import type { DecodableCoding } from './decodable-coding.ts';
import { decodeFailure, throwIfModuleIsMissing } from './decode-failure.ts';
import { decodeNative } from './native/native.ts';
import { decodeRle } from './native/rle.ts';

/** Codings whose frames are decoded one at a time by a codec in this process. Video is decoded by ffmpeg. */
export type FrameCoding = Exclude<DecodableCoding, 'video'>;

async function findCodec(coding: FrameCoding): Promise<Codec> {
  switch (coding) {
    case 'native':
      return decodeNative;
    case 'rle':
      return decodeRle;
    case 'deflated-frame':
      return (await import('./native/deflated-frame.ts')).decodeDeflatedFrame;
    case 'jpeg':
      return (await import('./jpeg/jpeg.ts')).decodeJpeg;
    case 'jpeg-ls':
      return (await import('./jpeg-ls/jpeg-ls.ts')).decodeJpegLs;
    case 'jpeg-2000':
      return (await import('./jpeg2000/jpeg2000.ts')).decodeJpeg2000;
    case 'jpeg-xl':
      return (await import('./jpeg-xl/jpeg-xl.ts')).decodeJpegXl;
  }
}

/**
 * Decodes one frame in this thread.
 *
 * @throws {PreviewError} always one of this package's errors, whatever a decoder throws
 */
export async function runCodec(coding: FrameCoding, job: FrameJob): Promise<DecodedFrame> {
  try {
    const codec = await findCodec(coding);
    const frame = await codec(job);
    const expected = frame.rows * frame.columns * frame.samplesPerPixel;
    if (frame.values.length !== expected) {
      throw decodeFailure(
        job.transferSyntaxUid,
        `The decoder gave ${frame.values.length} values; expected ${expected}.`,
      );
    }
    return frame;
  } catch (error) {
    if (error instanceof PreviewError) throw error;
    throwIfModuleIsMissing(error);
    throw decodeFailure(job.transferSyntaxUid, 'The decoder failed: its bytes are broken.', error);
  }
}

/** Loads the library that frames of a coding need. */
export async function loadCodec(coding: FrameCoding, highThroughput: boolean): Promise<void> {
  if (coding === 'jpeg') await (await import('./jpeg/jpeg-turbo.ts')).loadJpegTurbo();
  if (coding === 'jpeg-ls') await (await import('./jpeg-ls/jpeg-ls.ts')).loadJpegLs();
  if (coding === 'jpeg-2000') await (await import('./jpeg2000/jpeg2000.ts')).loadJpeg2000(highThroughput);
  if (coding === 'jpeg-xl') await (await import('./jpeg-xl/libjxl.ts')).loadLibjxl();
}
