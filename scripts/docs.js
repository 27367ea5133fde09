// Puts the help texts into docs/dicom-series-preview.md, and makes the man pages, all from the definitions of the commands.
// With --check only says whether they are current.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** @param {string} path */
const read = (path) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json'));

/** @param {import('esbuild').OnResolveArgs} parameters */
const laterIsExternal = ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined);

/** The definitions and what makes documents of them, compiled beside the program. */
async function loadSources() {
  const outfile = join(root, 'dist', 'for-documents.mjs');
  await build({
    stdin: { contents: "export * from './scripts/documents.ts';", resolveDir: root },
    ...{ outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20' },
    // What commands load when they run is not needed to describe them.
    plugins: [{ name: 'later', setup: (each) => each.onResolve({ filter: /^\.\.\// }, laterIsExternal) }],
    define: { PACKAGE_VERSION: JSON.stringify(manifest.version) },
  });
  const loaded = await import(pathToFileURL(outfile).href);
  rmSync(outfile);
  return loaded;
}

const { makeDocuments } = await loadSources();
const documents = makeDocuments(read, readdirSync(join(root, 'docs')));
const stale = [...documents].filter(([path, text]) => {
  try {
    return read(path) !== text;
  } catch {
    return text !== undefined;
  }
});
if (stale.length === 0) {
  console.log('The help texts and the man pages are current.');
} else if (process.argv.includes('--check')) {
  console.error(`Old: ${stale.map(([path]) => path).join(', ')}. Run: node scripts/docs.js`);
  process.exitCode = 1;
} else {
  for (const [path, text] of stale) {
    if (text === undefined) rmSync(join(root, path));
    else writeFileSync(join(root, path), text);
    console.log(text === undefined ? `${path} is gone.` : `${path} is new.`);
  }
}
