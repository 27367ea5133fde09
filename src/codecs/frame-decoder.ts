import { AbortedError, throwIfAborted } from '../base/errors.ts';
import { findTransferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { DecodedFrame } from '../types/pixels.ts';
import { checkDescription } from './check-description.ts';
import type { FrameDecoderOptions, FrameJob } from './codec.ts';
import type { CompressedFrames } from './compressed-frames.ts';
import { decodableCodingOf } from './decodable-coding.ts';
import { plainBytes } from './native/byte-order.ts';
import { decodeNative } from './native/native.ts';

export interface DecodeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Samples (rows x columns x samples per pixel) that the frame may have. Default 2^28. */
  readonly maxSamples?: number | undefined;
}

/** Decodes frames, in worker threads where that is safer or faster. Any number of frames may be decoded at a time. */
export interface FrameDecoder {
  /**
   * Stored values of one frame. Those of native frames may share memory with `job.bytes`.
   *
   * @throws {DecodeError} the bytes are broken, cut off, or contradict the description
   * @throws {UnsupportedError} no decoder exists for what the bytes hold
   * @throws {MissingComponentError} the frame is video and ffmpeg is not installed
   * @throws {TimeoutError} the decoder took longer than the time limit of a frame
   * @throws {AbortedError} the signal was aborted, or the decoder was closed
   */
  decode(job: FrameJob, options?: DecodeOptions): Promise<DecodedFrame>;
  /**
   * Starts to load what a transfer syntax needs, so that it is there when the bytes are. Never throws. Say which
   * `reduce` the frames will have: reduced JPEG needs nothing loaded.
   */
  prepare(transferSyntaxUid: string, expected?: { readonly reduce?: number }): void;
  /** Ends all workers. Frames that are not done are rejected with an AbortedError. */
  close(): Promise<void>;
}

/** A decoder for frames of every transfer syntax. It starts nothing before it is needed; close it when done. */
export function createFrameDecoder(options: FrameDecoderOptions = {}): FrameDecoder {
  let compressed: Promise<CompressedFrames> | undefined;
  let closed = false;
  /** Most series have native pixels: what others need is loaded for them. */
  const loadCompressed = (): Promise<CompressedFrames> => {
    compressed ??= import('./compressed-frames.ts').then((module) => new module.CompressedFrames(options));
    return compressed;
  };

  return {
    async decode(given, { signal, maxSamples } = {}) {
      if (closed) throw new AbortedError();
      throwIfAborted(signal);
      const declared = decodableCodingOf(given.transferSyntaxUid);
      checkDescription(given.transferSyntaxUid, given.description, maxSamples);
      // Frames of one video are recognized by their array, which must stay the same.
      const job = declared === 'video' ? given : { ...given, bytes: plainBytes(given.bytes) };
      if (declared === 'native') return decodeNative(job);
      const frames = await loadCompressed();
      return frames.decode(job, signal);
    },
    prepare(transferSyntaxUid, expected) {
      const syntax = findTransferSyntax(transferSyntaxUid);
      if (syntax === undefined || syntax.coding === 'native') return;
      loadCompressed().then(
        (frames) => frames.prepare(syntax, (expected?.reduce ?? 1) > 1),
        () => undefined,
      );
    },
    async close() {
      closed = true;
      await (await compressed?.catch(() => undefined))?.close();
    },
  };
}
