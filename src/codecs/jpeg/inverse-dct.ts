import { ZIGZAG } from './jpeg-zigzag.ts';

/** Samples of one component. */
export interface SamplePlane {
  readonly width: number;
  readonly height: number;
  /** Samples in a row of `samples`. */
  readonly stride: number;
  readonly samples: Uint16Array;
}

/** Where the coefficients of a plane lie. */
interface BlockGrid {
  readonly blocksAcross: number;
  readonly blocksDown: number;
  readonly stride: number;
  /** Coefficients kept in each direction of a block. */
  readonly size: number;
  readonly coefficients: Int16Array;
}

/**
 * Dequantizes and inverts the DCT of every block (ITU-T T.81 A.3.3), at full size or at a half, a quarter or an
 * eighth of it. At a reduced size only the lowest N x N coefficients count, scaled so that means stay what they are.
 *
 * @param table 64 quantization steps, in zigzag order
 * @param blockSize N: 8, 4, 2 or 1 samples a block in each direction
 * @returns blocksAcross * N x blocksDown * N samples of `precision` bits, level-shifted and clamped
 */
export function invertDct(
  grid: BlockGrid,
  table: Uint16Array,
  precision: number,
  blockSize: 8 | 4 | 2 | 1,
): SamplePlane {
  const { blocksAcross, blocksDown, size, coefficients } = grid;
  const width = blocksAcross * blockSize;
  const height = blocksDown * blockSize;
  const samples = new Uint16Array(width * height);
  const steps = new Float64Array(64);
  for (let k = 0; k < 64; k++) steps[ZIGZAG[k] ?? 0] = table[k] ?? 0;
  const center = 2 ** (precision - 1) + 0.5;
  const greatest = 2 ** precision - 1;
  if (blockSize === 1) {
    meansOfBlocks(grid, steps[0] ?? 0, center, greatest, samples);
    return { width, height, stride: width, samples };
  }
  const block = new Float64Array(64);
  for (let row = 0; row < blocksDown; row++) {
    for (let column = 0; column < blocksAcross; column++) {
      const from = (row * grid.stride + column) * size * size;
      const to = row * blockSize * width + column * blockSize;
      for (let y = 0, at = 0; y < blockSize; y++) {
        for (let x = 0; x < blockSize; x++, at++) {
          block[at] = (coefficients[from + y * size + x] ?? 0) * (steps[y * 8 + x] ?? 0);
        }
      }
      if (blockSize === 8) invertEight(block);
      else invertLow(block, blockSize);
      for (let y = 0, at = 0; y < blockSize; y++) {
        for (let x = 0; x < blockSize; x++, at++) {
          const value = Math.floor((block[at] ?? 0) + center);
          samples[to + y * width + x] = value < 0 ? 0 : Math.min(value, greatest);
        }
      }
    }
  }
  return { width, height, stride: width, samples };
}

/** An eighth of the size: of every block its mean, which is the lowest coefficient over 8. */
function meansOfBlocks(
  { blocksAcross, blocksDown, stride, size, coefficients }: BlockGrid,
  step: number,
  center: number,
  greatest: number,
  samples: Uint16Array,
): void {
  const blockLength = size * size;
  for (let row = 0, to = 0; row < blocksDown; row++) {
    let from = row * stride * blockLength;
    for (let column = 0; column < blocksAcross; column++, from += blockLength, to++) {
      const value = Math.floor(((coefficients[from] as number) * step) / 8 + center);
      samples[to] = value < 0 ? 0 : Math.min(value, greatest);
    }
  }
}

/**
 * The lowest N x N coefficients, in place: an orthonormal DCT of N points whose coefficients come from one of 8 points,
 * and so are scaled by sqrt(N / 8) in each direction.
 */
function invertLow(block: Float64Array, size: 4 | 2): void {
  const line = size === 4 ? invertFour : invertTwo;
  for (let row = 0; row < size; row++) line(block, row * size, 1);
  for (let column = 0; column < size; column++) line(block, column, size);
}

function invertTwo(block: Float64Array, start: number, step: number): void {
  const f0 = (block[start] ?? 0) * C4;
  const f1 = (block[start + step] ?? 0) * C4;
  block[start] = f0 + f1;
  block[start + step] = f0 - f1;
}

function invertFour(block: Float64Array, start: number, step: number): void {
  const f0 = (block[start] ?? 0) * C4;
  const f1 = block[start + step] ?? 0;
  const f2 = (block[start + 2 * step] ?? 0) * C4;
  const f3 = block[start + 3 * step] ?? 0;
  const o0 = f1 * C2 + f3 * C6;
  const o1 = f1 * C6 - f3 * C2;
  block[start] = f0 + f2 + o0;
  block[start + step] = f0 - f2 + o1;
  block[start + 2 * step] = f0 - f2 - o1;
  block[start + 3 * step] = f0 + f2 - o0;
}

const COS: readonly number[] = Array.from({ length: 8 }, (_, k) => Math.cos((k * Math.PI) / 16) / 2);
const [, C1 = 0, C2 = 0, C3 = 0, C4 = 0, C5 = 0, C6 = 0, C7 = 0] = COS;

/** 8 x 8, in place: rows, then columns, each split into its even and its odd half. */
function invertEight(block: Float64Array): void {
  for (let row = 0; row < 64; row += 8) {
    if (
      block[row + 1] === 0 &&
      block[row + 2] === 0 &&
      block[row + 3] === 0 &&
      block[row + 4] === 0 &&
      block[row + 5] === 0 &&
      block[row + 6] === 0 &&
      block[row + 7] === 0
    ) {
      block.fill((block[row] ?? 0) * C4, row, row + 8);
    } else invertLine(block, row, 1);
  }
  for (let column = 0; column < 8; column++) invertLine(block, column, 8);
}

function invertLine(block: Float64Array, start: number, step: number): void {
  const f0 = block[start] ?? 0;
  const f1 = block[start + step] ?? 0;
  const f2 = block[start + 2 * step] ?? 0;
  const f3 = block[start + 3 * step] ?? 0;
  const f4 = block[start + 4 * step] ?? 0;
  const f5 = block[start + 5 * step] ?? 0;
  const f6 = block[start + 6 * step] ?? 0;
  const f7 = block[start + 7 * step] ?? 0;
  const sum = (f0 + f4) * C4;
  const difference = (f0 - f4) * C4;
  const low = f2 * C2 + f6 * C6;
  const high = f2 * C6 - f6 * C2;
  const e0 = sum + low;
  const e1 = difference + high;
  const e2 = difference - high;
  const e3 = sum - low;
  const o0 = f1 * C1 + f3 * C3 + f5 * C5 + f7 * C7;
  const o1 = f1 * C3 - f3 * C7 - f5 * C1 - f7 * C5;
  const o2 = f1 * C5 - f3 * C1 + f5 * C7 + f7 * C3;
  const o3 = f1 * C7 - f3 * C5 + f5 * C3 - f7 * C1;
  block[start] = e0 + o0;
  block[start + step] = e1 + o1;
  block[start + 2 * step] = e2 + o2;
  block[start + 3 * step] = e3 + o3;
  block[start + 4 * step] = e3 - o3;
  block[start + 5 * step] = e2 - o2;
  block[start + 6 * step] = e1 - o1;
  block[start + 7 * step] = e0 - o0;
}
