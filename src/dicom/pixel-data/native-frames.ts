import type { PixelDescription } from '../../types/pixels.ts';

/** Where a native frame lies in the value of the pixel data element. */
export interface NativeFrameLocation {
  /** In bytes from the start of the value. */
  readonly offset: number;
  readonly length: number;
  /** Bits to skip in the first byte: frames of 1-bit images may begin inside a byte. */
  readonly bitOffset: number;
}

/** The bits of one native frame, without padding (PS3.5 8.1.1, 8.2; subsampled chrominance: PS3.3 C.7.6.3.1.2). */
export function nativeFrameBits(pixels: PixelDescription): number {
  const { rows, columns, bitsAllocated, samplesPerPixel } = pixels;
  const subsampled = samplesPerPixel === 3 && /^YBR_(FULL|PARTIAL)_422$/.test(pixels.photometricInterpretation);
  // Two neighbouring pixels share their chrominance: 4 samples for 2 pixels.
  const samples = subsampled ? rows * Math.ceil(columns / 2) * 4 : rows * columns * samplesPerPixel;
  return samples * bitsAllocated;
}

/**
 * Computes where a native frame lies: frames follow each other without a gap (PS3.5 8.1.1).
 *
 * @param inWords whether the bytes come in swapped pairs (big endian OW): only whole pairs are of use then
 */
export function nativeFrameLocation(
  pixels: PixelDescription,
  frameIndex: number,
  inWords: boolean,
): NativeFrameLocation {
  const unit = inWords ? 2 : 1;
  const frameBits = nativeFrameBits(pixels);
  const firstBit = frameBits * frameIndex;
  const offset = Math.floor(firstBit / (8 * unit)) * unit;
  const bitOffset = firstBit - offset * 8;
  return { offset, bitOffset, length: Math.ceil((bitOffset + frameBits) / (8 * unit)) * unit };
}

/**
 * The description that fits the length of the value: native pixel data that are long enough for full chrominance have
 * it, even where the header says 422.
 */
export function descriptionForLength(
  pixels: PixelDescription,
  numberOfFrames: number,
  valueLength: number | undefined,
): PixelDescription {
  const name = pixels.photometricInterpretation;
  if (valueLength === undefined || pixels.samplesPerPixel !== 3 || !name.endsWith('_422')) return pixels;
  const full = { ...pixels, photometricInterpretation: name.slice(0, -4) };
  return nativeFrameBits(full) * numberOfFrames <= valueLength * 8 ? full : pixels;
}

/**
 * What is odd about native pixel data that have bytes for at least one frame more than the header describes: then the
 * header is probably wrong, and what is drawn may be scrambled. Undefined where they have not.
 *
 * @param valueLength bytes of the value that are there
 */
export function surplusNote(pixels: PixelDescription, numberOfFrames: number, valueLength: number): string | undefined {
  const frameBits = nativeFrameBits(pixels);
  const surplusBits = valueLength * 8 - frameBits * numberOfFrames;
  // A byte of padding makes small values even (PS3.5 8.1.1).
  if (surplusBits < frameBits || valueLength - Math.ceil((frameBits * numberOfFrames) / 8) < 2) return undefined;
  const described = Math.ceil((frameBits * numberOfFrames) / 8);
  const isTwice = valueLength === described * 2 || valueLength === described * 2 + (described % 2) * 2;
  const guess =
    pixels.bitsAllocated <= 16 && pixels.bitsAllocated >= 8
      ? `samples of ${pixels.bitsAllocated * 2} bits, or of twice the rows or columns`
      : 'samples of twice the bits, or of twice the rows or columns';
  const what = isTwice ? `exactly twice as many: it looks like ${guess}` : 'more than a frame too many';
  return `The pixel data have ${valueLength} bytes where the header describes ${described}, ${what}. The picture may be wrong.`;
}
