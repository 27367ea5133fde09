import { UnsupportedError } from '../../base/errors.ts';
import { swapPairs } from '../../dicom/elements/byte-views.ts';
import { nativeFrameBits } from '../../dicom/pixel-data/native-frames.ts';
import { hasBigEndianPixels } from '../../dicom/transfer-syntaxes.ts';
import type { DecodedFrame, PixelDescription, StoredValues } from '../../types/pixels.ts';
import { photometricOf } from '../check-description.ts';
import type { FrameJob } from '../codec.ts';
import { cutFrame, minShownPart } from '../cut-frame.ts';
import { decodeFailure } from '../decode-failure.ts';
import { interleavePlanes, storedValues } from '../stored-values.ts';
import { alignedBuffer } from './byte-order.ts';
import { byteCells, nativeByteLength, packedCells, wideIntegers } from './native-cells.ts';
import { expandPartialRange, upsampleYbr422 } from './ybr-422.ts';

/**
 * Decodes one frame of native Pixel Data (PS3.5 8.2 and Annex A.1 to A.3). Never reduces. The values share memory with
 * the job's bytes where these are aligned, in this machine's byte order, and need no masking.
 *
 * @throws {DecodeError} fewer bytes than described, or a description that contradicts itself
 * @throws {UnsupportedError} layouts that the standard does not define for native data
 */
export function decodeNative(job: FrameJob): DecodedFrame {
  const needed = Math.ceil(((job.bitOffset ?? 0) + nativeFrameBits(job.description)) / 8);
  const isCut = job.bytes.length < needed && job.bytes.length >= needed * minShownPart;
  // Of colour by plane, a whole plane may be missing.
  if (!isCut || job.description.planarConfiguration === 1) return decodeWhole(job);
  const bytes = new Uint8Array(needed + (needed % 2));
  bytes.set(job.bytes);
  const incomplete = `The frame needs ${needed} bytes and has ${job.bytes.length}: the object is cut off, and the rest is background.`;
  return cutFrame(decodeWhole({ ...job, bytes }), wholePixels(job), incomplete);
}

/** How many pixels from the first are there. */
function wholePixels({ bytes, description, bitOffset = 0 }: FrameJob): number {
  const samples = Math.floor((bytes.length * 8 - bitOffset) / description.bitsAllocated);
  // Subsampled: two pixels have four samples.
  if (photometricOf(description).endsWith('_422')) return Math.floor(samples / 4) * 2;
  return Math.floor(samples / description.samplesPerPixel);
}

function decodeWhole(job: FrameJob): DecodedFrame {
  const { description } = job;
  const { rows, columns } = description;
  const photometric = photometricOf(description);
  if (photometric === 'YBR_FULL_422' || photometric === 'YBR_PARTIAL_422') {
    const values = decodeSubsampled(job, photometric === 'YBR_PARTIAL_422');
    return { rows, columns, samplesPerPixel: 3, values, photometricInterpretation: 'YBR_FULL' };
  }
  if (photometric === 'YBR_PARTIAL_420') {
    throw new UnsupportedError(
      'Native Pixel Data with Photometric Interpretation YBR_PARTIAL_420 have no defined layout.',
    );
  }
  const values = description.kind === 'integer' ? decodeIntegers(job) : decodeFloats(job, description.kind);
  const { samplesPerPixel } = description;
  return { rows, columns, samplesPerPixel, values, photometricInterpretation: photometric };
}

function decodeIntegers(job: FrameJob): StoredValues {
  const { description } = job;
  const { bitsAllocated, samplesPerPixel, planarConfiguration } = description;
  if (bitsAllocated > 24 && bitsAllocated !== 32 && bitsAllocated !== 64) {
    throw new UnsupportedError(`Bits Allocated ${bitsAllocated} is not supported; expected 1 to 24, 32 or 64.`);
  }
  const samples = samplesOf(description);
  const bigEndian = isBigEndian(job);
  const bitOffset = job.bitOffset ?? 0;
  checkLength(job, nativeByteLength(samples, bitsAllocated, bitOffset));
  const byPlane = planarConfiguration === 1 && samplesPerPixel > 1;
  const wholeBytes = bitOffset % 8 === 0;
  if (bitsAllocated === 64) {
    const wide = wideIntegers(skipBytes(job, bitOffset), samples, description, bigEndian);
    return byPlane ? interleavePlanes(wide, samplesPerPixel) : wide;
  }
  const cells =
    wholeBytes && (bitsAllocated === 16 || bitsAllocated === 32)
      ? byteCells(skipBytes(job, bitOffset), samples, bitsAllocated, bigEndian)
      : wholeBytes && bitsAllocated === 8 && !bigEndian
        ? byteCells(skipBytes(job, bitOffset), samples, 8, false)
        : wholeBytes && bigEndian && bitsAllocated === 24
          ? bigEndianTriples(skipBytes(job, bitOffset), samples)
          : packedCells(bigEndian ? swapPairs(job.bytes) : job.bytes, samples, bitsAllocated, bitOffset);
  const pixels = byPlane ? interleavePlanes(cells, samplesPerPixel) : cells;
  return storedValues(pixels, layoutOf(description));
}

