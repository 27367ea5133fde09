import { ByteCollector, outOfMemory } from '../base/bytes.ts';
import { ObjectChangedError, StorageError } from '../base/errors.ts';
import type { ByteRange, ReadResult } from '../types/storage.ts';
import { contentRangeOf, decodeBody, encodingsOf } from './content-headers.ts';
import { drain, type Reply } from './exchange.ts';
import { TransientFailure } from './retry.ts';

/** When an attempt brings so many bytes, the retries are counted anew. */
const minProgress = 64 * 1024;

/** An object that comes encoded is read as a whole up to this size, encoded as well as decoded. */
const maxEncodedByteLength = 512 * 1024 * 1024;

/** How the body of a reply is encoded. 'aws-chunked' only tells how an object was uploaded, and some stores keep it. */
function encodingOf(reply: Reply): readonly string[] {
  return encodingsOf(reply.headers).filter((encoding) => encoding !== 'aws-chunked');
}

/** An ETag without quotes and the mark of a weak one, which the listings of some stores leave out. */
export function normalizeEtag(etag: string): string {
  return etag
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1');
}

/** Whether a reply is a 206 without bytes (`bytes 20-19/20`), which Azurite sends instead of a 416. */
export function isNothing(reply: Reply): boolean {
  return reply.status === 206 && reply.contentLength === 0 && contentRangeOf(reply.headers) === undefined;
}

