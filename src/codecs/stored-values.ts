import { pixelKernels } from '../base/kernels/pixel-kernels.ts';
import type { DecodedFrame, PixelDescription, StoredValues } from '../types/pixels.ts';

/** Where the stored value lies in its cell (PS3.5 8.1.1), in bits. */
export interface CellLayout {
  /** Bits of the cell below the stored value: High Bit + 1 - Bits Stored. */
  readonly shift: number;
  readonly bitsStored: number;
  readonly signed: boolean;
}

/** Unsigned cells of one frame, as they come out of a decoder or out of the object. */
export type Cells = Uint8Array | Uint16Array | Uint32Array;

/**
 * Takes stored values out of cells: shifted by High Bit, masked to Bits Stored, sign-extended. The result may share
 * memory with `cells` where nothing has to change; `cells` are never changed.
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

/**
 * Whether the bits above Bits Stored are already zeros (unsigned) or copies of the sign bit, so that nothing has to
 * change. Nearly all native frames come through here.
 */
function isExtended(cells: Cells, bitsStored: number, signed: boolean): boolean {
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT: size, length } = cells;
  const width = size * 8;
  // The bits of one cell that are looked at, repeated for all cells in 32 bits.
  const cellMask = width === 32 ? -1 << bitsStored : 2 ** width - 2 ** bitsStored;
  let mask = 0;
  for (let lane = 0; lane < 32; lane += width) mask |= cellMask << lane;
  const words = pixelKernels()?.seenBits(new Uint8Array(buffer, byteOffset, byteLength), signed);
  let seen = words?.seen ?? 0;
  for (let index = (words?.byteLength ?? 0) / size; index < length; index++) {
    const cell = cells[index] ?? 0;
    seen |= signed ? cell ^ (cell << 1) : cell;
  }
  return (seen & mask) === 0;
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

/** Colour by plane (RRR GGG BBB) -> colour by pixel (RGB RGB RGB), see PS3.3 C.7.6.3.1.3. */
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

/** What a decoder gave. */
export interface DecodedCells {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  /** Where the codestream is signed, half the range is added to each value, so that none is negative. */
  readonly cells: Uint8Array | Uint16Array;
  /** Bits of a sample in the codestream. */
  readonly precision: number;
  /** The codestream itself is signed. */
  readonly signed: boolean;
  readonly photometricInterpretation: string;
}

/**
 * The stored values of a compressed frame. What a codestream holds are values: they are never masked, because lossy
 * compression may overshoot Bits Stored, and a masked overshoot is a black speck in the brightest place. Where header
 * and codestream disagree on the bits of a sample:
 * - Where the codestream has as many bits as High Bit says, or more, its values are shifted as cells are (PS3.5 8.1.1).
 * - A signed codestream is believed, whatever Pixel Representation says.
 * - An unsigned codestream under Pixel Representation 1 holds two's complement, see `signBit`.
 */
export function frameOfCells(decoded: DecodedCells, description: PixelDescription): DecodedFrame {
  const { rows, columns, samplesPerPixel, precision, photometricInterpretation } = decoded;
  const { bitsStored, highBit, pixelRepresentation } = description;
  const cells = clampToPrecision(decoded.cells, precision);
  const shift = precision > highBit ? highBit + 1 - bitsStored : 0;
  const width = cells.BYTES_PER_ELEMENT * 8;
  const frame = { rows, columns, samplesPerPixel, photometricInterpretation };
  if (decoded.signed) {
    const isContradicted = pixelRepresentation === 0;
    // Negative colour does not exist: writers that set the sign mean the same colours.
    const isColour = samplesPerPixel > 1 && isContradicted;
    const signed = isColour ? cells : centerOnZero(cells, precision);
    const values = storedValues(signed, { shift, bitsStored: width - shift, signed: !isColour });
    return isContradicted ? { ...frame, values, notes: [signNote] } : { ...frame, values };
  }
  if (pixelRepresentation === 0) {
    return { ...frame, values: storedValues(cells, { shift, bitsStored: width - shift, signed: false }) };
  }
  const { bits, values } = signBit(cells, precision, bitsStored + shift);
  return { ...frame, values: storedValues(values, { shift, bitsStored: bits - shift, signed: true }) };
}

const signNote =
  'Its compressed data are signed although Pixel Representation (0028,0103) is 0, unsigned: the compressed data are believed.';

/** Decoders may give more than a codestream can hold, or, as a large number, less than 0. */
function clampToPrecision<C extends Uint8Array | Uint16Array>(cells: C, precision: number): C {
  const width = cells.BYTES_PER_ELEMENT * 8;
  if (precision >= width || isExtended(cells, precision, false)) return cells;
  const max = 2 ** precision - 1;
  const lowestNegative = (max + 2 ** width) / 2;
  const result = cells.slice() as C;
  for (let i = 0; i < result.length; i++) {
    const value = result[i] ?? 0;
    if (value > max) result[i] = value > lowestNegative ? 0 : max;
  }
  return result;
}

/**
 * How many bits the two's complement in an unsigned codestream has. Where all values fit into the bits that the header
 * says, it has these. Where some do not, either the sign was extended to all bits of the codestream (then its top bit
 * is set in the negative values), or the values overshoot.
 */
function signBit(
  cells: Cells,
  precision: number,
  described: number,
): { readonly bits: number; readonly values: Cells } {
  if (precision <= described) return { bits: precision, values: cells };
  if (isExtended(cells, described, false)) return { bits: described, values: cells };
  const top = 2 ** (precision - 1);
  if (cells.some((cell) => cell >= top)) return { bits: precision, values: cells };
  const max = 2 ** described - 1;
  return { bits: described, values: cells.map((cell) => Math.min(cell, max)) };
}

/** Subtracts half the range, in two's complement of the cells' width. */
function centerOnZero(cells: Cells, precision: number): Cells {
  const half = 2 ** (precision - 1);
  return cells.map((cell) => cell - half);
}
