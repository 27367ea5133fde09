import { createByteTurns } from './byte-turns.ts';

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
  // The same queue: each piece of work takes one of `count`.
  const turns = createByteTurns(count);
  let pending = 0;

  return {
    get pending(): number {
      return pending;
    },
    async run<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
      pending++;
      try {
        const giveBack = await turns.take(1, signal);
        try {
          return await work();
        } finally {
          giveBack();
        }
      } finally {
        pending--;
      }
    },
  };
}