/**
 * Puts a range of one object together from one or more replies. Each reply is checked:
 *
 * | reply | is taken when | and gives |
 * | --- | --- | --- |
 * | 206 | Content-Range begins where it should, ends no later, and agrees with Content-Length and earlier totals | its bytes |
 * | 200 | always (the server ignores ranges) | the wanted part; the rest is not read |
 * | 200, encoded (gzip, deflate, br) | always, up to a limit | the wanted part, once it is decoded |
 * | 206, encoded | never | the object is asked for as a whole, which can be decoded |
 * | 416 | the object ends at or before the first wanted byte, by Content-Range or a second request | nothing: the end |
 * | 206 without bytes (Azurite) | as 416 | nothing: the end |
 *
 * An ETag that differs from the known one is an ObjectChangedError; without an ETag, Last-Modified counts. When a body
 * breaks, its bytes are kept, and the next attempt asks for the rest.
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
  /** Parts come encoded, so that only the whole can be decoded. */
  #wantsWhole = false;
  #counted = 0;

  /** @param isEncoded the object came encoded before: ranges would count in the encoded bytes */
  constructor(location: string, range: ByteRange, etag: string | undefined, isEncoded = false) {
    const { offset, length } = range;
    const valid =
      Number.isSafeInteger(offset) &&
      offset >= 0 &&
      (length === Infinity || Number.isSafeInteger(length)) &&
      length >= 0;
    if (!valid) {
      throw new StorageError(`${location}: ${length} bytes from byte ${offset} is not a range that can be read.`, {
        location,
      });
    }
    this.#location = location;
    this.#range = range;
    this.#wantsWhole = isEncoded;
    this.#knownEtag = etag;
    this.#done = length === 0;
  }

  get done(): boolean {
    return this.#done;
  }

  /** The headers that ask for what is still missing. */
  get headers(): { readonly range?: string } {
    return this.#wantsWhole ? {} : { range: this.rangeHeader };
  }

  /** The Range header (RFC 9110 section 14.2) for what is still missing. */
  get rangeHeader(): string {
    const last = this.#missing === Infinity ? '' : this.#start + this.#missing - 1;
    return `bytes=${this.#start}-${last}`;
  }

  /** The next byte that is missing. */
  get #start(): number {
    return this.#range.offset + this.#collector.byteLength;
  }

  get #missing(): number {
    return this.#range.length - this.#collector.byteLength;
  }

  /** Whether so much has come since the last call that the retries are counted anew. */
  takeProgress(): boolean {
    const progress = this.#collector.byteLength - this.#counted;
    if (progress < minProgress) return false;
    this.#counted = this.#collector.byteLength;
    return true;
  }

  result(): ReadResult {
    return { bytes: this.#collector.take(), objectByteLength: this.#total, etag: this.#etag };
  }

  /** The object came encoded. */
  get isEncoded(): boolean {
    return this.#wantsWhole;
  }

  /** A 416 has come that did not tell the object's size. The caller must find it out and call `end` with it. */
  get needsSize(): boolean {
    return this.#needsSize;
  }

  /** Takes one reply with status 200, 206 or 416. */
  async take(reply: Reply): Promise<void> {
    try {
      const isEncoded = reply.status !== 416 && encodingOf(reply).length > 0;
      if (isEncoded && reply.status === 200) await this.#takeEncoded(reply);
      else if (isEncoded) throw this.#partOfEncoded(reply);
      else if (isNothing(reply)) await this.#takeUnsatisfied(reply);
      else if (reply.status === 206) await this.#takePartial(reply);
      else if (reply.status === 200) await this.#takeWhole(reply);
      else await this.#takeUnsatisfied(reply);
    } catch (error) {
      reply.discard();
      throw error instanceof RangeError ? outOfMemory(this.#location, error) : error;
    }
  }

  async #takePartial(reply: Reply): Promise<void> {
    const range = contentRangeOf(reply.headers);
    if (range === undefined || range.offset === undefined) {
      throw this.#unusable('a 206 reply without a usable Content-Range');
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
      if (this.#missing > 0 && !reply.isFramed) {
        this.#collector.truncate(before);
        throw this.#unusable('a reply that does not say how long it is, so that one cannot tell whether it is whole');
      }
      if (reply.isFramed) this.#checkTotal(received);
    }
    this.#done = true;
  }

  /** Offsets count the bytes of the object itself, so all of the reply is read and decoded. */
  async #takeEncoded(reply: Reply): Promise<void> {
    const encoded = new ByteCollector();
    encoded.expect(Math.min(reply.contentLength ?? 0, maxEncodedByteLength));
    await reply.consume((chunk) => {
      if (encoded.byteLength + chunk.byteLength > maxEncodedByteLength) throw this.#tooLargeEncoded(reply);
      encoded.add(chunk);
      return true;
    });
    if (!reply.isFramed || (reply.contentLength !== undefined && reply.contentLength !== encoded.byteLength)) {
      throw this.#unusable('an encoded reply that is not whole');
    }
    const whole = decodeBody(encoded.take(), reply.headers, maxEncodedByteLength, this.#location);
    this.#wantsWhole = true;
    this.#checkVersion(reply, whole.length);
    this.#collector.add(whole.subarray(this.#start, this.#start + this.#missing));
    this.#done = true;
  }

  async #takeUnsatisfied(reply: Reply): Promise<void> {
    const total = contentRangeOf(reply.headers)?.total;
    await drain(reply);
    if (total === undefined) this.#needsSize = true;
    else this.end(total);
  }

  /** To be called after a 416: the object has `size` bytes, so nothing more will come. */
  end(size: number): void {
    this.#needsSize = false;
    this.#checkTotal(size);
    if (size > this.#start) {
      throw this.#unusable(`status 416 for ${this.rangeHeader.slice(6)}, though the object has ${size} bytes`);
    }
    this.#done = true;
  }

  /** Adds at most `length` bytes. Answers true when more came. */
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

  #partOfEncoded(reply: Reply): StorageError | TransientFailure {
    const encodings = encodingOf(reply).join(', ');
    const error = new StorageError(
      `${this.#location} came with Content-Encoding ${encodings} although plain bytes were asked for. Parts of ` +
        'encoded objects cannot be read. Store the object unencoded, or turn off compression for it on the server.',
      { location: this.#location, status: reply.status },
    );
    if (this.#wantsWhole) return error;
    this.#wantsWhole = true;
    return new TransientFailure(error, { free: true });
  }

  #tooLargeEncoded(reply: Reply): StorageError {
    return new StorageError(
      `${this.#location} came with Content-Encoding ${encodingOf(reply).join(', ')} and is larger than ${maxEncodedByteLength} bytes, the ` +
        'limit for that. Store the object unencoded, or turn off compression for it on the server.',
      { location: this.#location, status: reply.status },
    );
  }

  #checkVersion(reply: Reply, total: number | undefined): void {
    const sent = reply.headers['etag'];
    // Apache marks the tags of encoded replies.
    const etag = encodingOf(reply).length === 0 ? sent : sent?.replace(/-(gzip|deflate|br)(?="?$)/, '');
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
}
