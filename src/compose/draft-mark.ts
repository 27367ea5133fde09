import type { DisplayImage } from '../types/pixels.ts';
import { Canvas, textHeight, textWidth } from './canvas.ts';

const word = 'DRAFT';
/** Width of the word, as a part of a cell's width. */
const partOfCell = 0.45;
/** Pixels of a dash in the line that a picture too small for the word gets. */
const dash = 2;
const bright = 235;
const dark = 16;

/**
 * Writes DRAFT into the lower right corner of a picture, in letters with a dark rim, about half a cell wide. A picture
 * too small for the word gets a line of dashes along its lower edge. The same picture and cell give the same bytes.
 *
 * @param cellWidth pixels of one cell of the picture's grid, 1 or more
 * @returns a copy of the same size and with the same channels
 */
export function markAsDraft(picture: DisplayImage, cellWidth: number): DisplayImage {
  const { width, height } = picture;
  const canvas = Canvas.of(picture);
  const room = Math.min(width / (textWidth(word, 1) + 2), height / (textHeight(1) + 2));
  if (room < 1) {
    for (let column = 0; column < width; column++) {
      const grey = column % (2 * dash) < dash ? bright : dark;
      canvas.fill({ left: column, top: height - 1, width: 1, height: 1 }, [grey, grey, grey]);
    }
    return canvas.image;
  }
  const scale = Math.max(1, Math.min(Math.floor(room), Math.round((cellWidth * partOfCell) / textWidth(word, 1))));
  const margin = Math.min(2 * scale, height - textHeight(scale) - scale, width - textWidth(word, scale) - scale);
  canvas.write(word, width - margin - textWidth(word, scale), height - margin - textHeight(scale), scale);
  return canvas.image;
}
