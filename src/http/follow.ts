import { abortable } from '../base/abort.ts';
import { StorageError } from '../base/errors.ts';
import type { ConnectTimes } from './connect-times.ts';
import type { Connections } from './connections.ts';
import { drain, exchange, type Reply } from './exchange.ts';
import { errorOfException } from './failures.ts';
import type { HttpHeaders, HttpRequest } from './types.ts';

/** A reply, and where it came from. */
export interface Followed {
  readonly reply: Reply;
  readonly url: URL;
  /** The connection had been used before. */
  readonly reused: boolean;
}

export interface FollowContext {
  readonly connections: Connections;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** How long origins take to accept connections. */
  readonly connectTimes: ConnectTimes;
  /** Give up a connection that is not accepted as fast as others were. */
  readonly isImpatient: boolean;
  readonly onRequest: () => void;
  readonly onBytes: (byteLength: number) => void;
}

const maxRedirects = 5;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** The headers of every request. They say who asks, and that bytes are wanted as they are. */
const commonHeaders: HttpHeaders = {
  accept: '*/*',
  'accept-encoding': 'identity',
  'user-agent': 'dicom-series-preview',
};

/**
 * Sends a request and follows at most five redirects. Secrets (`request.authorize`) go only to the origin of
 * `request.url`, wherever a redirect leads. Throws what {@link errorOfException} makes of errors.
 */
export async function follow(request: HttpRequest, headers: HttpHeaders, context: FollowContext): Promise<Followed> {
  const { location } = request;
  let method = request.method ?? 'GET';
  let body = request.body;
  const first = typeof request.url === 'function' ? request.url() : request.url;
  let url = first;
  for (let hop = 0; ; hop += 1) {
    const open = { ...commonHeaders, ...request.headers, ...headers };
    const isHome = url === first || url.origin === first.origin;
    const answer = isHome ? request.authorize?.({ method, url, headers: open }) : undefined;
    const secret = answer instanceof Promise ? await abortable(answer, context.signal) : answer;
    const sent = secret === undefined ? open : { ...open, ...secret };
    const { reply, reused } = await sendOnce(method, url, sent, body, location, context);
    const target = redirectStatuses.has(reply.status) ? reply.headers['location'] : undefined;
    if (target === undefined || request.redirect === 'manual') return { reply, url, reused };
    // Read to keep the connection, but not without a bound.
    await drain(reply);
    if (hop >= maxRedirects) {
      throw new StorageError(
        `${location} was redirected more than ${maxRedirects} times: the redirects lead nowhere. Give the final address.`,
        { location, status: reply.status },
      );
    }
    url = redirectTarget(target, url, location, reply.status);
    if (reply.status === 303) {
      method = 'GET';
      body = undefined;
    }
  }
}

async function sendOnce(
  method: string,
  url: URL,
  headers: HttpHeaders,
  body: string | Uint8Array | undefined,
  location: string,
  context: FollowContext,
): Promise<{ readonly reply: Reply; readonly reused: boolean }> {
  let reused = false;
  try {
    const request = context.connections.open(method, url, headers);
    context.onRequest();
    try {
      const { connectTimes } = context;
      const reply = await exchange(request, {
        ...context,
        body,
        onAccepted: (elapsedMs) => connectTimes.add(url.origin, elapsedMs),
        patienceMs: context.isImpatient ? () => connectTimes.patienceMs(url.origin) : undefined,
      });
      return { reply, reused: request.reusedSocket };
    } finally {
      reused = request.reusedSocket;
    }
  } catch (thrown) {
    throw errorOfException(thrown, { location, timeoutMs: context.timeoutMs, reused });
  }
}

/** The address in a Location header. Schemes other than http(s), and the way from https back to http, are refused. */
function redirectTarget(target: string, from: URL, location: string, status: number): URL {
  const url = URL.canParse(target, from.href) ? new URL(target, from.href) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new StorageError(`${location} was redirected to an address that is no http(s) URL (${status}).`, {
      location,
      status,
    });
  }
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw new StorageError(
      `${location} was redirected from https to unprotected http (${status}), which is refused. If that is what you want, give the http address.`,
      { location, status },
    );
  }
  url.username = '';
  url.password = '';
  return url;
}
