import type { DisplayImage, OverlayPlane } from '../types/pixels.ts';
import { identityTable, resizeThroughTables } from './scale/resize.ts';

/**
 * Draws overlay planes (PS3.3 C.9.2) in white over an image of any size. A display pixel that an overlay covers in part
 * becomes lighter by that part. Bits outside the image, and missing bits, are not drawn.
 *
 * @param rows rows of the stored image, to which the origins of the planes refer
 * @param columns its columns
 */
export function drawOverlays(
  image: DisplayImage,
  planes: readonly OverlayPlane[],
  rows: number,
  columns: number,
): DisplayImage {
  if (planes.length === 0) return image;
  const mask = new Uint8Array(rows * columns);
  for (const plane of planes) drawPlane(mask, plane, rows, columns);
  const coverage = resizeThroughTables(
    { width: columns, height: rows, samplesPerPixel: 1, indices: mask },
    [identityTable],
    image.width,
    image.height,
  );
  const data = image.data.map((value, index) => {
    const covered = coverage.data[Math.floor(index / image.channels)] ?? 0;
    return Math.floor(value + ((255 - value) * covered) / 255 + 0.5);
  });
  return { ...image, data };
}

function drawPlane(mask: Uint8Array, plane: OverlayPlane, rows: number, columns: number): void {
  const top = plane.origin[0] - 1;
  const left = plane.origin[1] - 1;
  const lastRow = Math.min(plane.rows, rows - top);
  const lastColumn = Math.min(plane.columns, columns - left);
  for (let row = Math.max(0, -top); row < lastRow; row++) {
    for (let column = Math.max(0, -left); column < lastColumn; column++) {
      const bit = plane.bitOffset + row * plane.columns + column;
      if ((((plane.bits[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1) mask[(row + top) * columns + column + left] = 255;
    }
  }
}
