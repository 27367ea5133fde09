import { setImmediate as nextTurn } from 'node:timers/promises';
import { AbortedError } from '../../base/errors.ts';
import type { DecodedFrame } from '../../types/pixels.ts';
import type { FrameJob } from '../frame-job.ts';
import { type FrameFamily, runCodec } from '../run-codec.ts';

/** Milliseconds of decoding after which the event loop gets its turn: replies and timers wait no longer than that. */
const TURN_MS = 10;

/** Frames decoded in the calling thread, one after the other, in turns short enough to leave room for everything else. */
export class LocalQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #turnStarted = 0;
  #closed = false;
  /** Milliseconds of work that wait, roughly. */
  backlogMs = 0;

  /** Decodes one frame when those before it are done. */
  decode(
    family: FrameFamily,
    job: FrameJob,
    estimateMs: number,
    signal: AbortSignal | undefined,
  ): Promise<DecodedFrame> {
    this.backlogMs += estimateMs;
    const result = this.#tail.then(async () => {
      try {
        if (performance.now() - this.#turnStarted > TURN_MS) {
          await nextTurn();
          this.#turnStarted = performance.now();
        }
        if (this.#closed || signal?.aborted === true) throw new AbortedError({ cause: signal?.reason });
        return await runCodec(family, job);
      } finally {
        this.backlogMs -= estimateMs;
      }
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Rejects what has not begun with an AbortedError. */
  close(): void {
    this.#closed = true;
  }
}
