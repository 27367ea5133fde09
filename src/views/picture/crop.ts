import { type Size, sizeInCell } from '../../compose/cell-size.ts';
import type { VisibleMember } from '../../tiles/decoded-member.ts';
import { type Contrast, renderTile, type TileStyle } from '../../tiles/render-tile.ts';
import type { DisplayImage } from '../../types/pixels.ts';

/** A part of an image, as shares of its width and height (0..1). */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const wholeImage: Crop = { left: 0, top: 0, width: 1, height: 1 };

/** Images are looked at in this width: a pixel is less than a hundredth of it. */
const lookWidth = 128;
/** A pixel belongs to the content where it differs by more grey levels than this from what surrounds the content. */
const minDifference = 24;
/** A row or column holds content where so many of its pixels do: specks of noise and table edges have fewer. */
const minShare = 0.02;
/** Room that is left around the content. */
const margin = 0.02;
/** What would cut off less than this is not worth it. */
const minCut = 0.03;

/**
 * The part that holds the content of all these images: what differs from the grey of their corners, as they are drawn. The
 * whole image where there is next to nothing to cut off, where no content stands out, or where the images' shapes differ.
 */
export function contentOf(members: readonly VisibleMember[], contrast: Contrast, style: TileStyle): Crop {
  let left = 1;
  let top = 1;
  let right = 0;
  let bottom = 0;
  const [first] = members;
  if (first === undefined) return wholeImage;
  for (const member of members) {
    const { rows, columns } = member.description;
    if (rows !== first.description.rows || columns !== first.description.columns) return wholeImage;
    const cell = { width: lookWidth, height: lookWidth };
    const size = sizeInCell(member.naturalSize, cell, lookWidth);
    const plain = { ...style, filter: 'area', colourMap: undefined } as const;
    const found = contentOfImage(renderTile(member, contrast.frames.get(member.selection), size, plain));
    if (found === undefined) continue;
    left = Math.min(left, found.left);
    top = Math.min(top, found.top);
    right = Math.max(right, found.left + found.width);
    bottom = Math.max(bottom, found.top + found.height);
  }
  if (right <= left || bottom <= top) return wholeImage;
  [left, top] = [Math.max(0, left - margin), Math.max(0, top - margin)];
  [right, bottom] = [Math.min(1, right + margin), Math.min(1, bottom + margin)];
  if (1 - (right - left) < minCut && 1 - (bottom - top) < minCut) return wholeImage;
  return { left, top, width: right - left, height: bottom - top };
}

function contentOfImage({ width, height, channels, data }: DisplayImage): Crop | undefined {
  const at = (row: number, column: number): number => (row * width + column) * channels;
  const corners = [at(0, 0), at(0, width - 1), at(height - 1, 0), at(height - 1, width - 1)];
  const background = corners.map((corner) => data[corner] ?? 0).sort((a, b) => a - b)[1] ?? 0;
  const inRow = new Uint32Array(height);
  const inColumn = new Uint32Array(width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if (Math.abs((data[at(row, column)] ?? 0) - background) <= minDifference) continue;
      inRow[row] = (inRow[row] ?? 0) + 1;
      inColumn[column] = (inColumn[column] ?? 0) + 1;
    }
  }
  const rows = ends(inRow, Math.max(1, width * minShare));
  const columns = ends(inColumn, Math.max(1, height * minShare));
  if (rows === undefined || columns === undefined) return undefined;
  return {
    left: columns[0] / width,
    top: rows[0] / height,
    width: (columns[1] - columns[0] + 1) / width,
    height: (rows[1] - rows[0] + 1) / height,
  };
}

function ends(counts: Uint32Array, min: number): readonly [first: number, last: number] | undefined {
  const first = counts.findIndex((count) => count >= min);
  return first < 0 ? undefined : [first, counts.findLastIndex((count) => count >= min)];
}

/** The size of the part. */
export function croppedSize({ width, height }: Size, crop: Crop): Size {
  return { width: width * crop.width, height: height * crop.height };
}

/** Draws the part of a member's image, of exactly the given size. */
export function renderCropped(
  member: VisibleMember,
  contrast: Contrast,
  size: Size,
  crop: Crop,
  style: TileStyle,
): DisplayImage {
  const chosen = contrast.frames.get(member.selection);
  if (crop === wholeImage) return renderTile(member, chosen, size, style);
  const whole = {
    width: Math.max(size.width, Math.round(size.width / crop.width)),
    height: Math.max(size.height, Math.round(size.height / crop.height)),
  };
  const image = renderTile(member, chosen, whole, style);
  const left = Math.min(whole.width - size.width, Math.round(crop.left * whole.width));
  const top = Math.min(whole.height - size.height, Math.round(crop.top * whole.height));
  const { channels } = image;
  const data = new Uint8Array(size.width * size.height * channels);
  for (let row = 0; row < size.height; row++) {
    const from = ((top + row) * whole.width + left) * channels;
    data.set(image.data.subarray(from, from + size.width * channels), row * size.width * channels);
  }
  return { ...size, channels, data };
}
