import type { HttpHeaders } from './http-types.ts';

/** The head of a reply. */
export interface ReplyHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: HttpHeaders;
  /** Bytes of the body, where the head says. */
  readonly contentLength: number | undefined;
  /** The end of the body can be told from a broken connection (a length, or chunks). */
  readonly framed: boolean;
}

/** What came is not HTTP/1.1 (RFC 9112), or contradicts itself. */
export class MalformedReplyError extends Error {
  readonly code = 'MALFORMED_REPLY';
  constructor(what: string) {
    super(`the server does not speak HTTP as it should: ${what}`);
    this.name = 'MalformedReplyError';
  }
}

const LARGEST_HEAD = 64 * 1024;
const LONGEST_LINE = 16 * 1024;
const LINE_FEED = 10;

/** Headers of which only the first counts when a server sends them twice: a list of them makes no sense. */
const SINGLE = new Set([
  'age',
  'content-type',
  'etag',
  'expires',
  'last-modified',
  'location',
  'retry-after',
  'server',
]);

type State = 'head' | 'length' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'done';

/**
 * Parses one reply (RFC 9112) out of the pieces in which it comes: first `readHead` until there is a head, then `readBody`
 * until it is done.
 */
export class ReplyParser {
  #state: State = 'head';
  /** Text of a head or a line that has not come to its end. */
  #text = '';
  #left = 0;
  #head: ReplyHead | undefined;
  #keepAlive = false;

  /** Once it has come. */
  get head(): ReplyHead | undefined {
    return this.#head;
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** The body goes on until the connection ends. */
  get endsWithConnection(): boolean {
    return this.#state === 'until-close';
  }

  /** After the reply the connection can be used again. */
  get keepsConnection(): boolean {
    return this.#keepAlive && this.#state === 'done';
  }

  /** Reads as far as the end of the head; answers where that is, or the bytes' end. Throws MalformedReplyError. */
  readHead(bytes: Buffer, from: number): number {
    let at = from;
    while (this.#head === undefined && at < bytes.length) {
      const end = this.#text === '' ? bytes.indexOf('\r\n\r\n', at, 'latin1') : -1;
      let head: string;
      if (end >= 0) {
        head = bytes.toString('latin1', at, end);
        at = end + 4;
      } else {
        // The head comes in pieces, or with bare line feeds.
        const before = this.#text.length;
        this.#text += bytes.toString('latin1', at);
        const found = /\r?\n\r?\n/.exec(this.#text);
        if (found === null) {
          if (this.#text.length > LARGEST_HEAD) throw new MalformedReplyError('headers without end');
          return bytes.length;
        }
        head = this.#text.slice(0, found.index);
        at += found.index + found[0].length - before;
        this.#text = '';
      }
      this.#takeHead(head);
    }
    return at;
  }

  #takeHead(text: string): void {
    const lines = text.split(/\r?\n/);
    const status = /^HTTP\/1\.([01]) (\d{3})(?:[ \t]|$)/.exec(lines[0] ?? '');
    if (status === null) throw new MalformedReplyError('no status line');
    const code = Number(status[2]);
    if (code === 101) throw new MalformedReplyError('another protocol that nobody asked for (101)');
    // An interim reply (100, 103): the real one follows.
    if (code < 200) return;
    const headers = parseHeaders(lines);
    const connection = (headers['connection'] ?? '').toLowerCase();
    this.#keepAlive = status[1] === '1' ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
    const contentLength = lengthOf(headers['content-length']);
    const isChunked = isChunkedBody(headers['transfer-encoding'], contentLength);
    if (code === 204 || code === 304 || (isChunked === undefined && contentLength === 0)) this.#state = 'done';
    else if (isChunked === true) this.#state = 'chunk-size';
    else if (contentLength !== undefined) {
      this.#state = 'length';
      this.#left = contentLength;
    } else this.#state = 'until-close';
    this.#head = { status: code, headers, contentLength, framed: this.#state !== 'until-close' };
  }

  /**
   * Reads on in the body and hands its bytes to `take`, as views of `bytes`; answers where it stopped: at the body's end,
   * at the bytes' end, or where `take` wanted no more. Throws MalformedReplyError, and what `take` throws.
   */
  readBody(bytes: Buffer, from: number, take: (chunk: Uint8Array) => boolean): number {
    let at = from;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'length' || this.#state === 'chunk' || this.#state === 'until-close') {
        const most = this.#state === 'until-close' ? bytes.length - at : this.#left;
        const chunk = bytes.subarray(at, Math.min(bytes.length, at + most));
        at += chunk.length;
        this.#left -= chunk.length;
        if (this.#left === 0 && this.#state === 'length') this.#state = 'done';
        if (this.#left === 0 && this.#state === 'chunk') this.#state = 'chunk-end';
        if (!take(chunk)) return at;
      } else at = this.#readLine(bytes, at);
    }
    return at;
  }

  /** Lines between chunks. */
  #readLine(bytes: Buffer, from: number): number {
    const feed = bytes.indexOf(LINE_FEED, from);
    const end = feed < 0 ? bytes.length : feed + 1;
    this.#text += bytes.toString('latin1', from, end);
    if (this.#text.length > LONGEST_LINE) throw new MalformedReplyError('a line between chunks without end');
    if (feed >= 0) {
      const line = this.#text.replace(/\r?\n$/, '');
      this.#text = '';
      this.#takeLine(line);
    }
    return end;
  }

  #takeLine(line: string): void {
    switch (this.#state) {
      case 'chunk-size': {
        const size = /^([0-9a-f]{1,13})[ \t]*(?:;|$)/i.exec(line);
        if (size === null) throw new MalformedReplyError('a chunk without its size');
        this.#left = Number.parseInt(size[1] ?? '', 16);
        this.#state = this.#left === 0 ? 'trailers' : 'chunk';
        return;
      }
      case 'chunk-end':
        if (line !== '') throw new MalformedReplyError('a chunk longer than its size');
        this.#state = 'chunk-size';
        return;
      default:
        if (line === '') this.#state = 'done';
    }
  }
}

function parseHeaders(lines: readonly string[]): HttpHeaders {
  const headers: Record<string, string> = {};
  let last = '';
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (last !== '' && /^[ \t]/.test(line)) {
      // A folded line (RFC 9112 section 5.2), obsolete and met all the same.
      headers[last] = `${headers[last]} ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0 || /[\s\0]/.test(line.slice(0, colon))) throw new MalformedReplyError('a line that is no header');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const known = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (known === undefined) headers[name] = value;
    else if (!SINGLE.has(name)) headers[name] = `${known}, ${value}`;
    last = name;
  }
  return headers;
}

/** Content-Length, which may be repeated but not differ (RFC 9110 section 8.6). */
function lengthOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const [first = '', ...others] = header.split(',').map((value) => value.trim());
  if (!/^\d{1,15}$/.test(first) || others.some((other) => other !== first)) {
    throw new MalformedReplyError('a Content-Length that is none');
  }
  return Number(first);
}

/** By Transfer-Encoding (RFC 9112 section 6.3): undefined where there is none. */
function isChunkedBody(encoding: string | undefined, contentLength: number | undefined): boolean | undefined {
  if (encoding === undefined) return undefined;
  if (contentLength !== undefined) throw new MalformedReplyError('both Content-Length and Transfer-Encoding');
  const codings = encoding
    .toLowerCase()
    .split(',')
    .map((each) => each.trim());
  if (codings.some((coding) => coding !== 'chunked' && coding !== 'identity')) {
    throw new MalformedReplyError('a Transfer-Encoding that nobody asked for');
  }
  return codings.at(-1) === 'chunked';
}
