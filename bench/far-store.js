/**
 * A store far away, on this machine: an HTTP server that gives the first byte of each reply after a delay and sends
 * bodies at a bounded rate a connection, and counts what it is asked for. Run as a process of its own so that its work
 * is not counted as the client's:
 *
 *     node bench/far-store.js FOLDER [--port 0] [--delay 40] [--rate 60]
 *
 * It prints one line of JSON, {"port": ...}, and ends when its standard input does.
 *
 * A path that ends in a slash is listed as nginx does with `autoindex_format json`; `?list-type=2` on the first folder of
 * a path lists it as S3 does (ListObjectsV2, path style). Below `/.far-store/` lie `statistics`, `requests` and, to be
 * POSTed, `reset`: neither delayed nor counted.
 */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { folderListing, objectListing } from './far-store-listings.js';
import { openObject } from './far-store-objects.js';
import { isMain } from './is-main.js';

/** Body bytes that leave together; long ones are cut so that the rate holds on average from here on. */
const SLICE = 128 * 1024;

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */
/** @typedef {import('./far-store.d.ts').Reply} Reply */

/** @type {() => import('./far-store.d.ts').FarStoreStatistics} */
const noStatistics = () => ({ requests: 0, listings: 0, ranges: 0, bodyBytes: 0, connections: 0, mostAbreast: 0 });

/** @type {typeof import('./far-store.d.ts').createFarStore} */
export function createFarStore({ folder, firstByteDelayMs = 40, bytesPerSecond = 60e6 }) {
  let statistics = noStatistics();
  let abreast = 0;
  /** @type {{method: string, url: string, range: string | undefined}[]} */
  let log = [];
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    if (url.startsWith('/.far-store/')) {
      control(url.slice('/.far-store/'.length), response);
      return;
    }
    statistics.requests += 1;
    abreast += 1;
    statistics.mostAbreast = Math.max(statistics.mostAbreast, abreast);
    log.push({ method: request.method ?? '', url, range: request.headers.range });
    response.once('close', () => {
      abreast -= 1;
    });
    setTimeout(() => answer(request, response), firstByteDelayMs);
  });
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    statistics.connections += 1;
    socket.setNoDelay(true);
  });

  /** @param {string} name @param {Response} response */
  function control(name, response) {
    if (name === 'reset') {
      statistics = noStatistics();
      log = [];
    }
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(name === 'requests' ? log : statistics));
  }

  /** @param {Request} request @param {Response} response */
  function answer(request, response) {
    /** @type {Reply} */
    let reply;
    try {
      reply = replyTo(folder, request);
    } catch (error) {
      reply = { status: isMissing(error) ? 404 : 500, headers: {}, byteLength: 0 };
    }
    if (reply.kind === 'listing') statistics.listings += 1;
    if (reply.status === 206) statistics.ranges += 1;
    response.writeHead(reply.status, { ...reply.headers, 'Content-Length': String(reply.byteLength) });
    if (request.method === 'HEAD' || reply.read === undefined) {
      reply.close?.();
      response.end();
      return;
    }
    send(response, reply, bytesPerSecond, (count) => {
      statistics.bodyBytes += count;
    });
  }

  return { server, statistics: () => ({ ...statistics }), requests: () => [...log] };
}

/**
 * Sends a body so that no more than the rate allows has left at any time: the first slice waits for its time as the last.
 *
 * @param {Response} response
 * @param {Reply} reply
 * @param {number} bytesPerSecond
 * @param {(count: number) => void} sent
 */
function send(response, reply, bytesPerSecond, sent) {
  const start = performance.now();
  let offset = 0;
  const step = () => {
    if (response.destroyed || reply.read === undefined) {
      reply.close?.();
      return;
    }
    const count = Math.min(SLICE, reply.byteLength - offset);
    const due = start + ((offset + count) / bytesPerSecond) * 1000;
    // Timers tick in milliseconds: what is due within half of one goes now.
    const wait = due - performance.now();
    if (wait > 0.5) {
      setTimeout(step, wait);
      return;
    }
    const bytes = reply.read(offset, count);
    offset += count;
    sent(count);
    if (offset >= reply.byteLength) {
      reply.close?.();
      response.end(bytes);
    } else if (response.write(bytes)) setImmediate(step);
    else response.once('drain', step);
  };
  response.once('close', () => reply.close?.());
  step();
}

/**
 * @param {string} folder
 * @param {Request} request
 * @returns {Reply}
 */
function replyTo(folder, request) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, headers: {}, byteLength: 0 };
  const url = new URL(request.url ?? '/', 'http://store');
  const key = decodeURIComponent(url.pathname).replace(/^\/+/, '');
  if (key.split('/').includes('..') || key.includes('\0')) return { status: 400, headers: {}, byteLength: 0 };
  if (url.searchParams.get('list-type') === '2') return objectListing(folder, key, url.searchParams);
  if (key === '' || key.endsWith('/')) return folderListing(folder, key);
  return openObject(folder, key, request.headers.range);
}

/** @type {(error: unknown) => boolean} */
const isMissing = (error) =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(String(error.code));

if (isMain(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '0' },
      delay: { type: 'string', default: '40' },
      rate: { type: 'string', default: '60' },
    },
  });
  const { server } = createFarStore({
    folder: positionals[0] ?? '.',
    firstByteDelayMs: Number(values.delay),
    bytesPerSecond: Number(values.rate) * 1e6,
  });
  server.listen(Number(values.port), '127.0.0.1', 4096, () => {
    const address = server.address();
    process.stdout.write(`${JSON.stringify({ port: typeof address === 'object' ? address?.port : undefined })}\n`);
  });
  process.stdin.resume().once('end', () => process.exit());
}
