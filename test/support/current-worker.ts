import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * The decoding worker as the sources are now, whatever dist/ holds: built below node_modules/, where it finds the
 * decoders.
 */
export function currentWorker(): URL {
  const outdir = join(root, 'node_modules', '.cache', 'decode-worker');
  buildSync({
    entryPoints: [join(root, 'src', 'codecs', 'workers', 'decode-worker.ts')],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
  });
  return pathToFileURL(join(outdir, 'decode-worker.js'));
}
