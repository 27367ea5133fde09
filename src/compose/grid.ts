import type { DisplayImage } from '../types/pixels.ts';
import type { GridShape } from './grid-size.ts';

export interface Grid extends GridShape {
  /** Row by row; a cell without an image stays black. No tile is larger than its cell. */
  readonly tiles: readonly (DisplayImage | undefined)[];
}

/** Copies a tile to the canvas, a row at a time; a grey tile on a colour canvas has its value in all three channels. */
function drawTile(canvas: Uint8Array, stride: number, channels: 1 | 3, offset: number, tile: DisplayImage): void {
  const { width, height, data } = tile;
  for (let row = 0; row < height; row += 1) {
    const source = row * width * tile.channels;
    let target = offset + row * stride;
    if (tile.channels === channels) {
      canvas.set(data.subarray(source, source + width * channels), target);
      continue;
    }
    for (let column = 0; column < width; column += 1) {
      canvas.fill(data[source + column] ?? 0, target, target + 3);
      target += 3;
    }
  }
}

/**
 * Lays tiles out in a grid, each centred in its cell on black (letterboxed where its aspect ratio is not the cell's).
 *
 * The canvas is grey (1 channel) unless a tile has colour; it is columns * cellWidth by rows * cellHeight pixels.
 *
 * @throws RangeError where the tiles and the grid do not fit each other.
 */
export function composeGrid(grid: Grid): DisplayImage {
  const { rows, columns, cellWidth, cellHeight, tiles } = grid;
  if (tiles.length > rows * columns) {
    throw new RangeError(`Expected at most ${rows * columns} tiles but received ${tiles.length}.`);
  }
  const channels = tiles.some((tile) => tile?.channels === 3) ? 3 : 1;
  const width = columns * cellWidth;
  const height = rows * cellHeight;
  const stride = width * channels;
  const data = new Uint8Array(stride * height);
  for (const [index, tile] of tiles.entries()) {
    if (tile === undefined) continue;
    if (tile.width > cellWidth || tile.height > cellHeight) {
      throw new RangeError(
        `Expected tile ${index} to fit ${cellWidth} x ${cellHeight} but it is ${tile.width} x ${tile.height}.`,
      );
    }
    if (tile.data.length !== tile.width * tile.height * tile.channels) {
      throw new RangeError(
        `Expected ${tile.width * tile.height * tile.channels} bytes in tile ${index} but received ${tile.data.length}.`,
      );
    }
    const left = (index % columns) * cellWidth + Math.floor((cellWidth - tile.width) / 2);
    const top = Math.floor(index / columns) * cellHeight + Math.floor((cellHeight - tile.height) / 2);
    drawTile(data, stride, channels, top * stride + left * channels, tile);
  }
  return { width, height, channels, data };
}
