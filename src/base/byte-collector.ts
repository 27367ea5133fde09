/** Bytes up to which a reply's own word for its length is believed, and memory taken at once. */
const LARGEST_FIRST_ALLOCATION = 32 * 1024 * 1024;

/**
 * Gathers a body whose length may or may not be known beforehand. Memory grows with what has really come, so a server
 * that announces terabytes takes none of it.
 */
export class ByteCollector {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #length = 0;

  get byteLength(): number {
    return this.#length;
  }

  /** Makes room for `total` bytes in all, as far as that is reasonable before they have come. */
  expect(total: number): void {
    if (total > this.#bytes.byteLength) this.#resize(Math.min(total, LARGEST_FIRST_ALLOCATION));
  }

  /** Throws a RangeError when the memory cannot be had. */
  add(chunk: Uint8Array): void {
    const needed = this.#length + chunk.byteLength;
    if (needed > this.#bytes.byteLength) this.#resize(Math.max(needed, this.#bytes.byteLength * 2, 4096));
    this.#bytes.set(chunk, this.#length);
    this.#length = needed;
  }

  /** Forgets what came after the first `byteLength` bytes. */
  truncate(byteLength: number): void {
    this.#length = Math.min(this.#length, byteLength);
  }

  /** What has been gathered, in memory of exactly that size; the collector must not be used any more. */
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
