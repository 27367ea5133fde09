import type { ClientRequest, IncomingMessage } from 'node:http';
import { onAbort } from '../base/abort.ts';
import { AbortedError } from '../base/errors.ts';
import type { HttpHeaders } from './types.ts';

/** Which time limit ran out. */
export type ExchangePhase = 'connect' | 'first byte' | 'idle' | 'too slow';

/** A server that was silent, or slower than {@link MINIMUM_BYTES_PER_SECOND}, for the whole time limit. */
export class SilenceError extends Error {
  readonly phase: ExchangePhase;
  constructor(phase: ExchangePhase) {
    super(`no progress: ${phase}`);
    this.name = 'SilenceError';
    this.phase = phase;
  }
}

/** A body that ended before its length, or its last chunk. */
export class BrokenBodyError extends Error {
  constructor(options?: { readonly cause?: unknown }) {
    super('the connection ended in the middle of the body', options);
    this.name = 'BrokenBodyError';
  }
}

/**
 * A body must bring this much a second over every stretch as long as the time limit, or it counts as stalled: a server
 * that sends a byte now and then would hold a request for ever.
 */
export const MINIMUM_BYTES_PER_SECOND = 1024;

/** One reply, its head there, its body not read yet. The caller must `consume` or `discard` it. */
export interface Reply {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Content-Length, where it is given and a plain number. */
  readonly contentLength: number | undefined;
  /** The end of the body can be told from a broken connection (Content-Length or chunked). */
  readonly framed: boolean;
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
  /** Told of every chunk, whatever becomes of it. */
  readonly onBytes: (byteLength: number) => void;
}

/** Node joins what came more than once itself, cookies aside, which nobody here asks for. */
function toHeaders({ headers }: IncomingMessage): HttpHeaders {
  if (headers['set-cookie'] === undefined) return headers as HttpHeaders;
  const { 'set-cookie': _, ...others } = headers;
  return others as HttpHeaders;
}

/**
 * Acts once the input that is already there has been seen: a process that was busy for longer than a time limit finds the
 * timer due before it has looked at its sockets.
 */
function afterInput(act: () => void): void {
  setImmediate(act);
}

/** Ends a request for good: an error of its dying connection later on must not surface as uncaught. */
function end(request: ClientRequest): void {
  request.on('error', () => {});
  request.destroy();
}

/**
 * Sends one request and waits for the head of its reply. Time limits: `timeoutMs` to connect (TLS included), as long
 * again to the whole head, then between chunks of the body. Throws SilenceError, AbortedError or Node's own error.
 */
export function exchange(request: ClientRequest, options: ExchangeOptions): Promise<Reply> {
  const { timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    let phase: ExchangePhase = 'connect';
    let settled = false;
    let release = (): void => {};
    const fail = (error: unknown): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
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
      if (!socket.connecting) connected();
      else socket.once(request.protocol === 'https:' ? 'secureConnect' : 'connect', connected);
    });
    const closed = (): void => fail(new BrokenBodyError());
    // Each comes once, or does no harm when it comes again: `once` would cost a wrapper each.
    request.on('error', fail);
    request.on('close', closed);
    request.on('response', (message) => {
      settled = true;
      clearTimeout(timer);
      release();
      request.off('close', closed);
      resolve(createReply(request, message, options));
    });
    release = onAbort(signal, fail);
    if (signal?.aborted === true) return;
    request.end(options.body);
  });
}

function createReply(request: ClientRequest, message: IncomingMessage, options: ExchangeOptions): Reply {
  const headers = toHeaders(message);
  const lengthText = headers['content-length'];
  const contentLength = lengthText !== undefined && /^\d{1,15}$/.test(lengthText) ? Number(lengthText) : undefined;
  // An error between the head and `consume` is seen by `consume`: the stream is destroyed by then.
  message.on('error', () => {});
  return {
    status: message.statusCode ?? 0,
    headers,
    contentLength,
    framed: contentLength !== undefined || /\bchunked\b/i.test(headers['transfer-encoding'] ?? ''),
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
    const minimumBytes = (MINIMUM_BYTES_PER_SECOND * timeoutMs) / 1000;
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
    // Whatever else ends the stream without an end. (It closes after every end, too: no error is made then.)
    message.on('close', () => {
      if (!settled) fail(new BrokenBodyError());
    });
    release = onAbort(signal, fail);
    if (message.destroyed && !message.readableEnded) fail(new BrokenBodyError());
    else if (signal?.aborted === true) fail(new AbortedError({ cause: signal.reason }));
  });
}

const LARGEST_DRAINED_BODY = 64 * 1024;

/** Reads a body that nobody needs, so that its connection can be used again; a long one ends the connection instead. */
export async function drain(reply: Reply): Promise<void> {
  let received = 0;
  try {
    await reply.consume((chunk) => {
      received += chunk.byteLength;
      return received <= LARGEST_DRAINED_BODY;
    });
  } catch (thrown) {
    if (thrown instanceof AbortedError) throw thrown;
  }
}
