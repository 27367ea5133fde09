import { abortable, createAbortScopes } from '../base/abort.ts';
import { ByteCollector } from '../base/bytes.ts';
import { AbortedError, StorageError } from '../base/errors.ts';
import { limitHint } from '../base/limit-hint.ts';
import { defaultLimits, type Limits } from '../types/limits.ts';
import type { ByteRange, ReadOptions, ReadResult, StoreStatistics } from '../types/storage.ts';
import { createConcurrencyLimit, type SlotOutcome } from './concurrency-limit.ts';
import { ConnectTimes } from './connect-times.ts';
import { createConnections } from './connections.ts';
import { contentRangeOf } from './content-headers.ts';
import { documentSink } from './documents.ts';
import { drain, type Reply } from './exchange.ts';
import { errorOfException, errorOfStatus } from './failures.ts';
import { type FollowContext, type Followed, follow } from './follow.ts';
import { isNothing, RangeAssembly } from './range-assembly.ts';
import { type RetryPolicy, runAttempts, TransientFailure } from './retry.ts';
import type { SharedConnections } from './shared-connections.ts';
import type {
  BodySink,
  FetchOptions,
  HttpDocument,
  HttpFailure,
  HttpHead,
  HttpHeaders,
  HttpRequest,
  Transport,
} from './types.ts';

const defaultConcurrency = 128;
export const defaultTimeoutMs = 30_000;
const defaultRetries = 5;
const defaultBackoffMs = 100;
/** So many attempts of an operation give up slow connections early. Later ones take the whole time limit. */
const impatientAttempts = 3;
const maxFailureTextLength = 64 * 1024;

