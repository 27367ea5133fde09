import { ByteCollector } from '../base/bytes.ts';
import { ObjectChangedError, StorageError } from '../base/errors.ts';
import type { ByteRange, ReadResult } from '../types/storage.ts';
import { formatRange, parseContentRange } from './content-range.ts';
import { drain, type Reply } from './exchange.ts';
import { TransientFailure } from './retry.ts';

/** Bytes an attempt must bring for the retries to be counted anew. */
const WORTHWHILE_PROGRESS = 64 * 1024;

/** An ETag as compared here: without the weakness mark and quotes, which listings of some stores leave out. */
export function normalizeEtag(etag: string): string {
  return etag
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1');
}

/** A 206 that says it holds no bytes (`bytes 20-19/20`): what Azurite sends in place of a 416. */
export function isNothing(reply: Reply): boolean {
  return (
    reply.status === 206 && reply.contentLength === 0 && parseContentRange(reply.headers['content-range']) === undefined
  );
}

/**
 * Puts a range of one object together from one or more replies, each verified:
 *
 * | reply | is taken when | and gives |
 * | --- | --- | --- |
 * | 206 | Content-Range begins where asked, ends no later, agrees with Content-Length and earlier totals | its bytes |
 * | 200 | always (the server ignores ranges) | the wanted part; the rest is not read |
 * | 416 | the object ends at or before the first wanted byte, by Content-Range or a second question | nothing: the end |
 * | 206 without bytes (Azurite) | as 416 | nothing: the end |
 *
 * An ETag (without one, Last-Modified) that differs from the one known is an ObjectChangedError. A body that breaks
 * keeps what came; the next attempt asks for the rest. Encoded bodies are refused: offsets mean the object's own bytes.
 */
export class RangeAssembly {
  readonly #location: string;
  readonly #range: ByteRange;
  readonly #collector = new ByteCollector();
  #etag: string | undefined;
  #knownEtag: string | undefined;
  #lastModified: string | undefined;
  #total: number | undefined;
  #done: boolean;
  #needsSize = false;
  #counted = 0;

  constructor(location: string, range: ByteRange, etag: string | undefined) {
    const { offset, length } = range;
    const valid =
      Number.isSafeInteger(offset) &&
      offset >= 0 &&
      (length === Infinity || Number.isSafeInteger(length)) &&
      length >= 0;
    if (!valid) {
      throw new StorageError(`${location}: ${length} bytes from byte ${offset} is no range that can be read.`, {
        location,
      });
    }
    this.#location = location;
    this.#range = range;
    this.#knownEtag = etag;
    this.#done = length === 0;
  }

  get done(): boolean {
    return this.#done;
  }

  /** The Range header for what is still missing. */
  get rangeHeader(): string {
    return formatRange(this.#start, this.#missing);
  }

  /** The next byte that is missing. */
  get #start(): number {
    return this.#range.offset + this.#collector.byteLength;
  }

