import { InvalidDicomError, UsageError } from '../../base/errors.ts';
import type { Canvas } from '../../compose/canvas.ts';
import { sizeInCell } from '../../compose/cell-size.ts';
import { markAsDraft } from '../../compose/draft-mark.ts';
import { failedTile } from '../../compose/failed-tile.ts';
import { canvasSize, cellPlace, checkGridSize, checkGridWidth, composeGrid } from '../../compose/grid.ts';
import { drawHeader, drawLabels, headerLines } from '../../compose/labels.ts';
import { lookAtTile, type TileLook } from '../../pixels/look-at-tile.ts';
import type { OrderedMember } from '../../series/order.ts';
import { type DecodedMember, type FailedMember, isVisible, type VisibleMember } from '../../tiles/decoded-member.ts';
import type { EarlyTiles } from '../../tiles/early-tiles.ts';
import { type Contrast, chooseContrast } from '../../tiles/render-tile.ts';
import type { SharedWindows } from '../../tiles/shared-windows.ts';
import type { Limits } from '../../types/limits.ts';
import type { DisplayImage } from '../../types/pixels.ts';
import type { GridReport, TileWindow } from '../../types/report.ts';
import type { LayoutSettings, PictureSettings } from '../../types/settings.ts';
import type { Arrangement } from './choose-tiles.ts';
import { type Crop, contentOf, croppedSize, renderCropped, wholeImage } from './crop.ts';
import { headerParts, tileLabels, varyingKinds } from './label-texts.ts';
import { fittingGrid, type GridCount, type Layout, layOut } from './layout.ts';
import { checkPictureBytes, gridBytes, isColoured, maxStretch, valueBytes } from './picture-bytes.ts';

/** The picture before it is encoded. */
export interface Picture {
  readonly image: DisplayImage;
  readonly grid: GridReport;
  /** What was given, but with an error where an image could not be drawn. */
  readonly shown: readonly DecodedMember[];
  /** One entry a tile. */
  readonly windows: readonly (TileWindow | null)[];
  /** One entry a tile; undefined for those that could not be drawn. */
  readonly looks: readonly (TileLook | undefined)[];
  readonly warnings: readonly string[];
}

/** What a picture is drawn of. */
export interface PictureParts {
  /** The chosen members, one a tile. */
  readonly decoded: readonly DecodedMember[];
  /** All members of the series, in order. */
  readonly ordered: readonly OrderedMember[];
  /** How many the series has, for messages and labels; in a draft an estimate. */
  readonly members: number;
  readonly instances: number;
  readonly isDraft: boolean;
  /** The tiles that have been drawn already, and what they were drawn with. */
  readonly early: EarlyTiles | undefined;
  /** What `decoded` was made of, where it is not one tile a member. */
  readonly arranged?: Arrangement | undefined;
  /** How many members labels say are shown. Default: those of the tiles. */
  readonly shownMembers?: number | undefined;
  readonly limits: Limits | undefined;
  /** Bytes of pixels that are held besides what is drawn and what it is drawn of. Default 0. */
  readonly heldBytes?: number | undefined;
  /** Which tiles share a window; by default all that are shown. */
  readonly shared?: SharedWindows | undefined;
}

/**
 * Draws all tiles and puts them into the grid. Windows are chosen for all tiles together. A tile that could not be
 * decoded gets a mark, and so does one whose pixel spacing alone would make the picture too large.
 *
 * @throws the first failure where no tile can be shown; UsageError for a picture too large to encode
 */
export function renderPicture(parts: PictureParts, settings: PictureSettings, asked: GridCount): Picture {
  const { decoded, members, early, shared } = parts;
  const firstFailure = decoded.find((item) => item.error !== undefined);
  if (firstFailure?.error !== undefined && !decoded.some(isVisible)) throw firstFailure.error;
  const grid = fittingGrid(asked, decoded.length, settings.layout.fit);
  const contrast =
    parts.arranged?.contrast ?? early?.contrast ?? chooseContrast(decoded.filter(isVisible), settings, shared);
  const crop = settings.layout.crop ? contentOf(decoded.filter(isVisible), contrast, settings) : wholeImage;
  const headerTexts = headerOf(parts, contrast, settings);
  const { shown, layout } = fitGrid(decoded, settings, grid, {
    ...{ crop, headerTexts, limits: parts.limits },
    heldBytes: parts.heldBytes ?? 0,
  });
  const cell = { width: layout.cellWidth, height: layout.cellHeight };
  const tiles: DisplayImage[] = [];
  const windows: (TileWindow | null)[] = [];
  const looks: (TileLook | undefined)[] = [];
  const warnings = [...contrast.warnings];
  for (const item of shown) {
    const place = `Image ${item.selection.index + 1} of ${members}`;
    if (item.error !== undefined) {
      warnings.push(`${place} is not shown: ${item.error.message}`);
      tiles.push(failedTile(cell.width, cell.height));
      windows.push(null);
      looks.push(undefined);
      continue;
    }
    if (stretchOf(item) > maxStretch) {
      const { key } = item.selection.ordered.member.instance;
      warnings.push(`${place} ('${key}') is drawn with ${stretchText(item)}.`);
    }
    if (item.frame.incomplete !== undefined) warnings.push(`${place} is shown in part: ${item.frame.incomplete}`);
    const size = sizeInCell(croppedSize(item.naturalSize, crop), cell, layout.imageWidth);
    const tile = early?.tileOf(item.selection) ?? renderCropped(item, contrast, size, crop, settings);
    tiles.push(tile);
    looks.push(lookAtTile(tile));
    windows.push(contrast.frames.get(item.selection)?.window ?? null);
  }
  const { background, border } = settings.layout;
  const canvas = composeGrid({ ...layout, tiles, background, border });
  drawHeader(canvas, headerTexts.lines(canvas.width, layout.scale), layout.scale);
  const { ordered, arranged } = parts;
  labelTiles(canvas, { shown, tiles, layout, crop, ordered, names: arranged?.contrastNames }, settings.layout);
  const image = parts.isDraft ? markAsDraft(canvas.image, cell.width) : canvas.image;
  // Of an image with several tiles, each thing is told once.
  return { image, grid: gridReport(layout), shown, windows, looks, warnings: [...new Set(warnings)] };
}

