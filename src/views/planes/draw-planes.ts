import { round } from '../../base/numbers.ts';
import type { Rectangle } from '../../compose/canvas.ts';
import { canvasSize, cellPlace, checkGridSize, composeGrid, type GridShape } from '../../compose/grid.ts';
import { drawHeader, drawLabels, headerHeight, headerLines, labelScale } from '../../compose/labels.ts';
import type { FrameContrast } from '../../pixels/contrast/choose-window.ts';
import { renderFrame } from '../../pixels/render.ts';
import { pixelKinds, type ResampledPlane } from '../../pixels/reslice/resample-lines.ts';
import type { ShownPlane } from '../../series/plane-axes.ts';
import type { VisibleMember } from '../../tiles/decoded-member.ts';
import { colourMapOf } from '../../tiles/render-tile.ts';
import type { Limits } from '../../types/limits.ts';
import type { DisplayImage } from '../../types/pixels.ts';
import type { GridReport } from '../../types/report.ts';
import type { PlanesSettings } from '../../types/view-settings.ts';
import { frameOfPlane } from './plane-windows.ts';
import type { PlaneSize } from './stack-frame.ts';

/** A plane that has been resampled, with what is written on it. */
export interface PlaneToDraw {
  readonly shown: ShownPlane;
  readonly pixels: ResampledPlane;
  readonly positionMm: number;
  readonly contrast: FrameContrast | undefined;
}

export interface DrawnPlanes {
  readonly image: DisplayImage;
  readonly grid: GridReport;
  /** Where each plane lies in the picture. */
  readonly places: readonly Rectangle[];
}

/** @throws UsageError where planes of these sizes would make too large a picture */
export function checkPlanesSize(
  sizes: readonly PlaneSize[],
  settings: PlanesSettings,
  limits: Limits | undefined,
): void {
  checkGridSize(shapeOf(sizes, settings, 0), settings.format, limits);
}

/** Puts the planes side by side, each in the middle of its cell. */
export function drawPlanes(
  planes: readonly PlaneToDraw[],
  like: VisibleMember,
  settings: PlanesSettings,
  options: { readonly headerParts: readonly string[]; readonly pixelMm: number; readonly kind: string },
): DrawnPlanes {
  const { labels, background, border } = settings.layout;
  const tiles = planes.map((plane) => drawPlane(plane, like, settings));
  const bare = shapeOf(tiles, settings, 0);
  const scale = labelScale(bare.cellWidth);
  const lines = labels ? headerLines(options.headerParts, canvasSize(bare).width, scale) : [];
  const shape = shapeOf(tiles, settings, headerHeight(lines.length, scale));
  const canvas = composeGrid({ ...shape, tiles, background, border });
  drawHeader(canvas, lines, scale);
  const places = planes.map(({ pixels }, index): Rectangle => {
    const { left, top, width, height } = cellPlace(shape, index);
    return {
      left: left + Math.floor((width - pixels.columns) / 2),
      top: top + Math.floor((height - pixels.rows) / 2),
      width: pixels.columns,
      height: pixels.rows,
    };
  });
  for (const [index, { shown, positionMm }] of planes.entries()) {
    if (!labels) break;
    const oblique = shown.oblique ? ['oblique', 'obl'] : [''];
    const texts = {
      name: [shown.plane, shown.plane.slice(0, 3)],
      side: `${round(positionMm, 10)} mm`,
      kind: [...oblique.map((text) => `${text} ${options.kind}`.trim()), options.kind, ...oblique],
      letters: shown.letters,
      pixelsPerMm: 1 / options.pixelMm,
    };
    // In the cell, not on the image: a flat plane has no room.
    drawLabels(canvas, cellPlace(shape, index), texts, scale);
  }
  const { left, top } = cellPlace(shape, 0);
  const { rows, columns, cellWidth, cellHeight, gap } = shape;
  return { image: canvas.image, grid: { columns, rows, left, top, cellWidth, cellHeight, gap }, places };
}

interface Shape extends GridShape {
  readonly gap: number;
}

function shapeOf(sizes: readonly PlaneSize[], { layout }: PlanesSettings, header: number): Shape {
  return {
    rows: 1,
    columns: sizes.length,
    cellWidth: Math.max(...sizes.map(({ width }) => width)),
    // Labels need some room.
    cellHeight: Math.max(48, ...sizes.map(({ height }) => height)),
    gap: layout.gap,
    headerHeight: header,
    width: layout.maxSide === undefined ? layout.width : undefined,
  };
}

/** Greys of the stripes that mark what nothing is known of: no tissue looks like this. */
const stripes = [88, 40] as const;
const stripeWidth = 3;

function drawPlane({ pixels, contrast }: PlaneToDraw, like: VisibleMember, settings: PlanesSettings): DisplayImage {
  const { rows: height, columns: width, kinds } = pixels;
  const image = renderFrame({
    frame: frameOfPlane(pixels, like),
    ...{ width, height, bitsStored: like.description.bitsStored },
    modality: { kind: 'linear', slope: 1, intercept: 0 },
    voi: contrast?.voi,
    presentationLutShape: like.header.presentationLutShape,
    colourMap: colourMapOf(like, settings.colourMap),
  });
  const { channels, data } = image;
  for (const [pixel, kind] of kinds.entries()) {
    if (kind !== pixelKinds.gap) continue;
    const diagonal = Math.trunc(pixel / width) + (pixel % width);
    data.fill(stripes[Math.trunc(diagonal / stripeWidth) % 2] ?? 0, pixel * channels, (pixel + 1) * channels);
  }
  return image;
}
