import { isGreyColour } from '../../compose/canvas.ts';
import { canvasSize, type GridShape } from '../../compose/grid.ts';
import { filmBytes, pictureBytes } from '../../compose/picture-bytes.ts';
import { attributesOf } from '../../series/members.ts';
import type { Selection } from '../../series/select.ts';
import { type DecodedMember, isVisible, naturalSizeOf } from '../../tiles/decoded-member.ts';
import { tooMuch } from '../../tiles/frame-room.ts';
import type { InstanceHeader } from '../../types/instance.ts';
import { defaultLimits, type Limits } from '../../types/limits.ts';
import type { FilmFormat } from '../../types/report.ts';
import type { PictureSettings } from '../../types/settings.ts';
import { fittingGrid, type GridCount, type Layout, layOut } from './layout.ts';

/**
 * Pixels that are stretched more than this have a wrong spacing: no scanner makes them. (Coarse planes across a stack
 * come to 20.) A warning tells of such images; where they alone make the picture too large, they are left out.
 */
export const maxStretch = 100;

/** How a picture of known settings is drawn: those that decide what it takes. */
type DrawnSettings = Pick<PictureSettings, 'format' | 'layout' | 'colourMap' | 'imageWidth' | 'filter'>;

/** Bytes that drawing and encoding a grid takes. Every cell is counted as a tile of its own. */
export function gridBytes(shape: GridShape, { format, layout }: DrawnSettings, hasColour: boolean): number {
  const { width, height } = canvasSize(shape);
  const { maxSide } = layout;
  const scale = maxSide === undefined ? 1 : Math.min(1, maxSide / Math.max(width, height));
  return pictureBytes({
    tilePixels: shape.rows * shape.columns * shape.cellWidth * shape.cellHeight,
    canvasPixels: width * height,
    channels: hasColour || !isGreyColour(layout.background) ? 3 : 1,
    format,
    encodedPixels: width * height * scale * scale,
  });
}

/** How these images will be drawn, as far as headers tell. */
interface PlannedDrawing {
  readonly layout: Layout;
  readonly hasColour: boolean;
}

/**
 * How a grid of these images will lie, as far as headers tell; undefined where they tell nothing. Images of an absurd shape
 * are left out, as they will be; labels above the tiles are not counted.
 */
function planDrawing(
  selections: readonly Selection[],
  grid: GridCount,
  settings: PictureSettings,
): PlannedDrawing | undefined {
  const sizes = selections.flatMap(({ ordered: { member } }) => {
    const { rows, columns } = member.level ?? member.instance.header.unfolding ?? member.instance.header.pixels ?? {};
    if (rows === undefined || columns === undefined || rows < 1 || columns < 1) return [];
    const { pixelAspectRatio } = member.instance.header;
    const size = naturalSizeOf({ rows, columns, pixelSpacing: attributesOf(member).pixelSpacing, pixelAspectRatio });
    return (size.width * size.height) / (rows * columns) > maxStretch ? [] : [size];
  });
  if (sizes.length === 0) return undefined;
  const layout = layOut(sizes, fittingGrid(grid, selections.length, settings.layout.fit), settings, 0);
  return { layout, hasColour: hasColour(selections, settings) };
}

/** Bytes that drawing and encoding a grid of these images takes, as far as headers tell. */
export function plannedBytes(selections: readonly Selection[], grid: GridCount, settings: PictureSettings): number {
  const planned = planDrawing(selections, grid, settings);
  return planned === undefined ? 0 : gridBytes(planned.layout, settings, planned.hasColour);
}

/** Bytes that a film of these images takes, as far as headers tell. */
export function plannedFilmBytes(
  selections: readonly Selection[],
  settings: PictureSettings,
  format: FilmFormat,
): number {
  const planned = planDrawing(selections, { rows: 1, columns: 1 }, settings);
  if (planned === undefined) return 0;
  const { width, height } = canvasSize(planned.layout);
  const size = { count: selections.length, framePixels: width * height };
  return filmBytes(size, planned.hasColour ? 3 : 1, format);
}

function hasColour(selections: readonly Selection[], { colourMap }: DrawnSettings): boolean {
  return selections.some(({ ordered: { member } }) => {
    const { header } = member.instance;
    return isColoured(header, header.pixels?.samplesPerPixel ?? 1, colourMap);
  });
}

/** Whether the tile of an image with such a header may have colour. */
export function isColoured(
  { palette, segmentation, modality }: Pick<InstanceHeader, 'palette' | 'segmentation' | 'modality'>,
  samplesPerPixel: number,
  colourMap: PictureSettings['colourMap'],
): boolean {
  if (colourMap !== undefined && colourMap !== 'grey') return true;
  return samplesPerPixel !== 1 || palette !== undefined || segmentation !== undefined || modality === 'RTDOSE';
}

/** Bytes of the values of decoded members. */
export function valueBytes(decoded: readonly DecodedMember[]): number {
  const counted = new Set<ArrayBufferLike>();
  let sum = 0;
  for (const member of decoded) {
    if (!isVisible(member)) continue;
    for (const { values } of [member.frame, ...(member.segments ?? []).map(({ frame }) => frame)]) {
      if (!counted.has(values.buffer)) sum += values.byteLength;
      counted.add(values.buffer);
    }
  }
  return sum;
}

/** @throws UsageError where a picture holds more bytes than the limit allows */
export function checkPictureBytes(byteLength: number, images: number, limits: Limits | undefined): void {
  const { pictureBytes: limit } = limits ?? defaultLimits;
  if (byteLength > limit) throw tooMuch(limit, byteLength, images);
}
