import type { DisplayImage } from '../types/pixels.ts';

/** Brightfield glass is nearly white and has no colour. What is darker, or has more colour, than this is tissue. */
const minColour = 18;
const minDarkness = 45;

/**
 * The share (0..1) of a rectangle of an overview that shows tissue. In colour images tissue differs from the bright
 * glass; in grey ones (fluorescence) it is brighter than the dark background.
 *
 * @param part left, top, right and bottom as fractions of the image
 */
export function tissueShare(
  image: DisplayImage,
  part: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
): number {
  const { width, height, channels, data } = image;
  const left = Math.min(width - 1, Math.floor(part.left * width));
  const top = Math.min(height - 1, Math.floor(part.top * height));
  const right = Math.max(left + 1, Math.min(width, Math.ceil(part.right * width)));
  const bottom = Math.max(top + 1, Math.min(height, Math.ceil(part.bottom * height)));
  let tissue = 0;
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const at = (row * width + column) * channels;
      if (channels === 1 ? (data[at] ?? 0) > minColour : isStained(data, at)) tissue++;
    }
  }
  return tissue / ((bottom - top) * (right - left));
}

function isStained(data: Uint8Array, at: number): boolean {
  const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
  const max = Math.max(red, green, blue);
  // Black is the canvas where sparse slides have no tiles.
  return max > 8 && (max - Math.min(red, green, blue) > minColour || max < 255 - minDarkness);
}
