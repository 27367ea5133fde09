import { reducedZigzag } from './inverse-dct.ts';
import { JpegBits } from './jpeg-bits.ts';
import type { JpegHeaders } from './jpeg-headers.ts';
import { BrokenScanError, endOfBlock, type HuffmanTable, JpegSyntaxError, lookupBits, need } from './jpeg-huffman.ts';
import { decodeProgressiveBlock, type ProgressiveState } from './jpeg-progressive.ts';
import type { JpegScan, ScanComponent } from './jpeg-scans.ts';

/** The DCT coefficients of one component, not dequantized yet. */
export interface CoefficientPlane {
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantizationTable: number;
  /** Blocks that the picture needs. Blocks beyond them pad the plane to whole MCUs. */
  readonly blocksAcross: number;
  readonly blocksDown: number;
  /** Blocks in a row of `coefficients`. */
  readonly stride: number;
  /** Coefficients that are kept in each direction of a block, from the lowest: 8 for all. */
  readonly size: number;
  /** size * size for each block, row by row. */
  readonly coefficients: Int16Array;
}

/**
 * Makes an empty plane for every component of a frame, padded to whole MCUs.
 *
 * @param size coefficients to keep in each direction of a block: 8, 4, 2 or 1; a progressive frame needs all 8
 * @throws {JpegSyntaxError} impossible sampling factors
 */
export function layOutPlanes(headers: JpegHeaders, rows: number, size: number): readonly CoefficientPlane[] {
  const { components, columns } = headers;
  const blocksInMcu = components.reduce((sum, { horizontal, vertical }) => sum + horizontal * vertical, 0);
  const possible = components.every(({ horizontal: h, vertical: v }) => h >= 1 && h <= 4 && v >= 1 && v <= 4);
  if (!possible || (components.length > 1 && blocksInMcu > 10)) {
    throw new JpegSyntaxError('Its sampling factors are impossible.');
  }
  const widest = Math.max(...components.map((component) => component.horizontal));
  const tallest = Math.max(...components.map((component) => component.vertical));
  const across = Math.ceil(columns / (8 * widest));
  const down = Math.ceil(rows / (8 * tallest));
  return components.map(({ horizontal, vertical, quantizationTable }) => ({
    horizontal,
    vertical,
    quantizationTable,
    blocksAcross: Math.ceil(Math.ceil((columns * horizontal) / widest) / 8),
    blocksDown: Math.ceil(Math.ceil((rows * vertical) / tallest) / 8),
    stride: across * horizontal,
    size,
    coefficients: new Int16Array(across * horizontal * down * vertical * size * size),
  }));
}

/**
 * Decodes one scan, sequential or progressive, into the planes.
 *
 * @throws {BrokenScanError} broken or cut off: the rows before that are decoded
 * @throws {JpegSyntaxError} its header is wrong
 */
export function decodeDctScan(scan: JpegScan, planes: readonly CoefficientPlane[], progressive: boolean): void {
  const parts = scan.components.map((component) => {
    const plane = planes[component.index];
    if (plane === undefined) throw new JpegSyntaxError('A scan names a component that the frame does not have.');
    return { ...component, plane };
  });
  const [only] = parts;
  if (only === undefined) return;
  const interleaved = parts.length > 1;
  const mcusAcross = interleaved ? only.plane.stride / only.plane.horizontal : only.plane.blocksAcross;
  const rowBlocks = only.plane.coefficients.length / (only.plane.size * only.plane.size) / only.plane.stride;
  const mcusDown = interleaved ? rowBlocks / only.plane.vertical : only.plane.blocksDown;
  const total = mcusAcross * mcusDown;
  const tallest = Math.max(...planes.map((plane) => plane.vertical));
  const mcuHeight = interleaved ? 8 * tallest : (8 * tallest) / only.plane.vertical;
  const progress: Progress = { units: 0 };
  try {
    decodeIntervals(
      scan,
      parts,
      { planes: planes.length, across: mcusAcross, total, interleaved, progressive },
      progress,
    );
  } catch (error) {
    if (!(error instanceof JpegSyntaxError)) throw error;
    throw new BrokenScanError(error.message, Math.floor(progress.units / mcusAcross) * mcuHeight);
  }
}

/** How many MCUs of a scan are decoded. */
interface Progress {
  units: number;
}

interface ScanPart extends ScanComponent {
  readonly plane: CoefficientPlane;
}

/** How a scan runs over its MCUs. */
interface ScanLayout {
  /** Components of the frame. */
  readonly planes: number;
  /** MCUs in a row, and in all. */
  readonly across: number;
  readonly total: number;
  readonly interleaved: boolean;
  readonly progressive: boolean;
}

