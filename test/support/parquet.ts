import type { AsyncBuffer } from 'hyparquet';

/** Bytes in memory as hyparquet reads a file. Each read gives a copy. */
export function bufferOf(bytes: Uint8Array): AsyncBuffer {
  return {
    byteLength: bytes.length,
    slice: (start, end = bytes.length) => Promise.resolve(new Uint8Array(bytes.subarray(start, end)).buffer),
  };
}
