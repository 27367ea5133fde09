import { inflateRawSync } from 'node:zlib';
import type { DecodedFrame } from '../../types/pixels.ts';
import type { FrameJob } from '../codec.ts';
import { decodeFailure } from '../decode-failure.ts';
import { plainBytes } from './byte-order.ts';
import { decodeNative } from './native.ts';
import { nativeByteLength } from './native-cells.ts';

/**
 * Decodes Deflated Image Frame Compression (PS3.5 8.2.16 and A.4.13): the frame's native bytes as a stream of RFC 1951.
 * Never inflates more bytes than the described frame has.
 *
 * @throws {DecodeError} not deflated, cut off, or of another length than described
 */
export function decodeDeflatedFrame(job: FrameJob): DecodedFrame {
  const { rows, columns, samplesPerPixel, bitsAllocated } = job.description;
  const expected = nativeByteLength(rows * columns * samplesPerPixel, bitsAllocated, 0);
  let native: Uint8Array;
  try {
    // One byte more than the padded frame can have: a longer stream fails and does not fill the memory.
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
