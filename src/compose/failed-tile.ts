import type { DisplayImage } from '../types/pixels.ts';

const background = 28;
const mark = 150;

/**
 * The tile for an image that cannot be shown: dark grey with a border and both diagonals in a lighter grey. No image
 * looks like this. The same size gives the same bytes.
 *
 * @param width pixels, 1 or more
 * @param height pixels, 1 or more
 */
export function failedTile(width: number, height: number): DisplayImage {
  const data = new Uint8Array(width * height).fill(background);
  const thickness = Math.max(1, Math.round(Math.min(width, height) / 48));
  const half = thickness / 2;
  // The unit normals of the diagonals are (across, down) and (across, -down): a dot product with them is the distance
  // to one.
  const diagonal = Math.hypot(width, height);
  const across = height / diagonal;
  const down = width / diagonal;
  for (let row = 0; row < height; row += 1) {
    const y = row + 0.5 - height / 2;
    const inHorizontalEdge = row < thickness || row >= height - thickness;
    for (let column = 0; column < width; column += 1) {
      const x = column + 0.5 - width / 2;
      const marked =
        inHorizontalEdge ||
        column < thickness ||
        column >= width - thickness ||
        Math.abs(x * across - y * down) <= half ||
        Math.abs(x * across + y * down) <= half;
      if (marked) data[row * width + column] = mark;
    }
  }
  return { width, height, channels: 1, data };
}
