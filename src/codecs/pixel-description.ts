import { UnsupportedError } from '../base/errors.ts';
import type { PixelDescription } from '../types/pixels.ts';
import { decodeFailure } from './decode-failure.ts';

/** Samples a frame may hold: 2^28, which is 16,384 x 16,384 grey pixels. More is a lie or an attack. */
export const MAXIMUM_SAMPLES: number = 2 ** 28;

/**
 * Refuses descriptions that no frame can have, before any memory is taken or any decoder started.
 *
 * @throws {DecodeError} rows, columns, samples or bits that cannot be
 * @throws {UnsupportedError} more samples than `maximumSamples`
 */
export function checkDescription(
  transferSyntaxUid: string,
  description: PixelDescription,
  maximumSamples: number = MAXIMUM_SAMPLES,
): void {
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, highBit, kind } = description;
  const expectInteger = (name: string, value: number, least: number, greatest: number): void => {
    if (Number.isInteger(value) && value >= least && value <= greatest) return;
    throw decodeFailure(
      transferSyntaxUid,
      `Its header says ${name} is ${String(value)}; expected a whole number from ${least} to ${greatest}.`,
    );
  };
  expectInteger('Rows', rows, 1, 0xffffffff);
  expectInteger('Columns', columns, 1, 0xffffffff);
  expectInteger('Samples per Pixel', samplesPerPixel, 1, 4);
  expectInteger('Bits Allocated', bitsAllocated, 1, 64);
  if (kind === 'integer') {
    expectInteger('Bits Stored', bitsStored, 1, bitsAllocated);
    expectInteger('High Bit', highBit, bitsStored - 1, bitsAllocated - 1);
  }
  const samples = rows * columns * samplesPerPixel;
  if (samples > maximumSamples) {
    throw new UnsupportedError(
      `A frame of ${columns} x ${rows} pixels with ${samplesPerPixel} samples each is larger than the limit of ${maximumSamples} samples a frame.`,
    );
  }
}

/** What a codestream says of itself. */
export interface CodestreamSize {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
}

/**
 * Header and codestream must describe the same picture: bytes of one size shown as another would be a wrong picture.
 *
 * @throws {DecodeError} naming both sizes
 */
export function checkCodestreamSize(
  transferSyntaxUid: string,
  description: PixelDescription,
  found: CodestreamSize,
): void {
  const { rows, columns, samplesPerPixel } = description;
  if (found.rows === rows && found.columns === columns && found.samplesPerPixel === samplesPerPixel) return;
  throw decodeFailure(
    transferSyntaxUid,
    `Its header describes ${columns} x ${rows} pixels with ${samplesPerPixel} samples each; its compressed bytes hold ${found.columns} x ${found.rows} with ${found.samplesPerPixel}.`,
  );
}

/** Photometric Interpretation without padding and in capitals, as headers of some writers need. */
export function photometricOf(description: PixelDescription): string {
  return description.photometricInterpretation.trim().toUpperCase();
}

/** The greatest power of two that is <= `reduce` and <= `limit`; 1 for anything that makes no sense. */
export function powerOfTwoFactor(reduce: number | undefined, limit: number): number {
  let factor = 1;
  const greatest = Math.min(reduce ?? 1, limit);
  while (factor * 2 <= greatest) factor *= 2;
  return factor;
}
