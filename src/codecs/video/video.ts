import { AbortedError, PreviewError, UnsupportedError } from '../../base/errors.ts';
import type { DecodedFrame, PixelDescription } from '../../types/pixels.ts';
import { checkCodestreamSize, photometricOf } from '../check-description.ts';
import type { FrameJob } from '../codec.ts';
import { decodeFailure } from '../decode-failure.ts';
import { alignedBuffer } from '../native/byte-order.ts';
import { runFfmpeg } from './ffmpeg.ts';
import type { NetpbmPicture } from './netpbm.ts';
import { detectVideoFormat } from './video-format.ts';

/** Decodes frames of video streams (MPEG-2, H.264, HEVC) with ffmpeg. */
export interface VideoDecoder {
  decode(job: FrameJob, signal: AbortSignal | undefined): Promise<DecodedFrame>;
  /** Ends the run of ffmpeg; frames that are not done are rejected with an AbortedError. */
  close(): Promise<void>;
}

interface Request {
  readonly job: FrameJob;
  readonly resolve: (frame: DecodedFrame) => void;
  readonly reject: (error: unknown) => void;
  settled: boolean;
  /** Called once, when the request is settled. */
  onSettled: () => void;
}

/** No header of a picture that ffmpeg gives is longer. */
const maxPictureHeaderLength = 64;

/**
 * Creates a decoder. Frames of one stream that are asked for together are decoded in one run, because every run decodes
 * the stream from its beginning. One run follows the other: ffmpeg uses all processors by itself.
 */
export function createVideoDecoder(options: {
  readonly timeoutMs: number;
  readonly ffmpeg?: string | undefined;
}): VideoDecoder {
  const program = options.ffmpeg ?? 'ffmpeg';
  const closing = new AbortController();
  const gathering = new Map<Uint8Array, Request[]>();
  let tail: Promise<void> = Promise.resolve();

  async function serve(requests: readonly Request[]): Promise<void> {
    const open = requests.filter((request) => !request.settled);
    const [first] = open;
    if (first === undefined) return;
    const { job } = first;
    // The run ends when the decoder is closed, and when nobody waits for a frame of it any more.
    const run = new AbortController();
    const stop = (): void => run.abort();
    closing.signal.addEventListener('abort', stop, { once: true });
    for (const request of open) {
      request.onSettled = () => {
        if (open.every((each) => each.settled)) stop();
      };
    }
    const frames = [...new Set(open.map((request) => request.job.frameIndex ?? 0))].sort((a, b) => a - b);
    try {
      const format = detectVideoFormat(job.bytes);
      if (format === undefined)
        throw decodeFailure(job.transferSyntaxUid, 'Its bytes begin like no video stream that is known.');
      const { rows, columns, samplesPerPixel, bitsStored } = job.description;
      const wide = bitsStored > 8;
      const pictures = await runFfmpeg({
        program,
        stream: job.bytes,
        format,
        frames,
        grey: samplesPerPixel === 1,
        wide,
        timeoutMs: options.timeoutMs,
        // Leave room for a stream that is larger than described, so that it is reported as such.
        maxPictureByteLength:
          Math.max(rows * columns * samplesPerPixel * (wide ? 2 : 1) * 4, 2 ** 26) + maxPictureHeaderLength,
        signal: run.signal,
      });
      for (const request of open)
        finish(request, pictures[frames.indexOf(request.job.frameIndex ?? 0)], pictures.length);
    } catch (error) {
      const known = error instanceof PreviewError;
      const failure = known
        ? error
        : decodeFailure(job.transferSyntaxUid, 'ffmpeg could not decode its stream.', error);
      for (const request of open) settle(request, () => request.reject(failure));
    } finally {
      closing.signal.removeEventListener('abort', stop);
    }
  }

  function finish(request: Request, picture: NetpbmPicture | undefined, found: number): void {
    const { job } = request;
    settle(request, () => {
      try {
        if (picture === undefined) {
          const what = found === 0 ? 'No frame came out of its stream' : 'Its stream ends or breaks before this frame';
          throw decodeFailure(job.transferSyntaxUid, `${what} (frame ${(job.frameIndex ?? 0) + 1}).`);
        }
        checkCodestreamSize(job.transferSyntaxUid, job.description, picture);
        request.resolve(frameOf(picture, job.description));
      } catch (error) {
        request.reject(error);
      }
    });
  }

  return {
    decode(job, signal) {
      const { frameIndex = 0 } = job;
      if (!Number.isInteger(frameIndex) || frameIndex < 0) {
        return Promise.reject(new UnsupportedError(`There is no frame with index ${String(frameIndex)}.`));
      }
      return new Promise((resolve, reject) => {
        if (closing.signal.aborted) {
          reject(new AbortedError());
          return;
        }
        const request: Request = { job, resolve, reject, settled: false, onSettled: () => undefined };
        signal?.addEventListener(
          'abort',
          () => settle(request, () => reject(new AbortedError({ cause: signal.reason }))),
          { once: true },
        );
        const together = gathering.get(job.bytes);
        if (together !== undefined) {
          together.push(request);
          return;
        }
        const requests = [request];
        gathering.set(job.bytes, requests);
        // Frames that are asked for within the same turn of the event loop are decoded in the same run.
        setImmediate(() => {
          gathering.delete(job.bytes);
          tail = tail.then(() => serve(requests));
        });
      });
    },
    async close() {
      closing.abort();
      for (const requests of gathering.values()) {
        for (const request of requests) settle(request, () => request.reject(new AbortedError()));
      }
      await tail;
    },
  };
}

function settle(request: Request, how: () => void): void {
  if (request.settled) return;
  request.settled = true;
  how();
  request.onSettled();
}

/** Takes 16-bit samples back to Bits Stored (10 for HEVC): ffmpeg gives the full range of 8 or 16 bits. */
function frameOf(picture: NetpbmPicture, description: PixelDescription): DecodedFrame {
  const { rows, columns, samplesPerPixel, bytes, maxValue } = picture;
  const size = { rows, columns, samplesPerPixel };
  const photometricInterpretation = samplesPerPixel === 3 ? 'RGB' : photometricOf(description);
  if (maxValue <= 255) return { ...size, values: bytes, photometricInterpretation };
  const { buffer, byteOffset } = alignedBuffer(bytes, bytes.length / 2, 2, true);
  const words = new Uint16Array(buffer, byteOffset, bytes.length / 2);
  const shift = 16 - description.bitsStored;
  return { ...size, values: words.map((word) => word >> shift), photometricInterpretation };
}
