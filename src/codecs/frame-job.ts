import type { DecodedFrame, PixelDescription } from '../types/pixels.ts';

/** One frame to decode: its bytes and what its header says of them. Nothing in it is ever changed. */
export interface FrameJob {
  readonly transferSyntaxUid: string;
  readonly description: PixelDescription;
  /**
   * Encapsulated: the whole frame, its fragments joined. Native: the frame's bytes as they lie in the object. Video:
   * the whole stream (pass the same array with every frame of it: they are then decoded in one run).
   */
  readonly bytes: Uint8Array;
  /** Native only: bits to skip before the first sample, for frames that start inside a byte or a word. Default 0. */
  readonly bitOffset?: number;
  /**
   * Native only: the words are big endian. Default: as the transfer syntax says. With Bits Allocated of 8 or less it
   * says that bytes come in swapped pairs (a big endian Value Representation OW; an OB is never swapped).
   */
  readonly bigEndian?: boolean;
  /** Video only: which frame of the stream, from 0. Default 0. */
  readonly frameIndex?: number;
  /**
   * The greatest factor by which rows and columns may be divided while decoding. The decoder takes a power of two no
   * greater than this, 1 where it cannot; the frame that comes back says its size. Default 1.
   */
  readonly reduce?: number;
}

export interface DecodeOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Decodes frames, in worker threads where that is safer or faster. Any number may be under way at a time. */
export interface FrameDecoder {
  /**
   * Stored values of one frame. Those of native frames may share memory with `job.bytes`.
   *
   * @throws {DecodeError} the bytes are broken, cut off, or contradict the description
   * @throws {UnsupportedError} no decoder exists for what the bytes hold
   * @throws {MissingComponentError} the frame is video and ffmpeg is not installed
   * @throws {TimeoutError} the decoder took longer than the time limit of a frame
   * @throws {AbortedError} the signal was aborted, or the decoder closed
   */
  decode(job: FrameJob, options?: DecodeOptions): Promise<DecodedFrame>;
  /**
   * Starts loading what a transfer syntax needs, so that it is there when the bytes are. Never throws. Say what
   * `reduce` the frames will have: reduced JPEG needs nothing loaded.
   */
  prepare(transferSyntaxUid: string, expected?: { readonly reduce?: number }): void;
  /** Ends all workers and rejects what is under way with an AbortedError. */
  close(): Promise<void>;
}

/** What one codec does: a job in, a frame out. Codecs know nothing of threads. */
export type Codec = (job: FrameJob) => DecodedFrame | Promise<DecodedFrame>;
