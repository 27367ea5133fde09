import type { PixelDescription } from '../../types/pixels.ts';
import type { Cells } from '../stored-values.ts';
import { alignedBuffer } from './byte-order.ts';

/** The bytes that so many samples take, with `bitOffset` bits before them. */
export function nativeByteLength(samples: number, bitsAllocated: number, bitOffset: number): number {
  return Math.ceil((samples * bitsAllocated + bitOffset) / 8);
}

/**
 * Cells of 8, 16 or 32 bits, one for each sample, over the same memory where that is possible. `bytes` must be long
 * enough.
 */
export function byteCells(bytes: Uint8Array, samples: number, bitsAllocated: 8 | 16 | 32, bigEndian: boolean): Cells {
  // Not `subarray`: `bytes` may be a Buffer, whose `slice` is no copy.
  if (bitsAllocated === 8) return new Uint8Array(bytes.buffer, bytes.byteOffset, samples);
  const size = bitsAllocated === 16 ? 2 : 4;
  const { buffer, byteOffset } = alignedBuffer(bytes, samples, size, bigEndian);
  return size === 2 ? new Uint16Array(buffer, byteOffset, samples) : new Uint32Array(buffer, byteOffset, samples);
}

/**
 * Unpacks cells that do not fill bytes. A cell begins with the least significant bit that is not used yet (PS3.5 8.1.1
 * and Annex D). `bytes` must be in little endian order and long enough.
 *
 * @param bitsAllocated 1..24
 */
export function packedCells(bytes: Uint8Array, samples: number, bitsAllocated: number, bitOffset: number): Cells {
  if (bitsAllocated === 1) return singleBits(bytes, samples, bitOffset);
  const cells =
    bitsAllocated <= 8
      ? new Uint8Array(samples)
      : bitsAllocated <= 16
        ? new Uint16Array(samples)
        : new Uint32Array(samples);
  const mask = 2 ** bitsAllocated - 1;
  let at = bitOffset >> 3;
  let held = -(bitOffset & 7);
  let bits = 0;
  for (let i = 0; i < samples; i++) {
    while (held < bitsAllocated) {
      const byte = bytes[at++] ?? 0;
      bits = held < 0 ? byte >>> -held : bits | (byte << held);
      held += 8;
    }
    cells[i] = bits & mask;
    bits >>>= bitsAllocated;
    held -= bitsAllocated;
  }
  return cells;
}

function singleBits(bytes: Uint8Array, samples: number, bitOffset: number): Uint8Array {
  const cells = new Uint8Array(samples);
  for (let i = 0, bit = bitOffset; i < samples; i++, bit++) cells[i] = ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1;
  return cells;
}

/** 64-bit integers as doubles: exact up to 2^53, above that the nearest double. */
export function wideIntegers(
  bytes: Uint8Array,
  samples: number,
  description: PixelDescription,
  bigEndian: boolean,
): Float64Array {
  const { buffer, byteOffset } = alignedBuffer(bytes, samples, 8, bigEndian);
  const cells = new BigUint64Array(buffer, byteOffset, samples);
  const { bitsStored, highBit, pixelRepresentation } = description;
  const shift = BigInt(highBit + 1 - bitsStored);
  const result = new Float64Array(samples);
  for (let i = 0; i < samples; i++) {
    const value = (cells[i] ?? 0n) >> shift;
    const stored = pixelRepresentation === 1 ? BigInt.asIntN(bitsStored, value) : BigInt.asUintN(bitsStored, value);
    result[i] = Number(stored);
  }
  return result;
}
