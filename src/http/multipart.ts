import { contentLengthOf } from './content-headers.ts';
import type { HttpHeaders } from './types.ts';

/** Takes the parts of a multipart body as they arrive. */
export interface PartHandler {
  /** A part begins. Header names in lower case. */
  begin(headers: HttpHeaders): void;
  /** Takes some of its content. Answers false when nothing more is needed. */
  data(bytes: Uint8Array): boolean;
  /** The part has ended where it should. */
  end(): void;
}

/** A multipart body that is malformed or ended too early. */
export class MultipartError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MultipartError';
  }
}

/** RFC 2046 section 5.1.1. */
const maxBoundaryLength = 70;
/** Before the first part. */
const maxPreambleLength = 64 * 1024;
/** After a boundary on its line. */
const maxPaddingLength = 256;
/** In the header of a part. */
const maxHeaderLength = 16 * 1024;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const dash = 0x2d;

/**
 * Parses a multipart body (RFC 2046 section 5.1) chunk by chunk, wherever the chunks are cut. It keeps at most one
 * chunk and one delimiter in memory. Where the lines of the boundaries end with LF alone, other lines may do so too. A
 * boundary in the content counts only when the end of a line follows it.
 */
export class MultipartParser {
  readonly #handler: PartHandler;
  /** LF, two dashes and the boundary. A CR before it belongs to the end of the line. */
  readonly #mark: Buffer;
  #state: 'preamble' | 'header' | 'content' | 'epilogue' = 'preamble';
  // A boundary at the very start counts as if a line had ended before it.
  #pending: Buffer = Buffer.from('\r\n');
  #seenPreamble = 0;
  /** Whether lines end with CR LF, as they should. */
  #withReturn = true;
  #declared: number | undefined;
  #received = 0;
  /**
   * How many pending bytes come before the content of a part: the line's end after its header. It stays pending because
   * it may also be the beginning of a delimiter.
   */
  #lead = 0;

  /** Throws a MultipartError for an impossible boundary. */
  constructor(boundary: string, handler: PartHandler) {
    const bytes = Buffer.from(boundary, 'latin1');
    if (bytes.length === 0 || bytes.length > maxBoundaryLength || /[\r\n]/.test(boundary)) {
      throw new MultipartError('a multipart reply without a usable boundary');
    }
    this.#mark = Buffer.concat([Buffer.from('\n--'), bytes]);
    this.#handler = handler;
  }

  /** Takes the next bytes. Answers false when the handler needs no more. Throws a MultipartError. */
  write(chunk: Uint8Array): boolean {
    if (this.#state === 'epilogue') return true;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const step = this.#step();
      if (step !== 'again') return step === 'wait';
    }
  }

  /** To be called at the end of the body. Throws a MultipartError when the last part has not ended. */
  finish(): void {
    if (this.#state === 'epilogue') return;
    if (this.#state === 'content' && this.#endsByLength()) return;
    throw new MultipartError(
      this.#state === 'preamble' ? 'a multipart reply in which its boundary never comes' : 'a multipart reply cut off',
    );
  }

  /** Some servers forget the last boundary. Then the part's own Content-Length tells whether it is whole. */
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

  /** Reads the preamble or a part's content, up to the next delimiter line. */
  #readToMark(): 'again' | 'wait' | 'stop' {
    let from = 0;
    for (;;) {
      const at = this.#pending.indexOf(this.#mark, from);
      if (at < 0) {
        // The last bytes may be the beginning of a delimiter and a CR before it.
        return this.#pass(Math.max(0, this.#pending.length - this.#mark.length)) ? 'wait' : 'stop';
      }
      const end = this.#lineEnd(at + this.#mark.length);
      if (end.kind === 'more') return this.#pass(Math.max(0, at - 1)) ? 'wait' : 'stop';
      const hasReturn = at > 0 && this.#pending[at - 1] === carriageReturn;
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

  /**
   * What follows a boundary at `at`: closing dashes, or blanks (RFC 2046: transport padding) and the end of the line.
   */
  #lineEnd(
    at: number,
  ):
    | { readonly kind: 'line'; readonly next: number; readonly withReturn: boolean }
    | { readonly kind: 'closing'; readonly next: number }
    | { readonly kind: 'more' | 'other'; readonly next?: undefined } {
    const { length } = this.#pending;
    if (at + 1 < length && this.#pending[at] === dash && this.#pending[at + 1] === dash) {
      return { kind: 'closing', next: at + 2 };
    }
    let next = at;
    while (next < length && (this.#pending[next] === 0x20 || this.#pending[next] === 0x09)) next += 1;
    if (next - at > maxPaddingLength) return { kind: 'other' };
    const withReturn = this.#pending[next] === carriageReturn;
    if (withReturn) next += 1;
    if (next >= length) return { kind: 'more' };
    if (this.#pending[next] === lineFeed) return { kind: 'line', next: next + 1, withReturn };
    const oneDash = next === at && this.#pending[at] === dash && at + 1 >= length;
    return { kind: oneDash ? 'more' : 'other' };
  }

  /** Passes on so many pending bytes: content to the handler, the preamble to nobody. */
  #pass(byteLength: number): boolean {
    const bytes = this.#pending.subarray(0, byteLength);
    this.#pending = this.#pending.subarray(byteLength);
    if (this.#state === 'preamble') {
      this.#seenPreamble += byteLength;
      if (this.#seenPreamble > maxPreambleLength) {
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
    const text = this.#pending.toString('latin1', 0, maxHeaderLength);
    const found = /^\r?\n|\r?\n\r?\n/.exec(text);
    if (found === null) {
      if (this.#pending.length >= maxHeaderLength)
        throw new MultipartError(`a part with a header of more than ${maxHeaderLength} bytes`);
      return 'wait';
    }
    const headers = parsePartHeaders(text.slice(0, found.index));
    const end = found.index + found[0].length;
    this.#lead = text[end - 2] === '\r' ? 2 : 1;
    this.#pending = this.#pending.subarray(end - this.#lead);
    this.#declared = contentLengthOf(headers);
    this.#received = 0;
    this.#state = 'content';
    this.#handler.begin(headers);
    return 'again';
  }
}

/** Parses header lines. A line that begins with a blank continues the line before it (RFC 5322 section 2.2.3). */
function parsePartHeaders(text: string): HttpHeaders {
  const headers: Record<string, string> = {};
  for (const line of text.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] ??= line.slice(colon + 1).trim();
  }
  return headers;
}
