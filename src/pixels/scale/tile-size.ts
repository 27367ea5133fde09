import { UsageError } from '../../base/errors.ts';

/** What decides how large an image is shown. */
export interface TileGeometry {
  readonly rows: number;
  readonly columns: number;
  /** Millimetres between the centres of neighbouring rows, and of neighbouring columns. */
  readonly pixelSpacing: readonly [row: number, column: number] | undefined;
  readonly pixelAspectRatio: readonly [vertical: number, horizontal: number] | undefined;
}

/** Pixels a side, and pixels altogether, that one image is drawn with at most. */
const LARGEST_SIDE = 16_384;
const LARGEST_AREA = 2 ** 27;
/** Aspect ratios nearer to 1 are measuring noise; resampling for their sake would only blur. */
const SQUARE_TOLERANCE = 0.005;

/**
 * Height of a pixel over its width: from Pixel Spacing (row spacing \\ column spacing, PS3.3 10.7.1.3), else from Pixel
 * Aspect Ratio (vertical \\ horizontal, C.7.6.3.1.7), else 1. Values that are not above 0 are passed over.
 */
export function pixelAspect(geometry: Pick<TileGeometry, 'pixelSpacing' | 'pixelAspectRatio'>): number {
  for (const pair of [geometry.pixelSpacing, geometry.pixelAspectRatio]) {
    if (pair === undefined) continue;
    const [vertical, horizontal] = pair;
    const aspect = vertical / horizontal;
    if (!(vertical > 0 && horizontal > 0 && aspect > 0 && Number.isFinite(aspect))) continue;
    return Math.abs(aspect - 1) < SQUARE_TOLERANCE ? 1 : aspect;
  }
  return 1;
}

/**
 * Size to draw an image at: the asked width, or with 'native' a display pixel a pixel (of non-square pixels the longer
 * side is stretched, so that nothing is lost). The height follows from the shape of image and pixels.
 *
 * @param width 1..16384, or 'native'.
 * @throws UsageError where a side would exceed 16384 or the area 2^27 pixels: the guard against slides and broken spacing.
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
  if (Math.max(size.width, size.height) > LARGEST_SIDE || size.width * size.height > LARGEST_AREA) {
    const pixels = aspect === 1 ? '' : ` with pixels ${aspect.toPrecision(3)} times as high as wide`;
    throw new UsageError(
      `An image of ${columns} x ${rows}${pixels} would be drawn ${size.width} x ${size.height}; expected at most ` +
        `${LARGEST_SIDE} a side and ${LARGEST_AREA} pixels. Ask for a smaller image width.`,
    );
  }
  return size;
}

function atLeastOne(length: number): number {
  return Math.max(Math.round(length), 1);
}
