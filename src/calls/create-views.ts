import type { Preview } from '../types/report.ts';
import type { ContrastSheetOptions, FilmOptions, PlanesOptions } from '../types/view-options.ts';
import { createAlone } from './create-picture.ts';
import { contrastSheetCall, filmCall, planesCall } from './view-calls.ts';

/**
 * The same images of a series in several contrasts: a row an image, a column a contrast. Each image is read once.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @throws every error of this package; see `code`
 * @example
 * ```ts
 * const { bytes } = await createContrastSheet('./CT', { contrasts: ['lung', 'bone', 'soft-tissue'], samples: 3 });
 * ```
 */
export async function createContrastSheet(series: string, options: ContrastSheetOptions): Promise<Preview> {
  return createAlone(contrastSheetCall(series, options));
}

/**
 * Axial, coronal and sagittal planes through a series' slices, side by side, with true proportions. Slices are read one
 * after the other, so that memory does not grow with their number.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @throws every error of this package; UnsupportedError where there are not enough parallel slices
 * @example
 * ```ts
 * const { bytes, report } = await createPlanes('./CT', { at: { axial: 0.3 }, projection: 'max', slab: 20 });
 * ```
 */
export async function createPlanes(series: string, options?: PlanesOptions): Promise<Preview> {
  return createAlone(planesCall(series, options));
}

/**
 * A film of a series: its images one after the other, along the places, the time, or the frames of an instance.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @throws every error of this package; MissingComponentError for MP4 and WebM where there is no ffmpeg
 * @example
 * ```ts
 * const { bytes, report } = await createFilm('./heart', { along: 'time', format: 'gif' });
 * console.log(report.film?.frames, report.film?.framesPerSecond);
 * ```
 */
export async function createFilm(series: string, options?: FilmOptions): Promise<Preview> {
  return createAlone(filmCall(series, options));
}
