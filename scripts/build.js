// Builds dist/: bundled ES modules for the library, the command line and the decoding worker (rolldown), and the
// declarations (tsc). Bundling keeps start-up short: every file that Node opens costs a millisecond or two. What the
// library needs in any case is one file; modules behind a dynamic import() load only when they are needed.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

// Parquet lies inside dist/ too: a package of many small files takes 20 ms to load, bundled 3 ms.
const parquetPackages = ['hyparquet', 'hyparquet-writer'];
/** What only servers need. */
const serverPackages = ['hono', '@hono/node-server'];
/** What is bundled into the page of an atlas. */
const pagePackages = ['preact', '@tanstack/virtual-core', 'hyparquet'];
/** What only atlases need. */
const atlasPackages = ['hyparquet', 'hyparquet-writer', 'modern-tar', 'csv-parse'];
/** What only the server for language models needs: 17 MB as packages, half a megabyte of JavaScript when bundled. */
const mcpPackages = ['@modelcontextprotocol/server', '@modelcontextprotocol/core', 'zod'];

/** What the front doors import of the library stays the module beside them. */
const besides = new Map([
  ['../index.ts', 'index.js'],
  ['../../index.ts', 'index.js'],
  ['../atlas/index.ts', 'atlas.js'],
  ['../mcp/index.ts', 'mcp.js'],
  ['../serve/index.ts', 'serve.js'],
]);
const libraryBeside = {
  name: 'library-beside',
  resolveId(/** @type {string} */ id, /** @type {string | undefined} */ importer = '') {
    const name = besides.get(id);
    if (name === undefined || !/[/\\]src[/\\](cli|atlas|mcp|serve)[/\\](tools[/\\])?[^/\\]+$/.test(importer))
      return null;
    // Of the command line, only the entry lies beside them: all else lies in chunks/.
    const isInChunk = /[/\\]cli[/\\](?!main\.ts$)/.test(importer);
    return { id: `${isInChunk ? '..' : '.'}/${name}`, external: true };
  },
};

const shims = '@modelcontextprotocol/server/_shims';
/**
 * The protocol's package brings a validator (ajv, half of its code) for answers of a client's user to forms. This server shows
 * no forms, so that the validator is never asked.
 */
const withoutValidator = {
  name: 'without-validator',
  resolveId: (/** @type {string} */ id) => (id === shims ? `\0${shims}` : null),
  load: (/** @type {string} */ id) =>
    id === `\0${shims}`
      ? `export { default as process } from 'node:process';
         export class DefaultJsonSchemaValidator {
           getValidator() { throw new TypeError('expected no form to validate'); }
         }`
      : null,
};

/**
 * What sharp and commander ask for at their start and need, if ever, later: names of colours, versions of a libvips that the system
 * has, programs to build it; commands that are programs of their own. Half of sharp's loading time goes there, and 2.5 ms of each start of
 * the command line. Each is what it was, loaded at its first use.
 */
const neededLater = new Map([
  [
    'semver',
    `module.exports = {
       coerce: require('semver/functions/coerce'),
       get gte() { return require('semver/functions/gte'); },
       get satisfies() { return require('semver/functions/satisfies'); },
     };`,
  ],
  ['@img/colour', `module.exports = (...parameters) => require('@img/colour')(...parameters);`],
  [
    'child_process',
    `const parts = () => require('node:child_process');
     module.exports = {
       exec: (...parameters) => parts().exec(...parameters),
       execSync: (...parameters) => parts().execSync(...parameters),
     };`,
  ],
  [
    'node:child_process',
    `module.exports = {
       spawn: (...parameters) => require('node:child_process').spawn(...parameters),
       spawnSync: (...parameters) => require('node:child_process').spawnSync(...parameters),
     };`,
  ],
  [
    'node:crypto',
    `module.exports = { createHash: (...parameters) => require('node:crypto').createHash(...parameters) };`,
  ],
]);
const later = '\0later:';

/** @param {string} id @param {string | undefined} importer */
const isLater = (id, importer) =>
  neededLater.has(id) && /[/\\](sharp[/\\]dist|detect-libc|commander[/\\]lib)[/\\]/.test(importer ?? '');

