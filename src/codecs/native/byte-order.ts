/** Whether this machine is little endian: typed arrays read memory in its order, whatever the object says. */
const hostIsLittleEndian: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * The same memory as a plain Uint8Array. A Buffer's `slice` makes no copy: code that is written for a Uint8Array would
 * change the caller's bytes.
 */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  return Buffer.isBuffer(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes;
}

/**
 * The first `count` elements of `size` bytes, in memory that a typed array can use: the same memory where it is aligned
 * and in this machine's order, else a copy.
 */
export function alignedBuffer(
  bytes: Uint8Array,
  count: number,
  size: 1 | 2 | 4 | 8,
  bigEndian: boolean,
): { readonly buffer: ArrayBufferLike; readonly byteOffset: number } {
  const swap = size > 1 && bigEndian === hostIsLittleEndian;
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
