import { onAbort } from '../base/abort.ts';

/** What became of the request that held a slot. */
export type SlotOutcome = 'success' | 'failure' | 'congestion';

/** The right to have one request under way. */
export interface Slot {
  /** Gives it back; only the first call counts. */
  release(outcome: SlotOutcome, receivedBytes: number): void;
}

export interface ConcurrencyLimit {
  /** Requests that may be under way now; between 1 and the maximum. */
  readonly current: number;
  /** Waits for a slot, first come first served. An abort ends the wait with an AbortedError. */
  acquire(signal: AbortSignal | undefined): Promise<Slot>;
}

/** Fewer cost the headers of a usual series a round of their own; more are for a server to show that it takes them well. */
const START = 64;
/** Requests a millisecond that more may be under way while no reply has come; looked at so often (milliseconds). */
const OPENING_RATE = 2;
const OPENING_INTERVAL_MS = 1;
/** An increase has helped when requests or bytes a second rose by this factor. */
const HELPFUL_GAIN = 1.05;
/** Rounds without another increase after one that did not help. */
const ROUNDS_TO_HOLD = 8;

/** What a round that began with `limit` brought, a second. */
interface Rates {
  readonly limit: number;
  readonly requestRate: number;
  readonly byteRate: number;
}

/**
 * Bounds how many requests are under way, and finds out how many are good. It starts at 64 (or `start`) and doubles each
 * round (as many completions as the limit) while that raises the throughput and callers wait: a few hundred headers are
 * read before a slower search had found anything. The first doubling comes reply by reply, or bit by bit while there is
 * none yet: a line that answers late is a long one, and idles with few requests on it. It steps back when more does not
 * help, and halves on congestion, once for all requests sent before the last halving; from then on it grows by an eighth.
 */
export function createConcurrencyLimit(
  maximum: number,
  now: () => number = () => performance.now(),
  start: number = START,
): ConcurrencyLimit {
  let limit = Math.min(start, maximum);
  let active = 0;
  const waiting: Array<() => void> = [];

  let cutCount = 0;
  let growth = 2;
  let roundStart = now();
  let roundLimit = limit;
  let isFirstRound = true;
  let hasOpened = false;
  let opening: NodeJS.Timeout | undefined;
  let completions = 0;
  let bytes = 0;
  let before: Rates | undefined;
  let roundsToHold = 0;

  const startRound = (): void => {
    roundStart = now();
    roundLimit = limit;
    isFirstRound = false;
    completions = 0;
    bytes = 0;
  };

  const admit = (): void => {
    while (active < limit) {
      const next = waiting.shift();
      if (next === undefined) return;
      next();
    }
  };

  /** From when the first callers wait until a reply comes: as many more as that time allows. */
  const keepOpening = (): void => {
    hasOpened = true;
    const since = now();
    opening = setInterval(() => {
      const grown = Math.floor(roundLimit + (now() - since) * OPENING_RATE);
      limit = Math.max(limit, Math.min(maximum, roundLimit * growth, grown));
      admit();
      if (waiting.length === 0 || limit === maximum) stopOpening();
    }, OPENING_INTERVAL_MS).unref();
  };

  const stopOpening = (): void => {
    clearInterval(opening);
    opening = undefined;
  };

  const endRound = (): void => {
    const seconds = Math.max(now() - roundStart, 0.001) / 1000;
    judge({ limit: roundLimit, requestRate: completions / seconds, byteRate: bytes / seconds });
    startRound();
  };

  const judge = (rates: Rates): void => {
    // A round that nobody waited in says nothing about the limit.
    if (waiting.length === 0) return;
    if (roundsToHold > 0) {
      roundsToHold -= 1;
      return;
    }
    const last = before;
    const helped =
      last === undefined ||
      rates.requestRate > last.requestRate * HELPFUL_GAIN ||
      rates.byteRate > last.byteRate * HELPFUL_GAIN;
    if (!helped) {
      limit = Math.min(limit, last.limit);
      before = undefined;
      roundsToHold = ROUNDS_TO_HOLD;
    } else if (roundLimit < maximum) {
      before = rates;
      limit = Math.min(maximum, Math.ceil(roundLimit * growth));
    }
  };

  const succeed = (receivedBytes: number): void => {
    completions += 1;
    bytes += receivedBytes;
    if (completions >= roundLimit) endRound();
    else if (isFirstRound && waiting.length > 0) limit = Math.max(limit, Math.min(maximum, roundLimit + completions));
  };

  const cut = (cutsSeen: number): void => {
    if (cutsSeen < cutCount) return;
    cutCount += 1;
    limit = Math.max(1, Math.floor(limit / 2));
    growth = 1.125;
    before = undefined;
    roundsToHold = 0;
    startRound();
  };

  const createSlot = (): Slot => {
    const cutsSeen = cutCount;
    let released = false;
    return {
      release(outcome: SlotOutcome, receivedBytes: number): void {
        if (released) return;
        released = true;
        active -= 1;
        stopOpening();
        if (outcome === 'congestion') cut(cutsSeen);
        if (outcome === 'success') succeed(receivedBytes);
        admit();
      },
    };
  };

  return {
    get current(): number {
      return limit;
    },
    acquire(signal: AbortSignal | undefined): Promise<Slot> {
      return new Promise((resolve, reject) => {
        let release = (): void => {};
        const enter = (): void => {
          release();
          active += 1;
          resolve(createSlot());
        };
        let aborted = false;
        release = onAbort(signal, (error) => {
          aborted = true;
          const index = waiting.indexOf(enter);
          if (index >= 0) waiting.splice(index, 1);
          reject(error);
        });
        if (aborted) return;
        if (active < limit) {
          enter();
          return;
        }
        waiting.push(enter);
        if (!hasOpened && isFirstRound && limit < maximum) keepOpening();
      });
    },
  };
}
