// Builds test/fuzz (TypeScript, and the sources as they are now) and runs it: see `npm run fuzz -- --help`. The decoding
// worker is that of dist/.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// A folder of this run alone: others may be under way.
const outdir = join(root, 'test', 'fuzz', 'build', String(process.pid));
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
buildSync({
  entryPoints: {
    run: join(root, 'test', 'fuzz', 'run.ts'),
    child: join(root, 'test', 'fuzz', 'child.ts'),
  },
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  define: { PACKAGE_VERSION: '"0.0.0-fuzz"' },
  logLevel: 'warning',
});
// What reads the index of the Imaging Data Commons in a thread of its own, as the sources are now: it lies beside the bundle.
buildSync({
  entryPoints: { 'idc-worker': join(root, 'src', 'header-index', 'idc', 'thread', 'index-worker.ts') },
  ...{ outdir, outExtension: { '.js': '.cjs' }, bundle: true, format: 'cjs', platform: 'node', target: 'node20.19' },
  logLevel: 'warning',
});
await import(pathToFileURL(join(outdir, 'run.js')).href);
