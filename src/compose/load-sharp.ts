import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type Sharp from 'sharp';

/** The file that the build makes of the seventy files of sharp's JavaScript. */
interface BundledSharp {
  readonly version: string;
  /** @param require finds what is not in the bundle, above all the native part, as sharp itself would */
  load(require: NodeJS.Require): typeof Sharp;
}

/**
 * Loads sharp. If the installed sharp has the version that this package was built with, its JavaScript comes from the
 * built file, which takes half the time; else file by file. If this process has loaded sharp already, that one is used.
 * `require` takes half the time of a dynamic import().
 *
 * @param bundle the built file: it lies a folder above the chunk that this code becomes a part of
 * @throws what `require` throws where sharp, or its native part, is missing
 */
export function loadSharp(bundle: string = fileURLToPath(new URL('../sharp.cjs', import.meta.url))): typeof Sharp {
  const require = createRequire(import.meta.url);
  const installed = require.resolve('sharp');
  if (require.cache[installed] === undefined && existsSync(bundle)) {
    const requireAsSharp = createRequire(installed);
    const { version, load }: BundledSharp = require(bundle);
    const manifest: { readonly version?: unknown } = requireAsSharp('../package.json');
    if (manifest.version === version) return load(requireAsSharp);
  }
  return require(installed);
}
