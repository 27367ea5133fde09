/** A width and a height in one unit. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The height that goes with a width when the aspect ratio is kept: whole pixels, 1 at least. */
function heightFor(width: number, size: Size): number {
  return Math.max(1, Math.round((width * size.height) / size.width));
}

/**
 * One cell size for all tiles of a mosaic.
 *
 * With an image width in pixels, a cell is that wide, and as high as the most common aspect ratio of the images asks
 * for (ratios that give the same height in whole pixels are one; where two are equally common, the one that comes
 * first). With 'native', a cell is as wide as the widest image and as high as the highest.
 *
 * @param images The size at which each image has square pixels (so after Pixel Spacing or Pixel Aspect Ratio), 1 or
 * more of them, all greater than 0.
 * @param imageWidth Pixels, a whole number from 1, or 'native'.
 * @returns Whole pixels, 1 at least.
 */
export function cellSize(images: readonly Size[], imageWidth: number | 'native'): Size {
  if (imageWidth === 'native') {
    let width = 1;
    let height = 1;
    for (const image of images) {
      width = Math.max(width, Math.round(image.width));
      height = Math.max(height, Math.round(image.height));
    }
    return { width, height };
  }
  const counts = new Map<number, number>();
  for (const image of images) {
    const height = heightFor(imageWidth, image);
    counts.set(height, (counts.get(height) ?? 0) + 1);
  }
  // A Map keeps the order of insertion, so of equal counts the first met wins.
  let common = imageWidth;
  let most = 0;
  for (const [height, count] of counts) {
    if (count > most) {
      common = height;
      most = count;
    }
  }
  return { width: imageWidth, height: common };
}

/**
 * The size at which one image is drawn in a cell: the greatest with its own aspect ratio that fits (smaller images are
 * enlarged), or with 'native' its own.
 *
 * @param image The size at which the image has square pixels, greater than 0.
 * @param cell From {@link cellSize} with the same image width.
 * @returns Whole pixels, 1 at least, never more than the cell.
 */
export function sizeInCell(image: Size, cell: Size, imageWidth: number | 'native'): Size {
  const scale = imageWidth === 'native' ? 1 : Math.min(cell.width / image.width, cell.height / image.height);
  return {
    width: Math.min(cell.width, Math.max(1, Math.round(image.width * scale))),
    height: Math.min(cell.height, Math.max(1, Math.round(image.height * scale))),
  };
}
