// Goes over every instance and every series of the real DICOM beside the checkout (../shared/dicom), renders each in a
// process of its own with a bound on time and memory, compares what came out with what is known of it, and puts the
// tables into docs/conformance.md, whose explanations are written by hand.
//
//     npm run conformance [-- PART_OF_A_PATH]     with a part of a path: prints those rows and leaves the page alone
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { runBounded } from './conformance/run-bounded.js';
import { decodeReferences } from './conformance/stored-reference.js';
import { describeRow, pageTables } from './conformance/tables.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const data = join(root, '..', 'shared', 'dicom');
const page = join(root, 'docs', 'conformance.md');
const program = join(root, 'scripts', 'conformance-instance.js');
const bounds = { timeoutMs: 120_000, memoryMiB: 1024 };
const abreast = 2;

function manifestRows() {
  const [head = '', ...lines] = readFileSync(join(data, 'manifest.tsv'), 'utf8').trimEnd().split('\n');
  const names = head.split('\t');
  return lines
    .map((line) => Object.fromEntries(line.split('\t').map((cell, index) => [names[index], cell])))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * The package and the frame reader of the tests as modules of JavaScript, bundled as dist/ is: a build under way elsewhere
 * does not disturb them. Below node_modules, so that they find the dependencies.
 */
async function bundlePackage() {
  const outdir = mkdtempSync(join(root, 'node_modules', '.conformance-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  writeFileSync(join(outdir, 'package.json'), '{"type":"module"}');
  await build({
    absWorkingDir: root,
    entryPoints: { index: 'src/index.ts', 'stored-frames': 'test/support/stored-frames.ts' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    define: { PACKAGE_VERSION: JSON.stringify('0.0.0-conformance') },
    logLevel: 'warning',
  });
  // The worker as it was built: `npm run build` comes first.
  copyFileSync(join(root, 'dist', 'decode-worker.cjs'), join(outdir, 'decode-worker.cjs'));
  const urlOf = (name) => pathToFileURL(join(outdir, name)).href;
  return { library: urlOf('index.js'), storedFrames: urlOf('stored-frames.js') };
}

async function mapAbreast(items, work) {
  const results = new Array(items.length);
  let next = 0;
  const lane = async (number) => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index], index, number);
    }
  };
  await Promise.all(Array.from({ length: abreast }, (_, number) => lane(number)));
  return results;
}

const has = (tool) => spawnSync(tool, ['--version']).error === undefined;

/** Stored values that no decoder of the manifest gives: those of dcmdjpeg --workaround-pred6. */
const withoutOverflow = new Map([
  [
    'ljdata__ds__JPEGLossless__JPEGLossless_1s_1f_i_16_16_bad.dcm',
    '6ac1ebb09e282120130757c79f559cf8a3ec5b2e53e0565e9eb7876c377ee255',
  ],
]);

async function run(wanted) {
  const scratch = mkdtempSync(join(tmpdir(), 'dicom-series-preview-conformance-'));
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const modules = await bundlePackage();
  const rows = manifestRows().filter(({ path }) => path.includes(wanted));
  const references = decodeReferences(
    rows.map(({ path }) => join(data, path)),
    join(scratch, 'references'),
  );
  const folders = readdirSync(join(data, 'series'))
    .sort()
    .map((name) => `series/${name}`)
    .filter((path) => path.includes(wanted));
  const tasks = [
    ...folders.map((path) => ({ path, isSeries: true, sha256: '', reference: null })),
    ...rows.map(({ path, bit_exact, sha256 }, index) => ({
      path,
      isSeries: false,
      sha256: withoutOverflow.get(basename(path)) ?? (bit_exact === '1' ? sha256 : ''),
      reference: references[index] ?? null,
    })),
  ];
  let done = 0;
  const outcomes = await mapAbreast(tasks, async (task, _index, lane) => {
    const own = join(scratch, `lane-${lane}`);
    mkdirSync(own, { recursive: true });
    const argument = JSON.stringify({ ...task, path: join(data, task.path), scratch: own, ...modules });
    const outcome = await runBounded(program, argument, bounds);
    done++;
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${tasks.length}`);
    return outcome;
  });
  return {
    bounds,
    tools: { dcmtk: has('dcmj2pnm'), gdcm: has('gdcmconv') },
    series: folders.map((path, index) => ({ path, ...outcomes[index] })),
    instances: rows.map((row, index) => ({ ...row, ...outcomes[folders.length + index] })),
  };
}

if (!existsSync(join(data, 'manifest.tsv'))) {
  console.log('Skipped: there is no real DICOM beside the checkout (looked for ../shared/dicom/manifest.tsv).');
} else {
  const wanted = process.argv[2] ?? '';
  const results = await run(wanted);
  if (wanted !== '') {
    for (const row of [...results.series, ...results.instances]) console.log(describeRow(row), JSON.stringify(row));
  } else {
    const { summary, tables, isClean } = pageTables(results);
    const before = readFileSync(page, 'utf8');
    const after = before
      .replace(/<!-- summary -->[\s\S]*?<!-- \/summary -->/, () => `<!-- summary -->\n${summary}\n<!-- /summary -->`)
      .replace(/<!-- tables -->[\s\S]*?<!-- \/tables -->/, () => `<!-- tables -->\n${tables}\n<!-- /tables -->`);
    writeFileSync(page, after);
    console.log(summary);
    if (!isClean) process.exitCode = 1;
  }
}
