/** Coefficient k of the zigzag sequence -> index in a block of 8 x 8, row by row (ITU-T T.81 Figure A.6). */
export const ZIGZAG: Uint8Array = zigzag();

/**
 * The zigzag sequence for blocks of which only the lowest `size` x `size` coefficients are kept: index in such a block,
 * or 64 for a coefficient that is dropped.
 */
export function reducedZigzag(size: number): Uint8Array {
  return ZIGZAG.map((at) => {
    const row = at >> 3;
    const column = at & 7;
    return row < size && column < size ? row * size + column : 64;
  });
}

function zigzag(): Uint8Array {
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
