import { delay } from '../base/abort.ts';
import { AbortedError, type PreviewError, StorageError } from '../base/errors.ts';

/** A failure that may be gone at the next attempt. */
export class TransientFailure extends Error {
  /** What the operation throws when no attempt is left. */
  readonly error: PreviewError;
  /** The server, or the line, has too much to do: fewer requests abreast are called for. */
  readonly congestion: boolean;
  /** What the server asked to wait (Retry-After). */
  readonly retryAfterMs: number | undefined;
  /** Costs no attempt and no wait, as when a kept-alive connection turned out to be closed. */
  readonly free: boolean;
  constructor(
    error: PreviewError,
    options?: {
      readonly congestion?: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly free?: boolean;
    },
  ) {
    super(error.message, { cause: error });
    this.name = 'TransientFailure';
    this.error = error;
    this.congestion = options?.congestion ?? false;
    this.retryAfterMs = options?.retryAfterMs;
    this.free = options?.free ?? false;
  }
}

export interface RetryPolicy {
  readonly retries: number;
  readonly backoffMs: number;
  readonly random: () => number;
}

/** A server that asks for a longer pause gets none: the operation ends and says so. */
const LONGEST_PAUSE_MS = 60_000;
const LONGEST_BACKOFF_MS = 10_000;
/** Free attempts an operation has; more are counted like others. */
const FREE_ATTEMPTS = 4;

/**
 * Milliseconds to wait before attempt `attempt` (1 is the first retry): exponential, the upper half of it random, so
 * that requests which failed together do not come back together.
 */
export function backoff(attempt: number, policy: RetryPolicy): number {
  const full = Math.min(LONGEST_BACKOFF_MS, policy.backoffMs * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * policy.random();
}

/** Retry-After (RFC 9110 section 10.2.3), seconds or a date, as milliseconds from `now`; undefined when it is neither. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

/**
 * Runs an operation's attempts until one succeeds, an error that is no TransientFailure comes, or the retries are used
 * up. `takeProgress` tells whether the last attempt brought enough to begin counting anew, which is how a long body
 * over a bad line arrives at all.
 */
export async function runAttempts<T>(
  policy: RetryPolicy,
  location: string,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
  takeProgress: () => boolean = () => false,
): Promise<T> {
  let failures = 0;
  let free = 0;
  for (;;) {
    try {
      return await attempt();
    } catch (failure) {
      if (!(failure instanceof TransientFailure)) throw failure;
      if (signal?.aborted === true) throw new AbortedError({ cause: signal.reason });
      if (failure.free && free < FREE_ATTEMPTS) {
        free += 1;
        continue;
      }
      if (takeProgress()) failures = 0;
      failures += 1;
      if (failures > policy.retries) throw failure.error;
      const asked = failure.retryAfterMs ?? 0;
      if (asked > LONGEST_PAUSE_MS) {
        throw new StorageError(
          `${location} asks to be left alone for ${Math.ceil(asked / 1000)} s (Retry-After); ` +
            `this tool waits ${LONGEST_PAUSE_MS / 1000} s at most. Try again later.`,
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
