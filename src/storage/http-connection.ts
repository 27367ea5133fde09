import type { OnReadOpts, Socket } from 'node:net';
import { MalformedReplyError, type ReplyHead, ReplyParser } from './reply-parser.ts';

/** Bytes that a connection reads at most at a time. */
const READ_LENGTH = 64 * 1024;
/** What a server says it keeps an idle connection is cut by this: the last moment is too late to use it. */
const KEEP_ALIVE_MARGIN_MS = 1000;

/** Waits for the head of a reply. */
export interface HeadListener {
  /** The connection is there, and the request on its way. */
  connected(): void;
  /** The body must then be read or the connection ended. */
  head(head: ReplyHead): void;
  failed(error: unknown): void;
}

/** Takes the body of a reply. */
export interface BodyListener {
  /** The bytes are there during the call only. Answers whether more are wanted. */
  take(chunk: Uint8Array): boolean;
  /** The body is complete, or no more was wanted. */
  end(outcome: 'complete' | 'stopped'): void;
  failed(error: unknown): void;
}

/** Where a connection belongs. */
export interface ConnectionOwner {
  /** The reply has come to its end, and the connection can take another request. */
  idle(connection: HttpConnection): void;
  closed(connection: HttpConnection): void;
}

/**
 * One connection to a server, on which one request goes out at a time (HTTP/1.1 without pipelining). It does what
 * node:http does for requests like ours in half the time: a reply's bytes come out of one buffer that is used again, with
 * no streams and few objects between the socket and whoever takes them.
 */
