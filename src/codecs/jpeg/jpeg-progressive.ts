import { zigzag } from './inverse-dct.ts';
import type { JpegBits } from './jpeg-bits.ts';
import { type HuffmanTable, JpegSyntaxError, need } from './jpeg-huffman.ts';
import type { JpegScan } from './jpeg-scans.ts';

/** What is carried over from block to block: how many more blocks an end-of-band run leaves as they are. */
export interface ProgressiveState {
  endOfBandRun: number;
}

/** Decodes a block of a progressive scan (ITU-T T.81 Annex G): the first or a refining pass over DC or a band of AC. */
export function decodeProgressiveBlock(
  bits: JpegBits,
  scan: JpegScan,
  target: Int16Array,
  block: number,
  dcTable: HuffmanTable | undefined,
  acTable: HuffmanTable | undefined,
  predictions: Int32Array,
  component: number,
  state: ProgressiveState,
): void {
  const { spectralStart, spectralEnd, approximationHigh, approximationLow } = scan;
  if (spectralStart === 0) {
    if (approximationHigh === 0) {
      const size = bits.symbol(need(dcTable));
      const prediction = (predictions[component] ?? 0) + (size === 0 ? 0 : bits.extended(size));
      predictions[component] = prediction;
      target[block] = prediction << approximationLow;
    } else if (bits.unsigned(1) === 1) {
      target[block] = (target[block] ?? 0) | (1 << approximationLow);
    }
    return;
  }
  if (spectralEnd > 63 || spectralStart > spectralEnd) throw new JpegSyntaxError('A scan has an impossible band.');
  const table = need(acTable);
  if (approximationHigh === 0) {
    firstPass(bits, table, target, block, spectralStart, spectralEnd, approximationLow, state);
  } else {
    refine(bits, table, target, block, spectralStart, spectralEnd, approximationLow, state);
  }
}

/** The first pass over a band (ITU-T T.81 G.1.2.2). */
function firstPass(
  bits: JpegBits,
  table: HuffmanTable,
  target: Int16Array,
  block: number,
  start: number,
  end: number,
  low: number,
  state: ProgressiveState,
): void {
  if (state.endOfBandRun > 0) {
    state.endOfBandRun -= 1;
    return;
  }
  for (let k = start; k <= end; k++) {
    const symbol = bits.symbol(table);
    const run = symbol >> 4;
    const size = symbol & 15;
    if (size === 0) {
      if (run < 15) {
        state.endOfBandRun = (1 << run) - 1 + bits.unsigned(run);
        return;
      }
      k += 15;
      continue;
    }
    k += run;
    if (k > 63) throw new JpegSyntaxError('A block holds more than 64 coefficients.');
    target[block + (zigzag[k] ?? 0)] = bits.extended(size) << low;
  }
}

/** A refining pass over a band (ITU-T T.81 G.1.2.3). */
function refine(
  bits: JpegBits,
  table: HuffmanTable,
  target: Int16Array,
  block: number,
  start: number,
  end: number,
  low: number,
  state: ProgressiveState,
): void {
  const step = 1 << low;
  let k = start;
  if (state.endOfBandRun === 0) {
    while (k <= end) {
      const symbol = bits.symbol(table);
      let run = symbol >> 4;
      let fresh = 0;
      if ((symbol & 15) === 0) {
        if (run < 15) {
          state.endOfBandRun = (1 << run) + bits.unsigned(run);
          break;
        }
      } else {
        fresh = bits.unsigned(1) === 1 ? step : -step;
      }
      // Skips `run` coefficients that are still zero. Each of the others on the way has a correction bit.
      for (; k <= end; k++) {
        const at = block + (zigzag[k] ?? 0);
        if ((target[at] ?? 0) !== 0) correct(bits, target, at, step);
        else if (run === 0) {
          if (fresh !== 0) target[at] = fresh;
          k += 1;
          break;
        } else run -= 1;
      }
    }
  }
  if (state.endOfBandRun > 0) {
    for (; k <= end; k++) {
      const at = block + (zigzag[k] ?? 0);
      if ((target[at] ?? 0) !== 0) correct(bits, target, at, step);
    }
    state.endOfBandRun -= 1;
  }
}

function correct(bits: JpegBits, target: Int16Array, at: number, step: number): void {
  if (bits.unsigned(1) === 0) return;
  const value = target[at] ?? 0;
  if ((value & step) === 0) target[at] = value < 0 ? value - step : value + step;
}
