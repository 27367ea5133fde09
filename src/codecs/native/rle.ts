import { UnsupportedError } from '../../base/errors.ts';
import type { DecodedFrame, PixelDescription, StoredValues } from '../../types/pixels.ts';
import { photometricOf } from '../check-description.ts';
import type { FrameJob } from '../codec.ts';
import { cutFrame, minShownPart, rowsMissing } from '../cut-frame.ts';
import { decodeFailure } from '../decode-failure.ts';
import { type Cells, storedValues } from '../stored-values.ts';
import { layoutOf } from './native.ts';
import { packedCells } from './native-cells.ts';
import { reductionOfRle } from './rle-reduction.ts';

/** Bytes of the RLE header (PS3.5 G.5): the number of segments and 15 offsets, of 32 bits each. */
const headerLength = 64;

/**
 * Decodes RLE Lossless (PS3.5 Annex G): one segment for each byte of a sample, the most significant byte first, each
 * coded with PackBits. Samples are always stored by plane, whatever Planar Configuration says. Where a segment ends too
 * early, the pixels before that are shown, if they are half of the frame or more.
 *
 * Frames of more than `maxSamples` samples are reduced while they are decoded, row by row, by the least power of two
 * that brings them below that (and is not above `reduce`). Each value is the mean of its `factor` x `factor` stored
 * values, rounded: so it is within 0.5 of what the mean of the whole frame is, but padding and values are averaged too.
 *
 * @throws {DecodeError} offsets outside the frame, a wrong number of segments, or less than half of the pixels
 */
export function decodeRle(job: FrameJob, maxSamples?: number): DecodedFrame {
  const { description, bytes, transferSyntaxUid } = job;
  const { rows, columns, samplesPerPixel, bitsAllocated } = description;
  if (bitsAllocated !== 1 && bitsAllocated !== 8 && bitsAllocated !== 16 && bitsAllocated !== 32) {
    throw new UnsupportedError(
      `RLE Lossless with Bits Allocated ${bitsAllocated} is not defined; expected 1, 8, 16 or 32.`,
    );
  }
  const segments = readSegments(bytes, samplesPerPixel * Math.ceil(bitsAllocated / 8), transferSyntaxUid);
  const reader = new RleRows(segments, description);
  const factor = reductionOfRle(description, job.reduce, maxSamples);
  const values = factor === 1 ? decodeWhole(reader, description) : decodeReduced(reader, description, factor);
  const frame = {
    rows: Math.ceil(rows / factor),
    columns: Math.ceil(columns / factor),
    samplesPerPixel,
    values,
    photometricInterpretation: photometricOf(description),
  };
  const { fault, wholePixels } = reader;
  if (fault === undefined) return frame;
  if (wholePixels < rows * columns * minShownPart) throw decodeFailure(transferSyntaxUid, fault);
  const wholeRows = Math.floor(wholePixels / columns / factor);
  return cutFrame(
    frame,
    factor === 1 ? wholePixels : wholeRows * frame.columns,
    rowsMissing(fault, wholeRows, frame.rows),
  );
}

function decodeWhole(reader: RleRows, description: PixelDescription): StoredValues {
  const { rows, columns, samplesPerPixel } = description;
  const cells = emptyCells(description, rows * columns * samplesPerPixel);
  const rowLength = columns * samplesPerPixel;
  for (let row = 0; row < rows; row++) {
    if (!reader.next(cells.subarray(row * rowLength, (row + 1) * rowLength))) break;
  }
  return storedValues(cells, layoutOf(description));
}

function decodeReduced(reader: RleRows, description: PixelDescription, factor: number): StoredValues {
  const { rows, columns, samplesPerPixel } = description;
  const layout = layoutOf(description);
  const rowLength = Math.ceil(columns / factor) * samplesPerPixel;
  const values = storedValues(emptyCells(description, Math.ceil(rows / factor) * rowLength), layout);
  const cells = emptyCells(description, columns * samplesPerPixel);
  const sums = new Float64Array(rowLength);
  for (let row = 0; row < rows; row++) {
    if (!reader.next(cells)) break;
    addReduced(storedValues(cells, layout), sums, samplesPerPixel, factor);
    const height = (row % factor) + 1;
    if (height < factor && row + 1 < rows) continue;
    const start = Math.floor(row / factor) * rowLength;
    for (let at = 0; at < rowLength; at++) {
      const width = Math.min(factor, columns - Math.floor(at / samplesPerPixel) * factor);
      values[start + at] = Math.round((sums[at] as number) / (width * height));
    }
    sums.fill(0);
  }
  return values;
}

/** Adds the samples of `factor` pixels after each other. Every index is in range, therefore `as number`. */
function addReduced(row: StoredValues, sums: Float64Array, samplesPerPixel: number, factor: number): void {
  const step = factor * samplesPerPixel;
  for (let first = 0, to = 0; first < row.length; first += step, to += samplesPerPixel) {
    const end = Math.min(first + step, row.length);
    for (let sample = 0; sample < samplesPerPixel; sample++) {
      let sum = 0;
      for (let at = first + sample; at < end; at += samplesPerPixel) sum += row[at] as number;
      sums[to + sample] = (sums[to + sample] as number) + sum;
    }
  }
}

/** Cells for so many samples: as wide as a sample, or of 8 bits for bits. */
function emptyCells({ bitsAllocated }: PixelDescription, length: number): Cells {
  if (bitsAllocated <= 8) return new Uint8Array(length);
  return bitsAllocated === 16 ? new Uint16Array(length) : new Uint32Array(length);
}

