import type { HttpHeaders } from './types.ts';

/** Takes the parts of a multipart body as they arrive. */
export interface PartHandler {
  /** A part begins. Header names in lower case. */
  begin(headers: HttpHeaders): void;
  /** Some of its content; false when nothing more is needed. */
  data(bytes: Uint8Array): boolean;
  /** It ended where it should. */
  end(): void;
}

/** A multipart body that cannot be one, or ended too early. */
export class MultipartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MultipartError';
  }
}

/** RFC 2046 section 5.1.1. */
const LONGEST_BOUNDARY = 70;
/** What may stand before the first part, behind a boundary on its line, and in a part's header. */
const LONGEST_PREAMBLE = 64 * 1024;
const LONGEST_PADDING = 256;
const LONGEST_HEADER = 16 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const DASH = 0x2d;

/**
 * Parses a multipart body (RFC 2046 section 5.1) chunk by chunk, wherever the chunks are cut. It holds no more than a
 * chunk and a delimiter. Lines may end with LF alone where those of the boundaries do. Content that holds the boundary
 * with something other than the end of a line behind it stays content.
 */
export class MultipartParser {
  readonly #handler: PartHandler;
  /** LF, two dashes, boundary: what stands before it is the rest of the line's end. */
  readonly #mark: Buffer;
  #state: 'preamble' | 'header' | 'content' | 'epilogue' = 'preamble';
  // A boundary at the very start counts as if a line had ended before it.
  #pending: Buffer = Buffer.from('\r\n');
  #seenPreamble = 0;
  /** Lines end with CR LF, as they should. */
  #withReturn = true;
  #declared: number | undefined;
  #received = 0;
  /** Pending bytes before a part's content: the line's end that its header closes with, which may begin a delimiter. */
  #lead = 0;

  /** Throws a MultipartError for a boundary that cannot be. */
  constructor(boundary: string, handler: PartHandler) {
    const bytes = Buffer.from(boundary, 'latin1');
    if (bytes.length === 0 || bytes.length > LONGEST_BOUNDARY || /[\r\n]/.test(boundary)) {
      throw new MultipartError('a multipart reply without a usable boundary');
    }
    this.#mark = Buffer.concat([Buffer.from('\n--'), bytes]);
    this.#handler = handler;
  }

  /** Takes the next bytes; false when the handler needs no more. Throws a MultipartError. */
  write(chunk: Uint8Array): boolean {
    if (this.#state === 'epilogue') return true;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const step = this.#step();
      if (step !== 'again') return step === 'wait';
    }
  }