export class HttpConnection {
  /** Whether it has carried a request before. */
  hasServed = false;
  /** For {@link Socket}s that can read into memory of the caller's. */
  readonly onread: OnReadOpts = {
    buffer: Buffer.allocUnsafeSlow(READ_LENGTH),
    callback: (length, buffer) => this.#receive(Buffer.from(buffer.buffer, buffer.byteOffset, length)),
  };
  readonly #owner: ConnectionOwner;
  #socket: Socket | undefined;
  #isConnected = false;
  #isClosed = false;
  #message: readonly (string | Uint8Array)[] | undefined;
  #parser = new ReplyParser();
  #awaitingHead: HeadListener | undefined;
  #takingBody: BodyListener | undefined;
  /** Bytes of a body that nobody has taken yet: the socket is paused meanwhile. */
  #rest: Buffer | undefined;
  /** Why the connection ended while nobody listened. */
  #failure: { readonly error: unknown } | undefined;
  #usableUntil = Number.POSITIVE_INFINITY;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
  }

  /**
   * Gives it its socket, which becomes usable with the event `ready`. One that was not opened with `onread` hands its bytes
   * over as events.
   */
  attach(socket: Socket, ready: 'connect' | 'secureConnect', hasOnread: boolean): void {
    if (this.#isClosed) {
      socket.on('error', () => {}).destroy();
      return;
    }
    this.#socket = socket;
    socket.on('error', (error) => this.fail(error));
    socket.once('end', () => this.#ended());
    socket.once('close', () => this.#ended());
    socket.once(ready, () => this.#connected());
    if (!hasOnread) {
      socket.on('data', (bytes: Buffer) => {
        if (!this.#receive(bytes)) socket.pause();
      });
    }
    this.#write();
  }

  /** Ends it with an error, for whoever waits for something of it. */
  fail(error: unknown): void {
    const listener = this.#awaitingHead ?? this.#takingBody;
    if (listener === undefined && !this.#isClosed) this.#failure ??= { error };
    this.destroy();
    listener?.failed(error);
  }

  /** Whether a request can be sent now. */
  isUsable(now: number): boolean {
    return !this.#isClosed && now < this.#usableUntil && this.#socket?.writable !== false;
  }

  /** Sends a request: its head and, where it has one, its body. */
  send(message: readonly (string | Uint8Array)[], listener: HeadListener): void {
    this.#awaitingHead = listener;
    this.#message = message;
    this.#parser = new ReplyParser();
    if (this.#isConnected) listener.connected();
    this.#socket?.ref();
    this.#write();
  }

  /** After the head: reads the body. */
  readBody(listener: BodyListener): void {
    const rest = this.#rest;
    this.#rest = undefined;
    this.#takingBody = listener;
    if (this.#parser.isDone) {
      this.#finish(rest === undefined || rest.length === 0);
      return;
    }
    if (this.#failure !== undefined || this.#isClosed) {
      this.#takingBody = undefined;
      listener.failed(this.#failure?.error ?? new MalformedReplyError('a connection that is closed'));
      return;
    }
    if (rest !== undefined && rest.length > 0) this.#readBody(rest);
    if (this.#takingBody === listener) this.#socket?.resume();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#awaitingHead = undefined;
    this.#takingBody = undefined;
    this.#socket?.destroy();
    this.#owner.closed(this);
  }

  #connected(): void {
    this.#isConnected = true;
    this.#awaitingHead?.connected();
  }

  #write(): void {
    const socket = this.#socket;
    const message = this.#message;
    if (socket === undefined || message === undefined) return;
    this.#message = undefined;
    if (message.length > 1) socket.cork();
    for (const part of message) {
      if (typeof part === 'string') socket.write(part, 'latin1');
      else socket.write(part);
    }
    if (message.length > 1) socket.uncork();
  }

  /** Takes what has come; false pauses the socket. */
  #receive(bytes: Buffer): boolean {
    if (this.#isClosed) return true;
    if (this.#takingBody !== undefined) {
      this.#readBody(bytes);
      return true;
    }
    const listener = this.#awaitingHead;
    if (listener === undefined) {
      // Nobody has asked for anything.
      this.destroy();
      return true;
    }
    try {
      const at = this.#parser.readHead(bytes, 0);
      const { head } = this.#parser;
      if (head === undefined) return true;
      this.#rest = bytes.subarray(at);
      this.#awaitingHead = undefined;
      listener.head(head);
    } catch (error) {
      this.fail(error);
      return true;
    }
    return false;
  }

  #readBody(bytes: Buffer): void {
    const listener = this.#takingBody;
    if (listener === undefined) return;
    let wanted = true;
    let at: number;
    try {
      at = this.#parser.readBody(bytes, 0, (chunk) => {
        wanted = listener.take(chunk);
        return wanted;
      });
    } catch (error) {
      this.fail(error);
      return;
    }
    // Whoever took the bytes may have ended the connection.
    if (this.#takingBody !== listener) return;
    if (this.#parser.isDone) this.#finish(at === bytes.length);
    else if (!wanted) {
      this.destroy();
      listener.end('stopped');
    }
  }

  /** The reply is complete. */
  #finish(isClean: boolean): void {
    const listener = this.#takingBody;
    this.#takingBody = undefined;
    this.hasServed = true;
    if (!isClean || !this.#parser.keepsConnection || this.#isClosed || this.#failure !== undefined) this.destroy();
    else {
      this.#usableUntil = usableUntil(this.#parser.head);
      const socket = this.#socket;
      // An idle connection must not keep the process alive; it listens, to learn that the server ends it.
      socket?.unref();
      socket?.resume();
      this.#owner.idle(this);
    }
    listener?.end('complete');
  }

  /** The server has ended the connection, or it is lost. */
  #ended(): void {
    const body = this.#takingBody;
    if (body !== undefined && this.#parser.endsWithConnection && this.#socket?.errored === null) {
      this.destroy();
      body.end('complete');
    } else if (this.#awaitingHead !== undefined) this.fail(hangUp());
    else this.fail(new ConnectionEndedError());
  }
}

/** The connection ended in the middle of a body. */
export class ConnectionEndedError extends Error {
  constructor() {
    super('the connection ended');
    this.name = 'ConnectionEndedError';
  }
}

/** As node:http puts it. */
function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

/** When a server ends an idle connection by its own word: `Keep-Alive: timeout=5`, in seconds. */
function usableUntil(head: ReplyHead | undefined): number {
  const told = /\btimeout=(\d{1,6})\b/i.exec(head?.headers['keep-alive'] ?? '')?.[1];
  if (told === undefined) return Number.POSITIVE_INFINITY;
  return performance.now() + Math.max(0, Number(told) * 1000 - KEEP_ALIVE_MARGIN_MS);
}
