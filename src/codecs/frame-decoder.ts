import { availableParallelism } from 'node:os';
import { AbortedError, throwIfAborted } from '../base/errors.ts';
import { findTransferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { DecodedFrame } from '../types/pixels.ts';
import { checkDescription } from './check-description.ts';
import { classify, decodableCodingOf } from './classify.ts';
import type { FrameJob } from './codec.ts';
import { plainBytes } from './native/byte-order.ts';
import { decodeNative } from './native/native.ts';
import type { VideoDecoder } from './video/video.ts';
import { LocalQueue } from './workers/local-queue.ts';
import { WorkerPool } from './workers/worker-pool.ts';

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

/**
 * Once this much work waits in the calling thread, frames are shared out to workers. A new thread first runs JavaScript
 * that is not compiled yet: less work than this is done sooner without it.
 */
const shareFromMs = 400;

/** A decoder for frames of every transfer syntax. It starts nothing before it is needed; close it when done. */
export function createFrameDecoder(options: FrameDecoderOptions = {}): FrameDecoder {
  const timeoutMs = options.timeoutMs ?? 20_000;
  const workers = Math.max(1, options.workers ?? Math.min(availableParallelism(), 8));
  const pool = new WorkerPool({ workers, timeoutMs, workerUrl: options.workerUrl });
  const local = new LocalQueue();
  let video: Promise<VideoDecoder> | undefined;
  let closed = false;

  const decode = async (given: FrameJob, { signal, maxSamples }: DecodeOptions = {}): Promise<DecodedFrame> => {
    if (closed) throw new AbortedError();
    throwIfAborted(signal);
    const declared = decodableCodingOf(given.transferSyntaxUid);
    checkDescription(given.transferSyntaxUid, given.description, maxSamples);
    // Frames of one video are recognized by their array, which must stay the same.
    const job = declared === 'video' ? given : { ...given, bytes: plainBytes(given.bytes) };
    if (declared === 'native') return decodeNative(job);
    const { coding, needsWorker, estimateMs } = classify(job);
    if (coding === 'video') {
      video ??= import('./video/video.ts').then((module) =>
        module.createVideoDecoder({ timeoutMs, ffmpeg: options.ffmpeg }),
      );
      return (await video).decode(job, signal);
    }
    const isShared = workers > 1 && local.backlogMs + estimateMs > shareFromMs && pool.backlogMs < local.backlogMs;
    if (needsWorker || isShared) return pool.decode(coding, job, estimateMs, signal);
    return local.decode(coding, job, estimateMs, signal);
  };

  return {
    decode,
    prepare(transferSyntaxUid, expected) {
      const syntax = findTransferSyntax(transferSyntaxUid);
      if (syntax === undefined) return;
      const { coding, isLosslessJpeg, isHighThroughput } = syntax;
      const isReduced = (expected?.reduce ?? 1) > 1;
      if (coding === 'jpeg') import('./jpeg/jpeg.ts').catch(() => undefined);
      // These are decoded by the code written here, without a library.
      if (coding === 'jpeg' && (isReduced || isLosslessJpeg)) return;
      if (coding === 'jpeg' || coding === 'jpeg-ls' || coding === 'jpeg-2000' || coding === 'jpeg-xl') {
        pool.warm(coding, isHighThroughput);
      }
    },
    async close() {
      closed = true;
      local.close();
      const running = await video?.catch(() => undefined);
      await Promise.all([pool.close(), running?.close()]);
    },
  };
}
