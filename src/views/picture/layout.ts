import { cellSize, type Size } from '../../compose/cell-size.ts';
import type { GridShape } from '../../compose/grid.ts';
import { headerHeight, labelScale } from '../../compose/labels.ts';
import { attributesOf } from '../../series/members.ts';
import type { Selection } from '../../series/select.ts';
import { naturalSizeOf } from '../../tiles/decoded-member.ts';
import type { PictureSettings } from '../../types/settings.ts';

/** Rows and columns of the grid, in tiles. */
export interface GridCount {
  readonly rows: number;
  readonly columns: number;
}

/** How the tiles lie on the canvas. */
export interface Layout extends GridShape {
  /** Width of the images in pixels, or 'native'. */
  readonly imageWidth: number | 'native';
  /** Pixels of a pixel of the font. */
  readonly scale: number;
}

/** The grid, or with `fit` no more of it than so many tiles need. */
export function fittingGrid({ rows, columns }: GridCount, tiles: number, fit: boolean): GridCount {
  if (!fit || tiles === 0) return { rows, columns };
  const used = Math.min(columns, tiles);
  return { columns: used, rows: Math.min(rows, Math.ceil(tiles / used)) };
}

/**
 * Lays the grid out. Where the size of the whole picture is given, the size of the tiles follows from it.
 *
 * @param sizes the sizes at which the images have square pixels; one at least
 * @param headerLines lines of text above the tiles
 */
export function layOut(
  sizes: readonly Size[],
  grid: GridCount,
  settings: PictureSettings,
  headerLines: number,
): Layout {
  const { rows, columns } = grid;
  const { gap, maxSide } = settings.layout;
  // Only a canvas whose own size was asked for is larger than its tiles.
  const { width, height } = maxSide === undefined ? settings.layout : {};
  const imageWidth = imageWidthFor(sizes, grid, settings, headerLines);
  const cell = cellSize(sizes, imageWidth);
  const scale = labelScale(cell.width);
  return {
    ...{ rows, columns, gap, width, height, imageWidth, scale },
    ...{ cellWidth: cell.width, cellHeight: cell.height, headerHeight: headerHeight(headerLines, scale) },
  };
}

/**
 * The width in which frames are needed, as far as headers tell: frames are decoded no smaller than it. It is generous
 * where images will be cut, or resized by another filter than the average.
 */
export function decodedWidth(
  selections: readonly Selection[],
  grid: GridCount,
  settings: PictureSettings,
): number | 'native' {
  const { filter, layout } = settings;
  if (filter === 'nearest') return 'native';
  const sizes = selections.flatMap(({ ordered }) => {
    const { rows, columns } = ordered.member.level ?? ordered.member.instance.header.pixels ?? { rows: 0, columns: 0 };
    const { pixelSpacing } = attributesOf(ordered.member);
    const { pixelAspectRatio } = ordered.member.instance.header;
    return rows > 0 && columns > 0 ? [naturalSizeOf({ rows, columns, pixelSpacing, pixelAspectRatio })] : [];
  });
  if (sizes.length === 0)
    return layout.width === undefined && layout.height === undefined ? settings.imageWidth : 'native';
  const width = imageWidthFor(sizes, fittingGrid(grid, selections.length, layout.fit), settings, 0);
  if (width === 'native') return width;
  return Math.min(16_384, width * (layout.crop ? 2 : 1) * (filter === 'lanczos' ? 2 : 1));
}

/** The width at which the images fit the size that the whole picture is to have; else the one that is asked for. */
function imageWidthFor(
  sizes: readonly Size[],
  { rows, columns }: GridCount,
  settings: PictureSettings,
  headerLines: number,
): number | 'native' {
  const { gap, width, height } = settings.layout;
  if (width === undefined && height === undefined) return settings.imageWidth;
  const byWidth = width === undefined ? Infinity : Math.floor((width - (columns - 1) * gap) / columns);
  let imageWidth = byWidth;
  if (height !== undefined) {
    const shape = cellSize(sizes, aspectWidth);
    // The letters of the header grow with the cells: the second round knows the cells.
    for (let round = 0; round < 2; round++) {
      const scale = Number.isFinite(imageWidth) ? labelScale(imageWidth) : 1;
      const room = height - headerHeight(headerLines, scale) - (rows - 1) * gap;
      const byHeight = Math.floor((Math.floor(room / rows) * shape.width) / shape.height);
      imageWidth = Math.min(byWidth, byHeight);
    }
  }
  return Math.max(1, imageWidth);
}

/** Wide enough for the ratio of width to height. */
const aspectWidth = 4096;
