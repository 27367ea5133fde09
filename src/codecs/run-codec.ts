import { PreviewError } from '../base/errors.ts';
import type { DecodedFrame } from '../types/pixels.ts';
import type { DecodableFamily } from './classify.ts';
import { decodeFailure, throwIfModuleIsMissing } from './decode-failure.ts';
import type { Codec, FrameJob } from './frame-job.ts';
import { decodeNative } from './native/native.ts';
import { decodeRle } from './native/rle.ts';

/** Families whose frames are decoded one at a time in this process; video is not. */
export type FrameFamily = Exclude<DecodableFamily, 'video'>;

async function findCodec(family: FrameFamily): Promise<Codec> {
  switch (family) {
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
export async function runCodec(family: FrameFamily, job: FrameJob): Promise<DecodedFrame> {
  try {
    const codec = await findCodec(family);
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

/** Loads what frames of a family need. */
export async function loadCodec(family: FrameFamily, highThroughput: boolean): Promise<void> {
  if (family === 'jpeg') await (await import('./jpeg/jpeg-turbo.ts')).loadJpegTurbo();
  if (family === 'jpeg-ls') await (await import('./jpeg-ls/jpeg-ls.ts')).loadJpegLs();
  if (family === 'jpeg-2000') await (await import('./jpeg2000/jpeg2000.ts')).loadJpeg2000(highThroughput);
  if (family === 'jpeg-xl') await (await import('./jpeg-xl/libjxl.ts')).loadLibjxl();
}
