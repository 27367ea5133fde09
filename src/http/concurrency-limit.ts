import { onAbort } from '../base/abort.ts';

/** How the request that held a slot ended. */
export type SlotOutcome = 'success' | 'failure' | 'congestion' | 'unaccepted';

/** Permission to have one request under way. */
export interface Slot {
  /** Gives the slot back. Only the first call counts. */
  release(outcome: SlotOutcome, receivedBytes: number): void;
}

export interface ConcurrencyLimit {
  /** How many requests may be under way now, from 1 to the maximum. */
  readonly current: number;
  /** Waits for a slot; callers are served in the order they came. An abort ends the wait with an AbortedError. */
  acquire(signal: AbortSignal | undefined): Promise<Slot>;
}

/**
 * With fewer, the headers of a usual series take a second round. With more, a server must first show that it can take
 * them.
 */
const defaultStart = 64;
/** A server that has answered nothing by then is far away: it gets a second burst before the first has come back. */
const farReplyMs = 10;
/** More requests under way have helped when the requests or the bytes a second rose by this factor. */
const minHelpfulGain = 1.05;
/** After an increase that did not help, the limit stays as it is for so many rounds. */
const roundsToHoldAfterStep = 8;

const unacceptedDivisor = 4;
/** Rounds without growth after connections were not accepted, doubled each time. */
const minRoundsAfterUnaccepted = 8;
const maxRoundsAfterUnaccepted = 256;

/** The throughput of a round that began with `limit`, a second. */
interface Rates {
  readonly limit: number;
  readonly requestRate: number;
  readonly byteRate: number;
}

/**
 * Bounds how many requests are under way, and finds out how many are good.
 *
 * It starts at 64 (or `start`). A round is as many completed requests as the limit allowed when the round began. The
 * limit doubles each round while callers wait and the throughput rises: a slower search would still be searching when a
 * few hundred headers have been read. In the first round, every reply raises the limit by one; where none has come after 10 ms,
 * the limit doubles then. When more requests do not help, the limit goes back to what it was before. Congestion halves it,
 * once for all requests that were sent before the last halving; from then on it grows by an eighth a round. Connections
 * that are not accepted quarter it, and it then stays as it is, the longer the more often that happens: every try beyond
 * what the server's queue takes costs time.
 */
export function createConcurrencyLimit(
  maximum: number,
  now: () => number = () => performance.now(),
  start: number = defaultStart,
): ConcurrencyLimit {
  let limit = Math.min(start, maximum);
  let active = 0;
  const waiting: Array<() => void> = [];

  let cutCount = 0;
  let growth = 2;
  let roundStart = now();
  let roundLimit = limit;
  let isFirstRound = true;
  let completions = 0;
  let bytes = 0;
  let before: Rates | undefined;
  let roundsToHold = 0;
  let roundsAfterUnaccepted = minRoundsAfterUnaccepted;
  let isBurstPlanned = false;

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

  /** Once, from when the first caller has to wait: unless another request succeeds before. */
  const planSecondBurst = (): void => {
    if (isBurstPlanned) return;
    isBurstPlanned = true;
    const completed = completions;
    setTimeout(() => {
      if (!isFirstRound || completions > completed || cutCount > 0) return;
      limit = Math.min(maximum, roundLimit * growth);
      admit();
    }, farReplyMs).unref();
  };

  const endRound = (): void => {
    const seconds = Math.max(now() - roundStart, 0.001) / 1000;
    judge({ limit: roundLimit, requestRate: completions / seconds, byteRate: bytes / seconds });
    startRound();
  };

  const judge = (rates: Rates): void => {
    // When nobody waits, the limit held nobody back, so the round says nothing about it.
    if (waiting.length === 0) return;
    if (roundsToHold > 0) {
      roundsToHold -= 1;
      return;
    }
    const last = before;
    const helped =
      last === undefined ||
      rates.requestRate > last.requestRate * minHelpfulGain ||
      rates.byteRate > last.byteRate * minHelpfulGain;
    if (!helped) {
      limit = Math.min(limit, last.limit);
      before = undefined;
      roundsToHold = roundsToHoldAfterStep;
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

  const cut = (cutsSeen: number, divisor: number): void => {
    if (cutsSeen < cutCount) return;
    cutCount += 1;
    limit = Math.max(1, Math.floor(limit / divisor));
    growth = 1.125;
    before = undefined;
    roundsToHold = 0;
    if (divisor === unacceptedDivisor) {
      roundsToHold = roundsAfterUnaccepted;
      roundsAfterUnaccepted = Math.min(2 * roundsAfterUnaccepted, maxRoundsAfterUnaccepted);
    }
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
        if (outcome === 'congestion') cut(cutsSeen, 2);
        if (outcome === 'unaccepted') cut(cutsSeen, unacceptedDivisor);
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
        if (active < limit) enter();
        else {
          waiting.push(enter);
          planSecondBurst();
        }
      });
    },
  };
}
