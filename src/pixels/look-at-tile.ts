import type { DisplayImage } from '../types/pixels.ts';

/** What a glance at a drawn tile tells. */
export interface TileLook {
  /** Next to all pixels have one grey. */
  readonly isBlank: boolean;
  /** A good part of the pixels is as bright as can be. */
  readonly isClipped: boolean;
}

/** A tile is blank where all but a few pixels lie within so many grey levels. */
export const maxBlankSpread = 12;
export const blankOutlierShare = 0.005;
/** More than this share of white pixels is much for an image that has a window: metal, bone and contrast agent take less. */
const maxWhiteShare = 0.3;
/** Pixels that are looked at, about: enough for shares of half a percent. */
const lookedAt = 512;

/** Looks at some pixels of a tile, spread over all of it; of those in colour at their brightness. */
export function lookAtTile({ data, channels, width, height }: DisplayImage): TileLook {
  const pixels = width * height;
  // An odd step meets every column of a width that is a power of two.
  const step = Math.max(1, Math.floor(pixels / lookedAt)) | 1;
  const counts = new Uint32Array(256);
  let looked = 0;
  for (let pixel = 0; pixel < pixels; pixel += step, looked++) {
    const at = pixel * channels;
    const grey =
      channels < 3
        ? (data[at] as number)
        : ((data[at] as number) + 2 * (data[at + 1] as number) + (data[at + 2] as number)) >> 2;
    counts[grey] = (counts[grey] as number) + 1;
  }
  const spread = endOf(counts, looked, -1) - endOf(counts, looked, 1);
  const isBlank = spread <= maxBlankSpread;
  return { isBlank, isClipped: !isBlank && (counts[255] as number) > maxWhiteShare * looked };
}

/** The first grey from one end on, beyond the outliers. */
function endOf(counts: Uint32Array, looked: number, direction: 1 | -1): number {
  let grey = direction === 1 ? 0 : 255;
  let passed = counts[grey] as number;
  while (passed <= looked * blankOutlierShare && grey + direction >= 0 && grey + direction <= 255) {
    grey += direction;
    passed += counts[grey] as number;
  }
  return grey;
}
