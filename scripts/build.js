// Builds dist/: bundled ES modules for the library, the command line and the decoding worker (esbuild), and the
// declarations (tsc). Bundling keeps start-up short: Node opens a few files instead of a hundred; modules behind a
// dynamic import() stay in files of their own and load only when they are needed.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

const entryPoints = { index: 'src/index.ts', cli: 'src/cli/main.ts', 'decode-worker': 'src/codecs/decode-worker.ts' };
const present = Object.fromEntries(Object.entries(entryPoints).filter(([, file]) => existsSync(join(root, file))));
await build({
  absWorkingDir: root,
  entryPoints: present,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  chunkNames: 'chunks/[name]-[hash]',
  define: { PACKAGE_VERSION: JSON.stringify(manifest.version) },
  logLevel: 'warning',
});
if (existsSync(join(dist, 'cli.js'))) chmodSync(join(dist, 'cli.js'), 0o755);

const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
const types = spawnSync(process.execPath, [tsc, '--project', join(root, 'tsconfig.declarations.json')], { stdio: 'inherit' });
process.exitCode = types.status ?? 1;
