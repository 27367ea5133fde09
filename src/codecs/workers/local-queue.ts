import { setImmediate as nextTurn } from 'node:timers/promises';
import { AbortedError } from '../../base/errors.ts';
import type { DecodedFrame } from '../../types/pixels.ts';
import type { FrameJob } from '../codec.ts';
import { type FrameCoding, runCodec } from '../run-codec.ts';

/** After so many milliseconds of decoding the event loop gets its turn, so that replies and timers do not wait long. */
const maxTurnMs = 10;

/** Decodes frames in the calling thread, one after the other, and lets the event loop run in between. */
export class LocalQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #turnStarted = 0;
  #closed = false;
  /** Milliseconds of waiting work, roughly. */
  backlogMs = 0;

  /** Decodes one frame, after all frames that were given before. */
  decode(
    coding: FrameCoding,
    job: FrameJob,
    estimateMs: number,
    signal: AbortSignal | undefined,
  ): Promise<DecodedFrame> {
    this.backlogMs += estimateMs;
    const result = this.#tail.then(async () => {
      try {
        if (performance.now() - this.#turnStarted > maxTurnMs) {
          await nextTurn();
          this.#turnStarted = performance.now();
        }
        if (this.#closed || signal?.aborted === true) throw new AbortedError({ cause: signal?.reason });
        return await runCodec(coding, job);
      } finally {
        this.backlogMs -= estimateMs;
      }
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Frames whose decoding has not begun are rejected with an AbortedError. */
  close(): void {
    this.#closed = true;
  }
}
