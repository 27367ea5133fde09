import { cielabToRgb, encodedCielabToRgb, type Rgb } from './cielab.ts';

/** The angle that spreads any number of hues evenly (360 degrees over the golden ratio, squared). */
const goldenAngle = 137.507_764;

/**
 * A segment's colour: the recommended one (PS3.3 C.8.20.2, encoded as C.10.7.1.1 says), else one by its number, such that
 * neighbouring numbers look different.
 */
export function segmentColour(
  number: number,
  recommended: ReadonlyMap<number, readonly [lightness: number, a: number, b: number]>,
): Rgb {
  const encoded = recommended.get(number);
  if (encoded !== undefined) return encodedCielabToRgb(encoded);
  const hue = ((number * goldenAngle) % 360) * (Math.PI / 180);
  return cielabToRgb(70, 60 * Math.cos(hue), 60 * Math.sin(hue));
}
