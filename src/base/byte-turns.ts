import { onAbort } from './abort.ts';

/** Lets pieces of work take memory in turn, so that all of them together have no more than so many bytes. */
export interface ByteTurns {
  /** Bytes of all of them together. */
  readonly byteLength: number;
  /**
   * Waits until so many bytes are free, in the order in which was asked. Who asks for more than there is waits until nobody
   * else has any. Whoever holds bytes must not ask for more: two of them could wait for each other.
   *
   * @returns gives the bytes back
   * @throws AbortedError where the signal ended the wait
   */
  take(byteLength: number, signal: AbortSignal | undefined): Promise<() => void>;
}

interface Waiting {
  readonly byteLength: number;
  readonly enter: () => void;
}

/** @param byteLength of all pieces of work together; Infinity for any */
export function createByteTurns(byteLength: number): ByteTurns {
  const waiting: Waiting[] = [];
  let taken = 0;

  const isFree = (wanted: number): boolean => taken + wanted <= byteLength || taken === 0;
  const admit = (): void => {
    for (;;) {
      const [next] = waiting;
      if (next === undefined || !isFree(next.byteLength)) return;
      waiting.shift();
      next.enter();
    }
  };
  const hold = (length: number): (() => void) => {
    let isHeld = true;
    taken += length;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      taken -= length;
      admit();
    };
  };

  return {
    byteLength,
    take(wanted, signal) {
      return new Promise((resolve, reject) => {
        let isAborted = false;
        let release = (): void => {};
        const entry: Waiting = {
          byteLength: wanted,
          enter: () => {
            release();
            resolve(hold(wanted));
          },
        };
        release = onAbort(signal, (error) => {
          isAborted = true;
          const index = waiting.indexOf(entry);
          if (index >= 0) waiting.splice(index, 1);
          reject(error);
          // What stood behind it may fit.
          admit();
        });
        if (isAborted) return;
        if (waiting.length === 0 && isFree(wanted)) entry.enter();
        else waiting.push(entry);
      });
    },
  };
}
