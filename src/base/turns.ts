import { onAbort } from './abort.ts';

/** Runs a limited number of pieces of work at a time, in the order in which they came. */
export interface Turns {
  /** Pieces of work under way or waiting. */
  readonly pending: number;
  /**
   * Runs the work when its turn comes. The signal ends only the wait: the work itself must listen to it too.
   *
   * @throws AbortedError where the signal ended the wait; what the work throws
   */
  run<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result>;
}

/** @param count pieces of work that may run at a time, 1 or more */
export function createTurns(count: number): Turns {
  const waiting: (() => void)[] = [];
  let active = 0;
  let pending = 0;

  const turn = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const enter = (): void => {
        release();
        active++;
        resolve();
      };
      let isAborted = false;
      let release = (): void => {};
      release = onAbort(signal, (error) => {
        isAborted = true;
        const index = waiting.indexOf(enter);
        if (index >= 0) waiting.splice(index, 1);
        reject(error);
      });
      if (isAborted) return;
      if (active < count) enter();
      else waiting.push(enter);
    });

  return {
    get pending(): number {
      return pending;
    },
    async run<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
      pending++;
      try {
        await turn(signal);
        try {
          return await work();
        } finally {
          active--;
          waiting.shift()?.();
        }
      } finally {
        pending--;
      }
    },
  };
}
