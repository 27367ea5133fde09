import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** What a server can do wrong with one request. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly text?: string;
    }
  /** Ends the connection without a reply. */
  | { readonly kind: 'drop' }
  /** Announces the whole body, sends a part of it, ends the connection. */
  | { readonly kind: 'drop-in-body'; readonly after?: number }
  /** A chunked body that ends properly, too early. */
  | { readonly kind: 'short-chunked' }
  /** A chunked body whose connection ends without the last chunk. */
  | { readonly kind: 'broken-chunked' }
  /** More bytes than the Content-Range says. */
  | { readonly kind: 'long-chunked' }
  /** A body that only the end of the connection ends: no length, no chunks. */
  | { readonly kind: 'unframed'; readonly short?: boolean }
  | { readonly kind: 'content-range'; readonly value: string | undefined }
  /** Bytes of another place, with a Content-Range that says so. */
  | { readonly kind: 'shifted'; readonly by: number }
  /** Less than was asked for, correctly labelled. */
  | { readonly kind: 'piece'; readonly length: number }
  | { readonly kind: 'ignore-range'; readonly chunked?: boolean }
  | { readonly kind: 'etag'; readonly etag: string | undefined }
  | { readonly kind: 'gzip' }
  /** One byte every so many milliseconds. */
  | { readonly kind: 'trickle'; readonly everyMs: number }
  /** No reply at all; the connection stays open. */
  | { readonly kind: 'silence' }
  | { readonly kind: 'silence-in-body'; readonly after?: number }
  | { readonly kind: 'redirect'; readonly location: string; readonly status?: number }
  /** Not HTTP. */
  | { readonly kind: 'garbage' };

/** One request as the server saw it. */
export interface SeenRequest {
  readonly index: number;
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface ServedObject {
  readonly bytes: Uint8Array;
  readonly etag?: string | undefined;
  readonly contentType?: string;
}

export interface FaultyServerOptions {
  /** The objects by their path as sent (percent-encoded, query included). */
  readonly objects?: ReadonlyMap<string, ServedObject>;
  /** Looked at before `objects`; true when it has answered. */
  readonly handle?: (request: IncomingMessage, response: ServerResponse, seen: SeenRequest) => boolean;
  readonly fault?: (seen: SeenRequest) => Fault | undefined;
  /** Milliseconds to the first byte. */
  readonly delayMs?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface FaultyServer {
  /** Without trailing slash. */
  readonly origin: string;
  readonly requests: readonly SeenRequest[];
  /** Requests under way at most so far. */
  readonly mostAbreast: number;
  /** Connections that are open now. */
  readonly openConnections: () => number;
  stop(): Promise<void>;
}

/** A server on 127.0.0.1 that serves ranges of objects rightly, unless `fault` tells it to do wrong. */
export async function startFaultyServer(options: FaultyServerOptions): Promise<FaultyServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<{ destroy(): unknown }>();
  let abreast = 0;
  let mostAbreast = 0;
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const seen = {
      index: requests.length,
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
    };
    requests.push(seen);
    abreast += 1;
    mostAbreast = Math.max(mostAbreast, abreast);
    response.once('close', () => {
      abreast -= 1;
    });
    request.resume();
    const answer = (): void => {
      const fault = options.fault?.(seen);
      if (fault !== undefined && answerFault(fault, request, response)) return;
      if (options.handle?.(request, response, seen) === true) return;
      const object = options.objects?.get(seen.path);
      if (object === undefined) response.writeHead(404).end('not here');
      else serve(object, request, response, fault);
    };
    if (options.delayMs === undefined) answer();
    else setTimeout(answer, options.delayMs);
  };
  const server: Server =
    options.tls === undefined ? createServer(listener) : createTlsServer({ ...options.tls }, listener);
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    get mostAbreast(): number {
      return mostAbreast;
    },
    openConnections: () => sockets.size,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Faults that need no object; true when the fault was one. */
function answerFault(fault: Fault, request: IncomingMessage, response: ServerResponse): boolean {
  switch (fault.kind) {
    case 'status':
      response.writeHead(fault.status, fault.headers).end(fault.text ?? '');
      return true;
    case 'drop':
      request.socket.destroy();
      return true;
    case 'silence':
      return true;
    case 'garbage':
      request.socket.end('this is not HTTP at all\r\n\r\n');
      return true;
    case 'redirect':
      response.writeHead(fault.status ?? 302, { location: fault.location }).end('go there');
      return true;
    default:
      return false;
  }
}

/** Serves an object, by range where the request has one, wrong in the way of the fault. */
function serve(
  object: ServedObject,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): void {
  const { bytes } = object;
  const etag = fault?.kind === 'etag' ? fault.etag : object.etag;
  const headers: Record<string, string> = { 'content-type': object.contentType ?? 'application/octet-stream' };
  if (etag !== undefined) headers['etag'] = etag;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (range === null || fault?.kind === 'ignore-range') {
    const chunked = fault?.kind === 'ignore-range' && fault.chunked === true;
    sendBody(bytes, 200, chunked ? headers : { ...headers, 'content-length': `${bytes.length}` }, response, fault);
    return;
  }
  let offset = Number(range[1]);
  if (offset >= bytes.length) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end('out of range');
    return;
  }
  let end = Math.min(bytes.length, range[2] === '' ? bytes.length : Number(range[2]) + 1);
  if (fault?.kind === 'shifted') {
    offset = Math.max(0, offset + fault.by);
    end = Math.min(bytes.length, end + fault.by);
  }
  if (fault?.kind === 'piece') end = Math.min(end, offset + fault.length);
  const contentRange = fault?.kind === 'content-range' ? fault.value : `bytes ${offset}-${end - 1}/${bytes.length}`;
  if (contentRange !== undefined) headers['content-range'] = contentRange;
  sendBody(bytes.subarray(offset, end), 206, { ...headers, 'content-length': `${end - offset}` }, response, fault);
}

