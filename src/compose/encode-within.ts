import { OutputError } from '../base/errors.ts';
import type { DisplayImage } from '../types/pixels.ts';
import { type EncodeOptions, encode } from './encode.ts';

/** A picture that has no more bytes than it may. */
export interface EncodedPicture {
  readonly bytes: Uint8Array;
  /** Of the encoded picture. */
  readonly width: number;
  readonly height: number;
  /** The quality that it was encoded with. */
  readonly quality: number;
}

/** Tried one after the other, below the quality that was asked for. Letters are still legible at the lowest. */
const lowerQualities = [70, 55, 40, 25] as const;
/** A smaller picture would show nothing. */
const minWidth = 32;
/** Each step makes the picture at least so much smaller. */
const maxScaleOfStep = 0.9;

/** What an encoded picture must not exceed; undefined for anything. */
export interface EncodedBounds {
  readonly maxByteLength?: number | undefined;
  /** Pixels of the longer side. */
  readonly maxSide?: number | undefined;
}

/**
 * Encodes a picture in so many bytes at most. The quality goes down first, then the picture is made smaller. It is never cut.
 *
 * @throws OutputError where even a tiny picture has more bytes, and the errors of {@link encode}
 */
export async function encodeWithin(
  image: DisplayImage,
  options: EncodeOptions,
  { maxByteLength = Infinity, maxSide = Infinity }: EncodedBounds,
): Promise<EncodedPicture> {
  const { width, height } = image;
  const { format, quality: asked } = options;
  let quality = asked;
  let scale = Math.min(1, maxSide / Math.max(width, height));
  const sizeAt = (factor: number): { readonly width: number; readonly height: number } => ({
    width: Math.max(1, Math.round(width * factor)),
    height: Math.max(1, Math.round(height * factor)),
  });
  const sized = (): Pick<EncodeOptions, 'size'> => (scale === 1 ? {} : { size: sizeAt(scale) });
  let bytes = await encode(image, { ...options, ...sized() });
  const isLossless = format === 'png' || format === 'tiff';
  for (const lower of isLossless ? [] : lowerQualities) {
    if (bytes.length <= maxByteLength) break;
    if (lower >= quality) continue;
    quality = lower;
    bytes = await encode(image, { ...options, quality, ...sized() });
  }
  while (bytes.length > maxByteLength) {
    scale *= Math.min(maxScaleOfStep, Math.sqrt(maxByteLength / bytes.length));
    if (width * scale < minWidth) {
      throw new OutputError(
        `Expected a picture of at most ${maxByteLength} bytes, but even ${minWidth} pixels wide it has more. Allow more bytes.`,
      );
    }
    bytes = await encode(image, { ...options, quality, ...sized() });
  }
  return { bytes, ...sizeAt(scale), quality };
}
