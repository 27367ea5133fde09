import { UnsupportedError } from '../../base/errors.ts';
import type { DecodedFrame } from '../../types/pixels.ts';
import { photometricOf } from '../check-description.ts';
import type { FrameJob } from '../codec.ts';
import { cutFrame, minShownPart, rowsMissing } from '../cut-frame.ts';
import { decodeFailure } from '../decode-failure.ts';
import { type Cells, storedValues } from '../stored-values.ts';
import { layoutOf } from './native.ts';
import { packedCells } from './native-cells.ts';

/** Bytes of the RLE header (PS3.5 G.5): the number of segments and 15 offsets, of 32 bits each. */
const headerLength = 64;

/**
 * Decodes RLE Lossless (PS3.5 Annex G): one segment for each byte of a sample, the most significant byte first, each
 * coded with PackBits. Samples are always stored by plane, whatever Planar Configuration says. Where a segment ends too
 * early, the pixels before that are shown, if they are half of the frame or more.
 *
 * @throws {DecodeError} offsets outside the frame, a wrong number of segments, or less than half of the pixels
 */
export function decodeRle(job: FrameJob): DecodedFrame {
  const { description, bytes, transferSyntaxUid } = job;
  const { rows, columns, samplesPerPixel, bitsAllocated } = description;
  const pixels = rows * columns;
  if (bitsAllocated !== 1 && bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32) {
    throw new UnsupportedError(
      `RLE Lossless with Bits Allocated ${bitsAllocated} is not defined; expected 1, 8, 16 or 32.`,
    );
  }
  const bytesPerSample = Math.ceil(bitsAllocated / 8);
  const segments = readSegments(bytes, samplesPerPixel * bytesPerSample, transferSyntaxUid);
  const planeLength = bitsAllocated === 1 ? Math.ceil(pixels / 8) : pixels;
  let wholeBytes = planeLength;
  let why = '';
  const planes = segments.map((segment, index) => {
    const plane = new Uint8Array(planeLength);
    const written = unpackBits(segment, plane);
    if (written < wholeBytes) {
      wholeBytes = written;
      why = `Segment ${index + 1} of ${segments.length} holds ${written} bytes; expected ${planeLength}.`;
    }
    return plane;
  });
  if (wholeBytes < planeLength * minShownPart) throw decodeFailure(transferSyntaxUid, why);
  const cells =
    bitsAllocated === 1
      ? joinPlanes(
          planes.map((plane) => packedCells(plane, pixels, 1, 0)),
          pixels,
          samplesPerPixel,
          1,
        )
      : joinPlanes(planes, pixels, samplesPerPixel, bytesPerSample);
  const frame = {
    rows,
    columns,
    samplesPerPixel,
    values: storedValues(cells, layoutOf(description)),
    photometricInterpretation: photometricOf(description),
  };
  if (wholeBytes === planeLength) return frame;
  const whole = bitsAllocated === 1 ? wholeBytes * 8 : wholeBytes;
  return cutFrame(frame, whole, rowsMissing(why, Math.floor(whole / columns), rows));
}

function readSegments(bytes: Uint8Array, expected: number, transferSyntaxUid: string): readonly Uint8Array[] {
  if (bytes.length < headerLength) {
    throw decodeFailure(
      transferSyntaxUid,
      `The frame has ${bytes.length} bytes; its header alone needs ${headerLength}.`,
    );
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, headerLength);
  const count = header.getUint32(0, true);
  if (count !== expected || count > 15) {
    throw decodeFailure(
      transferSyntaxUid,
      `It has ${count} segments; ${expected} follow from Samples per Pixel and Bits Allocated (15 at most).`,
    );
  }
  const offsets = Array.from({ length: count }, (_, index) => header.getUint32(4 + 4 * index, true));
  return offsets.map((offset, index) => {
    const end = offsets[index + 1] ?? bytes.length;
    if (offset < headerLength || offset > end || end > bytes.length) {
      throw decodeFailure(
        transferSyntaxUid,
        `Segment ${index + 1} lies at ${offset} to ${end} of ${bytes.length} bytes: offsets must ascend from ${headerLength}.`,
      );
    }
    return bytes.subarray(offset, end);
  });
}

/**
 * Decodes PackBits (PS3.5 G.3). Bytes beyond the end of `target` are dropped: some writers pad a segment that way.
 *
 * @returns the number of bytes written to `target`
 */
function unpackBits(source: Uint8Array, target: Uint8Array): number {
  let from = 0;
  let to = 0;
  const last = source.length - 1;
  while (from < last && to < target.length) {
    const control = source[from++] ?? 0;
    if (control < 128) {
      const length = Math.min(control + 1, source.length - from, target.length - to);
      for (let i = 0; i < length; i++) target[to + i] = source[from + i] ?? 0;
      from += control + 1;
      to += length;
    } else if (control > 128) {
      const end = Math.min(to + 257 - control, target.length);
      const value = source[from++] ?? 0;
      while (to < end) target[to++] = value;
    }
  }
  return to;
}

/** Joins planes of bytes (or of values, where a sample has one byte) into cells that are interleaved by pixel. */
function joinPlanes(planes: readonly Cells[], pixels: number, samplesPerPixel: number, bytesPerSample: number): Cells {
  const first = planes[0];
  if (bytesPerSample === 1) {
    if (samplesPerPixel === 1 && first !== undefined) return first;
    const cells = new Uint8Array(pixels * samplesPerPixel);
    planes.forEach((plane, sample) => {
      for (let i = 0, to = sample; i < pixels; i++, to += samplesPerPixel) cells[to] = plane[i] ?? 0;
    });
    return cells;
  }
  if (bytesPerSample === 2) {
    const cells = new Uint16Array(pixels * samplesPerPixel);
    for (let sample = 0; sample < samplesPerPixel; sample++) {
      const high = planes[2 * sample];
      const low = planes[2 * sample + 1];
      if (high === undefined || low === undefined) continue;
      for (let i = 0, to = sample; i < pixels; i++, to += samplesPerPixel) {
        cells[to] = ((high[i] ?? 0) << 8) | (low[i] ?? 0);
      }
    }
    return cells;
  }
  const cells = new Uint32Array(pixels * samplesPerPixel);
  planes.forEach((plane, index) => {
    const shift = 8 * (bytesPerSample - 1 - (index % bytesPerSample));
    const start = Math.floor(index / bytesPerSample);
    for (let i = 0, to = start; i < pixels; i++, to += samplesPerPixel) {
      cells[to] = (cells[to] ?? 0) | ((plane[i] ?? 0) << shift);
    }
  });
  return cells;
}