  get #missing(): number {
    return this.#range.length - this.#collector.byteLength;
  }

  /** Whether enough came since the last call that retries may be counted anew. */
  takeProgress(): boolean {
    const progress = this.#collector.byteLength - this.#counted;
    if (progress < WORTHWHILE_PROGRESS) return false;
    this.#counted = this.#collector.byteLength;
    return true;
  }

  result(): ReadResult {
    return { bytes: this.#collector.take(), objectByteLength: this.#total, etag: this.#etag };
  }

  /** A 416 came that did not tell the object's size: the caller must find it out and `end` with it. */
  get needsSize(): boolean {
    return this.#needsSize;
  }

  /** Takes one reply with status 200, 206 or 416, as far as it goes. */
  async take(reply: Reply): Promise<void> {
    try {
      if (reply.status !== 416) this.#checkEncoding(reply);
      if (isNothing(reply)) await this.#takeUnsatisfied(reply);
      else if (reply.status === 206) await this.#takePartial(reply);
      else if (reply.status === 200) await this.#takeWhole(reply);
      else await this.#takeUnsatisfied(reply);
    } catch (error) {
      reply.discard();
      throw error instanceof RangeError ? this.#tooLarge(error) : error;
    }
  }

  async #takePartial(reply: Reply): Promise<void> {
    const range = parseContentRange(reply.headers['content-range']);
    if (range === undefined || range.offset === undefined) {
      throw this.#unusable(`a 206 reply without a Content-Range that can be read`);
    }
    if (range.offset !== this.#start || range.length > this.#missing) {
      throw this.#unusable(
        `bytes ${range.offset}-${range.offset + range.length - 1} where ${this.rangeHeader.slice(6)} were asked for`,
      );
    }
    if (reply.contentLength !== undefined && reply.contentLength !== range.length) {
      throw this.#unusable(`Content-Length ${reply.contentLength} with a Content-Range of ${range.length} bytes`);
    }
    this.#checkVersion(reply, range.total);
    const before = this.#collector.byteLength;
    this.#collector.expect(before + range.length);
    const excess = await this.#collect(reply, range.length);
    if (excess) {
      this.#collector.truncate(before);
      throw this.#unusable(`more than the ${range.length} bytes that its Content-Range says`);
    }
    if (this.#collector.byteLength - before < range.length) {
      throw this.#unusable(`${this.#collector.byteLength - before} of ${range.length} bytes`);
    }
    this.#done = this.#missing === 0 || (this.#total !== undefined && this.#start >= this.#total);
    if (!this.#done) throw this.#unusable('less than the range asked for, though the object goes on');
  }

  async #takeWhole(reply: Reply): Promise<void> {
    this.#checkVersion(reply, reply.contentLength);
    let toSkip = this.#start;
    if (this.#total !== undefined && this.#total <= toSkip) {
      this.#done = true;
      reply.discard();
      return;
    }
    const before = this.#collector.byteLength;
    if (this.#total !== undefined) {
      this.#collector.expect(before + Math.min(this.#missing, this.#total - toSkip));
    }
    let received = 0;
    const ending = await reply.consume((chunk) => {
      received += chunk.byteLength;
      const skipped = Math.min(toSkip, chunk.byteLength);
      toSkip -= skipped;
      const wanted = Math.min(chunk.byteLength - skipped, this.#missing);
      if (wanted > 0) this.#collector.add(chunk.subarray(skipped, skipped + wanted));
      return this.#missing > 0;
    });
    if (ending === 'complete') {
      if (reply.contentLength !== undefined && received !== reply.contentLength) {
        throw this.#unusable(`${received} of ${reply.contentLength} bytes`);
      }
      if (this.#missing > 0 && !reply.framed) {
        this.#collector.truncate(before);
        throw this.#unusable('a reply that does not say how long it is, so that nobody can tell whether it is whole');
      }
      if (reply.framed) this.#checkTotal(received);
    }
    this.#done = true;
  }

  async #takeUnsatisfied(reply: Reply): Promise<void> {
    const total = parseContentRange(reply.headers['content-range'])?.total;
    await drain(reply);
    if (total === undefined) this.#needsSize = true;
    else this.end(total);
  }

  /** After a 416: the object has `size` bytes, so nothing more is to come. */
  end(size: number): void {
    this.#needsSize = false;
    this.#checkTotal(size);
    if (size > this.#start) {
      throw this.#unusable(`status 416 for ${this.rangeHeader.slice(6)}, though the object has ${size} bytes`);
    }
    this.#done = true;
  }

  /** Adds at most `length` bytes; true when more came. */
  async #collect(reply: Reply, length: number): Promise<boolean> {
    let left = length;
    let excess = false;
    await reply.consume((chunk) => {
      excess = chunk.byteLength > left;
      const taken = excess ? chunk.subarray(0, left) : chunk;
      this.#collector.add(taken);
      left -= taken.byteLength;
      return !excess;
    });
    return excess;
  }

  #checkEncoding(reply: Reply): void {
    // 'aws-chunked' is a note of how an object was uploaded that some stores keep; the bytes are plain.
    const encodings = (reply.headers['content-encoding'] ?? '')
      .split(',')
      .map((encoding) => encoding.trim().toLowerCase())
      .filter((encoding) => encoding !== '' && encoding !== 'identity' && encoding !== 'aws-chunked');
    if (encodings.length === 0) return;
    throw new StorageError(
      `${this.#location} came with Content-Encoding ${encodings.join(', ')} although plain bytes were asked for, and parts of it cannot ` +
        'be read that way. Store the object unencoded, or turn off compression on the server for it.',
      { location: this.#location, status: reply.status },
    );
  }

  #checkVersion(reply: Reply, total: number | undefined): void {
    const etag = reply.headers['etag'];
    const known = this.#knownEtag;
    if (etag !== undefined && known !== undefined && normalizeEtag(etag) !== normalizeEtag(known)) {
      throw this.#changed('its ETag is another one');
    }
    const lastModified = reply.headers['last-modified'];
    if (etag === undefined && lastModified !== this.#lastModified && this.#lastModified !== undefined) {
      throw this.#changed('its date is another one');
    }
    this.#etag ??= etag;
    this.#knownEtag ??= etag;
    this.#lastModified ??= lastModified;
    if (total !== undefined) this.#checkTotal(total);
  }

  #checkTotal(total: number): void {
    if (this.#total !== undefined && this.#total !== total) {
      throw this.#changed(`it had ${this.#total} bytes and now has ${total}`);
    }
    this.#total = total;
  }

  #changed(how: string): ObjectChangedError {
    return new ObjectChangedError(
      `${this.#location} changed between two reads (${how}), so its bytes do not belong together. Run the command again.`,
      { location: this.#location },
    );
  }

  #unusable(what: string): TransientFailure {
    return new TransientFailure(
      new StorageError(`${this.#location}: the server sent ${what}, and nothing better at any attempt.`, {
        location: this.#location,
      }),
    );
  }

  #tooLarge(cause: RangeError): StorageError {
    return new StorageError(`${this.#location} is too large to be held in memory.`, {
      location: this.#location,
      cause,
    });
  }
}
