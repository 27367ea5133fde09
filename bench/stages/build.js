import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../context.js';

/** @type {Promise<string> | undefined} */
let built;

/**
 * The stage programs are TypeScript on top of the sources: this bundles them, once a run, as the package's own build does. Their worker is that of the build.
 * They lie below node_modules so that they find the same dependencies.
 *
 * @returns {Promise<string>} path of decode.js
 */
export function decodeStage() {
  built ??= bundle();
  return built;
}

async function bundle() {
  const outdir = mkdtempSync(join(root, 'node_modules', '.bench-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  await build({
    absWorkingDir: root,
    entryPoints: { decode: 'bench/stages/decode.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    define: { PACKAGE_VERSION: JSON.stringify('0.0.0-bench') },
    logLevel: 'warning',
  });
  return join(outdir, 'decode.mjs');
}
