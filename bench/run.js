/**
 * The bench: this package beside its peers and its floors, in one run on one machine.
 *
 *     npm run bench -- [--runs 7] [--only CASE]... [--json FILE] [--inputs FOLDER] [--list]
 *
 * Inputs are made on the spot from seeds, in a temporary folder that is removed afterwards; `--inputs` keeps them in a
 * folder of yours, for the next time. `--only` takes the start of a case's name. `--delay` (ms to the first byte) and
 * `--rate` (MB/s a connection) set the far store. The exit code says whether the bench ran, not how it came out;
 * with `--check` it is 1 when something was missed.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cases } from './cases/index.js';
import { createContext, root, startFarStore } from './context.js';
import { memoryMeter } from './measure.js';
import { runCase } from './run-case.js';
import { caseTable } from './table.js';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    inputs: { type: 'string' },
    delay: { type: 'string', default: '40' },
    rate: { type: 'string', default: '60' },
    list: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});

/** The machine and what runs on it, for whoever reads the figures later. */
function environment() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [cpu] = cpus();
  return {
    version: String(manifest.version),
    date: new Date().toISOString().slice(0, 10),
    node: process.version,
    system: `${type()} ${process.arch}`,
    processor: `${cpus().length} x ${cpu?.model ?? 'unknown'}`,
    memoryBytes: totalmem(),
    memoryMeter: memoryMeter ?? 'none',
    farStore: { firstByteDelayMs: Number(values.delay), megabytesPerSecond: Number(values.rate) },
    runs: Number(values.runs),
  };
}

/** @param {readonly import('./bench.d.ts').BenchCase[]} chosen */
async function bench(chosen) {
  const work = mkdtempSync(join(tmpdir(), 'bench-'));
  process.once('exit', () => rmSync(work, { recursive: true, force: true }));
  const [inputs, outputs] = [values.inputs ?? join(work, 'inputs'), join(work, 'outputs')];
  for (const folder of [inputs, outputs]) if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  const farStore = await startFarStore(inputs, {
    delayMs: Number(values.delay),
    megabytesPerSecond: Number(values.rate),
  });
  try {
    const context = createContext({ inputs, outputs, farBase: farStore.base });
    const about = environment();
    console.log(`dicom-series-preview ${about.version}, ${about.date}, Node ${about.node}, ${about.processor}`);
    console.log(`Medians of ${about.runs} runs, contestants taking turns; peak memory by ${about.memoryMeter}.\n`);
    const results = [];
    for (const benchCase of chosen) {
      const onRound = (/** @type {number} */ round) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${benchCase.id}: round ${round} of ${about.runs} `);
      };
      const result = await runCase(benchCase, context, { runs: about.runs, farStore, onRound });
      if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
      console.log(caseTable(result));
      results.push(result);
    }
    if (values.json !== undefined) {
      writeFileSync(values.json, `${JSON.stringify({ schema: 1, environment: about, cases: results }, null, 2)}\n`);
    }
    const missed = results.flatMap(({ checks }) => checks).filter(({ value, limit }) => value > limit).length;
    if (values.check && missed > 0) process.exitCode = 1;
  } finally {
    farStore.close();
  }
}

// An interrupted bench leaves nothing behind either: exit handlers run.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const { only } = values;
const chosen = cases.filter(({ id }) => only.length === 0 || only.some((start) => id.startsWith(start)));
if (values.list || chosen.length === 0) {
  for (const { id, title } of cases) console.log(`${id.padEnd(22)} ${title}`);
  if (!values.list) process.exitCode = 2;
} else if (!(Number(values.runs) >= 1)) {
  console.error(`Expected --runs to be at least 1, received ${values.runs}.`);
  process.exitCode = 2;
} else await bench(chosen);
