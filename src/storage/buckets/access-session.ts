import { AccessDeniedError, MissingComponentError, type PreviewError } from '../../base/errors.ts';
import type { FailureVerdict, HttpAttempt, HttpFailure, HttpHeaders, HttpRequest } from '../../http/types.ts';

/** One way to ask a store: with certain credentials, or with none. */
export interface Access {
  /** What messages call it, such as `the service account of GOOGLE_APPLICATION_CREDENTIALS`. */
  readonly name: string;
  readonly isAnonymous: boolean;
  /** Secret query parameters, encoded, without `?`. */
  readonly search?: string | undefined;
  /** Secret headers. May fetch a token: it is asked at every attempt, and throws PreviewErrors alone. */
  readonly headers?: ((attempt: HttpAttempt) => HttpHeaders | Promise<HttpHeaders>) | undefined;
  /** Loads what is needed and gets a first token, so that a failure is known before a request is sent. */
  readonly prepare?: (() => Promise<void>) | undefined;
  /** Forgets a token that was refused. */
  readonly refresh?: (() => Promise<void>) | undefined;
}

/** What a failure of a store means. */
export interface AccessFailure {
  /** Another access may pass. */
  readonly isRefused: boolean;
  /** New credentials of the same kind may pass. */
  readonly isExpired: boolean;
  /** What to throw when nothing helps; undefined leaves it to the status. */
  readonly error: PreviewError | undefined;
}

export interface AccessSessionOptions {
  /** Where the bucket or container lies, for messages. */
  readonly location: string;
  /** At least one; tried in this order. */
  readonly accesses: readonly Access[];
  /** Reads a failure; `access` is the one it was sent with. */
  readonly readFailure: (failure: HttpFailure, location: string, access: Access) => Promise<AccessFailure>;
  readonly onWarning: (message: string) => void;
}

/** A request of one operation, and what to call once the operation has succeeded. */
export interface AccessOperation {
  readonly request: HttpRequest;
  readonly succeeded: () => void;
}

interface OperationState {
  readonly first: number;
  /** Index of the access that is used. */
  current: number;
  readonly tried: Set<number>;
  refreshed: boolean;
  /** How often the access had been refreshed when it was last used. */
  generation: number;
  /** Why the accesses with credentials did not pass. */
  refusal: PreviewError | undefined;
}

/**
 * Finds out which of several accesses opens a bucket, without asking twice: an operation begins with the one that passed
 * last (at first, the first), goes on to each other one when it is refused, and what passed is kept for all that follow.
 */
export class AccessSession {
  readonly #options: AccessSessionOptions;
  #current = 0;
  /** By index of the access. */
  readonly #generations = new Map<number, number>();
  #refreshing: Promise<void> | undefined;
  #warned = false;

  constructor(options: AccessSessionOptions) {
    this.#options = options;
  }

  /** An operation on a URL without secrets. */
  operation(url: URL, location: string, headers: HttpHeaders): AccessOperation {
    const state: OperationState = {
      first: this.#current,
      current: this.#current,
      tried: new Set([this.#current]),
      refreshed: false,
      generation: 0,
      refusal: undefined,
    };
    return {
      request: {
        location,
        headers,
        url: () => withSearch(url, this.#access(state).search),
        authorize: async (attempt) => {
          state.generation = this.#generations.get(state.current) ?? 0;
          return (await this.#access(state).headers?.(attempt)) ?? {};
        },
        judge: (failure) => this.#judge(failure, location, state),
      },
      succeeded: () => this.#succeeded(state),
    };
  }

  #access(state: OperationState): Access {
    const access = this.#options.accesses[state.current];
    if (access === undefined) throw new RangeError('a session has at least one access');
    return access;
  }

  async #judge(failure: HttpFailure, location: string, state: OperationState): Promise<FailureVerdict | undefined> {
    const access = this.#access(state);
    const found = await this.#options.readFailure(failure, location, access);
    if (!found.isRefused && !found.isExpired) {
      return found.error === undefined ? undefined : { action: 'throw', error: found.error };
    }
    if (found.isExpired && access.refresh !== undefined && !state.refreshed) {
      state.refreshed = true;
      try {
        await this.#refresh(access, state);
        return { action: 'again' };
      } catch (error) {
        state.refusal ??= deniedOf(error);
      }
    }
    if (!access.isAnonymous) state.refusal ??= found.error;
    if (await this.#goOn(state)) return { action: 'again' };
    const error = state.refusal ?? found.error;
    return error === undefined ? undefined : { action: 'throw', error };
  }

  /** Refreshes an access once for all operations that met the end of what they were sent with. */
  async #refresh(access: Access, { current, generation }: OperationState): Promise<void> {
    const now = this.#generations.get(current) ?? 0;
    if (generation !== now) return;
    this.#refreshing ??= (async () => {
      await access.refresh?.();
      this.#generations.set(current, now + 1);
    })().finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  /** Moves an operation to the next access that is ready; false when there is none. */
  async #goOn(state: OperationState): Promise<boolean> {
    const { accesses } = this.#options;
    for (const [index, access] of accesses.entries()) {
      if (state.tried.has(index)) continue;
      state.tried.add(index);
      try {
        await access.prepare?.();
      } catch (error) {
        // Another access may still pass; if none does, this is what to say.
        state.refusal ??= deniedOf(error);
        continue;
      }
      state.current = index;
      return true;
    }
    return false;
  }

  #succeeded(state: OperationState): void {
    // Only a change is news: an operation that began earlier must not undo what others learnt since.
    if (state.current !== state.first) this.#current = state.current;
    if (!this.#access(state).isAnonymous || state.refusal === undefined || this.#warned) return;
    this.#warned = true;
    this.#options.onWarning(
      `${this.#options.location} is public and is read without credentials, for the configured ones are of no use. ${state.refusal.message}`,
    );
  }
}

/** A refusal as it is; anything else (a bug, an abort) ends the operation. */
function deniedOf(error: unknown): PreviewError {
  if (error instanceof AccessDeniedError || error instanceof MissingComponentError) return error;
  throw error;
}

function withSearch(url: URL, search: string | undefined): URL {
  if (search === undefined || search === '') return url;
  const signed = new URL(url);
  signed.search = url.search === '' ? search : `${url.search}&${search}`;
  return signed;
}
