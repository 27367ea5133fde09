import type { StoredValues } from '../types/pixels.ts';

/** Where the stored value lies within its cell (PS3.5 8.1.1), all in bits. */
export interface CellLayout {
  /** From the cell's least significant bit to the stored value's: High Bit + 1 - Bits Stored. */
  readonly shift: number;
  readonly bitsStored: number;
  readonly signed: boolean;
}

/** Unsigned cells of one frame, as they come out of a decoder or out of the object. */
export type Cells = Uint8Array | Uint16Array | Uint32Array;

/**
 * Stored values out of cells: shifted by High Bit, masked to Bits Stored, sign-extended. The result may share memory
 * with `cells` where nothing has to change; `cells` is never written to.
 *
 * @returns as many values as there are cells, in containers as wide as the cells
 */
export function storedValues(cells: Cells, layout: CellLayout): StoredValues {
  const width = cells.BYTES_PER_ELEMENT * 8;
  const { shift, signed } = layout;
  const bitsStored = Math.min(layout.bitsStored, width);
  if (shift === 0 && (bitsStored === width || isExtended(cells, bitsStored, signed))) return view(cells, signed);
  return signed ? extractSigned(cells, shift, bitsStored) : extractUnsigned(cells, shift, bitsStored);
}

/** The same memory, read as signed or unsigned. */
function view(cells: Cells, signed: boolean): StoredValues {
  if (!signed) return cells;
  const { buffer, byteOffset, length } = cells;
  if (cells instanceof Uint8Array) return new Int8Array(buffer, byteOffset, length);
  if (cells instanceof Uint16Array) return new Int16Array(buffer, byteOffset, length);
  return new Int32Array(buffer, byteOffset, length);
}

/** True where the bits above Bits Stored already are zeros (unsigned) or copies of the sign bit: nothing to change. */
function isExtended(cells: Cells, bitsStored: number, signed: boolean): boolean {
  if (!signed) {
    let seen = 0;
    for (let i = 0; i < cells.length; i++) seen |= cells[i] ?? 0;
    return seen >>> bitsStored === 0;
  }
  const values = view(cells, true);
  const drop = 32 - bitsStored;
  let seen = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    seen |= ((value << drop) >> drop) ^ value;
  }
  return seen === 0;
}

function extractUnsigned(cells: Cells, shift: number, bitsStored: number): StoredValues {
  const mask = bitsStored === 32 ? 0xffffffff : 2 ** bitsStored - 1;
  const result = cells.slice();
  for (let i = 0; i < result.length; i++) result[i] = ((result[i] ?? 0) >>> shift) & mask;
  return result;
}

function extractSigned(cells: Cells, shift: number, bitsStored: number): StoredValues {
  const result = view(cells.slice(), true);
  const left = 32 - bitsStored - shift;
  const right = 32 - bitsStored;
  for (let i = 0; i < result.length; i++) result[i] = ((result[i] ?? 0) << left) >> right;
  return result;
}

/** Colour by plane (RRR GGG BBB) to colour by pixel (RGB RGB RGB): PS3.3 C.7.6.3.1.3. */
export function interleavePlanes<T extends Cells | Float32Array | Float64Array>(planes: T, samplesPerPixel: number): T {
  if (samplesPerPixel === 1) return planes;
  const result = planes.slice() as T;
  const pixels = planes.length / samplesPerPixel;
  for (let sample = 0; sample < samplesPerPixel; sample++) {
    const start = sample * pixels;
    for (let i = 0, to = sample; i < pixels; i++, to += samplesPerPixel) result[to] = planes[start + i] ?? 0;
  }
  return result;
}
