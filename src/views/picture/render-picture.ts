import { cellSize, sizeInCell } from '../../compose/cell-size.ts';
import { markAsDraft } from '../../compose/draft-mark.ts';
import { failedTile } from '../../compose/failed-tile.ts';
import { checkGridSize, composeGrid } from '../../compose/grid.ts';
import { type DecodedMember, isVisible } from '../../tiles/decode-members.ts';
import { chooseContrast, renderTile } from '../../tiles/render-tile.ts';
import type { DisplayImage } from '../../types/pixels.ts';
import type { TileWindow } from '../../types/report.ts';
import type { PictureSettings } from '../../types/settings.ts';

/** The picture before it is encoded. */
export interface Picture {
  readonly image: DisplayImage;
  /** One entry a tile. */
  readonly windows: readonly (TileWindow | null)[];
  readonly warnings: readonly string[];
}

/** Rows and columns of the grid, in tiles. */
export interface GridCount {
  readonly rows: number;
  readonly columns: number;
}

/**
 * Draws all tiles and puts them into the grid. Windows are chosen for all tiles together. A tile that could not be
 * decoded gets a mark.
 *
 * @param members how many the series has, for messages
 * @throws the first failure where no tile can be shown; UsageError for a picture too large to encode
 */
export function renderPicture(
  shown: readonly DecodedMember[],
  members: number,
  settings: PictureSettings,
  grid: GridCount,
  isDraft: boolean,
): Picture {
  const visible = shown.filter(isVisible);
  const firstFailure = shown.find((item) => item.error !== undefined);
  if (visible.length === 0 && firstFailure?.error !== undefined) throw firstFailure.error;
  const cell = cellSize(
    visible.map(({ naturalSize }) => naturalSize),
    settings.imageWidth,
  );
  const shape = { rows: grid.rows, columns: grid.columns, cellWidth: cell.width, cellHeight: cell.height };
  checkGridSize(shape, settings.format);
  const contrast = chooseContrast(visible, settings);
  const tiles: DisplayImage[] = [];
  const windows: (TileWindow | null)[] = [];
  const warnings = [...contrast.warnings];
  for (const item of shown) {
    if (item.error !== undefined) {
      warnings.push(`Image ${item.selection.index + 1} of ${members} is not shown: ${item.error.message}`);
      tiles.push(failedTile(cell.width, cell.height));
      windows.push(null);
      continue;
    }
    const chosen = contrast.frames.get(item);
    tiles.push(renderTile(item, chosen, sizeInCell(item.naturalSize, cell, settings.imageWidth)));
    windows.push(chosen?.window ?? null);
  }
  const image = composeGrid({ ...shape, tiles });
  return { image: isDraft ? markAsDraft(image, cell.width) : image, windows, warnings };
}

/**
 * Refuses, before anything is read, a picture that would be too wide whatever shape the images have.
 *
 * @throws UsageError
 */
export function checkPictureWidth({ imageWidth, format }: PictureSettings, { rows, columns }: GridCount): void {
  if (imageWidth !== 'native') checkGridSize({ rows, columns, cellWidth: imageWidth, cellHeight: 1 }, format);
}
