import type { DecodedFrame, PixelDescription } from '../types/pixels.ts';
import { type Cells, storedValues } from './stored-values.ts';

/** What a decoder gave, in unsigned cells (two's complement where the codestream is signed). */
export interface DecodedCells {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly cells: Cells;
  /** Bits a sample in the codestream. */
  readonly precision: number;
  /** The codestream itself is signed: its cells are sign-extended to their full width. */
  readonly signed: boolean;
  readonly photometricInterpretation: string;
}

/**
 * The frame of a compressed codestream. Header and codestream may disagree on the bits of a sample:
 * - a codestream as wide as High Bit says holds whole cells, which are shifted; a narrower one holds stored values;
 * - the sign bit is the header's, or the top bit of a codestream that has fewer bits than Bits Stored.
 */
export function frameOfCells(decoded: DecodedCells, description: PixelDescription): DecodedFrame {
  const { rows, columns, samplesPerPixel, cells, precision, photometricInterpretation } = decoded;
  const { bitsStored, highBit, pixelRepresentation } = description;
  const shift = precision > highBit ? highBit + 1 - bitsStored : 0;
  const signed = pixelRepresentation === 1;
  // A signed codestream has extended its own values: only what the header calls more than its bits is cut off.
  const bits = signed && !decoded.signed ? Math.min(bitsStored, precision) : bitsStored;
  const values = storedValues(cells, { shift, bitsStored: bits, signed });
  return { rows, columns, samplesPerPixel, values, photometricInterpretation };
}
