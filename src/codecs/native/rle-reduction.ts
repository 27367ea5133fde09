import type { PixelDescription } from '../../types/pixels.ts';
import { powerOfTwoFactor } from '../check-description.ts';

/** RLE frames of more samples are decoded at a reduced size, where a smaller one is enough. */
const maxWholeSamples = 2 ** 25;

/** By what an RLE frame is reduced: the least power of two that brings it below `maxSamples`, and is not above `reduce`. */
export function reductionOfRle(
  { rows, columns, samplesPerPixel, bitsAllocated }: PixelDescription,
  reduce: number | undefined,
  maxSamples: number = maxWholeSamples,
): number {
  // The mean of bits is no bit.
  const greatest = bitsAllocated === 1 ? 1 : powerOfTwoFactor(reduce, Math.max(rows, columns));
  let factor = 1;
  while (factor < greatest && Math.ceil(rows / factor) * Math.ceil(columns / factor) * samplesPerPixel > maxSamples) {
    factor *= 2;
  }
  return factor;
}
