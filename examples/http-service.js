// Pictures of series over HTTP, made as they are asked for.
//
//   node examples/http-service.js ROOT [--port 8080] [--waiting 32]
//   curl -o mosaic.webp 'http://127.0.0.1:8080/1.2.840.1/mosaic.webp?contrast=lung&tiles=4'
//   curl -o middle.png 'http://127.0.0.1:8080/1.2.840.1/image.png?position=0.5&width=512'
//
// It listens on this computer alone: what stands in front of it decides who may look. Clients may name a series by its UID or
// UUID only, and sizes are limited, so that no request is worth more than a second or two of work.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import {
  AbortedError,
  createPreviewer,
  outputFormatOf,
  PreviewError,
  StorageError,
  UsageError,
} from 'dicom-series-preview';

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */
/** @typedef {import('dicom-series-preview').PreviewErrorCode} PreviewErrorCode */

/** Milliseconds that a picture may take, with the time that it waits for its turn. */
const timeLimitMs = 30_000;
/** Seconds that a client may show a picture without asking again whether it is the same. */
const maxAge = 300;

/** What the client did (4xx), or what went wrong behind this service (5xx). */
const statusOf = /** @satisfies {Record<PreviewErrorCode, number>} */ ({
  usage: 400,
  'not-found': 404,
  ambiguous: 409,
  'not-dicom': 422,
  'invalid-dicom': 422,
  unsupported: 422,
  decode: 422,
  privacy: 403,
  output: 500,
  'missing-component': 501,
  // The store refuses this service; the client can do nothing about it.
  'access-denied': 502,
  storage: 502,
  changed: 503,
  aborted: 503,
  timeout: 504,
});

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { port: { type: 'string', default: '8080' }, waiting: { type: 'string', default: '32' } },
});
const [root] = positionals;
if (root === undefined) {
  console.error('Usage: node examples/http-service.js ROOT [--port 8080] [--waiting 32]');
  process.exitCode = 2;
} else serve(root, Number(values.port), Number(values.waiting));

/**
 * @param {string} root where the series lie
 * @param {number} port 0 for any that is free
 * @param {number} maxWaiting requests in work or waiting, at most
 */
function serve(root, port, maxWaiting) {
  const previewer = createPreviewer();
  let waiting = 0;
  const server = createServer(async (request, response) => {
    if (waiting >= maxWaiting) {
      fail(response, 503, 'busy', 'Too many pictures are being made: try again in a moment.');
      return;
    }
    waiting++;
    try {
      await answer(request, response, root, previewer);
    } catch (error) {
      explain(response, error);
    } finally {
      waiting--;
    }
  });
  server.listen(port, '127.0.0.1', () => {
    const address = server.address();
    if (address !== null && typeof address === 'object') console.log(`http://127.0.0.1:${address.port}/`);
  });
  process.once('SIGTERM', () => {
    // Whoever waits is told to come back; then nothing keeps the process alive.
    server.close();
    previewer.close();
  });
}

/**
 * @param {Request} request
 * @param {Response} response
 * @param {string} root
 * @param {import('dicom-series-preview').Previewer} previewer
 */
async function answer(request, response, root, previewer) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    fail(response, 405, 'method', 'Only GET and HEAD are known here.');
    return;
  }
  const [path = '', query] = (request.url ?? '').split('?');
  const parameters = new URLSearchParams(query);
  // A UID or a UUID: nothing else may reach the root, no path and no other place.
  const [, series, view, extension] = /^\/(\d[\d.]{0,63}|[\da-f-]{36})\/(mosaic|image)(\.\w+)$/.exec(path) ?? [];
  if (series === undefined || extension === undefined) {
    fail(response, 404, 'not-found', 'Expected /UID/mosaic.webp or /UID/image.webp (or .jpg, .png).');
    return;
  }

  // A client that has gone needs no picture any more.
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const options = {
    root,
    format: outputFormatOf(extension.replace('.', 'picture.')),
    imageWidth: numberOf(parameters, 'width', 128, 1024),
    contrast: parameters.get('contrast') ?? undefined,
    signal: AbortSignal.any([gone.signal, AbortSignal.timeout(timeLimitMs)]),
  };
  const preview =
    view === 'mosaic'
      ? await previewer.createMosaic(series, { ...options, tileWidth: numberOf(parameters, 'tiles', 6, 12) })
      : await previewer.createImage(series, { ...options, position: numberOf(parameters, 'position', 0.5, 1) });

  const { bytes, report } = preview;
  // The same series and options give the same bytes, so that their hash is the version of the picture.
  const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
  response.setHeader('etag', etag);
  // `private`: shared caches must not keep medical images.
  response.setHeader('cache-control', `private, max-age=${maxAge}`);
  response.setHeader('x-content-type-options', 'nosniff');
  if (request.headers['if-none-match']?.includes(etag) === true) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { 'content-type': `image/${report.output.format}`, 'content-length': bytes.length });
  response.end(bytes);
}

/**
 * @param {URLSearchParams} parameters
 * @param {string} name
 * @param {number} otherwise where the client says nothing
 * @param {number} max what one request may ask for; the library checks the rest
 */
function numberOf(parameters, name, otherwise, max) {
  const value = Number(parameters.get(name) ?? otherwise);
  if (value > max) throw new UsageError(`Expected at most ${max} for ${name} but received ${value}.`);
  return value;
}

/**
 * @param {Response} response
 * @param {unknown} error
 */
function explain(response, error) {
  if (!(error instanceof PreviewError)) {
    console.error(error);
    fail(response, 500, 'internal', 'Something unexpected happened.');
    return;
  }
  const isTooLate =
    error instanceof AbortedError && error.cause instanceof DOMException && error.cause.name === 'TimeoutError';
  const isBusy = error instanceof StorageError && (error.status === 429 || error.status === 503);
  fail(response, isBusy ? 503 : isTooLate ? 504 : statusOf[error.code], error.code, error.message);
}

/**
 * @param {Response} response
 * @param {number} status
 * @param {string} code
 * @param {string} message
 */
function fail(response, status, code, message) {
  // A client that has gone is told nothing.
  if (response.destroyed) return;
  if (status === 503) response.setHeader('retry-after', '2');
  response.setHeader('cache-control', 'no-store');
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ error: { code, message } })}\n`);
}