/** How a {@link Transport} behaves. The last three are for tests. */
export interface TransportOptions {
  /** 1..1024, default 128. */
  readonly concurrency?: number | undefined;
  /** How many requests are under way at first, where `concurrency` allows it. Default 64. */
  readonly startConcurrency?: number | undefined;
  /** The limit for connecting, for the first byte, and between bytes. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** Default 5. */
  readonly retries?: number | undefined;
  /** `listingBytes`: what a document may have that says no other limit. */
  readonly limits?: Limits | undefined;
  /** Connections that outlive this transport. By default it makes its own. */
  readonly connections?: SharedConnections | undefined;
  /** Proxy variables are taken from here. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** The first backoff, doubled every time. Default 100. */
  readonly backoffMs?: number | undefined;
  /** A number from 0 to below 1, for the random part of the backoff. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/**
 * Makes the transport of one store. It opens no connection before the first request, and `close` ends those that are
 * open.
 *
 * How to use it for a new backend: build an {@link HttpRequest} for each object (URL, printable location, `authorize`
 * for secrets, `judge` for the backend's own error codes) and call `readRange`. Call `fetchDocument` for listings and
 * other whole replies, and `fetchInto` for replies that are better parsed as they arrive.
 */
export function createTransport(options: TransportOptions = {}): Transport {
  const concurrency = options.concurrency ?? defaultConcurrency;
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const policy: RetryPolicy = {
    retries: options.retries ?? defaultRetries,
    backoffMs: options.backoffMs ?? defaultBackoffMs,
    random: options.random ?? Math.random,
  };
  const { listingBytes } = options.limits ?? defaultLimits;
  const limit = createConcurrencyLimit(concurrency);
  const connectTimes = new ConnectTimes();
  /** Objects that came encoded, by their locations. */
  const encoded = new Set<string>();
  const { connections: shared, environment = process.env } = options;
  const connections =
    shared?.get(() => createConnections(defaultConcurrency, environment, timeoutMs)) ??
    createConnections(concurrency, environment, timeoutMs);
  const closing = new AbortController();
  const scopes = createAbortScopes(closing.signal);
  let requests = 0;
  let receivedBytes = 0;

  /** Makes one attempt in a slot of its own. `take` reads the body of a reply whose status `isTaken`. */
  const attempt = async <T>(
    request: HttpRequest,
    headers: HttpHeaders,
    signal: AbortSignal,
    isTaken: (status: number) => boolean,
    take: (reply: Reply, head: HttpHead) => Promise<T>,
    attemptsBefore: number,
  ): Promise<T> => {
    const slot = await limit.acquire(signal);
    let outcome: SlotOutcome = 'failure';
    let slotBytes = 0;
    let reused = false;
    const context: FollowContext = {
      connections,
      timeoutMs,
      signal,
      connectTimes,
      isImpatient: attemptsBefore < impatientAttempts,
      onRequest: () => {
        requests += 1;
      },
      onBytes: (byteLength) => {
        receivedBytes += byteLength;
        slotBytes += byteLength;
      },
    };
    try {
      const followed = await follow(request, headers, context);
      reused = followed.reused;
      const { reply, url } = followed;
      if (!isTaken(reply.status)) throw await failureOf(request, followed, signal);
      reused = false;
      const value = await take(reply, { status: reply.status, headers: reply.headers, url });
      outcome = 'success';
      return value;
    } catch (thrown) {
      const error = errorOfException(thrown, { location: request.location, timeoutMs, reused });
      if (error instanceof TransientFailure && error.congestion) outcome = 'congestion';
      if (error instanceof TransientFailure && error.isUnaccepted) outcome = 'unaccepted';
      throw error;
    } finally {
      slot.release(outcome, slotBytes);
    }
  };

  /** Runs an operation that is aborted with the caller's signal, and when the transport is closed. */
  const inScope = async <T>(signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const scope = scopes.open(signal);
    try {
      if (scope.signal.aborted) throw new AbortedError({ cause: scope.signal.reason });
      return await run(scope.signal);
    } finally {
      scope.end();
    }
  };

  const fetchInto = <T>(
    request: HttpRequest,
    createSink: (head: HttpHead) => BodySink<T>,
    fetchOptions: FetchOptions = {},
  ): Promise<T> => {
    const statuses = fetchOptions.statuses ?? [200];
    const maxByteLength = fetchOptions.maxByteLength ?? listingBytes;
    const hint = maxByteLength === listingBytes ? ` ${limitHint('listingBytes')}` : '';
    const isTaken = (status: number): boolean => statuses.includes(status);
    return inScope(fetchOptions.signal, (signal) =>
      runAttempts(policy, request.location, signal, (attemptsBefore) =>
        attempt(
          request,
          {},
          signal,
          isTaken,
          (reply, head) => drainInto(reply, createSink(head), { maxByteLength, hint }, request),
          attemptsBefore,
        ),
      ),
    );
  };

  return {
    concurrency,
    get statistics(): StoreStatistics {
      return { requests, receivedBytes };
    },

    readRange(request: HttpRequest, range: ByteRange, readOptions: ReadOptions = {}): Promise<ReadResult> {
      return inScope(readOptions.signal, async (signal) => {
        const assembly = new RangeAssembly(request.location, range, readOptions.etag, encoded.has(request.location));
        const isTaken = (status: number): boolean => status === 206 || status === 200 || status === 416;
        const readMore = async (attemptsBefore: number): Promise<void> => {
          await attempt(request, assembly.headers, signal, isTaken, (reply) => assembly.take(reply), attemptsBefore);
          if (!assembly.needsSize) return;
          const ask = { range: 'bytes=0-0' };
          const size = (reply: Reply): Promise<number> => sizeFrom(reply, request.location);
          assembly.end(await attempt(request, ask, signal, isTaken, size, attemptsBefore));
        };
        if (!assembly.done) {
          await runAttempts(policy, request.location, signal, readMore, () => assembly.takeProgress());
        }
        if (assembly.isEncoded) encoded.add(request.location);
        return assembly.result();
      });
    },

    fetchInto,

    fetchDocument(request: HttpRequest, fetchOptions: FetchOptions = {}): Promise<HttpDocument> {
      const maxByteLength = fetchOptions.maxByteLength ?? listingBytes;
      return fetchInto(request, (head) => documentSink(head, maxByteLength, request.location), fetchOptions);
    },

    async close(): Promise<void> {
      closing.abort(new Error('the store was closed'));
      if (shared === undefined) connections.destroy();
    },
  };
}

async function drainInto<T>(
  reply: Reply,
  sink: BodySink<T>,
  { maxByteLength, hint }: { readonly maxByteLength: number; readonly hint: string },
  request: HttpRequest,
): Promise<T> {
  let received = 0;
  await reply.consume((chunk) => {
    received += chunk.byteLength;
    if (received > maxByteLength) {
      throw new StorageError(
        `${request.location}: the reply is larger than ${maxByteLength} bytes, the limit for a listing or the like.${hint}`,
        { location: request.location, status: reply.status },
      );
    }
    return sink.write(chunk);
  });
  return await sink.finish();
}

/** Reads the beginning of a refused reply, and lets the backend judge it. */
async function failureOf(request: HttpRequest, { reply, url }: Followed, signal: AbortSignal): Promise<unknown> {
  const collector = new ByteCollector();
  try {
    await reply.consume((chunk) => {
      collector.add(chunk.subarray(0, maxFailureTextLength - collector.byteLength));
      return collector.byteLength < maxFailureTextLength;
    });
  } catch (thrown) {
    // The status is known, so a text that broke off does not matter. But an abort ends the operation.
    if (thrown instanceof AbortedError) return thrown;
  }
  const failure: HttpFailure = {
    status: reply.status,
    headers: reply.headers,
    url,
    text: new TextDecoder().decode(collector.take()),
  };
  const verdict = await abortable(request.judge?.(failure), signal);
  const standard = errorOfStatus(failure, request.location);
  if (verdict === undefined) return standard;
  if (verdict.action === 'throw') return verdict.error;
  if (verdict.action === 'retry') return new TransientFailure(verdict.error);
  return new TransientFailure(standard instanceof TransientFailure ? standard.error : standard, { free: true });
}

/** The object's size, from a reply to `bytes=0-0`. */
async function sizeFrom(reply: Reply, location: string): Promise<number> {
  if (isNothing(reply) || (reply.status === 200 && reply.contentLength !== undefined)) {
    reply.discard();
    return reply.contentLength ?? 0;
  }
  const range = contentRangeOf(reply.headers);
  if (reply.status === 200 && reply.isFramed) {
    let received = 0;
    await reply.consume((chunk) => {
      received += chunk.byteLength;
      return true;
    });
    return received;
  }
  await drain(reply);
  const total = reply.status === 416 ? (range?.total ?? 0) : range?.total;
  if (total !== undefined) return total;
  throw new TransientFailure(
    new StorageError(`${location}: the server refuses a range (416) and does not say how large the object is.`, {
      location,
      status: 416,
    }),
  );
}
