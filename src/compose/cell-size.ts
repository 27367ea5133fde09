/** A width and a height in one unit. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The size of the cells of a mosaic, all of which have one size.
 *
 * With an image width in pixels, a cell is that wide, and as high as most images are at this width. Where two heights
 * are equally common, it is the one that comes first. With 'native', a cell is as wide as the widest image and as high
 * as the highest.
 *
 * @param images the size at which each image has square pixels (so after Pixel Spacing or Pixel Aspect Ratio); at least
 * one, all greater than 0
 * @param imageWidth pixels, a whole number from 1, or 'native'
 * @returns whole pixels, 1 or more
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
  // A Map keeps the order of insertion, so of equally common heights the first one wins.
  let commonHeight = imageWidth;
  let maxCount = 0;
  for (const [height, count] of counts) {
    if (count > maxCount) {
      commonHeight = height;
      maxCount = count;
    }
  }
  return { width: imageWidth, height: commonHeight };
}

/** The height that keeps the aspect ratio at this width: whole pixels, 1 or more. */
function heightFor(width: number, size: Size): number {
  return Math.max(1, Math.round((width * size.height) / size.width));
}

/**
 * The size at which one image is drawn in a cell: the largest with its aspect ratio that fits (small images are
 * enlarged), or with 'native' its own size.
 *
 * @param image the size at which the image has square pixels, greater than 0
 * @param cell from {@link cellSize} with the same image width
 * @returns whole pixels, 1 or more, not larger than the cell
 */
export function sizeInCell(image: Size, cell: Size, imageWidth: number | 'native'): Size {
  const scale = imageWidth === 'native' ? 1 : Math.min(cell.width / image.width, cell.height / image.height);
  return {
    width: Math.min(cell.width, Math.max(1, Math.round(image.width * scale))),
    height: Math.min(cell.height, Math.max(1, Math.round(image.height * scale))),
  };
}
