import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { onAbort } from '../base/abort.ts';
import { AbortedError } from '../base/errors.ts';
import { contentLengthOf, isFramed } from './content-headers.ts';
import type { HttpHeaders } from './types.ts';

/** Which time limit ran out. */
export type ExchangePhase = 'connect' | 'first byte' | 'idle' | 'too slow';

/** A server that was silent, or slower than {@link minBytesPerSecond}, for the whole time limit. */
export class SilenceError extends Error {
  readonly phase: ExchangePhase;
  constructor(phase: ExchangePhase) {
    super(`no progress: ${phase}`);
    this.name = 'SilenceError';
    this.phase = phase;
  }
}

/** A connection that was not accepted for far longer than others to the same origin. */
export class UnacceptedError extends Error {
  constructor() {
    super('the connection was not accepted in time');
    this.name = 'UnacceptedError';
  }
}

/** A body that ended before its length was reached or its last chunk came. */
export class BrokenBodyError extends Error {
  constructor(options?: { readonly cause?: unknown }) {
    super('the connection ended in the middle of the body', options);
    this.name = 'BrokenBodyError';
  }
}

/**
 * A body that brings fewer bytes a second over a stretch as long as the time limit counts as stalled. Without this, a
 * server that sends a byte now and then would hold a request for ever.
 */
export const minBytesPerSecond = 1024;

/** A reply whose head has come and whose body is not read yet. The caller must `consume` or `discard` it. */
export interface Reply {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Content-Length; undefined where it is missing or no plain number. */
  readonly contentLength: number | undefined;
  /** Whether the end of the body can be told from a broken connection. */
  readonly isFramed: boolean;
  /**
   * Reads the body: 'complete' at its end, 'stopped' when `take` returned false (the connection is then ended).
   * Throws BrokenBodyError, SilenceError, AbortedError, or what `take` throws.
   */
  consume(take: (chunk: Uint8Array) => boolean): Promise<'complete' | 'stopped'>;
  /** Ends the connection without reading the body. */
  discard(): void;
}

export interface ExchangeOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** Told how long a new connection took to be accepted. */
  readonly onAccepted?: ((elapsedMs: number) => void) | undefined;
  /** After how many milliseconds a new connection is given up, for now. */
  readonly patienceMs?: (() => number) | undefined;
  /** Called for every chunk, also for those of failed attempts. */
  readonly onBytes: (byteLength: number) => void;
}

/** Node itself joins headers that came more than once, except cookies, which are not used here. */
function toHeaders({ headers }: IncomingMessage): HttpHeaders {
  if (headers['set-cookie'] === undefined) return headers as HttpHeaders;
  const { 'set-cookie': _, ...others } = headers;
  return others as HttpHeaders;
}

/**
 * Acts after the input that is already there has been read. In a process that was busy for longer than a time limit,
 * the timer is due before the sockets are read.
 */
function afterInput(act: () => void): void {
  setImmediate(act);
}

/** Ends a request. A later error of its connection must not become an uncaught one. */
function end(request: ClientRequest): void {
  request.on('error', () => {});
  request.destroy();
}

/**
 * Sends one request and waits for the head of its reply. `timeoutMs` is the limit for connecting (TLS included), then
 * for the whole head, then for the time between chunks of the body. Throws SilenceError, AbortedError or Node's own
 * errors.
 */
export function exchange(request: ClientRequest, options: ExchangeOptions): Promise<Reply> {
  const { timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    let phase: ExchangePhase = 'connect';
    let settled = false;
    let release = (): void => {};
    let stopWatching = (): void => {};
    const fail = (error: unknown): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      stopWatching();
      release();
      end(request);
      reject(error);
    };
    const timer = setTimeout(() => afterInput(() => fail(new SilenceError(phase))), timeoutMs);
    const connected = (): void => {
      phase = 'first byte';
      timer.refresh();
    };
    request.on('socket', (socket) => {
      if (!socket.connecting) {
        connected();
        return;
      }
      socket.once(request.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
      stopWatching = watchAcceptance(socket, options, fail);
    });
    const closed = (): void => fail(new BrokenBodyError());
    // `once` is not needed and would cost a wrapper for each: these come once, or do no harm when they come again.
    request.on('error', fail);
    request.on('close', closed);
    request.on('response', (message) => {
      settled = true;
      clearTimeout(timer);
      stopWatching();
      release();
      request.off('close', closed);
      resolve(createReply(request, message, options));
    });
    release = onAbort(signal, fail);
    if (signal?.aborted === true) return;
    sendBody(request, options.body, () => {
      if (!settled) timer.refresh();
    });
  });
}

