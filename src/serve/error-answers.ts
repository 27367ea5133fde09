import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { AbortedError, PreviewError, type PreviewErrorCode, StorageError } from '../index.ts';

/** What the client did (4xx), or what went wrong behind this server (5xx). */
const statusOf: Readonly<Record<PreviewErrorCode, ContentfulStatusCode>> = {
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
  // The store refuses this server; the client can do nothing about it.
  'access-denied': 502,
  storage: 502,
  changed: 503,
  aborted: 503,
  timeout: 504,
};

/** What a client is told of an error. Others than the library's own are for the gate. */
export function answerToError(context: Context, error: unknown, status?: ContentfulStatusCode): Response {
  if (!(error instanceof PreviewError)) throw error;
  const isTooLate =
    error instanceof AbortedError && error.cause instanceof DOMException && error.cause.name === 'TimeoutError';
  const isBusy = error instanceof StorageError && (error.status === 429 || error.status === 503);
  const answered = status ?? (isBusy ? 503 : isTooLate ? 504 : statusOf[error.code]);
  context.header('cache-control', 'no-store');
  if (answered === 503) context.header('retry-after', '2');
  return context.json({ error: { code: error.code, message: error.message } }, answered);
}
