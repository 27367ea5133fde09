/** Is this machine little endian? Typed arrays read memory in its order, whatever the object says. */
const HOST_IS_LITTLE_ENDIAN: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * The same memory without the methods of a Buffer, whose `slice` makes no copy: what is written for a Uint8Array would
 * change the bytes it was given.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return Buffer.isBuffer(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes;
}

/**
 * `count` elements of `size` bytes from the start of `bytes`, in memory that a typed array may look at: the same
 * memory where it is aligned and in this machine's order, a copy elsewhere.
 */
export function alignedBuffer(
  bytes: Uint8Array,
  count: number,
  size: 1 | 2 | 4 | 8,
  bigEndian: boolean,
): { readonly buffer: ArrayBufferLike; readonly byteOffset: number } {
  const swap = size > 1 && bigEndian === HOST_IS_LITTLE_ENDIAN;
  if (!swap && bytes.byteOffset % size === 0) return bytes;
  const copy = new Uint8Array(bytes.subarray(0, count * size));
  if (swap) reverseBytes(copy, size);
  return copy;
}

/** Reverses the bytes of every element, in place. */
function reverseBytes(bytes: Uint8Array, size: 2 | 4 | 8 | 1): void {
  if (size === 2) {
    const words = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
    for (let i = 0; i < words.length; i++) {
      const word = words[i] ?? 0;
      words[i] = (word << 8) | (word >> 8);
    }
    return;
  }
  for (let start = 0; start + size <= bytes.length; start += size) {
    for (let low = start, high = start + size - 1; low < high; low++, high--) {
      const byte = bytes[low] ?? 0;
      bytes[low] = bytes[high] ?? 0;
      bytes[high] = byte;
    }
  }
}

/** A copy with every two bytes exchanged; an odd last byte stays where it is. */
export function swapPairs(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let i = 0; i + 1 < copy.length; i += 2) {
    const byte = copy[i] ?? 0;
    copy[i] = copy[i + 1] ?? 0;
    copy[i + 1] = byte;
  }
  return copy;
}
