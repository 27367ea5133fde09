import { InvalidDicomError, UnsupportedError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { describeObjectWithoutPixels } from '../../dicom/sop-classes.ts';
import type { InstanceHeader, PixelDataLocation } from '../../types/instance.ts';
import type { PixelDescription } from '../../types/pixels.ts';

/** What an instance with an image has. */
export interface PixelParts {
  readonly pixels: PixelDescription;
  readonly pixelData: PixelDataLocation;
}

/**
 * The pixels of an instance whose header has been read as far as it goes.
 *
 * @param truncatedIn the element that the object ended in, where it did
 * @throws UnsupportedError that says what the object is in place of an image, InvalidDicomError where it is damaged
 */
export function requirePixels(key: string, header: InstanceHeader, truncatedIn: string | undefined): PixelParts {
  const { pixels, pixelData, sopClassUid } = header;
  if (pixelData !== undefined && pixels !== undefined) return { pixels, pixelData };
  if (pixelData !== undefined) {
    throw new InvalidDicomError(
      `Expected Rows and Columns above 0 in '${printable(key)}' but found none beside its Pixel Data.`,
    );
  }
  const what = describeObjectWithoutPixels(sopClassUid);
  if (what !== undefined) {
    throw new UnsupportedError(`Expected an image but '${printable(key)}' is ${what}, which has no pixels to show.`);
  }
  const missing = pixels === undefined ? 'neither Rows and Columns nor Pixel Data' : 'no Pixel Data';
  throw new InvalidDicomError(
    `Expected an image but '${printable(key)}' (SOP class ${printable(sopClassUid) || 'not given'}) has ${missing}${endOf(header, truncatedIn)}.`,
  );
}

function endOf({ pixels }: InstanceHeader, truncatedIn: string | undefined): string {
  if (truncatedIn !== undefined) return `: it ends inside the element ${truncatedIn}, truncated or damaged`;
  return pixels === undefined ? '' : ': it is truncated, or its pixels were removed';
}