const loadingLater = {
  name: 'later',
  resolveId: (/** @type {string} */ id, /** @type {string | undefined} */ importer) =>
    isLater(id, importer) ? `${later}${id}` : null,
  load: (/** @type {string} */ id) => (id.startsWith(later) ? neededLater.get(id.slice(later.length)) : null),
};

/**
 * A single letter beyond Latin-1 makes the engine keep a whole file with two bytes a letter: twice the memory, and a few
 * milliseconds more to load.
 */
const inAscii = { codegen: { removeWhitespace: true, asciiOnly: true } };
/**
 * The library keeps the names of its functions, classes and methods, so that the stack of an error can be read. Half as many letters
 * are 2 ms less of each run on Node 20.
 */
const readable = { compress: true, mangle: { toplevel: false }, codegen: { removeWhitespace: true, asciiOnly: true } };

/**
 * @param {string} name of the entry: its file in dist/ is called so
 * @param {string} file
 * @param {object} options
 * @param {readonly string[]} options.inside packages to bundle; all others stay packages
 * @param {'esm' | 'cjs'} [options.format]
 * @param {import('rolldown').CodeSplittingOptions | false} [options.codeSplitting] false: all in one file
 * @param {boolean} [options.minify]
 */
async function bundle(name, file, { inside, format = 'esm', codeSplitting, minify = false }) {
  const isInside = (/** @type {string} */ id) => inside.some((each) => id === each || id.startsWith(`${each}/`));
  const bundler = await rolldown({
    cwd: root,
    input: { [name]: file },
    platform: 'node',
    external: (id, importer) => /^[^./]/.test(id) && !isInside(id) && !id.startsWith(root) && !isLater(id, importer),
    plugins: [libraryBeside, withoutValidator, loadingLater],
    transform: { target: 'node20.19', define: { PACKAGE_VERSION: JSON.stringify(manifest.version) } },
    logLevel: 'warn',
    // Said of modules that are needed early and late: they land in the file that is there first, as they should.
    checks: { ineffectiveDynamicImport: false },
  });
  await bundler.write({
    dir: dist,
    format,
    entryFileNames: format === 'cjs' ? '[name].cjs' : '[name].js',
    chunkFileNames: `chunks/${name}-[name]-[hash].js`,
    comments: false,
    minify: minify ? inAscii : readable,
    ...(codeSplitting === undefined ? {} : { codeSplitting }),
  });
  await bundler.close();
}

/** The page of an atlas: one script for the page and its worker, one style sheet, and the frame that finish fills in. */
async function bundlePage() {
  const sources = join(root, 'src/atlas/page');
  const bundler = await rolldown({
    cwd: root,
    input: { page: join(sources, 'main.tsx') },
    platform: 'browser',
    transform: {
      target: 'es2022',
      define: { 'process.env.NODE_ENV': JSON.stringify('production') },
    },
    logLevel: 'warn',
  });
  const page = join(dist, 'atlas');
  await bundler.write({
    ...{ dir: page, format: 'esm', entryFileNames: '[name].js', minify: true, comments: false },
    codeSplitting: false,
  });
  await bundler.close();
  const script = join(page, 'page.js');
  // It stands in an HTML file too.
  writeFileSync(script, readFileSync(script, 'utf8').replaceAll('</script', '<\\/script'));
  const style = readFileSync(join(sources, 'page.css'), 'utf8');
  writeFileSync(join(page, 'page.css'), style.replace(/\s*\n\s*/g, '\n'));
  copyFileSync(join(sources, 'index.html'), join(page, 'index.html'));
}

/** sharp's JavaScript and what that depends on; the native part stays where it is installed. */
const sharpPackages = ['sharp', 'semver', 'detect-libc', '@img/colour'];

/**
 * What sharp asks its native part and its folders for at its start, and tells as `sharp.format` and `sharp.versions`: 3 ms for facts
 * that nobody here asks for. They are found out when somebody does.
 *
 * @param {string} code of sharp's utility.cjs
 */
