import { UsageError } from '../../base/errors.ts';

/** What decides the size and shape of a shown image. */
export interface TileGeometry {
  readonly rows: number;
  readonly columns: number;
  /** Millimetres between the centres of neighbouring rows and of neighbouring columns. */
  readonly pixelSpacing: readonly [row: number, column: number] | undefined;
  readonly pixelAspectRatio: readonly [vertical: number, horizontal: number] | undefined;
}

/** One image is drawn with at most so many pixels a side, and at most so many altogether. */
const maxSide = 16_384;
const maxArea = 2 ** 27;
/** Aspect ratios nearer to 1 are rounding errors: resampling because of them would only blur. */
const squareTolerance = 0.005;

/**
 * The height of a pixel divided by its width: from Pixel Spacing (row spacing \\ column spacing, PS3.3 10.7.1.3), else
 * from Pixel Aspect Ratio (vertical \\ horizontal, C.7.6.3.1.7), else 1. Values that are not above 0 are ignored.
 */
export function pixelAspect(geometry: Pick<TileGeometry, 'pixelSpacing' | 'pixelAspectRatio'>): number {
  for (const pair of [geometry.pixelSpacing, geometry.pixelAspectRatio]) {
    if (pair === undefined) continue;
    const [vertical, horizontal] = pair;
    const aspect = vertical / horizontal;
    if (!(vertical > 0 && horizontal > 0 && aspect > 0 && Number.isFinite(aspect))) continue;
    return Math.abs(aspect - 1) < squareTolerance ? 1 : aspect;
  }
  return 1;
}

/**
 * The size at which an image is drawn: of the asked width, or with 'native' one display pixel for each pixel (where
 * pixels are not square, the image is stretched in one direction, so that nothing is lost). The height follows from the
 * shape of the image and its pixels.
 *
 * @param width 1..16384, or 'native'
 * @throws UsageError where a side would exceed 16384 or the area 2^27 pixels: slides and broken spacing would ask for
 * that
 */
export function tileSize(
  geometry: TileGeometry,
  width: number | 'native',
): { readonly width: number; readonly height: number } {
  const { rows, columns } = geometry;
  const aspect = pixelAspect(geometry);
  const size =
    width === 'native'
      ? { width: atLeastOne(columns / Math.min(aspect, 1)), height: atLeastOne(rows * Math.max(aspect, 1)) }
      : { width, height: atLeastOne((width * rows * aspect) / columns) };
  if (Math.max(size.width, size.height) > maxSide || size.width * size.height > maxArea) {
    const pixels = aspect === 1 ? '' : ` with pixels ${aspect.toPrecision(3)} times as high as wide`;
    throw new UsageError(
      `An image of ${columns} x ${rows}${pixels} would be drawn ${size.width} x ${size.height}; expected at most ` +
        `${maxSide} a side and ${maxArea} pixels. Ask for a smaller image width.`,
    );
  }
  return size;
}

function atLeastOne(length: number): number {
  return Math.max(Math.round(length), 1);
}
