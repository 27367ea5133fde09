import {
  AccessDeniedError,
  NotFoundError,
  ObjectChangedError,
  PreviewError,
  StorageError,
  TimeoutError,
} from '../base/errors.ts';
import { BrokenBodyError, minBytesPerSecond, SilenceError, UnacceptedError } from './exchange.ts';
import { ProxyError } from './proxy-tunnel.ts';
import { parseRetryAfter, TransientFailure } from './retry.ts';
import type { HttpFailure } from './types.ts';

/**
 * Statuses that may pass: 408 Request Timeout, 425 Too Early, 429 Too Many Requests, 500, 502, 503, 504, 509
 * (bandwidth, Apache), 520-524 (Cloudflare), 529 (overloaded).
 */
const transientStatuses = new Set([408, 425, 429, 500, 502, 503, 504, 509, 520, 521, 522, 523, 524, 529]);
/** The transient statuses of a server that has too much to do. */
const congestedStatuses = new Set([429, 503, 504, 509, 529]);

/**
 * Turns the status of a failure into an error:
 *
 * | status | becomes |
 * | --- | --- |
 * | 401, 403, 407 | AccessDeniedError |
 * | 404, 410 | NotFoundError |
 * | 412 | ObjectChangedError |
 * | 408, 425, 429, 500, 502-504, 509, 520-524, 529 | TransientFailure, in the end a StorageError |
 * | any other | StorageError |
 */
export function errorOfStatus(failure: HttpFailure, location: string): PreviewError | TransientFailure {
  const { status } = failure;
  if (status === 401) {
    return new AccessDeniedError(
      `${location} asks for credentials (401). None were sent, or those that were sent are not enough. Set DICOM_SERIES_PREVIEW_HTTP_USER and DICOM_SERIES_PREVIEW_HTTP_PASSWORD, or DICOM_SERIES_PREVIEW_TOKEN, or give the header with --header 'Authorization: ...' (in the library: headers).`,
      { location },
    );
  }
  if (status === 403) {
    return new AccessDeniedError(`${location} may not be read (403): check the address and the permissions.`, {
      location,
    });
  }
  if (status === 407) {
    return new AccessDeniedError(`The proxy before ${location} asks for a user name and password (407).`, { location });
  }
  if (status === 404 || status === 410) {
    return new NotFoundError(`Nothing is at ${location} (${status}).`, { location });
  }
  if (status === 412) {
    return new ObjectChangedError(`${location} changed while it was read (412). Run the command again.`, { location });
  }
  if (!transientStatuses.has(status)) {
    return new StorageError(`${location} answered with status ${status}, which cannot be used.`, { location, status });
  }
  const error = new StorageError(
    `${location} answered with status ${status} again and again. The server may be overloaded: try later, or with less concurrency.`,
    { location, status },
  );
  return new TransientFailure(error, {
    congestion: congestedStatuses.has(status),
    retryAfterMs: parseRetryAfter(failure.headers['retry-after'], Date.now()),
  });
}

/** Error codes of Node and OpenSSL for certificates that are not trusted. */
const certificateCodes = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
  'CERT_REJECTED',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Error codes of connections that a server refuses or resets, as some do when too many come at once. */
const unacceptedCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * Turns an error of an exchange into a TransientFailure where another attempt may help, else into a PreviewError.
 * `reused`: the request was sent on a connection that had been kept alive, and that the server may just have closed.
 */
export function errorOfException(
  thrown: unknown,
  context: { readonly location: string; readonly timeoutMs: number; readonly reused: boolean },
): unknown {
  const { location, timeoutMs } = context;
  if (thrown instanceof PreviewError || thrown instanceof TransientFailure) return thrown;
  if (thrown instanceof SilenceError) {
    const error = new TimeoutError(silenceMessage(thrown, location, timeoutMs), { timeoutMs });
    return new TransientFailure(error, { congestion: true });
  }
  if (thrown instanceof BrokenBodyError) {
    const error = new StorageError(
      `${location}: the connection broke in the middle of the reply, and again at every attempt.`,
      { location, cause: thrown },
    );
    return new TransientFailure(error, { free: context.reused });
  }
  if (thrown instanceof UnacceptedError) {
    const error = new StorageError(`${location}: the server does not accept connections.`, { location, cause: thrown });
    return new TransientFailure(error, { free: true, isUnaccepted: true });
  }
  if (thrown instanceof ProxyError) {
    if (thrown.status === 407) return new AccessDeniedError(`${location}: ${thrown.message}.`, { location });
    const error = new StorageError(`${location}: ${thrown.message}.`, { location, status: thrown.status });
    return thrown.status >= 500 ? new TransientFailure(error) : error;
  }
  const code = codeOf(thrown);
  if (certificateCodes.has(code)) {
    return new StorageError(
      `${location}: the server's TLS certificate is not trusted (${code}). ` +
        'If it is signed by an authority of your own, name its file in NODE_EXTRA_CA_CERTS.',
      { location, cause: thrown },
    );
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return new StorageError(
      `${location}: no TLS connection could be made (${code}). Does the server speak https, and on this port?`,
      { location, cause: thrown },
    );
  }
  if (code === 'ENOTFOUND') {
    return new StorageError(
      `${location}: the host's name is not known (ENOTFOUND). Check its spelling and the network.`,
      { location, cause: thrown },
    );
  }
  if (code === '') return thrown;
  // Node itself refuses a request with an impossible header, say. It would refuse the next attempt too.
  if (code.startsWith('ERR_') && code !== 'ERR_STREAM_PREMATURE_CLOSE') {
    return new StorageError(`${location}: the request could not be sent (${code}).`, { location, cause: thrown });
  }
  const error = new StorageError(`${location}: no usable reply (${code}) after all attempts.`, {
    location,
    cause: thrown,
  });
  const isUnaccepted = !context.reused && unacceptedCodes.has(code);
  return new TransientFailure(error, { free: context.reused, isUnaccepted });
}

function silenceMessage(silence: SilenceError, location: string, timeoutMs: number): string {
  const limit = `within ${timeoutMs} ms`;
  switch (silence.phase) {
    case 'connect':
      return `${location}: no connection ${limit}, at any attempt. Check the address, the network and the proxy settings.`;
    case 'first byte':
      return `${location}: the server took the request but did not answer ${limit}, at any attempt.`;
    case 'idle':
      return `${location}: the server fell silent in the middle of its reply for ${timeoutMs} ms, at every attempt.`;
    case 'too slow':
      return `${location}: the reply came slower than ${minBytesPerSecond} bytes/s over ${timeoutMs} ms, at every attempt.`;
  }
}
