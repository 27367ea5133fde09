import { existsSync } from 'node:fs';

/**
 * A file that was built with this package and that no module imports, such as a worker's. In the built package it lies beside
 * the module that asks or above it; when the sources are run, in dist/.
 *
 * @param from `import.meta.url` of the module that asks
 * @returns undefined where it is missing
 */
export function builtFile(name: string, from: string): URL | undefined {
  const folders = ['./', '../', ...[1, 2, 3, 4].map((depth) => `${'../'.repeat(depth)}dist/`)];
  return folders.map((folder) => new URL(`${folder}${name}`, from)).find((url) => existsSync(url));
}
