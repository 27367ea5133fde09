import { inflateRawSync } from 'node:zlib';
import type { DecodedFrame } from '../../types/pixels.ts';
import { decodeFailure } from '../decode-failure.ts';
import type { FrameJob } from '../frame-job.ts';
import { plainBytes } from './byte-order.ts';
import { decodeNative } from './native.ts';
import { nativeByteLength } from './native-cells.ts';

/**
 * Deflated Image Frame Compression (PS3.5 8.2.16 and A.4.13): RFC 1951 around the frame's native bytes. Never expands
 * to more than the frame that is described.
 *
 * @throws {DecodeError} not deflated, cut off, or of another length than described
 */
export function decodeDeflatedFrame(job: FrameJob): DecodedFrame {
  const { rows, columns, samplesPerPixel, bitsAllocated } = job.description;
  const expected = nativeByteLength(rows * columns * samplesPerPixel, bitsAllocated, 0);
  let native: Uint8Array;
  try {
    // One byte more than the frame (even, padded) can have: a longer stream fails instead of filling memory.
    native = plainBytes(inflateRawSync(job.bytes, { maxOutputLength: expected + 2 }));
  } catch (error) {
    throw decodeFailure(
      job.transferSyntaxUid,
      `Its bytes do not inflate to the ${expected} bytes of the frame that is described.`,
      error,
    );
  }
  return decodeNative({ ...job, bytes: native, bitOffset: 0, bigEndian: false });
}
