import type { PixelDescription } from '../../../src/types/pixels.ts';

/** A pixel description with everything but what a test is about left at common values. */
export function describePixels(
  given: Partial<PixelDescription> & Pick<PixelDescription, 'rows' | 'columns'>,
): PixelDescription {
  const bitsAllocated = given.bitsAllocated ?? 8;
  const bitsStored = given.bitsStored ?? bitsAllocated;
  const samplesPerPixel = given.samplesPerPixel ?? 1;
  return {
    samplesPerPixel,
    photometricInterpretation: samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2',
    planarConfiguration: 0,
    bitsAllocated,
    bitsStored,
    highBit: bitsStored - 1,
    pixelRepresentation: 0,
    kind: 'integer',
    ...given,
  };
}
