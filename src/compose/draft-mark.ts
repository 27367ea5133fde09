import type { DisplayImage } from '../types/pixels.ts';

/** The word in letters of 5 x 7 pixels, with one pixel between them. */
const word: readonly string[] = [
  '####..####...###..#####.#####',
  '#...#.#...#.#...#.#.......#..',
  '#...#.#...#.#...#.#.......#..',
  '#...#.####..#####.####....#..',
  '#...#.#.#...#...#.#.......#..',
  '#...#.#..#..#...#.#.......#..',
  '####..#...#.#...#.#.......#..',
];
const wordWidth = 29;
const wordHeight = 7;
/** Grey levels of the letters and of the rim around them: legible on bright and on dark images. */
const letter = 235;
const rim = 16;
/** Width of the word, as a part of a cell's width. */
const partOfCell = 0.45;
/** Pixels of a dash in the line that a picture too small for the word gets. */
const dash = 2;

/**
 * Writes DRAFT into the lower right corner of a picture, in letters with a dark rim, about half a cell wide. A picture
 * too small for the word gets a line of dashes along its lower edge. The same picture and cell give the same bytes.
 *
 * @param cellWidth pixels of one cell of the picture's grid, 1 or more
 * @returns a copy of the same size and with the same channels
 */
export function markAsDraft(picture: DisplayImage, cellWidth: number): DisplayImage {
  const { width, height, channels } = picture;
  const data = picture.data.slice();
  const set = (row: number, column: number, value: number): void => {
    if (row < 0 || column < 0 || row >= height || column >= width) return;
    const at = (row * width + column) * channels;
    data.fill(value, at, at + channels);
  };
  const room = Math.min(width / (wordWidth + 2), height / (wordHeight + 2));
  const scale = Math.max(1, Math.min(Math.floor(room), Math.round((cellWidth * partOfCell) / wordWidth)));
  if (room < 1) {
    for (let column = 0; column < width; column++) set(height - 1, column, column % (2 * dash) < dash ? letter : rim);
    return { width, height, channels, data };
  }
  const margin = Math.min(2 * scale, height - (wordHeight + 1) * scale, width - (wordWidth + 1) * scale);
  const top = height - margin - wordHeight * scale;
  const left = width - margin - wordWidth * scale;
  const rimWidth = Math.ceil(scale / 2);
  const paint = (grow: number, value: number): void => {
    for (const [row, line] of word.entries()) {
      for (let column = 0; column < line.length; column++) {
        if (line[column] !== '#') continue;
        for (let y = row * scale - grow; y < (row + 1) * scale + grow; y++) {
          for (let x = column * scale - grow; x < (column + 1) * scale + grow; x++) set(top + y, left + x, value);
        }
      }
    }
  };
  paint(rimWidth, rim);
  paint(0, letter);
  return { width, height, channels, data };
}
