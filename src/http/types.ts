import type { PreviewError } from '../base/errors.ts';
import type { ByteRange, ReadOptions, ReadResult, StoreStatistics } from '../types/storage.ts';

/** Names are in lower case. Headers that came more than once are joined with ', '. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** An attempt that is about to be sent, as an {@link HttpRequest.authorize} hook sees it. */
export interface HttpAttempt {
  readonly method: string;
  readonly url: URL;
  /** All headers that will be sent, except those of the hook. */
  readonly headers: HttpHeaders;
}

/** A reply with a status that the operation does not take. At most 64 KiB of it are read. */
export interface HttpFailure {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly url: URL;
  readonly text: string;
}

/**
 * What to do after a failure. `again` sends the request once more at once, at most 4 times an operation; `url` and
 * `authorize` are asked anew. `retry` counts as a transient failure. `throw` ends the operation.
 */
export type FailureVerdict =
  | { readonly action: 'again' }
  | { readonly action: 'retry'; readonly error: PreviewError }
  | { readonly action: 'throw'; readonly error: PreviewError };

/** What to ask of a server. Only `location` is ever printed. */
export interface HttpRequest {
  /** Default GET. */
  readonly method?: string;
  /** http: or https:, without user information. A function is asked at every attempt. */
  readonly url: URL | (() => URL);
  /** The object or folder, for messages: without credentials and query. */
  readonly location: string;
  /** Headers without secrets. They are also sent to other origins, after a redirect. */
  readonly headers?: HttpHeaders;
  /**
   * Sent again with every attempt. A server may get it twice, also where no attempt seems to have succeeded: send only what
   * may come twice. A long one needs a Content-Length among the headers.
   */
  readonly body?: string | Uint8Array;
  /** Headers with secrets, asked at every attempt. They are never sent to another origin than that of `url`. */
  readonly authorize?: (attempt: HttpAttempt) => HttpHeaders | Promise<HttpHeaders>;
  /** 'manual' hands 3xx replies to `judge` instead of following them. Default 'follow'. */
  readonly redirect?: 'follow' | 'manual';
  /** The backend's own reading of a failure; undefined leaves it to the status. */
  readonly judge?: (failure: HttpFailure) => FailureVerdict | undefined | Promise<FailureVerdict | undefined>;
}

/** The head of an accepted reply. */
export interface HttpHead {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Where the reply came from, after all redirects. */
  readonly url: URL;
}

/** A whole reply, held in memory. */
export interface HttpDocument extends HttpHead {
  /** Decoded (gzip, deflate, br). */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /**
   * Whether the reply said how long it is. Where it did not, only the end of the connection ended it, and the caller
   * must tell from the content whether it is whole.
   */
  readonly lengthVerified: boolean;
}

/** Takes a body as it arrives. A new sink is made for every attempt. */
export interface BodySink<T> {
  /** Returns false when it needs no more. Then the rest is not read. */
  write(chunk: Uint8Array): boolean;
  /**
   * Called once, after the last write, when the whole body has come or the sink needs no more. A TransientFailure that
   * it throws ends the attempt, any other error the operation.
   */
  finish(): T | Promise<T>;
}

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Statuses that are taken. By default only 200. */
  readonly statuses?: readonly number[];
  /** The largest body that is taken, both as it is sent and decoded. Default 64 MiB. */
  readonly maxByteLength?: number;
}

/**
 * The only way to an HTTP server: with connections that are kept alive, bounded and adaptive concurrency, time limits,
 * retries, redirects, proxies, and a check of every reply.
 *
 * All methods throw NotFoundError (404, 410), AccessDeniedError (401, 403, 407), ObjectChangedError (412, or another
 * ETag than before), TimeoutError, StorageError or AbortedError, and what the hooks of a request throw.
 */
export interface Transport {
  /** Requests under way at most. */
  readonly concurrency: number;
  /** How many attempts were sent and how many bytes of bodies were received, failed attempts included. */
  readonly statistics: StoreStatistics;
  /** Reads a range of an object, complete and checked. After a body that broke, the next attempt asks for the rest. */
  readRange(request: HttpRequest, range: ByteRange, options?: ReadOptions): Promise<ReadResult>;
  /** Fetches a whole small reply, such as a listing. */
  fetchDocument(request: HttpRequest, options?: FetchOptions): Promise<HttpDocument>;
  /**
   * Fetches a whole reply, taken as it arrives. A body that breaks is asked for again from its start, with a new sink.
   */
  fetchInto<T>(request: HttpRequest, createSink: (head: HttpHead) => BodySink<T>, options?: FetchOptions): Promise<T>;
  /** Ends all connections. Operations under way fail with an AbortedError. */
  close(): Promise<void>;
}
