import { InvalidDicomError, UsageError } from '../../base/errors.ts';
import { cellSize, type Size, sizeInCell } from '../../compose/cell-size.ts';
import { markAsDraft } from '../../compose/draft-mark.ts';
import { failedTile } from '../../compose/failed-tile.ts';
import { checkGridSize, composeGrid } from '../../compose/grid.ts';
import { type DecodedMember, type FailedMember, isVisible, type VisibleMember } from '../../tiles/decode-members.ts';
import type { EarlyTiles } from '../../tiles/early-tiles.ts';
import { chooseContrast, renderTile } from '../../tiles/render-tile.ts';
import type { SharedWindows } from '../../tiles/shared-windows.ts';
import type { DisplayImage } from '../../types/pixels.ts';
import type { TileWindow } from '../../types/report.ts';
import type { PictureSettings } from '../../types/settings.ts';

/**
 * Pixels that are stretched more than this have a wrong spacing: no scanner makes them. (Coarse planes across a stack
 * come to 20.) A warning tells of such images; where they alone make the picture too large, they are left out.
 */
const maxStretch = 100;

/** The picture before it is encoded. */
export interface Picture {
  readonly image: DisplayImage;
  /** What was given, but with an error where an image could not be drawn. */
  readonly shown: readonly DecodedMember[];
  /** One entry a tile. */
  readonly windows: readonly (TileWindow | null)[];
  readonly warnings: readonly string[];
}

/** Rows and columns of the grid, in tiles. */
export interface GridCount {
  readonly rows: number;
  readonly columns: number;
}

interface DrawingParts {
  readonly isDraft: boolean;
  /** The tiles that have been drawn already, and what they were drawn with. */
  readonly early: EarlyTiles | undefined;
  /** Which tiles share a window; by default all that are shown. */
  readonly shared?: SharedWindows;
}

/**
 * Draws all tiles and puts them into the grid. Windows are chosen for all tiles together. A tile that could not be
 * decoded gets a mark, and so does one whose pixel spacing alone would make the picture too large.
 *
 * @param decoded the chosen members, one a tile
 * @param members how many the series has, for messages
 * @throws the first failure where no tile can be shown; UsageError for a picture too large to encode
 */
export function renderPicture(
  decoded: readonly DecodedMember[],
  members: number,
  settings: PictureSettings,
  grid: GridCount,
  { isDraft, early, shared }: DrawingParts,
): Picture {
  const firstFailure = decoded.find((item) => item.error !== undefined);
  if (firstFailure?.error !== undefined && !decoded.some(isVisible)) throw firstFailure.error;
  const { shown, cell } = fitGrid(decoded, settings, grid);
  const visible = shown.filter(isVisible);
  const contrast = early?.contrast ?? chooseContrast(visible, settings, shared);
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
    const place = `Image ${item.selection.index + 1} of ${members}`;
    if (stretchOf(item) > maxStretch) {
      const { key } = item.selection.ordered.member.instance;
      warnings.push(`${place} ('${key}') is drawn with ${stretchText(item)}.`);
    }
    if (item.frame.incomplete !== undefined) warnings.push(`${place} is shown in part: ${item.frame.incomplete}`);
    const chosen = contrast.frames.get(item.selection);
    const drawn = early?.tileOf(item.selection);
    tiles.push(drawn ?? renderTile(item, chosen, sizeInCell(item.naturalSize, cell, settings.imageWidth)));
    windows.push(chosen?.window ?? null);
  }
  const image = composeGrid({ ...grid, cellWidth: cell.width, cellHeight: cell.height, tiles });
  return { image: isDraft ? markAsDraft(image, cell.width) : image, shown, windows, warnings };
}

/**
 * The size of the cells. Where a picture of them would be too large, images with an absurd pixel spacing are left out:
 * one of them must not be the end of all others.
 *
 * @throws UsageError where the picture is too large even so
 */
function fitGrid(
  decoded: readonly DecodedMember[],
  settings: PictureSettings,
  grid: GridCount,
): { readonly shown: readonly DecodedMember[]; readonly cell: Size } {
  const checkedCell = (shown: readonly DecodedMember[]): Size => {
    const sizes = shown.filter(isVisible).map(({ naturalSize }) => naturalSize);
    const cell = cellSize(sizes, settings.imageWidth);
    checkGridSize({ ...grid, cellWidth: cell.width, cellHeight: cell.height }, settings.format);
    return cell;
  };
  try {
    return { shown: decoded, cell: checkedCell(decoded) };
  } catch (error) {
    const shown = decoded.map((item) => (isVisible(item) && stretchOf(item) > maxStretch ? leftOut(item) : item));
    if (!(error instanceof UsageError) || !shown.some(isVisible)) throw error;
    return { shown, cell: checkedCell(shown) };
  }
}

/** How many times as long as wide the pixels are, or as wide as long. */
function stretchOf({ naturalSize, description }: VisibleMember): number {
  return (naturalSize.width / description.columns) * (naturalSize.height / description.rows);
}

/** The image left out, because of its stretched pixels. */
function leftOut(item: VisibleMember): FailedMember {
  const { columns, rows } = item.description;
  const message = `Expected pixels about as high as wide, but this image of ${columns} x ${rows} has ${stretchText(item)}.`;
  return { selection: item.selection, error: new InvalidDicomError(message) };
}

function stretchText(item: VisibleMember): string {
  const sides = item.naturalSize.width > item.description.columns ? 'wide as high' : 'high as wide';
  return `pixels ${stretchOf(item).toPrecision(3)} times as ${sides}, as its pixel spacing or aspect ratio says`;
}

/**
 * Refuses, before anything is read, a picture that would be too wide whatever shape the images have.
 *
 * @throws UsageError
 */
export function checkPictureWidth({ imageWidth, format }: PictureSettings, { rows, columns }: GridCount): void {
  if (imageWidth !== 'native') checkGridSize({ rows, columns, cellWidth: imageWidth, cellHeight: 1 }, format);
}
