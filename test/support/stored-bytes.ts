import type { StoredValues } from '../../src/types/pixels.ts';

/** Stored values as the manifest hashes them: little endian, in cells of Bits Allocated. */
export function storedBytes(values: StoredValues, bitsAllocated: number): Uint8Array {
  if (values instanceof Float32Array || (values instanceof Float64Array && bitsAllocated === 64)) {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
  const size = Math.max(1, Math.ceil(bitsAllocated / 8));
  const cell = size === 3 ? 4 : size;
  const bytes = new Uint8Array(values.length * cell);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (cell === 1) view.setUint8(i, value);
    else if (cell === 2) view.setUint16(i * 2, value, true);
    else view.setUint32(i * 4, value, true);
  }
  return bytes;
}