/** @throws {JpegSyntaxError} after the MCUs that `progress` tells */
function decodeIntervals(
  scan: JpegScan,
  parts: readonly ScanPart[],
  { planes, across, total, interleaved, progressive }: ScanLayout,
  progress: Progress,
): void {
  const [only] = parts;
  if (only === undefined) return;
  const interval = scan.restartInterval === 0 ? total : scan.restartInterval;
  const predictions = new Int32Array(planes);
  const blockLength = only.plane.size * only.plane.size;
  const order = reducedZigzag(only.plane.size);
  for (let first = 0, index = 0; first < total; first += interval, index++) {
    const data = scan.intervals[index];
    if (data === undefined) throw new JpegSyntaxError(`It ends after ${first} of ${total} units.`);
    const bits = new JpegBits(data);
    const state: ProgressiveState = { endOfBandRun: 0 };
    predictions.fill(0);
    const last = Math.min(first + interval, total);
    if (!interleaved && !progressive) {
      decodeGreyInterval(bits, only, { first, last, across, order }, progress);
      continue;
    }
    for (let mcu = first; mcu < last; mcu++) {
      const mcuRow = Math.floor(mcu / across);
      const mcuColumn = mcu % across;
      for (const { plane, index: component, dcTable, acTable } of parts) {
        const high = interleaved ? plane.vertical : 1;
        const wide = interleaved ? plane.horizontal : 1;
        for (let y = 0; y < high; y++) {
          for (let x = 0; x < wide; x++) {
            const block = ((mcuRow * high + y) * plane.stride + mcuColumn * wide + x) * blockLength;
            if (progressive) {
              decodeProgressiveBlock(
                bits,
                scan,
                plane.coefficients,
                block,
                dcTable,
                acTable,
                predictions,
                component,
                state,
              );
            } else {
              const prediction = predictions[component] ?? 0;
              predictions[component] = decodeSequentialBlock(
                bits,
                plane.coefficients,
                block,
                order,
                need(dcTable),
                need(acTable),
                prediction,
              );
            }
          }
        }
      }
      if (bits.exhausted()) throw new JpegSyntaxError(`It ends after ${mcu} of ${total} units.`);
      progress.units = mcu + 1;
    }
  }
}

/** Decodes the blocks of a scan of one component, one after the other: nearly all medical JPEG is grey. */
function decodeGreyInterval(
  bits: JpegBits,
  {
    plane,
    dcTable,
    acTable,
  }: {
    readonly plane: CoefficientPlane;
    readonly dcTable: HuffmanTable | undefined;
    readonly acTable: HuffmanTable | undefined;
  },
  blocks: { readonly first: number; readonly last: number; readonly across: number; readonly order: Uint8Array },
  progress: Progress,
): void {
  const { first, last, across, order } = blocks;
  const { coefficients, stride } = plane;
  const blockLength = plane.size * plane.size;
  const dc = need(dcTable);
  const ac = need(acTable);
  let prediction = 0;
  for (let start = first; start < last; ) {
    const row = Math.floor(start / across);
    const end = Math.min(last, (row + 1) * across);
    const offset = row * (stride - across);
    for (let block = start; block < end; block++) {
      const at = (block + offset) * blockLength;
      prediction = decodeSequentialBlock(bits, coefficients, at, order, dc, ac, prediction);
      if (bits.exhausted()) throw new JpegSyntaxError(`It ends after ${block} of its blocks.`);
    }
    start = end;
    progress.units = end;
  }
}

/**
 * Decodes a block of a sequential scan (ITU-T T.81 F.2.2). Ss and Se are ignored, because some writers leave zeros
 * there.
 *
 * @returns the DC coefficient, from which that of the next block is predicted
 */
function decodeSequentialBlock(
  bits: JpegBits,
  target: Int16Array,
  block: number,
  order: Uint8Array,
  dcTable: HuffmanTable,
  acTable: HuffmanTable,
  prediction: number,
): number {
  const { view } = bits;
  const { runs } = acTable;
  let position = bits.position;
  // The difference of the DC coefficient is coded as a coefficient after a run of 0 zeros. Any other run is broken.
  const difference = dcTable.runs[(view.getInt32(position >>> 3) << (position & 7)) >>> (32 - lookupBits)] as number;
  const run = difference & 0xff00;
  let first = prediction;
  if (difference !== 0 && (run === 0 || run === endOfBlock)) {
    position += difference & 0xff;
    first += difference >> 16;
  } else {
    const size = bits.symbol(dcTable);
    if (size !== 0) first += bits.extended(size);
    position = bits.position;
  }
  target[block] = first;
  let k = 1;
  while (k < 64) {
    const entry = runs[(view.getInt32(position >>> 3) << (position & 7)) >>> (32 - lookupBits)] as number;
    let value: number;
    if (entry !== 0) {
      position += entry & 0xff;
      if ((entry & 0xff00) === endOfBlock) break;
      k += (entry >> 8) & 0xff;
      value = entry >> 16;
    } else {
      bits.position = position;
      const symbol = bits.symbol(acTable);
      const length = symbol & 15;
      if (length === 0 && symbol !== 0xf0) {
        position = bits.position;
        break;
      }
      k += symbol >> 4;
      value = length === 0 ? 0 : bits.extended(length);
      position = bits.position;
    }
    if (k > 63) throw new JpegSyntaxError('A block holds more than 64 coefficients.');
    const slot = order[k] as number;
    if (slot < 64) target[block + slot] = value;
    k += 1;
  }
  bits.position = position;
  return first;
}
