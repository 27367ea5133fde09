import { availableParallelism } from 'node:os';
import { AbortedError } from '../base/errors.ts';
import type { TransferSyntax } from '../dicom/transfer-syntaxes.ts';
import type { DecodedFrame } from '../types/pixels.ts';
import { classify } from './classify.ts';
import type { FrameDecoderOptions, FrameJob } from './codec.ts';
import type { VideoDecoder } from './video/video.ts';
import { LocalQueue } from './workers/local-queue.ts';
import { WorkerPool } from './workers/worker-pool.ts';

/**
 * Once this much work waits in the calling thread, frames are shared out to workers. A new thread first runs JavaScript
 * that is not compiled yet: less work than this is done sooner without it.
 */
const shareFromMs = 400;

/** Decodes compressed frames: in this thread, in worker threads, or by ffmpeg. */
export class CompressedFrames {
  readonly #local = new LocalQueue();
  readonly #pool: WorkerPool;
  readonly #workers: number;
  readonly #timeoutMs: number;
  readonly #ffmpeg: string | undefined;
  #video: Promise<VideoDecoder> | undefined;
  #closed = false;

  constructor({ workers, timeoutMs = 20_000, workerUrl, ffmpeg }: FrameDecoderOptions) {
    this.#workers = Math.max(1, workers ?? Math.min(availableParallelism(), 8));
    this.#timeoutMs = timeoutMs;
    this.#ffmpeg = ffmpeg;
    this.#pool = new WorkerPool({ workers: this.#workers, timeoutMs, workerUrl });
  }

  /** As a frame decoder does; the job has been checked. */
  async decode(job: FrameJob, signal: AbortSignal | undefined): Promise<DecodedFrame> {
    if (this.#closed) throw new AbortedError();
    const { coding, needsWorker, estimateMs } = classify(job);
    if (coding === 'video') return (await this.#videoDecoder()).decode(job, signal);
    const [pool, local] = [this.#pool, this.#local];
    const isShared =
      this.#workers > 1 && local.backlogMs + estimateMs > shareFromMs && pool.backlogMs < local.backlogMs;
    if (needsWorker || isShared) return pool.decode(coding, job, estimateMs, signal);
    return local.decode(coding, job, estimateMs, signal);
  }

  /** Starts to load what frames of a transfer syntax need. Never throws. */
  prepare({ coding, isLosslessJpeg, isHighThroughput }: TransferSyntax, isReduced: boolean): void {
    if (this.#closed) return;
    if (coding === 'jpeg') import('./jpeg/jpeg.ts').catch(() => undefined);
    // These are decoded by the code written here, without a library.
    if (coding === 'jpeg' && (isReduced || isLosslessJpeg)) return;
    if (coding === 'jpeg' || coding === 'jpeg-ls' || coding === 'jpeg-2000' || coding === 'jpeg-xl') {
      this.#pool.warm(coding, isHighThroughput);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#local.close();
    const running = await this.#video?.catch(() => undefined);
    await Promise.all([this.#pool.close(), running?.close()]);
  }

  #videoDecoder(): Promise<VideoDecoder> {
    this.#video ??= import('./video/video.ts').then((module) =>
      module.createVideoDecoder({ timeoutMs: this.#timeoutMs, ffmpeg: this.#ffmpeg }),
    );
    return this.#video;
  }
}