/** The rows of a frame, from the first to the last. Only one of them is in memory. */
class RleRows {
  readonly #description: PixelDescription;
  /** Of each segment the bytes of one row; where pixels are bits, whose rows share bytes, all of its bytes. */
  readonly #parts: readonly { readonly segment: PackBits; readonly plane: Uint8Array }[];
  /** Pixels of which all segments have the bytes, in the rows that were read. */
  wholePixels = 0;
  /** Which segment ends too early, in a sentence. */
  fault: string | undefined;

  constructor(segments: readonly Uint8Array[], description: PixelDescription) {
    const { rows, columns, bitsAllocated } = description;
    this.#description = description;
    const isBits = bitsAllocated === 1;
    this.#parts = segments.map((bytes) => {
      const segment = new PackBits(bytes);
      const plane = new Uint8Array(isBits ? Math.ceil((rows * columns) / 8) : columns);
      if (isBits) segment.read(plane);
      return { segment, plane };
    });
  }

  /**
   * Decodes the next row.
   *
   * @param cells one a sample of the row, interleaved by pixel
   * @returns false where the row is not whole: then there is no next one
   */
  next(cells: Cells): boolean {
    const { columns, samplesPerPixel, bitsAllocated } = this.#description;
    const whole = bitsAllocated === 1 ? this.#bitsInRow() : this.#readBytes(cells);
    if (bitsAllocated === 1) {
      const bits = this.#parts.map(({ plane }) => packedCells(plane, columns, 1, this.wholePixels));
      joinPlanes(bits, cells, samplesPerPixel, 1);
    } else if (this.#parts.length > 1) {
      const planes = this.#parts.map(({ plane }) => plane);
      joinPlanes(planes, cells, samplesPerPixel, bitsAllocated / 8);
    }
    this.wholePixels += whole;
    return whole === columns;
  }

  /** Reads the bytes of a row from each segment. Returns how many pixels have all. */
  #readBytes(cells: Cells): number {
    const { rows, columns } = this.#description;
    let whole = columns;
    this.#parts.forEach(({ segment, plane }, index) => {
      // A lone segment needs no joining.
      const read = segment.read(this.#parts.length === 1 && cells instanceof Uint8Array ? cells : plane);
      if (read >= whole) return;
      whole = read;
      this.#blame(index, rows * columns);
    });
    return whole;
  }

  /** How many pixels of the next row have all their bits. */
  #bitsInRow(): number {
    const { rows, columns } = this.#description;
    const lengths = this.#parts.map(({ segment }) => segment.written);
    const shortest = Math.min(...lengths);
    const whole = Math.min(columns, shortest * 8 - this.wholePixels);
    if (whole < columns) this.#blame(lengths.indexOf(shortest), Math.ceil((rows * columns) / 8));
    return Math.max(0, whole);
  }

  #blame(index: number, expected: number): void {
    const { length } = this.#parts;
    const written = this.#parts[index]?.segment.written ?? 0;
    this.fault = `Segment ${index + 1} of ${length} holds ${written} bytes; expected ${expected}.`;
  }
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

/** Decodes a segment (PackBits, PS3.5 G.3.2) in parts of any length. What comes after the last part is dropped. */
class PackBits {
  readonly #source: Uint8Array;
  #from = 0;
  /** Bytes that are left of the run or of the literal bytes that the last part ended in. */
  #left = 0;
  #isRun = false;
  /** Bytes that were decoded so far. */
  written = 0;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  /** Fills `target`. Returns how many bytes were written: fewer where the segment ends. */
  read(target: Uint8Array): number {
    const source = this.#source;
    // What may be left behind the last run: a byte of padding.
    const last = source.length - 1;
    let from = this.#from;
    let left = this.#left;
    let isRun = this.#isRun;
    let to = 0;
    while (to < target.length) {
      if (left === 0) {
        if (from >= last) break;
        const control = source[from++] as number;
        if (control === 128) continue;
        isRun = control > 128;
        left = isRun ? 257 - control : Math.min(control + 1, source.length - from);
      }
      const end = Math.min(to + left, target.length);
      left -= end - to;
      if (isRun) {
        const value = source[from] as number;
        while (to < end) target[to++] = value;
        if (left === 0) from++;
      } else while (to < end) target[to++] = source[from++] as number;
    }
    this.#from = from;
    this.#left = left;
    this.#isRun = isRun;
    this.written += to;
    return to;
  }
}

/** Joins planes of bytes (or of values, where a sample has one byte) into cells that are interleaved by pixel. */
function joinPlanes(planes: readonly Cells[], cells: Cells, samplesPerPixel: number, bytesPerSample: number): void {
  if (bytesPerSample === 2) {
    for (let sample = 0; sample < samplesPerPixel; sample++) {
      const high = planes[2 * sample];
      const low = planes[2 * sample + 1];
      if (high === undefined || low === undefined) continue;
      for (let i = 0, to = sample; to < cells.length; i++, to += samplesPerPixel) {
        cells[to] = ((high[i] as number) << 8) | (low[i] as number);
      }
    }
    return;
  }
  if (bytesPerSample === 4) cells.fill(0);
  planes.forEach((plane, index) => {
    const shift = 8 * (bytesPerSample - 1 - (index % bytesPerSample));
    const start = Math.floor(index / bytesPerSample);
    for (let i = 0, to = start; to < cells.length; i++, to += samplesPerPixel) {
      cells[to] = bytesPerSample === 1 ? (plane[i] as number) : (cells[to] as number) | ((plane[i] as number) << shift);
    }
  });
}
