import { type TileGeometry, tileSize } from '../pixels/scale/tile-size.ts';
import type { PixelDescription } from '../types/pixels.ts';

/** How many times smaller than stored a frame may be decoded: never smaller than it is drawn. */
export function reductionFor(
  geometry: TileGeometry,
  imageWidth: number | 'native',
  description: PixelDescription,
): number {
  // Palette indices and segments are names, not amounts: averaging them makes other names.
  if (imageWidth === 'native' || description.photometricInterpretation === 'PALETTE COLOR') return 1;
  const { width, height } = tileSize(geometry, imageWidth);
  return Math.max(1, Math.floor(Math.min(description.columns / width, description.rows / height)));
}

/** The greatest power of two up to `reduce` that divides rows and columns, so that reduced tiles still meet. */
export function wholeReduction(reduce: number, rows: number, columns: number): number {
  let factor = 1;
  while (factor * 2 <= reduce && rows % (factor * 2) === 0 && columns % (factor * 2) === 0) factor *= 2;
  return factor;
}

/** By how much the tiles of a level may be decoded smaller, where the level is shown in this width. */
export function levelReduction(columns: number, imageWidth: number | 'native', isNames: boolean): number {
  const width = imageWidth === 'native' ? columns : imageWidth;
  return isNames ? 1 : Math.max(1, Math.floor(columns / width));
}
