import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createMcpHandler,
  isInitializeRequest,
  isLegacyRequest,
  localhostAllowedHostnames,
  type McpHttpHandler,
  validateHostHeader,
  validateOriginHeader,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { UsageError } from '../index.ts';
import { createServer } from './server.ts';
import type { Session } from './session.ts';
import { ShownPictures } from './shown-pictures.ts';

/** Where and for whom the server listens. */
export interface HttpSettings {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** What clients must send: `Authorization: Bearer TOKEN`. */
  readonly token: string;
  /** Names that clients may know this server by, beside `host` and those of this machine for itself. */
  readonly allowedHosts: readonly string[];
}

/** A server that listens. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** The only path. */
const path = '/mcp';
/** A request names a series and some options. */
const maxBodyLength = 256 * 1024;
/** Clients of protocol versions before 2026-07-28 open sessions. The oldest ends where there are more. */
const maxSessions = 32;
const maxSessionIdleMs = 3600 * 1000;

interface OpenSession {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  usedAt: number;
}

/**
 * Serves over HTTP. A request must name this server as Host (and Origin, where a browser sends one), so that no web page
 * reaches it by a name of its own that points here (DNS rebinding), and must carry the token.
 */
export async function serveHttp(shared: Omit<Session, 'pictures'>, settings: HttpSettings): Promise<Listening> {
  const names = [...new Set([...localhostAllowedHostnames(), settings.host, ...settings.allowedHosts])];
  const expected = digest(`Bearer ${settings.token}`);
  // Requests of the newest protocol belong to no connection: all clients share these, under names that nobody guesses.
  const pictures = new ShownPictures('random');
  const modern = createMcpHandler(
    ({ requestInfo }) =>
      createServer({ ...shared, pictures, ...(requestInfo === undefined ? {} : { gone: requestInfo.signal }) }),
    { legacy: 'reject', onerror: shared.onError, maxRequestBodySize: maxBodyLength },
  );
  const sessions = new Map<string, OpenSession>();

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const host = validateHostHeader(request.headers.host, names);
    const origin = validateOriginHeader(request.headers.origin, names);
    if (!host.ok || !origin.ok) {
      return refuse(response, 403, 'Expected a Host and Origin that this server is known by: see --allow-host.');
    }
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) {
      response.setHeader('WWW-Authenticate', 'Bearer');
      return refuse(response, 401, 'Expected the header Authorization: Bearer TOKEN, with the token of this server.');
    }
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== path) return refuse(response, 404, `Expected the path ${path}.`);
    const body = request.method === 'POST' ? await bodyOf(request) : undefined;
    if (body === null) return refuse(response, 413, `Expected a body of at most ${maxBodyLength} bytes.`);
    const parsed = body === undefined ? undefined : parsedJson(body);
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const web = webRequest(request, url, body, gone.signal);
    const answer = (await isLegacyRequest(web, parsed))
      ? await serveSession(web, parsed, { shared, sessions })
      : await answerModern(modern, web, parsed);
    await send(answer, response);
  };

  const server = createHttpServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      shared.onError(error);
      if (!response.headersSent) refuse(response, 500, 'Something happened that should not have.');
      else response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new UsageError(
          `Expected an address to listen at, but ${settings.host} port ${settings.port} cannot be had (${cause.message}). Give another --port or --host.`,
          { cause },
        ),
      ),
    );
    server.listen(settings.port, settings.host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : settings.port;
  const shownHost = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  return {
    url: `http://${shownHost}:${port}${path}`,
    close: async () => {
      await modern.close();
      await Promise.all([...sessions.values()].map(({ transport }) => transport.close()));
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answerModern(modern: McpHttpHandler, request: Request, parsedBody: unknown): Promise<Response> {
  return modern.fetch(request, parsedBody === undefined ? {} : { parsedBody });
}

/** Serves a client of an earlier protocol version, which has a session with pictures of its own. */
async function serveSession(
  request: Request,
  parsedBody: unknown,
  { shared, sessions }: { readonly shared: Omit<Session, 'pictures'>; readonly sessions: Map<string, OpenSession> },
): Promise<Response> {
  for (const [id, { transport, usedAt }] of sessions) {
    if (Date.now() - usedAt > maxSessionIdleMs) await end(id, transport, sessions);
  }
  const options = parsedBody === undefined ? {} : { parsedBody };
  const known = sessions.get(request.headers.get('mcp-session-id') ?? '');
  if (known !== undefined) {
    known.usedAt = Date.now();
    return known.transport.handleRequest(request, options);
  }
  if (request.headers.has('mcp-session-id')) return jsonError(404, 'The session has ended: initialize again.');
  if (!isInitializeRequest(parsedBody)) return jsonError(400, 'Expected an initialize request, or a session.');
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => {
      sessions.set(id, { transport, usedAt: Date.now() });
    },
    onsessionclosed: (id) => {
      sessions.delete(id);
    },
    maxRequestBodySize: maxBodyLength,
  });
  await createServer({ ...shared, pictures: new ShownPictures('numbers') }).connect(transport);
  const answer = await transport.handleRequest(request, options);
  const [oldest] = [...sessions].sort(([, a], [, b]) => a.usedAt - b.usedAt);
  if (oldest !== undefined && sessions.size > maxSessions) await end(oldest[0], oldest[1].transport, sessions);
  return answer;
}

async function end(
  id: string,
  transport: WebStandardStreamableHTTPServerTransport,
  sessions: Map<string, OpenSession>,
): Promise<void> {
  sessions.delete(id);
  await transport.close();
}

/** All texts become equally long, so that comparing them tells nothing. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The body; null for a longer one than allowed. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > maxBodyLength) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** undefined for text that is no JSON: the protocol's own code answers that. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function webRequest(request: IncomingMessage, url: URL, body: string | undefined, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined || name === 'authorization') continue;
    for (const each of Array.isArray(value) ? value : [value]) headers.append(name, each);
  }
  const method = request.method ?? 'GET';
  return new Request(url, { method, headers, signal, ...(body === undefined ? {} : { body }) });
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32000, message }, id: null }));
}

function jsonError(status: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code: -32000, message }, id: null }, { status });
}

/** Passes an answer on as it comes: it may be a stream of events. */
async function send(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) {
    response.end();
    return;
  }
  response.flushHeaders();
  const reader = answer.body.getReader();
  response.once('close', () => {
    reader.cancel().catch(() => undefined);
  });
  for (;;) {
    const { done, value } = await reader.read();
    if (done || response.destroyed) break;
    if (!response.write(value)) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
  }
  response.end();
}
