import { UsageError } from '../base/errors.ts';
import { limitHint } from '../base/limit-hint.ts';
import { defaultLimits, type Limits } from '../types/limits.ts';
import type { DisplayImage } from '../types/pixels.ts';
import type { OutputFormat } from '../types/report.ts';
import { black, Canvas, type Colour, isGreyColour, type Rectangle } from './canvas.ts';

/** A grid of cells that all have one size, on a canvas. */
export interface GridShape {
  readonly rows: number;
  readonly columns: number;
  /** Pixels. */
  readonly cellWidth: number;
  /** Pixels. */
  readonly cellHeight: number;
  /** Pixels between neighbouring cells. Default 0. */
  readonly gap?: number | undefined;
  /** Pixels above the cells, for text. Default 0. */
  readonly headerHeight?: number | undefined;
  /** Pixels of the canvas, where it is to be larger than the cells need: they stand in its middle. */
  readonly width?: number | undefined;
  /** Likewise; the header stays at the top. */
  readonly height?: number | undefined;
}

export interface Grid extends GridShape {
  /** Row by row. A cell without an image shows the background. No tile is larger than its cell. */
  readonly tiles: readonly (DisplayImage | undefined)[];
  /** Of the canvas. Default black. */
  readonly background?: Colour | undefined;
  /** Pixels of a line around each tile, inside of its cell; grey. Default 0. */
  readonly border?: number | undefined;
}

/** Pixels a side: WebP has 14 bits for it, JPEG 16 (of which the usual encoders take 65,500), PNG 31; AVIF's encoder takes 16,384. */
const maxSide: Readonly<Record<OutputFormat, number>> = {
  ...{ webp: 16_383, jpeg: 65_500, png: 1_000_000, avif: 16_384, tiff: 1_000_000 },
};

const formatNames: Readonly<Record<OutputFormat, string>> = {
  ...{ webp: 'WebP', jpeg: 'JPEG', png: 'PNG', avif: 'AVIF', tiff: 'TIFF' },
};

/**
 * Checks that a picture of this shape can be made and encoded. Can be called before anything is read.
 *
 * @throws UsageError where the picture would be too large; the message tells its size and what to reduce
 */
export function checkGridSize(shape: GridShape, format: OutputFormat, { outputPixels }: Limits = defaultLimits): void {
  const { width, height } = canvasSize(shape);
  const would = `${shape.rows * shape.columns === 1 ? '1 tile' : `${shape.columns} x ${shape.rows} tiles`} of ${shape.cellWidth} x ${shape.cellHeight} pixels would make a picture of ${width} x ${height}`;
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
 * Checks the width of a picture, and that its pixels are not too many even if each image were one pixel high: no more is known
 * before anything is read.
 *
 * @throws UsageError, which speaks of the width
 */
export function checkGridWidth(
  shape: Omit<GridShape, 'cellHeight'>,
  format: OutputFormat,
  { outputPixels }: Limits = defaultLimits,
): void {
  const { width, height } = canvasSize({ ...shape, cellHeight: 1 });
  const side = maxSide[format];
  if (width <= side && width * height <= outputPixels) return;
  const would =
    shape.columns === 1
      ? `the image width makes it ${width} wide`
      : `${shape.columns} columns of ${shape.cellWidth} pixels make it ${width} wide`;
  const reduce = shape.columns === 1 ? 'Choose a smaller image width' : 'Choose a smaller image width or fewer columns';
  if (width > side) {
    const other = format === 'png' || format === 'tiff' ? '' : ', or write PNG';
    throw new UsageError(
      `Expected a picture of at most ${side} pixels in width for ${formatNames[format]}, but ${would}. ${reduce}${other}.`,
    );
  }
  throw new UsageError(
    `Expected a picture of at most ${outputPixels} pixels, but ${would} and at least ${height} high. ${reduce}. ${limitHint('outputPixels')}`,
  );
}

/** The size of the canvas. */
export function canvasSize(shape: GridShape): { readonly width: number; readonly height: number } {
  const { rows, columns, cellWidth, cellHeight, gap = 0, headerHeight = 0 } = shape;
  return {
    width: Math.max(columns * cellWidth + (columns - 1) * gap, shape.width ?? 0),
    height: Math.max(headerHeight + rows * cellHeight + (rows - 1) * gap, shape.height ?? 0),
  };
}

/** Where a cell lies on the canvas; cells are counted row by row. */
export function cellPlace(shape: GridShape, index: number): Rectangle {
  const { rows, columns, cellWidth, cellHeight, gap = 0, headerHeight = 0 } = shape;
  const { width, height } = canvasSize(shape);
  const left = Math.floor((width - columns * cellWidth - (columns - 1) * gap) / 2);
  const top = headerHeight + Math.floor((height - headerHeight - rows * cellHeight - (rows - 1) * gap) / 2);
  return {
    left: left + (index % columns) * (cellWidth + gap),
    top: top + Math.floor(index / columns) * (cellHeight + gap),
    width: cellWidth,
    height: cellHeight,
  };
}

/** Of the line around tiles. */
const borderColour: Colour = [96, 96, 96];

/**
 * Puts tiles into a grid. Each tile is centred in its cell; what it leaves of the cell shows the background.
 *
 * @returns grey (1 channel) unless a tile or the background has colour
 * @throws RangeError where there are too many tiles, a tile is larger than its cell, or its data have the wrong length
 */
export function composeGrid(grid: Grid): Canvas {
  const { rows, columns, cellWidth, cellHeight, tiles, background = black, border = 0 } = grid;
  if (tiles.length > rows * columns) {
    throw new RangeError(`Expected at most ${rows * columns} tiles but received ${tiles.length}.`);
  }
  const hasColour = !isGreyColour(background) || tiles.some((tile) => tile?.channels === 3);
  const { width, height } = canvasSize(grid);
  const canvas = new Canvas(width, height, hasColour ? 3 : 1, background);
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
    const place = cellPlace(grid, index);
    canvas.draw(
      tile,
      place.left + Math.floor((cellWidth - tile.width) / 2),
      place.top + Math.floor((cellHeight - tile.height) / 2),
    );
    if (border > 0) canvas.frame(place, border, borderColour);
  }
  return canvas;
}
