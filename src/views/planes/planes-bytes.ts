import { pictureBytes } from '../../compose/picture-bytes.ts';
import type { OutputFormat } from '../../types/report.ts';
import type { PlaneSize, StackFrame } from './stack-frame.ts';

/** What decides how much the planes of a stack hold. */
export interface PlanesToMake {
  readonly frame: Pick<StackFrame, 'rows' | 'columns' | 'rowMm' | 'columnMm' | 'corner'>;
  readonly slices: number;
  readonly sizes: readonly PlaneSize[];
  readonly isProjection: boolean;
  readonly hasColour: boolean;
  readonly format: OutputFormat;
}

/** Of a value of a line or a plane; of a plane's pixel with its kind. */
const valueBytes = 4;
const pixelBytes = 5;

/**
 * Bytes that planes hold beside the slice that is read: two lines of each slice, the plane along the slices, the planes in
 * square pixels (once more while they are turned), and the picture of them.
 */
export function planesBytes({ frame, slices, sizes, isProjection, hasColour, format }: PlanesToMake): number {
  const { rows, columns, rowMm, columnMm, corner } = frame;
  const lines = slices * (rows + columns) * valueBytes;
  // Slices that lie aside of each other are joined on a larger plane.
  const joined = (rows + Math.ceil(corner.vMm / rowMm)) * (columns + Math.ceil(corner.uMm / columnMm));
  // The joined values, their counts, the values of one slice, and the lines that are made of them.
  const along = isProjection ? joined * valueBytes * 3 + rows * columns * valueBytes : rows * columns * valueBytes;
  const pixels = sizes.reduce((sum, { width, height }) => sum + width * height, 0);
  const largest = Math.max(...sizes.map(({ width, height }) => width * height));
  const cell = Math.max(...sizes.map(({ width }) => width)) * Math.max(...sizes.map(({ height }) => height));
  const drawing = {
    tilePixels: pixels,
    canvasPixels: cell * sizes.length,
    channels: hasColour ? 3 : 1,
    format,
  } as const;
  return lines + along + (pixels + largest) * pixelBytes + pictureBytes(drawing);
}
