import { extname } from 'node:path';
import { UsageError } from '../base/errors.ts';
import type { OutputFormat } from '../types/report.ts';

/** The formats that pictures can be written in. */
export const outputFormats: readonly OutputFormat[] = ['webp', 'jpeg', 'png', 'avif', 'tiff'];

const formatOfName: ReadonlyMap<string, OutputFormat> = new Map([
  ...outputFormats.map((format) => [format, format] as const),
  ['jpg', 'jpeg'],
  ['tif', 'tiff'],
]);

/**
 * The format of an output file: the given one, else that of the file's extension.
 *
 * @param path a file's path, or `-` for standard output, which has no extension and so needs a format
 * @param format 'webp', 'jpeg', 'jpg', 'png', 'avif', 'tiff' or 'tif', in upper or lower case
 * @throws UsageError where neither tells the format, or the format is unknown; the message names the known ones
 * @example
 * ```ts
 * const format = outputFormatOf('mosaic.JPG'); // 'jpeg'
 * const { bytes } = await createMosaic('./CT', { format });
 * ```
 */
export function outputFormatOf(path: string, format?: string): OutputFormat {
  if (format !== undefined) {
    const named = formatOfName.get(format.toLowerCase());
    if (named === undefined) {
      throw new UsageError(`Expected ${outputFormats.join(', ')} as the format but received '${format}'.`);
    }
    return named;
  }
  if (path === '-') {
    throw new UsageError(
      `Expected a format (${outputFormats.join(', ')}) for standard output: '-' has no extension that could say it.`,
    );
  }
  const extension = extname(path);
  const known = formatOfName.get(extension.slice(1).toLowerCase());
  if (known === undefined) {
    const received = extension === '' ? `'${path}', which has no extension` : `'${extension}'`;
    throw new UsageError(
      `Expected an output file that ends in .webp, .jpg, .png, .avif or .tiff but received ${received}. Change its name, or name the format.`,
    );
  }
  return known;
}
