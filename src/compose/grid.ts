import { UsageError } from '../base/errors.ts';
import { limitHint } from '../base/limit-hint.ts';
import { defaultLimits, type Limits } from '../types/limits.ts';
import type { DisplayImage } from '../types/pixels.ts';
import type { OutputFormat } from '../types/report.ts';

/** A grid of cells that all have one size. */
export interface GridShape {
  readonly rows: number;
  readonly columns: number;
  /** Pixels. */
  readonly cellWidth: number;
  /** Pixels. */
  readonly cellHeight: number;
}

export interface Grid extends GridShape {
  /** Row by row. A cell without an image stays black. No tile is larger than its cell. */
  readonly tiles: readonly (DisplayImage | undefined)[];
}

/** Pixels a side: WebP has 14 bits for it, JPEG 16 (of which the usual encoders take 65,500), PNG 31. */
const maxSide: Readonly<Record<OutputFormat, number>> = { webp: 16_383, jpeg: 65_500, png: 1_000_000 };

const formatNames: Readonly<Record<OutputFormat, string>> = { webp: 'WebP', jpeg: 'JPEG', png: 'PNG' };

/**
 * Checks that a picture of this shape can be made and encoded. Can be called before anything is read.
 *
 * @throws UsageError where the picture would be too large; the message tells its size and what to reduce
 */
export function checkGridSize(shape: GridShape, format: OutputFormat, { outputPixels }: Limits = defaultLimits): void {
  const width = shape.columns * shape.cellWidth;
  const height = shape.rows * shape.cellHeight;
  const would = `${shape.columns} x ${shape.rows} tiles of ${shape.cellWidth} x ${shape.cellHeight} pixels would make a picture of ${width} x ${height}`;
  const reduce =
    shape.rows * shape.columns === 1
      ? 'Choose a smaller image width'
      : 'Choose a smaller image width, or fewer tiles (tile width, tile height)';
  if (!(width * height <= outputPixels)) {
    throw new UsageError(
      `Expected a picture of at most ${outputPixels} pixels, but ${would}, which is ${width * height} pixels. ${reduce}. ${limitHint('outputPixels')}`,
    );
  }
  const side = maxSide[format];
  if (width > side || height > side) {
    const other = format === 'png' ? '' : ', or write PNG';
    throw new UsageError(
      `Expected at most ${side} pixels a side for ${formatNames[format]}, but ${would}. ${reduce}${other}.`,
    );
  }
}

/**
 * Puts tiles into a grid. Each tile is centred in its cell; what it leaves of the cell is black.
 *
 * @returns columns * cellWidth by rows * cellHeight pixels; grey (1 channel) unless a tile has colour
 * @throws RangeError where there are too many tiles, a tile is larger than its cell, or its data have the wrong length
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

/** Copies a tile to the canvas, a row at a time. A grey tile on a colour canvas has its value in all three channels. */
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
