/** Coefficient k of the zigzag sequence -> its index in a block of 8 x 8, row by row (ITU-T T.81 Figure A.6). */
export const zigzag: Uint8Array = zigzagOrder();

/**
 * The same for blocks of which only the lowest `size` x `size` coefficients are kept: the index in such a small block,
 * or 64 for a coefficient that is not kept.
 */
export function reducedZigzag(size: number): Uint8Array {
  return zigzag.map((at) => {
    const row = at >> 3;
    const column = at & 7;
    return row < size && column < size ? row * size + column : 64;
  });
}

function zigzagOrder(): Uint8Array {
  const order = new Uint8Array(64);
  let k = 0;
  for (let diagonal = 0; diagonal < 15; diagonal++) {
    for (let step = 0; step <= diagonal; step++) {
      const row = diagonal % 2 === 0 ? diagonal - step : step;
      const column = diagonal - row;
      if (row < 8 && column < 8) order[k++] = row * 8 + column;
    }
  }
  return order;
}

/** The samples of one component. */
export interface SamplePlane {
  readonly width: number;
  readonly height: number;
  /** Samples in a row of `samples`. */
  readonly stride: number;
  readonly samples: Uint16Array;
}

/** How the coefficients of a component lie. */
interface BlockGrid {
  readonly blocksAcross: number;
  readonly blocksDown: number;
  readonly stride: number;
  /** Coefficients that are kept in each direction of a block. */
  readonly size: number;
  readonly coefficients: Int16Array;
}

/**
 * Dequantizes every block and inverts its DCT (ITU-T T.81 A.3.3), at full size or at a half, a quarter or an eighth of
 * it. At a reduced size only the lowest N x N coefficients count, scaled so that the mean of a block stays the same.
 *
 * @param table 64 quantization steps, in zigzag order
 * @param blockSize N, the samples of a block in each direction
 * @returns (blocksAcross * N) x (blocksDown * N) samples of `precision` bits, level-shifted and clamped
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
  for (let k = 0; k < 64; k++) steps[zigzag[k] ?? 0] = table[k] ?? 0;
  const center = 2 ** (precision - 1) + 0.5;
  const max = 2 ** precision - 1;
  if (blockSize === 1) {
    meansOfBlocks(grid, steps[0] ?? 0, center, max, samples);
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
          samples[to + y * width + x] = value < 0 ? 0 : Math.min(value, max);
        }
      }
    }
  }
  return { width, height, stride: width, samples };
}

/** An eighth of the size: every block becomes its mean, which is its lowest coefficient divided by 8. */
function meansOfBlocks(
  { blocksAcross, blocksDown, stride, size, coefficients }: BlockGrid,
  step: number,
  center: number,
  max: number,
  samples: Uint16Array,
): void {
  const blockLength = size * size;
  for (let row = 0, to = 0; row < blocksDown; row++) {
    let from = row * stride * blockLength;
    for (let column = 0; column < blocksAcross; column++, from += blockLength, to++) {
      const value = Math.floor(((coefficients[from] as number) * step) / 8 + center);
      samples[to] = value < 0 ? 0 : Math.min(value, max);
    }
  }
}

/**
 * Inverts the lowest N x N coefficients in place, as an orthonormal DCT of N points. The coefficients come from a DCT
 * of 8 points: that makes a factor of sqrt(N / 8) in each direction.
 */
function invertLow(block: Float64Array, size: 4 | 2): void {
  const line = size === 4 ? invertFour : invertTwo;
  for (let row = 0; row < size; row++) line(block, row * size, 1);
  for (let column = 0; column < size; column++) line(block, column, size);
}

function invertTwo(block: Float64Array, start: number, step: number): void {
  const f0 = (block[start] ?? 0) * c4;
  const f1 = (block[start + step] ?? 0) * c4;
  block[start] = f0 + f1;
  block[start + step] = f0 - f1;
}

function invertFour(block: Float64Array, start: number, step: number): void {
  const f0 = (block[start] ?? 0) * c4;
  const f1 = block[start + step] ?? 0;
  const f2 = (block[start + 2 * step] ?? 0) * c4;
  const f3 = block[start + 3 * step] ?? 0;
  const o0 = f1 * c2 + f3 * c6;
  const o1 = f1 * c6 - f3 * c2;
  block[start] = f0 + f2 + o0;
  block[start + step] = f0 - f2 + o1;
  block[start + 2 * step] = f0 - f2 - o1;
  block[start + 3 * step] = f0 + f2 - o0;
}

const cosines: readonly number[] = Array.from({ length: 8 }, (_, k) => Math.cos((k * Math.PI) / 16) / 2);
const [, c1 = 0, c2 = 0, c3 = 0, c4 = 0, c5 = 0, c6 = 0, c7 = 0] = cosines;

/** Inverts 8 x 8 coefficients in place: rows, then columns, each split into its even and its odd half. */
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
      block.fill((block[row] ?? 0) * c4, row, row + 8);
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
  const sum = (f0 + f4) * c4;
  const difference = (f0 - f4) * c4;
  const low = f2 * c2 + f6 * c6;
  const high = f2 * c6 - f6 * c2;
  const e0 = sum + low;
  const e1 = difference + high;
  const e2 = difference - high;
  const e3 = sum - low;
  const o0 = f1 * c1 + f3 * c3 + f5 * c5 + f7 * c7;
  const o1 = f1 * c3 - f3 * c7 - f5 * c1 - f7 * c5;
  const o2 = f1 * c5 - f3 * c1 + f5 * c7 + f7 * c3;
  const o3 = f1 * c7 - f3 * c5 + f5 * c3 - f7 * c1;
  block[start] = e0 + o0;
  block[start + step] = e1 + o1;
  block[start + 2 * step] = e2 + o2;
  block[start + 3 * step] = e3 + o3;
  block[start + 4 * step] = e3 - o3;
  block[start + 5 * step] = e2 - o2;
  block[start + 6 * step] = e1 - o1;
  block[start + 7 * step] = e0 - o0;
}
