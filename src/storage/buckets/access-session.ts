import { AccessDeniedError, MissingComponentError, type PreviewError } from '../../base/errors.ts';
import { TransientFailure } from '../../http/retry.ts';
import type { FailureVerdict, HttpAttempt, HttpFailure, HttpHeaders, HttpRequest } from '../../http/types.ts';

/** One way to ask a store: with certain credentials, or with none. */
export interface Access {
  /** What messages call it, such as `the service account of GOOGLE_APPLICATION_CREDENTIALS`. */
  readonly name: string;
  readonly isAnonymous: boolean;
  /** Secret query parameters, encoded, without `?`. */
  readonly search?: string | undefined;
  /**
   * Secret headers, asked for at every attempt; may fetch a token. Throws only PreviewErrors. An AccessDeniedError or a
   * MissingComponentError counts as a refusal of this access.
   */
  readonly headers?: ((attempt: HttpAttempt) => HttpHeaders | Promise<HttpHeaders>) | undefined;
  /** Replaces credentials that have expired. */
  readonly refresh?: (() => Promise<void>) | undefined;
}

/** What is done with objects. Somebody who may read a bucket may not always write to it. */
export type Purpose = 'read' | 'write';

/**
 * The accesses that are tried, by what is done: nobody is asked to take a body without credentials where there are some.
 */
export function accessesFor(purpose: Purpose, accesses: readonly Access[]): readonly Access[] {
  const signed = accesses.filter(({ isAnonymous }) => !isAnonymous);
  return purpose === 'write' && signed.length > 0 ? signed : accesses;
}

/** The access without credentials. */
export const anonymousAccess: Access = { name: 'no credentials', isAnonymous: true };

/** What a failure of a store means for the access that was used. */
export interface AccessFailure {
  /**
   * What may help: `ask again` where the store told how it must be asked (in which region, by which clock), new
   * credentials of the same kind, another access, or nothing.
   */
  readonly remedy: 'ask again' | 'new credentials' | 'another access' | 'none';
  /** What to throw when nothing helps; undefined leaves it to the status. */
  readonly error: PreviewError | undefined;
}

/** A request that may be sent with any of the accesses: it holds no secrets. */
export interface OpenRequest
  extends Pick<HttpRequest, 'method' | 'url' | 'location' | 'headers' | 'body' | 'redirect'> {
  /** Reads a failure. `hasWorked`: the store accepted this access before. */
  readonly readFailure: (
    failure: HttpFailure,
    access: Access,
    hasWorked: boolean,
  ) => AccessFailure | Promise<AccessFailure>;
}

export interface AccessSessionOptions {
  /** The bucket or container, for messages. */
  readonly location: string;
  /** At least one, in the order in which they are tried. */
  readonly accesses: readonly Access[];
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
  hasRefreshed: boolean;
  /** How often the access had been refreshed when it was last used. */
  generation: number;
  /** Why the accesses with credentials were refused: the first reason. */
  refusal: PreviewError | undefined;
}

/**
 * Finds out which of several accesses opens a bucket, and asks no more often than it must. An operation begins with the
 * access that worked last (at first, with the first one). When that is refused it tries each other access once. The
 * access that worked is kept for all later operations.
 */
export class AccessSession {
  readonly #options: AccessSessionOptions;
  #current = 0;
  /** Indexes of the accesses that have worked. */
  readonly #worked = new Set<number>();
  /** How often each access has been refreshed, by its index. */
  readonly #generations = new Map<number, number>();
  #refreshing: Promise<void> | undefined;
  #hasWarned = false;

  constructor(options: AccessSessionOptions) {
    this.#options = options;
  }

  operation(open: OpenRequest): AccessOperation {
    const state: OperationState = {
      first: this.#current,
      current: this.#current,
      tried: new Set([this.#current]),
      hasRefreshed: false,
      generation: 0,
      refusal: undefined,
    };
    const { method, url, location, headers, body, redirect, readFailure } = open;
    return {
      request: {
        location,
        ...(method === undefined ? {} : { method }),
        ...(body === undefined ? {} : { body }),
        ...(headers === undefined ? {} : { headers }),
        ...(redirect === undefined ? {} : { redirect }),
        url: () => withSearch(typeof url === 'function' ? url() : url, this.#access(state).search),
        authorize: (attempt) => this.#authorize(attempt, state),
        judge: async (failure) => {
          const found = await readFailure(failure, this.#access(state), this.#worked.has(state.current));
          return this.#judge(found, state);
        },
      },
      succeeded: () => this.#succeeded(state),
    };
  }

  #access(state: OperationState): Access {
    const access = this.#options.accesses[state.current];
    if (access === undefined) throw new RangeError('a session has at least one access');
    return access;
  }

  async #authorize(attempt: HttpAttempt, state: OperationState): Promise<HttpHeaders> {
    state.generation = this.#generations.get(state.current) ?? 0;
    try {
      return (await this.#access(state).headers?.(attempt)) ?? {};
    } catch (error) {
      state.refusal ??= refusalOf(error);
      if (this.#goOn(state)) throw new TransientFailure(state.refusal, { free: true });
      throw state.refusal;
    }
  }

  async #judge({ remedy, error }: AccessFailure, state: OperationState): Promise<FailureVerdict | undefined> {
    if (remedy === 'ask again') return { action: 'again' };
    if (remedy === 'none') return error === undefined ? undefined : { action: 'throw', error };
    const access = this.#access(state);
    if (remedy === 'new credentials' && access.refresh !== undefined && !state.hasRefreshed) {
      state.hasRefreshed = true;
      try {
        await this.#refresh(access, state);
        return { action: 'again' };
      } catch (failure) {
        state.refusal ??= refusalOf(failure);
      }
    }
    if (!access.isAnonymous) state.refusal ??= error;
    if (this.#goOn(state)) return { action: 'again' };
    const final = state.refusal ?? error;
    return final === undefined ? undefined : { action: 'throw', error: final };
  }

  /** Refreshes an access once for all operations whose credentials had expired. */
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

  /** Moves an operation to the next access that it has not tried; false when there is none. */
  #goOn(state: OperationState): boolean {
    const next = this.#options.accesses.findIndex((_, index) => !state.tried.has(index));
    if (next < 0) return false;
    state.tried.add(next);
    state.current = next;
    return true;
  }

  #succeeded(state: OperationState): void {
    this.#worked.add(state.current);
    // An operation that did not change its access has learnt nothing, and must not undo what later ones have learnt.
    if (state.current !== state.first) this.#current = state.current;
    if (!this.#access(state).isAnonymous || state.refusal === undefined || this.#hasWarned) return;
    this.#hasWarned = true;
    this.#options.onWarning(
      `${this.#options.location} is public and is read without credentials, because the configured ones do not work. ${state.refusal.message}`,
    );
  }
}

/** An error that means "refused" as it is. Any other error (a bug, an abort) ends the operation. */
function refusalOf(error: unknown): PreviewError {
  if (error instanceof AccessDeniedError || error instanceof MissingComponentError) return error;
  throw error;
}

function withSearch(url: URL, search: string | undefined): URL {
  if (search === undefined || search === '') return url;
  const signed = new URL(url);
  signed.search = url.search === '' ? search : `${url.search}&${search}`;
  return signed;
}
