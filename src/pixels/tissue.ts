import type { DisplayImage } from '../types/pixels.ts';

/** Brightfield glass is nearly white and without colour: what is darker or more colourful by this much is tissue. */
const leastColour = 18;
const leastDarkness = 45;

/**
 * The share (0..1) of a rectangle of an overview that shows tissue. For colour: what differs from the bright glass; for
 * grey (fluorescence): what is brighter than the dark background.
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
      if (channels === 1 ? (data[at] ?? 0) > leastColour : isStained(data, at)) tissue++;
    }
  }
  return tissue / ((bottom - top) * (right - left));
}

function isStained(data: Uint8Array, at: number): boolean {
  const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
  const greatest = Math.max(red, green, blue);
  // Black is the canvas beyond sparse tiles.
  return greatest > 8 && (greatest - Math.min(red, green, blue) > leastColour || greatest < 255 - leastDarkness);
}
