import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { Metrics } from './metrics.ts';

export interface GateOptions {
  /** The address that the server binds to. */
  readonly host: string;
  /** What clients must know. Default: nothing. */
  readonly token?: string | undefined;
  /** Told a line for each request. */
  readonly onLog?: ((line: string) => void) | undefined;
  /** Write paths into the log as they are, UIDs too. Default false. */
  readonly logUids?: boolean | undefined;
}

export interface Gate {
  readonly app: Hono;
  readonly metrics: Metrics;
}

const cookieName = 'dicom-series-preview-token';

/** What all routes of a server have in common: who may ask, what is logged and counted, headers that browsers heed. */
export function createGate({ host, token, onLog, logUids = false }: GateOptions): Gate {
  const app = new Hono();
  const metrics = new Metrics();
  app.use(async (context, next) => {
    const started = performance.now();
    metrics.inWork++;
    try {
      await next();
    } finally {
      metrics.inWork--;
    }
    const { res: response, req: request } = context;
    response.headers.set('x-content-type-options', 'nosniff');
    response.headers.set('referrer-policy', 'no-referrer');
    response.headers.set('cross-origin-resource-policy', 'same-origin');
    response.headers.set('x-frame-options', 'DENY');
    const elapsedMs = performance.now() - started;
    const byteLength = request.method === 'HEAD' ? 0 : Number(response.headers.get('content-length') ?? 0);
    metrics.add(routeOf(request.path), response.status, elapsedMs / 1000, byteLength);
    const path = logUids ? JSON.stringify(request.path).slice(1, -1) : pathWithoutUids(request.path);
    onLog?.(
      `${new Date().toISOString()} ${request.method} ${path} ${response.status} ${Math.round(elapsedMs)} ms ${byteLength} bytes`,
    );
  });
  app.use(async (context, next) => {
    const { req: request } = context;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return context.json({ error: { code: 'method', message: 'Only GET and HEAD are known here.' } }, 405, {
        allow: 'GET, HEAD',
      });
    }
    // A probe comes by an address of its own, and knows no token.
    if (request.path === '/healthz') return next();
    if (isLoopback(host) && !isLoopback(hostNameOf(request.header('host') ?? ''))) {
      // A name of somebody else's that was made to lead here: pages of that name are not to read what is here.
      return context.json({ error: { code: 'host', message: 'This server answers to this computer alone.' } }, 421);
    }
    if (token === undefined) return next();
    const given = request.query('token');
    if (given !== undefined && isSame(given, token)) {
      setCookie(context, cookieName, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
      const url = new URL(request.url);
      url.searchParams.delete('token');
      return context.redirect(`${url.pathname}${url.search}`, 303);
    }
    const bearer = /^Bearer +(.+)$/i.exec(request.header('authorization') ?? '')?.[1];
    if (isSame(bearer ?? getCookie(context, cookieName) ?? '', token)) return next();
    const message = 'Expected the token that the server was started with: Authorization: Bearer, or ?token= once.';
    return context.json({ error: { code: 'token', message } }, 401, { 'www-authenticate': 'Bearer' });
  });
  app.get('/healthz', (context) => context.text('ok\n', 200, { 'cache-control': 'no-store' }));
  app.get('/metrics', (context) =>
    context.body(metrics.text(), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
    }),
  );
  app.notFound((context) =>
    context.json({ error: { code: 'not-found', message: 'There is nothing under this path.' } }, 404),
  );
  app.onError((error, context) => {
    onLog?.(`error: ${error.name}`);
    return context.json({ error: { code: 'internal', message: 'Something unexpected happened.' } }, 500);
  });
  return { app, metrics };
}

/** Digests are of one length, so that comparing takes the same time whatever was guessed. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function hostNameOf(header: string): string {
  return header.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** A few names: what a client asks for must not make a label. */
function routeOf(path: string): string {
  const [, view] = /^\/series\/[^/]+\/(mosaic|image|info)\b/.exec(path) ?? [];
  if (view !== undefined) return view;
  const [, known] = /^\/(list|healthz|metrics|shards|atlas|manifest\.parquet)\b/.exec(path) ?? [];
  return known ?? (path === '/' ? 'page' : 'other');
}

function pathWithoutUids(path: string): string {
  const [, view] = /^\/series\/[^/]+\/((?:mosaic|image|info)(?:\.\w{1,5})?)$/.exec(path) ?? [];
  if (view !== undefined) return `/series/:uid/${view}`;
  const isPlain = routeOf(path) !== 'other' && /^[\w/.-]{0,60}$/.test(path) && !path.startsWith('/series');
  return isPlain ? path : '/...';
}
