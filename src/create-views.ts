import { createAlone } from './create-picture.ts';
import type { Preview } from './types/report.ts';
import type { ContrastSheetOptions } from './types/view-options.ts';
import { contrastSheetCall } from './view-calls.ts';

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