/** A longer body is handed over in pieces, so that a slow line is told from a silent one. */
const pieceLength = 64 * 1024;

/** Sends the body. `onProgress` is called whenever the line has taken some of it. */
function sendBody(request: ClientRequest, body: string | Uint8Array | undefined, onProgress: () => void): void {
  if (body === undefined || typeof body === 'string' || body.length <= pieceLength) {
    request.end(body);
    return;
  }
  let offset = 0;
  const sendMore = (): void => {
    onProgress();
    while (offset < body.length && !request.destroyed) {
      const piece = body.subarray(offset, offset + pieceLength);
      offset += piece.length;
      if (request.write(piece)) continue;
      request.once('drain', sendMore);
      return;
    }
    request.end();
  };
  sendMore();
}

const acceptanceCheckMs = 100;

/** Watches a socket until it is connected (before TLS begins), and gives it up where that takes too long. */
function watchAcceptance(
  socket: Socket,
  { onAccepted, patienceMs }: ExchangeOptions,
  fail: (error: unknown) => void,
): () => void {
  const startedAt = performance.now();
  const check = (): void => {
    const isLate = socket.connecting && performance.now() - startedAt > (patienceMs?.() ?? Infinity);
    if (isLate) fail(new UnacceptedError());
  };
  const timer = setInterval(() => afterInput(check), acceptanceCheckMs);
  const stop = (): void => clearInterval(timer);
  socket.once('connect', () => {
    stop();
    onAccepted?.(performance.now() - startedAt);
  });
  return stop;
}

function createReply(request: ClientRequest, message: IncomingMessage, options: ExchangeOptions): Reply {
  const headers = toHeaders(message);
  // `consume` notices an error that came before it, because the stream is destroyed then.
  message.on('error', () => {});
  return {
    status: message.statusCode ?? 0,
    headers,
    contentLength: contentLengthOf(headers),
    isFramed: isFramed(headers),
    discard: () => end(request),
    consume: (take) => consume(request, message, take, options),
  };
}

function consume(
  request: ClientRequest,
  message: IncomingMessage,
  take: (chunk: Uint8Array) => boolean,
  { timeoutMs, signal, onBytes }: ExchangeOptions,
): Promise<'complete' | 'stopped'> {
  return new Promise((resolve, reject) => {
    let settled = false;
    let release = (): void => {};
    const settle = (action: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      release();
      action();
    };
    const fail = (error: unknown): void =>
      settle(() => {
        end(request);
        reject(error);
      });
    const timer = setTimeout(() => {
      const before = totalBytes;
      afterInput(() => {
        if (totalBytes === before) fail(new SilenceError('idle'));
      });
    }, timeoutMs);
    let totalBytes = 0;
    const minimumBytes = (minBytesPerSecond * timeoutMs) / 1000;
    let stretchStart = performance.now();
    let stretchBytes = 0;

    message.on('data', (chunk: Uint8Array) => {
      if (settled) return;
      onBytes(chunk.byteLength);
      timer.refresh();
      totalBytes += chunk.byteLength;
      stretchBytes += chunk.byteLength;
      let wanted: boolean;
      try {
        wanted = take(chunk);
      } catch (error) {
        fail(error);
        return;
      }
      if (!wanted) {
        settle(() => {
          end(request);
          resolve('stopped');
        });
        return;
      }
      const time = performance.now();
      if (time - stretchStart < timeoutMs) return;
      if (stretchBytes < minimumBytes) fail(new SilenceError('too slow'));
      stretchStart = time;
      stretchBytes = 0;
    });
    message.on('end', () => settle(() => resolve('complete')));
    message.on('error', (cause) => fail(new BrokenBodyError({ cause })));
    // The stream may close without an end, for other reasons. It also closes after every end, which is no error.
    message.on('close', () => {
      if (!settled) fail(new BrokenBodyError());
    });
    release = onAbort(signal, fail);
    if (message.destroyed && !message.readableEnded) fail(new BrokenBodyError());
    else if (signal?.aborted === true) fail(new AbortedError({ cause: signal.reason }));
  });
}

const maxDrainedByteLength = 64 * 1024;

/**
 * Reads a body that is not needed, so that its connection can be used again. For a long body, the connection is ended
 * instead.
 */
export async function drain(reply: Reply): Promise<void> {
  let received = 0;
  try {
    await reply.consume((chunk) => {
      received += chunk.byteLength;
      return received <= maxDrainedByteLength;
    });
  } catch (thrown) {
    if (thrown instanceof AbortedError) throw thrown;
  }
}
