// The hottest loops of a mosaic: a table look-up and an addition for each stored value. For the usual factors 2 and 4
// of grey frames the values of a box are written out: a loop over so few would cost as much as the work itself. Every
// index is in range, therefore `as number`.

/**
 * Looks up one source row and adds each box of `boxWidth` neighbouring values to its sum.
 *
 * @param start the index of the first value of the row; its sums.length * boxWidth values are `step` apart
 * @returns where the next row begins
 */
export function addBoxRow(
  indices: Uint8Array | Uint16Array,
  start: number,
  step: number,
  table: Uint8Array,
  sums: Int32Array,
  boxWidth: number,
): number {
  if (step === 1 && boxWidth === 4) return addFours(indices, start, table, sums);
  if (step === 1 && boxWidth === 2) return addPairs(indices, start, table, sums);
  return addBoxes(indices, start, step, table, sums, boxWidth);
}

function addFours(indices: Uint8Array | Uint16Array, start: number, table: Uint8Array, sums: Int32Array): number {
  const even = sums.length & ~1;
  let from = start;
  for (let column = 0; column < even; column += 2, from += 8) {
    sums[column] =
      (sums[column] as number) +
      (table[indices[from] as number] as number) +
      (table[indices[from + 1] as number] as number) +
      (table[indices[from + 2] as number] as number) +
      (table[indices[from + 3] as number] as number);
    sums[column + 1] =
      (sums[column + 1] as number) +
      (table[indices[from + 4] as number] as number) +
      (table[indices[from + 5] as number] as number) +
      (table[indices[from + 6] as number] as number) +
      (table[indices[from + 7] as number] as number);
  }
  return even === sums.length ? from : addBoxes(indices, from, 1, table, sums.subarray(even), 4);
}

function addPairs(indices: Uint8Array | Uint16Array, start: number, table: Uint8Array, sums: Int32Array): number {
  const even = sums.length & ~1;
  let from = start;
  for (let column = 0; column < even; column += 2, from += 4) {
    sums[column] =
      (sums[column] as number) +
      (table[indices[from] as number] as number) +
      (table[indices[from + 1] as number] as number);
    sums[column + 1] =
      (sums[column + 1] as number) +
      (table[indices[from + 2] as number] as number) +
      (table[indices[from + 3] as number] as number);
  }
  return even === sums.length ? from : addBoxes(indices, from, 1, table, sums.subarray(even), 2);
}

function addBoxes(
  indices: Uint8Array | Uint16Array,
  start: number,
  step: number,
  table: Uint8Array,
  sums: Int32Array,
  boxWidth: number,
): number {
  let from = start;
  for (let column = 0; column < sums.length; column++) {
    let sum = sums[column] as number;
    for (let pixel = 0; pixel < boxWidth; pixel++, from += step) sum += table[indices[from] as number] as number;
    sums[column] = sum;
  }
  return from;
}

/**
 * Averages boxes of 4 x 4 values, by far the most usual case (512 -> 128), without keeping sums.
 *
 * @param start the index of the first value of the first box; rows of values are `stride` apart
 * @param to the index in `data` of the first of `count` averages
 */
export function averageFourByFour(
  indices: Uint8Array | Uint16Array,
  start: number,
  stride: number,
  table: Uint8Array,
  data: Uint8Array,
  to: number,
  count: number,
): void {
  let a = start;
  let b = a + stride;
  let c = b + stride;
  let d = c + stride;
  for (let column = to; column < to + count; column++) {
    data[column] =
      ((table[indices[a] as number] as number) +
        (table[indices[a + 1] as number] as number) +
        (table[indices[a + 2] as number] as number) +
        (table[indices[a + 3] as number] as number) +
        (table[indices[b] as number] as number) +
        (table[indices[b + 1] as number] as number) +
        (table[indices[b + 2] as number] as number) +
        (table[indices[b + 3] as number] as number) +
        (table[indices[c] as number] as number) +
        (table[indices[c + 1] as number] as number) +
        (table[indices[c + 2] as number] as number) +
        (table[indices[c + 3] as number] as number) +
        (table[indices[d] as number] as number) +
        (table[indices[d + 1] as number] as number) +
        (table[indices[d + 2] as number] as number) +
        (table[indices[d + 3] as number] as number) +
        8) >>
      4;
    a += 4;
    b += 4;
    c += 4;
    d += 4;
  }
}
