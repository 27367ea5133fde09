import { UsageError } from '../base/errors.ts';
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

/** Pixels that a picture may have at most: what a grey canvas of 256 MiB holds. */
export const maximumPictureArea: number = 16_384 * 16_384;

/** Pixels a side: WebP has 14 bits for it, JPEG 16 (of which the usual encoders take 65,500), PNG 31. */
const maximumSide: Readonly<Record<OutputFormat, number>> = { webp: 16_383, jpeg: 65_500, png: 1_000_000 };

const formatNames: Readonly<Record<OutputFormat, string>> = { webp: 'WebP', jpeg: 'JPEG', png: 'PNG' };

/**
 * Checks that a picture of this shape can be made and encoded, so that the answer comes before anything is read.
 *
 * @throws UsageError where it is too large, with the size it would have and what to reduce.
 */
export function checkGridSize(shape: GridShape, format: OutputFormat): void {
  const width = shape.columns * shape.cellWidth;
  const height = shape.rows * shape.cellHeight;
  const would = `${shape.columns} x ${shape.rows} tiles of ${shape.cellWidth} x ${shape.cellHeight} pixels would make a picture of ${width} x ${height}`;
  const reduce =
    shape.rows * shape.columns === 1
      ? 'Choose a smaller image width'
      : 'Choose a smaller image width, or fewer tiles (tile width, tile height)';
  if (!(width * height <= maximumPictureArea)) {
    throw new UsageError(
      `Expected a picture of at most ${maximumPictureArea} pixels, but ${would}, which is ${width * height} pixels. ${reduce}.`,
    );
  }
  const side = maximumSide[format];
  if (width > side || height > side) {
    const other = format === 'png' ? '' : ', or write PNG';
    throw new UsageError(
      `Expected at most ${side} pixels a side for ${formatNames[format]}, but ${would}. ${reduce}${other}.`,
    );
  }
}
