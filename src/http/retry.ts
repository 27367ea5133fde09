import { delay } from '../base/abort.ts';
import { AbortedError, type PreviewError, StorageError } from '../base/errors.ts';

/** A failure that the next attempt may not have. */
export class TransientFailure extends Error {
  /** The error that the operation throws when no attempt is left. */
  readonly error: PreviewError;
  /** The server or the line has too much to do, so fewer requests should be under way. */
  readonly congestion: boolean;
  /** A new connection was refused, reset, or not accepted: of these there were too many at once. */
  readonly isUnaccepted: boolean;
  /** How long the server asked to wait (Retry-After). */
  readonly retryAfterMs: number | undefined;
  /** The next attempt comes at once and does not count, as when a connection that was kept alive had been closed. */
  readonly free: boolean;
  constructor(
    error: PreviewError,
    options?: {
      readonly congestion?: boolean;
      readonly isUnaccepted?: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly free?: boolean;
    },
  ) {
    super(error.message, { cause: error });
    this.name = 'TransientFailure';
    this.error = error;
    this.congestion = options?.congestion ?? false;
    this.isUnaccepted = options?.isUnaccepted ?? false;
    this.retryAfterMs = options?.retryAfterMs;
    this.free = options?.free ?? false;
  }
}

export interface RetryPolicy {
  readonly retries: number;
  readonly backoffMs: number;
  readonly random: () => number;
}

/** When a server asks for a longer pause, the operation ends with an error that says so. */
const maxPauseMs = 60_000;
const maxBackoffMs = 10_000;
/** So many attempts of an operation may be free; more count like others. */
const maxFreeAttempts = 4;

/**
 * How many milliseconds to wait before a retry (`attempt` 1 is the first one). The time grows exponentially. Its upper
 * half is random, so that requests that failed together do not come back together.
 */
export function backoff(attempt: number, policy: RetryPolicy): number {
  const full = Math.min(maxBackoffMs, policy.backoffMs * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * policy.random();
}

/**
 * Retry-After (RFC 9110 section 10.2.3), seconds or a date, as milliseconds from `now`; undefined when it is neither.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

/**
 * Runs the attempts of an operation until one succeeds, until an error comes that is no TransientFailure, or until no
 * retry is left. `takeProgress` tells whether the last attempt brought enough to count the retries anew: without that,
 * a long body would never arrive over a bad line.
 */
export async function runAttempts<T>(
  policy: RetryPolicy,
  location: string,
  signal: AbortSignal | undefined,
  attempt: (attemptsBefore: number) => Promise<T>,
  takeProgress: () => boolean = () => false,
): Promise<T> {
  let attempts = 0;
  let failures = 0;
  let free = 0;
  for (;;) {
    try {
      return await attempt(attempts++);
    } catch (failure) {
      if (!(failure instanceof TransientFailure)) throw failure;
      if (signal?.aborted === true) throw new AbortedError({ cause: signal.reason });
      if (failure.free && free < maxFreeAttempts) {
        free += 1;
        continue;
      }
      if (takeProgress()) failures = 0;
      failures += 1;
      if (failures > policy.retries) throw failure.error;
      const asked = failure.retryAfterMs ?? 0;
      if (asked > maxPauseMs) {
        throw new StorageError(
          `${location} asks to wait ${Math.ceil(asked / 1000)} s (Retry-After); ` +
            `this tool waits ${maxPauseMs / 1000} s at most. Try again later.`,
          { location, cause: failure.error, ...statusOf(failure.error) },
        );
      }
      await delay(Math.max(asked, backoff(failures, policy)), signal);
    }
  }
}

function statusOf(error: PreviewError): { readonly status?: number } {
  return error instanceof StorageError && error.status !== undefined ? { status: error.status } : {};
}
