/**
 * Memory for the bytes of frames that are needed for a moment: taken again and again, since memory that is new must be
 * filled with zeros page by page, which takes longer than reading a frame from a disk's cache.
 */
export class FrameMemory {
  readonly #own = new Set<ArrayBufferLike>();
  readonly #free: Uint8Array<ArrayBuffer>[] = [];

  /** At least so many bytes, with whatever is in them. */
  take(byteLength: number): Uint8Array<ArrayBuffer> {
    const index = this.#free.findIndex((memory) => memory.length >= byteLength);
    const [found] = index < 0 ? [] : this.#free.splice(index, 1);
    if (found !== undefined) return found;
    const memory = new Uint8Array(byteLength);
    this.#own.add(memory.buffer);
    return memory;
  }

  /** Gives memory back that holds these bytes; bytes that lie elsewhere are none of its business. */
  giveBack(bytes: Uint8Array): void {
    const { buffer } = bytes;
    if (buffer instanceof ArrayBuffer && this.#own.has(buffer)) this.#free.push(new Uint8Array(buffer));
  }
}