function gridReport(layout: Layout): GridReport {
  const { columns, rows, cellWidth, cellHeight, gap = 0 } = layout;
  const { left, top } = cellPlace(layout, 0);
  return { columns, rows, left, top, cellWidth, cellHeight, gap };
}

interface HeaderTexts {
  /** The lines at a width of the canvas. */
  readonly lines: (canvasWidth: number, scale: number) => readonly string[];
}

function headerOf(parts: PictureParts, contrast: Contrast, settings: PictureSettings): HeaderTexts {
  if (!settings.layout.labels) return { lines: () => [] };
  const windows = parts.decoded.map(({ selection }) => contrast.frames.get(selection)?.window ?? null);
  const shown = parts.decoded.find(isVisible);
  const header = shown?.header ?? parts.ordered[0]?.member.instance.header;
  const shownMembers = parts.shownMembers ?? new Set(parts.decoded.map(({ selection }) => selection.ordered)).size;
  const counts = { shown: shownMembers, members: parts.members, instances: parts.instances };
  const texts = headerParts(header, windows, counts, settings.layout.includePatient, parts.arranged?.contrastNames);
  return { lines: (width, scale) => headerLines(texts, width, scale) };
}

/** Writes addresses and labels on the tiles. */
function labelTiles(
  canvas: Canvas,
  {
    shown,
    tiles,
    layout,
    crop,
    ordered,
    names,
  }: {
    readonly shown: readonly DecodedMember[];
    readonly tiles: readonly DisplayImage[];
    readonly layout: Layout;
    readonly crop: Crop;
    readonly ordered: readonly OrderedMember[];
    readonly names: readonly string[] | undefined;
  },
  settings: LayoutSettings,
): void {
  if (!settings.labels && !settings.addresses) return;
  const varying = varyingKinds(ordered);
  for (const [index, item] of shown.entries()) {
    const drawnWidth = (tiles[index]?.width ?? layout.cellWidth) / crop.width;
    const labels = tileLabels(item, index, layout.columns, settings, varying, drawnWidth);
    const name = settings.labels ? names?.[index] : undefined;
    const kind = name === undefined ? labels.kind : [...labels.kind.map((text) => `${name} ${text}`), name];
    drawLabels(canvas, cellPlace(layout, index), { ...labels, kind }, layout.scale);
  }
}

/**
 * How the tiles lie. Where a picture of them would be too large, images with an absurd pixel spacing are left out: one
 * of them must not be the end of all others.
 *
 * @throws UsageError where the picture is too large even so
 */
function fitGrid(
  decoded: readonly DecodedMember[],
  settings: PictureSettings,
  grid: GridCount,
  {
    crop,
    headerTexts,
    limits,
    heldBytes,
  }: {
    readonly crop: Crop;
    readonly headerTexts: HeaderTexts;
    readonly limits: Limits | undefined;
    readonly heldBytes: number;
  },
): { readonly shown: readonly DecodedMember[]; readonly layout: Layout } {
  const held = heldBytes + valueBytes(decoded);
  const laidOut = (shown: readonly DecodedMember[]): Layout => {
    const sizes = shown.filter(isVisible).map(({ naturalSize }) => croppedSize(naturalSize, crop));
    // How many lines the header has depends on the width, and the height of the tiles may depend on the lines.
    const first = layOut(sizes, grid, settings, 0);
    const lines = headerTexts.lines(canvasSize(first).width, first.scale).length;
    const second = lines === 0 ? first : layOut(sizes, grid, settings, lines);
    const needed = headerTexts.lines(canvasSize(second).width, second.scale).length;
    const layout = needed <= lines ? second : layOut(sizes, grid, settings, needed);
    checkGridSize(layout, settings.format, limits);
    const bytes = gridBytes(
      layout,
      settings,
      shown.some((item) => isVisible(item) && isColoured(item.header, item.frame.samplesPerPixel, settings.colourMap)),
    );
    checkPictureBytes(held + bytes, shown.length, limits);
    return layout;
  };
  try {
    return { shown: decoded, layout: laidOut(decoded) };
  } catch (error) {
    const shown = decoded.map((item) => (isVisible(item) && stretchOf(item) > maxStretch ? leftOut(item) : item));
    if (!(error instanceof UsageError) || !shown.some(isVisible)) throw error;
    return { shown, layout: laidOut(shown) };
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
export function checkPictureWidth(
  { imageWidth, format, layout }: PictureSettings,
  { rows, columns }: GridCount,
  limits: Limits | undefined,
): void {
  const { width, height } = layout;
  if (imageWidth === 'native' || width !== undefined || height !== undefined) return;
  checkGridWidth({ rows, columns, cellWidth: imageWidth }, format, limits);
}
