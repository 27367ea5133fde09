import type { DecodedFrame } from '../types/pixels.ts';

/** Of a frame that is cut off, so much must be there for it to be shown. */
export const minShownPart = 0.5;

/**
 * A frame of which only the first pixels are there: the others get the darkest value that these have; in colour they
 * become black.
 *
 * @param frame its values are changed in place
 * @param pixels how many pixels from the first, row by row, are there
 * @param incomplete what is missing, in a sentence
 */
export function cutFrame(frame: DecodedFrame, pixels: number, incomplete: string): DecodedFrame {
  const { values, samplesPerPixel, photometricInterpretation } = frame;
  const start = pixels * samplesPerPixel;
  const result = { ...frame, incomplete };
  if (samplesPerPixel > 1) {
    const isYbr = photometricInterpretation.startsWith('YBR');
    for (let at = start; at < values.length; at++) values[at] = isYbr && at % 3 !== 0 ? 128 : 0;
    return result;
  }
  let [low, high] = [values[0] ?? 0, values[0] ?? 0];
  for (let at = 1; at < start; at++) {
    const value = values[at] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  values.fill(photometricInterpretation === 'MONOCHROME1' ? high : low, start);
  return result;
}

/** What is missing of a frame whose compressed bytes break after some rows. `why` is a sentence. */
export function rowsMissing(why: string, there: number, rows: number): string {
  return `${why} ${there === 1 ? `The first of ${rows} rows is` : `The first ${there} of ${rows} rows are`} shown, and the rest is background.`;
}
