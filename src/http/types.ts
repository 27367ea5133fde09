import type { PreviewError } from '../base/errors.ts';
import type { ByteRange, ReadOptions, ReadResult, StoreStatistics } from '../types/storage.ts';
import type { SharedConnections } from './shared-connections.ts';

/** Header names in lower case; what came more than once is joined with ', '. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** One attempt about to be sent, as an {@link HttpRequest.authorize} hook sees it. */
export interface HttpAttempt {
  readonly method: string;
  readonly url: URL;
  /** Every header that will be sent, those of the hook aside. */
  readonly headers: HttpHeaders;
}

/** A reply whose status the operation does not take, read as far as 64 KiB. */
export interface HttpFailure {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly url: URL;
  readonly text: string;
}

/**
 * What to make of a failure: `again` sends the request once more at once (its `url` and `authorize` are asked anew;
 * at most 4 times an operation), `retry` counts as a transient failure, `throw` ends the operation.
 */
export type FailureVerdict =
  | { readonly action: 'again' }
  | { readonly action: 'retry'; readonly error: PreviewError }
  | { readonly action: 'throw'; readonly error: PreviewError };

/** What to ask of a server. Nothing in it is ever printed except `location`. */
export interface HttpRequest {
  /** Default GET. */
  readonly method?: string;
  /** http: or https:, without user information. A function is asked at every attempt. */
  readonly url: URL | (() => URL);
  /** What messages call the object or folder: no credentials, no query. */
  readonly location: string;
  /** Headers without secrets: these follow a redirect to another origin. */
  readonly headers?: HttpHeaders;
  readonly body?: string | Uint8Array;
  /** Headers with secrets, asked at every attempt; never asked for (nor sent to) another origin than that of `url`. */
  readonly authorize?: (attempt: HttpAttempt) => HttpHeaders | Promise<HttpHeaders>;
  /** 'manual' hands 3xx replies to `judge` instead of going on to their Location. Default 'follow'. */
  readonly redirect?: 'follow' | 'manual';
  /** The backend's own reading of a failure; undefined leaves it to the status alone. */
  readonly judge?: (failure: HttpFailure) => FailureVerdict | undefined | Promise<FailureVerdict | undefined>;
}

/** The head of an accepted reply. */
export interface HttpHead {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Where the reply came from, after redirects. */
  readonly url: URL;
}

/** A whole reply that was small enough to keep. */
export interface HttpDocument extends HttpHead {
  /** Decoded (gzip, deflate, br). */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /**
   * The reply said how long it is, and it was. False where its end is nothing but the end of the connection: then the
   * caller must see by the content whether it is whole.
   */
  readonly lengthVerified: boolean;
}

/** Takes a body as it arrives; a new one is made for every attempt. */
export interface BodySink<T> {
  /** Returns false when it needs no more: the rest is not read. */
  write(chunk: Uint8Array): boolean;
  /**
   * Called once, after the last write, when the body came whole or was enough. What it throws ends the operation, a
   * TransientFailure this attempt.
   */
  finish(): T | Promise<T>;
}

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Statuses that are taken. Default 200 alone. */
  readonly statuses?: readonly number[];
  /** The largest body that is taken, in bytes as sent and as decoded. Default 64 MiB. */
  readonly maximumByteLength?: number;
}

/**
 * The one way to an HTTP server: keep-alive connections, bounded and adaptive concurrency, time limits, retries,
 * redirects, proxies, and a check of every reply.
 *
 * All methods throw NotFoundError (404, 410), AccessDeniedError (401, 403), ObjectChangedError (412, or another ETag
 * than before), TimeoutError, StorageError or AbortedError, and what a request's own hooks throw.
 */
export interface Transport {
  /** Requests under way at most. */
  readonly concurrency: number;
  /** Attempts sent and body bytes received, those of failed attempts too. */
  readonly statistics: StoreStatistics;
  /** A range of an object, complete and verified; a body that broke goes on at the byte where it stopped. */
  readRange(request: HttpRequest, range: ByteRange, options?: ReadOptions): Promise<ReadResult>;
  /** A whole small reply, such as a listing. */
  fetchDocument(request: HttpRequest, options?: FetchOptions): Promise<HttpDocument>;
  /** A whole reply, taken as it arrives; a body that breaks is asked for again from its start, with a new sink. */
  fetchInto<T>(request: HttpRequest, createSink: (head: HttpHead) => BodySink<T>, options?: FetchOptions): Promise<T>;
  /** Ends every connection; what is under way fails with an AbortedError. */
  close(): Promise<void>;
}

/** How a {@link Transport} behaves; the last ones are for tests. */
export interface TransportOptions {
  /** 1..1024, default 128. */
  readonly concurrency?: number | undefined;
  /** Requests under way at first, as far as `concurrency` allows. Default 64. */
  readonly startConcurrency?: number | undefined;
  /** Milliseconds, default 30,000: to connect, to the first byte, and between bytes. */
  readonly timeoutMs?: number | undefined;
  /** Default 5. */
  readonly retries?: number | undefined;
  /** Connections that outlive this transport. Default: its own. */
  readonly connections?: SharedConnections | undefined;
  /** Proxy variables are taken from here. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds of the first backoff, doubled every time. Default 100. */
  readonly backoffMs?: number | undefined;
  /** 0 (included) .. 1 (excluded), for the jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}