  /** At the body's end. Throws a MultipartError when it is not the end of the multipart body. */
  finish(): void {
    if (this.#state === 'epilogue') return;
    if (this.#state === 'content' && this.#endsByLength()) return;
    throw new MultipartError(
      this.#state === 'preamble' ? 'a multipart reply in which its boundary never comes' : 'a multipart reply cut off',
    );
  }

  /** Some servers forget the last boundary: the part's own Content-Length then tells whether it is whole. */
  #endsByLength(): boolean {
    const missing = this.#declared === undefined ? -1 : this.#declared - this.#received;
    const content = this.#pending.subarray(this.#lead);
    if (missing < 0 || missing > content.length) return false;
    const rest = content.toString('latin1', missing).trim();
    if (rest !== '' && rest !== this.#mark.toString('latin1', 1)) return false;
    this.#handler.data(content.subarray(0, missing));
    this.#handler.end();
    this.#state = 'epilogue';
    return true;
  }

  #step(): 'again' | 'wait' | 'stop' {
    switch (this.#state) {
      case 'epilogue':
        this.#pending = Buffer.alloc(0);
        return 'wait';
      case 'header':
        return this.#readHeader();
      default:
        return this.#readToMark();
    }
  }

  /** Preamble or content: everything up to the next delimiter line. */
  #readToMark(): 'again' | 'wait' | 'stop' {
    let from = 0;
    for (;;) {
      const at = this.#pending.indexOf(this.#mark, from);
      if (at < 0) {
        // The last bytes may be the beginning of a delimiter, with a CR before it.
        return this.#pass(Math.max(0, this.#pending.length - this.#mark.length)) ? 'wait' : 'stop';
      }
      const end = this.#lineEnd(at + this.#mark.length);
      if (end.kind === 'more') return this.#pass(Math.max(0, at - 1)) ? 'wait' : 'stop';
      const hasReturn = at > 0 && this.#pending[at - 1] === RETURN;
      if (end.next === undefined || (this.#state === 'content' && this.#withReturn && !hasReturn)) {
        from = at + 1;
        continue;
      }
      const contentEnd = hasReturn && this.#withReturn ? at - 1 : at;
      const inContent = this.#state === 'content';
      const wanted = this.#pass(contentEnd);
      this.#pending = this.#pending.subarray(end.next - contentEnd);
      if (inContent) this.#endPart();
      else if (end.kind === 'line') this.#withReturn = end.withReturn;
      this.#state = end.kind === 'closing' ? 'epilogue' : 'header';
      return wanted ? 'again' : 'stop';
    }
  }

  /** What follows a boundary at `at`: the closing dashes, or blanks and the line's end (RFC 2046: transport padding). */
  #lineEnd(
    at: number,
  ):
    | { readonly kind: 'line'; readonly next: number; readonly withReturn: boolean }
    | { readonly kind: 'closing'; readonly next: number }
    | { readonly kind: 'more' | 'other'; readonly next?: undefined } {
    const { length } = this.#pending;
    if (at + 1 < length && this.#pending[at] === DASH && this.#pending[at + 1] === DASH) {
      return { kind: 'closing', next: at + 2 };
    }
    let next = at;
    while (next < length && (this.#pending[next] === 0x20 || this.#pending[next] === 0x09)) next += 1;
    if (next - at > LONGEST_PADDING) return { kind: 'other' };
    const withReturn = this.#pending[next] === RETURN;
    if (withReturn) next += 1;
    if (next >= length) return { kind: 'more' };
    if (this.#pending[next] === NEWLINE) return { kind: 'line', next: next + 1, withReturn };
    const oneDash = next === at && this.#pending[at] === DASH && at + 1 >= length;
    return { kind: oneDash ? 'more' : 'other' };
  }

  /** Hands on so many pending bytes; the state says to whom. */
  #pass(byteLength: number): boolean {
    const bytes = this.#pending.subarray(0, byteLength);
    this.#pending = this.#pending.subarray(byteLength);
    if (this.#state === 'preamble') {
      this.#seenPreamble += byteLength;
      if (this.#seenPreamble > LONGEST_PREAMBLE) {
        throw new MultipartError('a multipart reply in which its boundary never comes');
      }
      return true;
    }
    const content = bytes.subarray(this.#lead);
    this.#lead -= bytes.length - content.length;
    this.#received += content.length;
    return content.length === 0 || this.#handler.data(content);
  }

  #endPart(): void {
    if (this.#declared !== undefined && this.#declared !== this.#received) {
      throw new MultipartError(`a part of ${this.#received} bytes whose Content-Length says ${this.#declared}`);
    }
    this.#handler.end();
  }

  #readHeader(): 'again' | 'wait' {
    const text = this.#pending.toString('latin1', 0, LONGEST_HEADER);
    const found = /^\r?\n|\r?\n\r?\n/.exec(text);
    if (found === null) {
      if (this.#pending.length >= LONGEST_HEADER) throw new MultipartError('a part with a header beyond all measure');
      return 'wait';
    }
    const headers = parsePartHeaders(text.slice(0, found.index));
    const end = found.index + found[0].length;
    this.#lead = text[end - 2] === '\r' ? 2 : 1;
    this.#pending = this.#pending.subarray(end - this.#lead);
    const length = headers['content-length'];
    this.#declared = length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
    this.#received = 0;
    this.#state = 'content';
    this.#handler.begin(headers);
    return 'again';
  }
}

/** Header lines; those that begin with a blank go on with the one before (RFC 5322 section 2.2.3). */
function parsePartHeaders(text: string): HttpHeaders {
  const headers: Record<string, string> = {};
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] ??= line.slice(colon + 1).trim();
  }
  return headers;
}