function withLaterFacts(code) {
  const facts = /const format = sharp\.format\(\);\n(?:format\..*\n)*/.exec(code)?.[0];
  const versions = /let versions = \{.*?versions\.sharp = pkg\.version;\n/s.exec(code)?.[0];
  const heif = /if \(versions\.heif && format\.heif\) \{.*?\n\}\n/s.exec(code)?.[0];
  const [told] = /Sharp\.format = format;/.exec(code) ?? [];
  const [toldVersions] = /Sharp\.versions = versions;/.exec(code) ?? [];
  if (!facts || !versions || !heif || !told || !toldVersions) {
    throw new Error('Expected sharp to find out format and versions as it did: see whether this patch still fits.');
  }
  const getter = (/** @type {string} */ name) =>
    `Object.defineProperty(Sharp, '${name}', { get: () => facts().${name}, configurable: true, enumerable: true });`;
  return [facts, versions, heif]
    .reduce((rest, part) => rest.replace(part, ''), code)
    .replace(told, getter('format'))
    .replace(toldVersions, getter('versions'))
    .concat(
      `let known; const facts = () => known ??= (() => { ${facts}${versions}${heif} return { format, versions }; })();`,
    );
}

/**
 * sharp's JavaScript in one file, as a function of a `require` that finds the rest of it: loading seventy small files takes
 * longer than encoding the picture. Used only where this very version is installed (src/compose/load-sharp.ts).
 */
async function bundleSharp() {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/sharp/package.json'), 'utf8'));
  const bundler = await rolldown({
    cwd: root,
    input: { sharp: 'node_modules/sharp/dist/index.cjs' },
    platform: 'node',
    external: (id, importer) =>
      /^node:|^(fs|child_process)$|\.node$|^@img\/sharp|^\.\.\/src\//.test(id) && !isLater(id, importer),
    plugins: [
      loadingLater,
      {
        name: 'later-facts',
        transform: (code, id) => (/[/\\]sharp[/\\]dist[/\\]utility\.cjs$/.test(id) ? withLaterFacts(code) : null),
      },
    ],
    logLevel: 'warn',
  });
  await bundler.write({
    dir: dist,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    comments: false,
    minify: inAscii,
    banner: `module.exports = { version: '${version}', load(require) { const module = { exports: {} };`,
    footer: 'return module.exports; } };',
  });
  await bundler.close();
}

/**
 * Where a module goes: `core` where the entry needs it in any case (the local store too, which any local run needs), `headers` where
 * reading headers does, `kept-headers` where reading a header index does, `network` where several kinds of stores do. All
 * others go into the file of whoever imports them.
 *
 * @param {string} id
 * @param {import('rolldown').ChunkingContext} modules
 */
function fileOf(id, modules) {
  // A few lines that several files need: one file less to open.
  if (id.includes('rolldown/runtime') || /[/\\](built-file|item-header)\.ts$/.test(id)) return 'core';
  // What the command line's entry waits for imports the core: the entry is none of it.
  if (modules.getModuleInfo(id)?.isEntry === true) return null;
  const seen = new Set();
  const importers = [id];
  let stores = 0;
  let isForHeaders = false;
  let isForKeptHeaders = false;
  for (let each = importers.pop(); each !== undefined; each = importers.pop()) {
    if (seen.has(each)) continue;
    seen.add(each);
    const about = modules.getModuleInfo(each);
    if (about?.isEntry === true || /[/\\](local[/\\]store|cli[/\\]run)\.ts$/.test(each)) return 'core';
    if (/[/\\]storage[/\\].*[/\\]store\.ts$/.test(each)) stores++;
    if (/[/\\]header-pass[/\\]scan\.ts$/.test(each)) isForHeaders = true;
    if (/[/\\]header-index[/\\]instances\.ts$/.test(each)) isForKeptHeaders = true;
    importers.push(...(about?.importers ?? []));
  }
  if (isForHeaders) return 'headers';
  if (isForKeptHeaders) return 'kept-headers';
  return stores > 1 ? 'network' : null;
}

await bundle('index', 'src/index.ts', {
  inside: parquetPackages,
  codeSplitting: { groups: [{ name: fileOf, debugName: 'layers' }] },
});
// A bundle of its own: a worker that loaded the library's core would start later. One file of CommonJS, which a
// fresh thread loads a few milliseconds sooner than a handful of ES modules; there is little of it.
await bundle('decode-worker', 'src/codecs/workers/decode-worker.ts', {
  inside: [],
  format: 'cjs',
  codeSplitting: false,
});
// The thread that reads the index of the Imaging Data Commons, likewise.
await bundle('idc-worker', 'src/header-index/idc/thread/index-worker.ts', {
  inside: ['hyparquet', 'fzstd'],
  format: 'cjs',
  codeSplitting: false,
  minify: true,
});
// The command line with the argument parser in it, which halves what `--help` costs above a bare `node`: one file for the
// usual commands, and one for the others.
await bundle('cli', 'src/cli/main.ts', {
  inside: ['commander'],
  codeSplitting: { groups: [{ name: fileOf, debugName: 'layers' }] },
  minify: true,
});
chmodSync(join(dist, 'cli.js'), 0o755);
// Archives, loaded when they are asked for; and the process that makes a chunk of one.
await bundle('atlas', 'src/atlas/index.ts', { inside: atlasPackages, codeSplitting: false, minify: true });
await bundle('atlas-worker', 'src/atlas/worker.ts', { inside: atlasPackages, codeSplitting: false, minify: true });
// The two servers, loaded when one is asked for.
await bundle('serve', 'src/serve/index.ts', { inside: serverPackages, codeSplitting: false, minify: true });
await bundlePage();
// The server for language models, in one file: what it needs of its packages loads in a tenth of the time.
await bundle('mcp', 'src/mcp/index.ts', { inside: mcpPackages, codeSplitting: false, minify: true });
await bundleSharp();
const inside = {
  ...{ commander: 'cli.js contains commander', 'modern-tar': 'atlas.js contains modern-tar' },
  'csv-parse': 'atlas.js contains csv-parse',
};
for (const name of mcpPackages) inside[name] = `mcp.js contains ${name}`;
for (const name of sharpPackages) inside[name] = `sharp.cjs contains the JavaScript of ${name}`;
for (const name of pagePackages) inside[name] = `atlas/page.js contains ${name}`;
for (const name of serverPackages) inside[name] = `serve.js contains ${name}`;
for (const name of parquetPackages) inside[name] = `chunks/ contains ${name}`;
inside.hyparquet += ', and so does idc-worker.cjs';
inside.fzstd = 'idc-worker.cjs contains fzstd';
/** @param {string} name */
const licenseOf = (name) =>
  ['LICENSE', 'LICENSE.md'].map((file) => join(root, 'node_modules', name, file)).find((file) => existsSync(file)) ??
  name;
const licenses = Object.entries(inside).map(
  ([name, where]) => `${where}, under this license:\n\n${readFileSync(licenseOf(name), 'utf8')}`,
);
writeFileSync(join(dist, 'licenses.md'), licenses.join('\n'));

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
/** @param {readonly string[]} parameters */
const compile = (...parameters) => spawnSync(process.execPath, [tsc, ...parameters], { cwd: root, encoding: 'utf8' });

/**
 * The declarations: of all modules first, of which those stay that the public ones refer to. They are compiled as a user
 * would who has no types of Node.js installed.
 */
function declarations() {
  const types = join(dist, 'types');
  const emitted = compile('--project', 'tsconfig.declarations.json');
  if (emitted.status !== 0) return emitted;
  const asUser = '--ignoreConfig --noEmit --strict --module nodenext --target es2022 --listFiles'.split(' ');
  const checked = compile(...asUser, '--types', '', join(types, 'index.d.ts'));
  if (checked.status !== 0) return checked;
  const needed = new Set(checked.stdout.split(/\r?\n/).map((path) => relative(types, path)));
  for (const path of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.d.ts') && !needed.has(path)) rmSync(join(types, path));
  }
  return checked;
}

const { status, stdout, stderr } = declarations();
if (status !== 0) console.error(stdout + stderr);
process.exitCode = status ?? 1;
