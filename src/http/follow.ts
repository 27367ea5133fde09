import { abortable } from '../base/abort.ts';
import { StorageError } from '../base/errors.ts';
import type { Connections } from './connections.ts';
import { drain, exchange, type Reply } from './exchange.ts';
import { errorOfException } from './failures.ts';
import type { HttpHeaders, HttpRequest } from './types.ts';

/** A reply and where it came from. */
export interface Followed {
  readonly reply: Reply;
  readonly url: URL;
  /** It came on a connection that had been used before. */
  readonly reused: boolean;
}

export interface FollowContext {
  readonly connections: Connections;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onRequest: () => void;
  readonly onBytes: (byteLength: number) => void;
}

const LONGEST_REDIRECT_CHAIN = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** What every request says: who asks, and that bytes are wanted as they are. */
const COMMON_HEADERS: HttpHeaders = {
  accept: '*/*',
  'accept-encoding': 'identity',
  'user-agent': 'dicom-series-preview',
};

/**
 * Sends a request and follows redirects, five at most. Secrets (`request.authorize`) go to the origin of `request.url`
 * alone, wherever a redirect leads. Throws what {@link errorOfException} makes of errors.
 */
export async function follow(request: HttpRequest, headers: HttpHeaders, context: FollowContext): Promise<Followed> {
  const { location } = request;
  let method = request.method ?? 'GET';
  let body = request.body;
  const first = typeof request.url === 'function' ? request.url() : request.url;
  let url = first;
  for (let hop = 0; ; hop += 1) {
    const open = { ...COMMON_HEADERS, ...request.headers, ...headers };
    const isHome = url === first || url.origin === first.origin;
    const answer = isHome ? request.authorize?.({ method, url, headers: open }) : undefined;
    const secret = answer instanceof Promise ? await abortable(answer, context.signal) : answer;
    const sent = secret === undefined ? open : { ...open, ...secret };
    const { reply, reused } = await sendOnce(method, url, sent, body, location, context);
    const target = REDIRECTS.has(reply.status) ? reply.headers['location'] : undefined;
    if (target === undefined || request.redirect === 'manual') return { reply, url, reused };
    // The connection is worth keeping, but not worth reading an unbounded body for.
    await drain(reply);
    if (hop >= LONGEST_REDIRECT_CHAIN) {
      throw new StorageError(
        `${location} was redirected more than ${LONGEST_REDIRECT_CHAIN} times: the redirects lead nowhere. Name the final address.`,
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
      const reply = await exchange(request, { ...context, body });
      return { reply, reused: request.reusedSocket };
    } finally {
      reused = request.reusedSocket;
    }
  } catch (thrown) {
    throw errorOfException(thrown, { location, timeoutMs: context.timeoutMs, reused });
  }
}

/** Where a Location header leads; another scheme than http(s), or from https back to http, is refused. */
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
      `${location} was redirected from https to unprotected http (${status}), which is refused. If that is meant, name the http address.`,
      { location, status },
    );
  }
  url.username = '';
  url.password = '';
  return url;
}
