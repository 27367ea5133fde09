import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type Sharp from 'sharp';

/** What the build makes of sharp's own JavaScript: one file in place of seventy. */
interface BundledSharp {
  readonly version: string;
  /** @param require resolves what is not in the bundle, the native part above all, as sharp itself would */
  load(require: NodeJS.Require): typeof Sharp;
}

/**
 * Loads sharp: from the one file that was built with this package where that is of the version that is installed, which
 * takes half the time, else file by file. `require` and not a dynamic import(), which takes twice as long. A sharp that
 * this process has already loaded is used as it is.
 *
 * @param bundle the built file; beside the chunk that this lands in, a folder above
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