function sendBody(
  body: Uint8Array,
  status: number,
  headers: Record<string, string>,
  response: ServerResponse,
  fault: Fault | undefined,
): void {
  const { 'content-length': _, ...unframed } = headers;
  switch (fault?.kind) {
    case 'drop-in-body': {
      response.writeHead(status, headers);
      const part = body.subarray(0, fault.after ?? Math.floor(body.length / 2));
      response.flushHeaders();
      response.write(part, () => setTimeout(() => response.destroy(), 5));
      return;
    }
    case 'short-chunked':
      response.writeHead(status, unframed).end(body.subarray(0, Math.floor(body.length / 2)));
      return;
    case 'broken-chunked':
      response.writeHead(status, unframed);
      response.write(body.subarray(0, Math.ceil(body.length / 2)), () => setTimeout(() => response.destroy(), 5));
      return;
    case 'long-chunked':
      response.writeHead(status, unframed);
      response.write(body);
      response.end('and more');
      return;
    case 'unframed': {
      const sent = fault.short === true ? body.subarray(0, Math.floor(body.length / 2)) : body;
      const lines = Object.entries(unframed).map(([name, value]) => `${name}: ${value}\r\n`);
      response.socket?.write(`HTTP/1.1 ${status} OK\r\nconnection: close\r\n${lines.join('')}\r\n`);
      response.socket?.end(sent);
      return;
    }
    case 'gzip': {
      const encoded = gzipSync(body);
      response.writeHead(status, { ...unframed, 'content-encoding': 'gzip', 'content-length': `${encoded.length}` });
      response.end(encoded);
      return;
    }
    case 'trickle': {
      response.writeHead(status, headers);
      let sent = 0;
      const timer = setInterval(() => {
        response.write(body.subarray(sent, sent + 1));
        sent += 1;
        if (sent >= body.length) response.end();
      }, fault.everyMs);
      response.once('close', () => clearInterval(timer));
      return;
    }
    case 'silence-in-body':
      response.writeHead(status, headers);
      response.write(body.subarray(0, fault.after ?? Math.floor(body.length / 2)));
      return;
    default:
      response.writeHead(status, headers).end(body);
  }
}
