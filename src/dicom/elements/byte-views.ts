/** The same memory in two views: a Buffer makes strings far faster than a loop over bytes, a DataView reads numbers. */
export interface ByteViews {
  readonly bytes: Buffer;
  readonly view: DataView;
}

export function viewsOf(bytes: Uint8Array): ByteViews {
  const { buffer, byteOffset, byteLength } = bytes;
  return {
    bytes: Buffer.isBuffer(bytes) ? bytes : Buffer.from(buffer, byteOffset, byteLength),
    view: new DataView(buffer, byteOffset, byteLength),
  };
}

/** A copy with the bytes of every pair exchanged. A last byte without a pair stays as it is. */
export function swapPairs(bytes: Uint8Array): Uint8Array {
  // Not slice(): a Buffer's makes no copy.
  const copy = new Uint8Array(bytes);
  for (let i = 0; i + 1 < copy.length; i += 2) {
    const byte = copy[i] ?? 0;
    copy[i] = copy[i + 1] ?? 0;
    copy[i + 1] = byte;
  }
  return copy;
}
