/**
 * Memory for the bytes of frames that are needed for a moment. It is taken again and again: memory that is new comes
 * from the system page by page, and that takes longer than reading a frame from the disk's cache.
 */
export class FrameMemory {
  readonly #own = new Set<ArrayBufferLike>();
  readonly #free: Uint8Array<ArrayBuffer>[] = [];

  /** Exactly so many bytes, with whatever is in them. */
  take(byteLength: number): Uint8Array<ArrayBuffer> {
    const index = this.#free.findIndex((memory) => memory.length >= byteLength);
    const [found] = index < 0 ? [] : this.#free.splice(index, 1);
    if (found !== undefined) return found.subarray(0, byteLength);
    // What is free is too small: one piece of it makes room, so that there never are more pieces than frames in work.
    const small = this.#free.pop();
    if (small !== undefined) this.#own.delete(small.buffer);
    const memory = new Uint8Array(byteLength);
    this.#own.add(memory.buffer);
    return memory;
  }

  /** Gives the memory back in which these bytes lie. Bytes that lie elsewhere are left alone. */
  giveBack(bytes: Uint8Array): void {
    const { buffer } = bytes;
    const isFree = this.#free.some((memory) => memory.buffer === buffer);
    if (buffer instanceof ArrayBuffer && this.#own.has(buffer) && !isFree) this.#free.push(new Uint8Array(buffer));
  }
}
