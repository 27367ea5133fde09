import { AbortedError } from '../errors/errors.ts';
import { onAbort } from './abort-hub.ts';
import type { OutgoingRequest } from './connections.ts';
import type { HttpConnection } from './http-connection.ts';
import type { HttpHeaders } from './http-types.ts';
import type { ReplyHead } from './reply-parser.ts';

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
   * Reads the body: 'complete' at its end, 'stopped' when `take` returned false (the connection is then ended). The bytes
   * of a chunk are there during the call of `take` only: they must be copied. Throws BrokenBodyError, SilenceError, AbortedError, or what `take` throws.
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

/**
 * Sends one request and waits for the head of its reply. Time limits: `timeoutMs` to connect (TLS included), as long
 * again to the whole head, then between chunks of the body. Throws SilenceError, AbortedError or Node's own error.
 */
export function exchange(request: OutgoingRequest, options: ExchangeOptions): Promise<Reply> {
  const { timeoutMs, signal, body } = options;
  const { connection } = request;
  return new Promise((resolve, reject) => {
    let phase: ExchangePhase = 'connect';
    let release = (): void => {};
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      release();
      connection.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new SilenceError(phase)), timeoutMs);
    release = onAbort(signal, fail);
    if (signal?.aborted === true) return;
    connection.send(messageOf(request.head, body), {
      connected(): void {
        phase = 'first byte';
        timer.refresh();
      },
      head(head): void {
        clearTimeout(timer);
        release();
        resolve(createReply(connection, head, options));
      },
      failed: fail,
    });
  });
}

function messageOf(head: string, body: string | Uint8Array | undefined): readonly (string | Uint8Array)[] {
  if (body === undefined) return [`${head}\r\n`];
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  return [`${head}content-length: ${bytes.byteLength}\r\n\r\n`, bytes];
}

function createReply(connection: HttpConnection, head: ReplyHead, options: ExchangeOptions): Reply {
  const { status, headers, contentLength, framed } = head;
  return {
    status,
    headers,
    contentLength,
    framed,
    discard: () => connection.destroy(),
    consume: (take) => consume(connection, take, options),
  };
}

function consume(
  connection: HttpConnection,
  take: (chunk: Uint8Array) => boolean,
  { timeoutMs, signal, onBytes }: ExchangeOptions,
): Promise<'complete' | 'stopped'> {
  return new Promise((resolve, reject) => {
    let release = (): void => {};
    const settle = (): void => {
      clearTimeout(timer);
      release();
    };
    const fail = (error: unknown): void => {
      settle();
      connection.destroy();
      reject(error);
    };
    const timer = setTimeout(() => fail(new SilenceError('idle')), timeoutMs);
    const minimumBytes = (MINIMUM_BYTES_PER_SECOND * timeoutMs) / 1000;
    let stretchStart = performance.now();
    let stretchBytes = 0;
    release = onAbort(signal, fail);
    if (signal?.aborted === true) return;
    connection.readBody({
      take(chunk): boolean {
        onBytes(chunk.byteLength);
        timer.refresh();
        stretchBytes += chunk.byteLength;
        let wanted: boolean;
        try {
          wanted = take(chunk);
        } catch (error) {
          fail(error);
          return false;
        }
        const time = performance.now();
        if (wanted && time - stretchStart >= timeoutMs) {
          if (stretchBytes < minimumBytes) {
            fail(new SilenceError('too slow'));
            return false;
          }
          stretchStart = time;
          stretchBytes = 0;
        }
        return wanted;
      },
      end(outcome): void {
        settle();
        resolve(outcome);
      },
      failed: (cause) => fail(new BrokenBodyError({ cause })),
    });
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
