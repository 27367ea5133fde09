import type { Cells } from '../stored-values.ts';

/**
 * 2 x 2 pixels of 3 components in High-Throughput JPEG 2000 without component transform, written by OpenJPH's own
 * program: (1 11 21) (2 12 22) (3 13 23) (4 14 24).
 */
export const PROBE_CODESTREAM: Uint8Array = Buffer.from(
  '/0//UQAvQAAAAAACAAAAAgAAAAAAAAAAAAAAAgAAAAIAAAAAAAAAAAADBwEBBwEBBwEB/1AACAACAAAAAf9SAAwAAgABAAAAAEAB/1wABCBI/2QAFgAB' +
    'T3BlbkpQSCBWZXIgMC45LjAu/5AACgAAAAAALwAB/5PAKgD9/P37AIG0AMAqAOny8/EAgbQAwCoA1ejp5wCBtAD/2Q==',
  'base64',
);

/** How the probe looks where lines have been taken for those of the wrong component. */
export function showsLinesByPlane(probe: ArrayLike<number>): boolean {
  return probe[1] === 3;
}

/**
 * OpenJPH hands the lines of an image out plane by plane where the components are not transformed into each other, else
 * component by component of one row. The library around it (@cornerstonejs/codec-openjph 2.4.11) writes them all as if
 * they were the latter. Undoes that: line k of the library is row k mod `rows` of component k / `rows`.
 *
 * @param cells interleaved by pixel, as the library wrote them; length = rows * columns * samples
 */
export function linesIntoPixels<C extends Cells>(cells: C, rows: number, samples: number): C {
  const columns = cells.length / (rows * samples);
  const pixels = cells.slice() as C;
  for (let line = 0; line < rows * samples; line++) {
    const component = Math.trunc(line / rows);
    const from = Math.trunc(line / samples) * columns * samples + (line % samples);
    const to = (line % rows) * columns * samples + component;
    for (let at = 0; at < columns * samples; at += samples) pixels[to + at] = cells[from + at] ?? 0;
  }
  return pixels;
}
