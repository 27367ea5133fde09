// Builds dist/: bundled ES modules for the library, the command line and the decoding worker (esbuild), and the
// declarations (tsc). Bundling keeps start-up short: Node opens a few files instead of a hundred; modules behind a
// dynamic import() stay in files of their own and load only when they are needed.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

const common = {
  absWorkingDir: root,
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  define: { PACKAGE_VERSION: JSON.stringify(manifest.version) },
  logLevel: 'warning',
};

// Parquet lies inside dist/ too: a package of many small files takes 20 ms to load, bundled 3 ms.
const parquetPackages = ['hyparquet', 'hyparquet-writer', 'fzstd'];
const packagesBeside = {
  name: 'packages-beside',
  setup: (bundler) =>
    bundler.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || parquetPackages.includes(path) ? undefined : { path, external: true },
    ),
};

const entryPoints = { index: 'src/index.ts', 'decode-worker': 'src/codecs/decode-worker.ts' };
const present = Object.fromEntries(Object.entries(entryPoints).filter(([, file]) => existsSync(join(root, file))));
await build({
  ...common,
  entryPoints: present,
  splitting: true,
  plugins: [packagesBeside],
  chunkNames: 'chunks/[name]-[hash]',
});

// The command line in one file, with the argument parser in it, which halves what `--help` costs above a bare `node`.
// The library stays the module beside it, loaded when a command needs it.
const libraryBeside = {
  name: 'library-beside',
  setup: (bundler) =>
    bundler.onResolve({ filter: /^\.\.\/index\.ts$/ }, () => ({ path: './index.js', external: true })),
};
await build({
  ...common,
  entryPoints: { cli: 'src/cli/main.ts' },
  plugins: [libraryBeside],
  // The argument parser is CommonJS and requires Node's own modules.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
});
chmodSync(join(dist, 'cli.js'), 0o755);
const inside = { commander: 'cli.js contains commander' };
for (const name of parquetPackages) inside[name] = `chunks/ contains ${name}`;
const licenses = Object.entries(inside).map(
  ([name, where]) =>
    `${where}, under this license:\n\n${readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8')}`,
);
writeFileSync(join(dist, 'licenses.md'), licenses.join('\n'));

const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
const types = spawnSync(process.execPath, [tsc, '--project', join(root, 'tsconfig.declarations.json')], {
  stdio: 'inherit',
});
process.exitCode = types.status ?? 1;
