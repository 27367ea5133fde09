import { extname } from 'node:path';
import { UsageError } from '../base/errors.ts';
import type { FilmFormat, OutputFormat } from '../types/report.ts';

/** The formats that pictures can be written in. */
export const outputFormats: readonly OutputFormat[] = ['webp', 'jpeg', 'png', 'avif', 'tiff'];

/** The formats that films can be written in. */
export const filmFormats: readonly FilmFormat[] = ['webp', 'gif', 'mp4', 'webm'];

/** The formats that a mosaic can be written in. */
const mosaicFormats: readonly (OutputFormat | 'html')[] = [...outputFormats, 'html'];

/** Other names of formats. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['jpg', 'jpeg'],
  ['tif', 'tiff'],
  ['htm', 'html'],
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
  return formatOf(path, format, outputFormats);
}

/**
 * The format of a mosaic's file, as {@link outputFormatOf}, or 'html' for a page.
 *
 * @param path a file's path, or `-` for standard output, which has no extension and so needs a format
 * @param format as for pictures, or 'html'
 * @throws UsageError where neither tells the format, or the format is unknown; the message names the known ones
 * @example
 * ```ts
 * const format = mosaicFormatOf('chest.html'); // 'html'
 * ```
 */
export function mosaicFormatOf(path: string, format?: string): OutputFormat | 'html' {
  return formatOf(path, format, mosaicFormats);
}

/**
 * The format of a film's file: the given one, else that of the file's extension.
 *
 * @param path a file's path, or `-` for standard output, which has no extension and so needs a format
 * @param format 'webp', 'gif', 'mp4' or 'webm', in upper or lower case
 * @throws UsageError where neither tells the format, or the format is unknown; the message names the known ones
 * @example
 * ```ts
 * const format = filmFormatOf('heart.mp4'); // 'mp4'
 * ```
 */
export function filmFormatOf(path: string, format?: string): FilmFormat {
  return formatOf(path, format, filmFormats);
}

function formatOf<Format extends string>(path: string, format: string | undefined, formats: readonly Format[]): Format {
  const find = (name: string): Format | undefined => {
    const lower = name.toLowerCase();
    return formats.find((each) => each === (synonyms.get(lower) ?? lower));
  };
  if (format !== undefined) {
    const named = find(format);
    if (named === undefined) {
      throw new UsageError(`Expected ${formats.join(', ')} as the format but received '${format}'.`);
    }
    return named;
  }
  if (path === '-') {
    throw new UsageError(
      `Expected a format (${formats.join(', ')}) for standard output: '-' has no extension that could say it.`,
    );
  }
  const extension = extname(path);
  const known = find(extension.slice(1));
  if (known === undefined) {
    const received = extension === '' ? `'${path}', which has no extension` : `'${extension}'`;
    const extensions = formats.map((each) => `.${each === 'jpeg' ? 'jpg' : each}`);
    throw new UsageError(
      `Expected an output file that ends in ${extensions.slice(0, -1).join(', ')} or ${extensions.at(-1)} but received ${received}. Change its name, or name the format.`,
    );
  }
  return known;
}