function bigEndianTriples(bytes: Uint8Array, samples: number): Uint32Array {
  const cells = new Uint32Array(samples);
  for (let i = 0, at = 0; i < samples; i++, at += 3) {
    cells[i] = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  }
  return cells;
}

function decodeFloats(job: FrameJob, kind: 'float' | 'double'): StoredValues {
  const { description } = job;
  const size = kind === 'float' ? 4 : 8;
  const { bitsAllocated, samplesPerPixel, planarConfiguration } = description;
  if (bitsAllocated !== size * 8) {
    throw decodeFailure(
      job.transferSyntaxUid,
      `${kind === 'float' ? 'Float' : 'Double Float'} Pixel Data need Bits Allocated ${size * 8}; the header says ${bitsAllocated}.`,
    );
  }
  const samples = samplesOf(description);
  const bitOffset = job.bitOffset ?? 0;
  checkLength(job, nativeByteLength(samples, bitsAllocated, bitOffset));
  const { buffer, byteOffset } = alignedBuffer(skipBytes(job, bitOffset), samples, size, isBigEndian(job));
  const values =
    kind === 'float' ? new Float32Array(buffer, byteOffset, samples) : new Float64Array(buffer, byteOffset, samples);
  return planarConfiguration === 1 ? interleavePlanes(values, samplesPerPixel) : values;
}

/** YBR_*_422: two bytes a pixel. Some writers say 422 but store three bytes a pixel: the length tells. */
function decodeSubsampled(job: FrameJob, partialRange: boolean): Uint8Array {
  const { description } = job;
  const { rows, columns, bitsAllocated, samplesPerPixel } = description;
  if (bitsAllocated !== 8 || samplesPerPixel !== 3) {
    throw decodeFailure(
      job.transferSyntaxUid,
      `Subsampled colour needs 3 samples of 8 bits; the header says ${samplesPerPixel} of ${bitsAllocated}.`,
    );
  }
  const bytes = isBigEndian(job) ? swapPairs(job.bytes) : job.bytes;
  const frame = bytes.subarray((job.bitOffset ?? 0) >> 3);
  const full = rows * columns * 3;
  let ybr: Uint8Array;
  if (frame.length >= full) {
    const cells = frame.subarray(0, full);
    ybr = description.planarConfiguration === 1 ? interleavePlanes(cells, 3) : cells;
  } else {
    if (columns % 2 !== 0) {
      throw decodeFailure(
        job.transferSyntaxUid,
        `Subsampled colour needs an even number of columns; there are ${columns}.`,
      );
    }
    checkLength(job, rows * columns * 2 + ((job.bitOffset ?? 0) >> 3));
    ybr = upsampleYbr422(frame, rows, columns);
  }
  return partialRange ? expandPartialRange(ybr) : ybr;
}

function samplesOf({ rows, columns, samplesPerPixel }: PixelDescription): number {
  return rows * columns * samplesPerPixel;
}

/** Where the header says that stored values lie in their cells. */
export function layoutOf(description: PixelDescription): { shift: number; bitsStored: number; signed: boolean } {
  const { bitsStored, highBit, pixelRepresentation } = description;
  return { shift: highBit + 1 - bitsStored, bitsStored, signed: pixelRepresentation === 1 };
}

function isBigEndian(job: FrameJob): boolean {
  return job.bigEndian ?? hasBigEndianPixels(job.transferSyntaxUid);
}

function skipBytes(job: FrameJob, bitOffset: number): Uint8Array {
  return bitOffset === 0 ? job.bytes : job.bytes.subarray(bitOffset >> 3);
}

function checkLength(job: FrameJob, expected: number): void {
  if (job.bytes.length >= expected) return;
  throw decodeFailure(
    job.transferSyntaxUid,
    `The frame needs ${expected} bytes and has ${job.bytes.length}: the object is cut off, or its header is wrong.`,
  );
}
