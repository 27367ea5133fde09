import { StorageError } from './errors.ts';

/** The byte arrays in one piece, in memory of its own. */
export function concatenate(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** A server may announce any length: no more memory than this is taken before bytes have come. */
const maxFirstAllocation = 32 * 1024 * 1024;

/**
 * Gathers a body whose length may be unknown. Its memory grows with what has come, not with what a server announces.
 */
export class ByteCollector {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #length = 0;

  get byteLength(): number {
    return this.#length;
  }

  /** Makes room for `total` bytes in all, or for as many as may be taken before they have come. */
  expect(total: number): void {
    if (total > this.#bytes.byteLength) this.#resize(Math.min(total, maxFirstAllocation));
  }

  /** Throws a RangeError when there is not enough memory. */
  add(chunk: Uint8Array): void {
    const needed = this.#length + chunk.byteLength;
    if (needed > this.#bytes.byteLength) this.#resize(Math.max(needed, this.#bytes.byteLength * 2, 4096));
    this.#bytes.set(chunk, this.#length);
    this.#length = needed;
  }

  /** Forgets everything after the first `byteLength` bytes. */
  truncate(byteLength: number): void {
    this.#length = Math.min(this.#length, byteLength);
  }

  /** The gathered bytes, in memory of exactly that size. The collector must not be used after this. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#length === this.#bytes.byteLength ? this.#bytes : this.#bytes.slice(0, this.#length);
  }

  #resize(byteLength: number): void {
    if (byteLength <= this.#bytes.byteLength) return;
    const larger = new Uint8Array(byteLength);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** The error for an object whose bytes do not fit into memory: what the RangeError of an allocation becomes. */
export function outOfMemory(location: string, cause: RangeError): StorageError {
  return new StorageError(`${location} is too large to be held in memory.`, { location, cause });
}
