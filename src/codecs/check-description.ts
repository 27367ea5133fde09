import { UnsupportedError } from '../base/errors.ts';
import { limitHint } from '../base/limit-hint.ts';
import { defaultLimits } from '../types/limits.ts';
import type { PixelDescription } from '../types/pixels.ts';
import { decodeFailure } from './decode-failure.ts';

/**
 * Refuses descriptions that no frame can have, before any memory is taken or any decoder is started.
 *
 * @throws {DecodeError} impossible rows, columns, samples or bits
 * @throws {UnsupportedError} more samples than `maxSamples`
 */
export function checkDescription(
  transferSyntaxUid: string,
  description: PixelDescription,
  maxSamples: number = defaultLimits.framePixels,
): void {
  const { rows, columns, samplesPerPixel, bitsAllocated, bitsStored, highBit, kind } = description;
  const expectInteger = (name: string, value: number, min: number, max: number): void => {
    if (Number.isInteger(value) && value >= min && value <= max) return;
    throw decodeFailure(
      transferSyntaxUid,
      `Its header says ${name} is ${String(value)}; expected a whole number from ${min} to ${max}.`,
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
  if (samples > maxSamples) {
    throw new UnsupportedError(
      `A frame of ${columns} x ${rows} pixels with ${samplesPerPixel} samples each is larger than the limit of ${maxSamples} samples a frame. ${limitHint('framePixels')}`,
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
 * @throws {DecodeError} names both sizes
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

/** Photometric Interpretation without padding and in capitals: some writers do not write it so. */
export function photometricOf(description: PixelDescription): string {
  return description.photometricInterpretation.trim().toUpperCase();
}

/** The greatest power of two up to `reduce` and up to `limit`; 1 where `reduce` makes no sense. */
export function powerOfTwoFactor(reduce: number | undefined, limit: number): number {
  let factor = 1;
  const max = Math.min(reduce ?? 1, limit);
  while (factor * 2 <= max) factor *= 2;
  return factor;
}
