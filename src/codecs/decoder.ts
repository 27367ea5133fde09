import { availableParallelism } from 'node:os';
import { AbortedError, throwIfAborted } from '../base/errors.ts';
import type { DecodedFrame } from '../types/pixels.ts';
import { classify, familyOf } from './classify.ts';
import type { DecodeOptions, FrameDecoder, FrameJob } from './frame-job.ts';
import { plainBytes } from './native/byte-order.ts';
import { decodeNative } from './native/native.ts';
import { checkDescription, MAXIMUM_SAMPLES } from './pixel-description.ts';
import { findTransferSyntax } from './transfer-syntaxes.ts';
import type { VideoDecoder } from './video/video.ts';
import { LocalQueue } from './workers/local-queue.ts';
import { WorkerPool } from './workers/worker-pool.ts';

export interface FrameDecoderOptions {
  /** Milliseconds that one frame may take in a worker (or a video's run in ffmpeg). Default 20,000. */
  readonly timeoutMs?: number | undefined;
  /** Worker threads at most. Default: as many as the machine has processors, 8 at most. */
  readonly workers?: number | undefined;
  /** Samples (rows x columns x samples per pixel) that a frame may have. Default 2^28. */
  readonly maximumSamples?: number | undefined;
  /** The ffmpeg program. Default: `ffmpeg`, looked for on PATH. */
  readonly ffmpeg?: string | undefined;
  /** Another worker file than the package's own. */
  readonly workerUrl?: URL | undefined;
}

/**
 * Work waiting in the calling thread (milliseconds) from which on frames are shared out to workers. A fresh thread runs
 * uncompiled JavaScript at first: less work than this is done sooner without it.
 */
const SHARE_FROM_MS = 400;

const HTJ2K: ReadonlySet<string> = new Set(['201', '202', '203'].map((end) => `1.2.840.10008.1.2.4.${end}`));
const LOSSLESS_JPEG: ReadonlySet<string> = new Set(['57', '70'].map((end) => `1.2.840.10008.1.2.4.${end}`));

/** A decoder for frames of every transfer syntax. Starts nothing before it is needed; close it when done. */
export function createFrameDecoder(options: FrameDecoderOptions = {}): FrameDecoder {
  const timeoutMs = options.timeoutMs ?? 20_000;
  const workers = Math.max(1, options.workers ?? Math.min(availableParallelism(), 8));
  const maximumSamples = options.maximumSamples ?? MAXIMUM_SAMPLES;
  const pool = new WorkerPool({ workers, timeoutMs, workerUrl: options.workerUrl });
  const local = new LocalQueue();
  let video: Promise<VideoDecoder> | undefined;
  let closed = false;

  const decode = async (given: FrameJob, { signal }: DecodeOptions = {}): Promise<DecodedFrame> => {
    if (closed) throw new AbortedError();
    throwIfAborted(signal);
    const named = familyOf(given.transferSyntaxUid);
    checkDescription(given.transferSyntaxUid, given.description, maximumSamples);
    // Frames of one stream are known by their array: that stays as it is.
    const job = named === 'video' ? given : { ...given, bytes: plainBytes(given.bytes) };
    if (named === 'native') return decodeNative(job);
    const { family, needsWorker, estimateMs } = classify(job);
    if (family === 'video') {
      video ??= import('./video/video.ts').then((module) =>
        module.createVideoDecoder({ timeoutMs, ffmpeg: options.ffmpeg }),
      );
      return (await video).decode(job, signal);
    }
    const share = workers > 1 && local.backlogMs + estimateMs > SHARE_FROM_MS && pool.backlogMs < local.backlogMs;
    if (needsWorker || share) return pool.decode(family, job, estimateMs, signal);
    return local.decode(family, job, estimateMs, signal);
  };

  return {
    decode,
    prepare(transferSyntaxUid, expected) {
      const family = findTransferSyntax(transferSyntaxUid)?.family;
      const reduced = (expected?.reduce ?? 1) > 1;
      if (family === 'jpeg') import('./jpeg/jpeg.ts').catch(() => undefined);
      if (family === 'jpeg' && (reduced || LOSSLESS_JPEG.has(transferSyntaxUid))) return;
      if (family === 'jpeg' || family === 'jpeg-ls' || family === 'jpeg-2000' || family === 'jpeg-xl') {
        pool.warm(family, HTJ2K.has(transferSyntaxUid));
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
