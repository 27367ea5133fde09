import type { DecodedFrame, PixelDescription } from '../types/pixels.ts';

/** One frame to decode: its bytes, and what its header says of them. Codecs change nothing in it. */
export interface FrameJob {
  readonly transferSyntaxUid: string;
  readonly description: PixelDescription;
  /**
   * Encapsulated: the whole frame, its fragments joined. Native: the frame's bytes as they lie in the object. Video:
   * the whole stream. Pass the same array with every frame of a video: those frames are then decoded in one run.
   */
  readonly bytes: Uint8Array;
  /** Native only: bits to skip before the first sample, for frames that start inside a byte or a word. Default 0. */
  readonly bitOffset?: number;
  /**
   * Native only: the words are big endian. Default: what the transfer syntax says. Where Bits Allocated is 8 or less,
   * it means that the bytes come in swapped pairs (big endian OW; OB is never swapped).
   */
  readonly bigEndian?: boolean;
  /** Video only: the index of the frame in the stream, from 0. Default 0. */
  readonly frameIndex?: number;
  /**
   * The greatest factor by which rows and columns may be divided while decoding. The decoder takes a power of two up to
   * this, or 1 where it cannot reduce; the decoded frame says its own size. Default 1.
   */
  readonly reduce?: number;
}

/** What one codec does: it takes a job and gives a frame. Codecs know nothing of threads. */
export type Codec = (job: FrameJob) => DecodedFrame | Promise<DecodedFrame>;

export interface FrameDecoderOptions {
  /** Milliseconds that one frame may take in a worker, or one run of ffmpeg. Default 20,000. */
  readonly timeoutMs?: number | undefined;
  /** Worker threads at most. Default: as many as the machine has processors, 8 at most. */
  readonly workers?: number | undefined;
  /** The ffmpeg program. Default: `ffmpeg`, looked for on PATH. */
  readonly ffmpeg?: string | undefined;
  /** Another worker file than the package's own. */
  readonly workerUrl?: URL | undefined;
}
