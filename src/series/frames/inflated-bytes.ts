import type { Readable } from 'node:stream';
import { InvalidDicomError } from '../../base/errors.ts';
import { limitHint } from '../../base/limit-hint.ts';
import { maxInflateRatio } from '../../dicom/elements/inflate-some.ts';
import { defaultLimits, type Limits } from '../../types/limits.ts';

/** The bytes of a deflated data set (PS3.5 A.5): inflated as a stream, and only as far as they are asked for. */
export class InflatedBytes {
  readonly #key: string;
  readonly #deflated: Uint8Array;
  /** A megabyte may inflate to a gigabyte. */
  readonly #maxLength: number;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #bytes = new Uint8Array(0);
  #length = 0;
  #ended = false;
  /** One read inflates at a time. */
  #turn: Promise<void> = Promise.resolve();

  /** @param key of the object, for messages */
  constructor(key: string, deflated: Uint8Array, { inflatedBytes }: Limits = defaultLimits) {
    this.#key = key;
    this.#deflated = deflated;
    this.#maxLength = inflatedBytes;
  }

  /** Of the whole data set; undefined as long as its end was not reached. */
  get byteLength(): number | undefined {
    return this.#ended ? this.#length : undefined;
  }

  /**
   * A range of the inflated bytes; shorter where they end.
   *
   * @throws InvalidDicomError where it lies beyond the limit, or the stream is damaged
   */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const end = offset + length;
    if (end > this.#maxLength) {
      throw new InvalidDicomError(
        `Expected a deflated data set of at most ${this.#maxLength} bytes in '${this.#key}' but ${end} bytes of it are needed. Store it without deflation. ${limitHint('inflatedBytes')}`,
      );
    }
    this.#turn = this.#turn.then(() => this.#growTo(end));
    await this.#turn;
    return this.#bytes.subarray(Math.min(offset, this.#length), Math.min(end, this.#length));
  }

  async #growTo(end: number): Promise<void> {
    if (this.#ended || end <= this.#length) return;
    this.#chunks ??= (await inflating(this.#deflated))[Symbol.asyncIterator]();
    this.#makeRoom(Math.min(end, this.#deflated.length * maxInflateRatio));
    while (this.#length < end) {
      const next = await this.#nextOf(this.#chunks);
      if (next === undefined) {
        this.#ended = true;
        return;
      }
      this.#add(next);
    }
  }

  async #nextOf(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await chunks.next();
      return done === true ? undefined : value;
    } catch (cause) {
      throw new InvalidDicomError(
        `Expected a deflated data set (RFC 1951) in '${this.#key}' but it does not inflate after ${this.#length} bytes. The object is damaged.`,
        { cause },
      );
    }
  }

  #add(chunk: Uint8Array): void {
    this.#makeRoom(this.#length + chunk.length);
    this.#bytes.set(chunk, this.#length);
    this.#length += chunk.length;
  }

  #makeRoom(length: number): void {
    if (length <= this.#bytes.length) return;
    // Memory that is never written to costs nothing.
    const grown = new Uint8Array(Math.max(length + chunkLength, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

const chunkLength = 256 * 1024;

async function inflating(deflated: Uint8Array): Promise<Readable> {
  const { constants, createInflateRaw } = await import('node:zlib');
  // A stream that is cut off gives what there is of it, not an error.
  const stream = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: chunkLength });
  stream.end(deflated);
  return stream;
}
