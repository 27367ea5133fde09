import type { DisplayImage } from '../../types/pixels.ts';
import type { DisplayTables, IndexedImage } from './indexed-image.ts';

/** Takes the value in the middle of each target pixel: no value is made that is not in the image. */
export function pickNearest(image: IndexedImage, tables: DisplayTables, width: number, height: number): DisplayImage {
  const channels = tables.length;
  const data = new Uint8Array(width * height * channels);
  const step = image.samplesPerPixel;
  for (let row = 0, to = 0; row < height; row++) {
    const from = Math.floor(((row + 0.5) * image.height) / height) * image.width;
    for (let column = 0; column < width; column++) {
      const at = (from + Math.floor(((column + 0.5) * image.width) / width)) * step;
      for (const [channel, table] of tables.entries()) {
        const index = image.indices[step === 1 ? at : at + channel] ?? 0;
        data[to++] = table[index] ?? 0;
      }
    }
  }
  return { width, height, channels, data };
}

/** Samples on each side of a target pixel that take part, in target pixels. */
const lobes = 3;

/** The weights of the source pixels for each target pixel. They sum up to 1. */
interface Kernel {
  readonly first: number;
  readonly weights: Float64Array;
}

/**
 * Lanczos with three lobes, on each axis alone; wider where the image shrinks, so that nothing is left out. Edges stay
 * sharper than with the average; beside strong edges it overshoots a little.
 */
export function resampleLanczos(
  image: IndexedImage,
  tables: DisplayTables,
  width: number,
  height: number,
): DisplayImage {
  const channels = tables.length;
  const horizontal = lanczosKernels(image.width, width);
  const vertical = lanczosKernels(image.height, height);
  const data = new Uint8ClampedArray(width * height * channels);
  const step = image.samplesPerPixel;
  for (const [channel, table] of tables.entries()) {
    const offset = step === 1 ? 0 : channel;
    const narrow = new Float32Array(width * image.height);
    for (let row = 0; row < image.height; row++) {
      const from = row * image.width * step + offset;
      for (const [column, { first, weights }] of horizontal.entries()) {
        let sum = 0;
        for (const [tap, weight] of weights.entries()) {
          sum += weight * (table[image.indices[from + (first + tap) * step] ?? 0] ?? 0);
        }
        narrow[row * width + column] = sum;
      }
    }
    for (const [row, { first, weights }] of vertical.entries()) {
      for (let column = 0; column < width; column++) {
        let sum = 0;
        for (const [tap, weight] of weights.entries()) sum += weight * (narrow[(first + tap) * width + column] ?? 0);
        // The array rounds, and clamps what overshoots.
        data[(row * width + column) * channels + channel] = sum;
      }
    }
  }
  return { width, height, channels, data: new Uint8Array(data.buffer) };
}

function lanczosKernels(source: number, target: number): readonly Kernel[] {
  const scale = Math.max(1, source / target);
  const reach = lobes * scale;
  return Array.from({ length: target }, (_, index) => {
    const centre = ((index + 0.5) * source) / target - 0.5;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(source - 1, Math.floor(centre + reach));
    const weights = Float64Array.from({ length: last - first + 1 }, (_, tap) =>
      lanczos((first + tap - centre) / scale),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= lobes) return 0;
  const angle = Math.PI * x;
  return (lobes * Math.sin(angle) * Math.sin(angle / lobes)) / (angle * angle);
}
