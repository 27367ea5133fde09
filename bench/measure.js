import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Ways to learn the peak memory of a program from the operating system, the first that works here is used. Each starts
 * the program from a small process of its own: a child's peak begins at that of the process it was forked from.
 *
 * @type {readonly {name: string, wrap: (file: string, command: readonly string[]) => string[], parse: (text: string) => number}[]}
 */
const METERS = [
  {
    name: 'GNU time',
    wrap: (file, command) => ['/usr/bin/time', '-q', '-f', '%M', '-o', file, ...command],
    parse: (text) => Number(text.trim().split('\n').at(-1)) * 1024,
  },
  {
    name: 'BSD time',
    wrap: (file, command) => ['/usr/bin/time', '-l', '-o', file, ...command],
    parse: (text) => Number(/(\d+)\s+maximum resident set size/.exec(text)?.[1]),
  },
  {
    name: 'python3',
    wrap: (file, command) => ['python3', '-c', PYTHON_METER, file, ...command],
    parse: (text) => Number(text),
  },
];

const PYTHON_METER = `
import os, sys
_, status, usage = os.wait4(os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:]), 0)
with open(sys.argv[1], 'w') as file:
    file.write(str(usage.ru_maxrss * (1 if sys.platform == 'darwin' else 1024)))
sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

const meter = await withFile((file) =>
  METERS.find(({ wrap, parse }) => {
    const [program = '', ...parameters] = wrap(file, [process.execPath, '-e', '0']);
    const run = spawnSync(program, parameters, { stdio: 'ignore' });
    return run.status === 0 && parse(readFileSync(file, 'utf8')) > 0;
  }),
);

/** What tells peak memory here, or undefined where nothing does. */
export const memoryMeter = meter?.name;

/** Process group of the program that runs now. @type {number | undefined} */
let running;
process.once('exit', endRunning);

/** The whole group: the meter's end alone would leave the program behind. */
function endRunning() {
  if (running !== undefined) process.kill(-running, 'SIGKILL');
}

/**
 * Lends a file, in a folder of its own, to a function.
 *
 * @template Value
 * @param {(file: string) => Value | Promise<Value>} use
 * @returns {Promise<Value>}
 */
async function withFile(use) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-measure-'));
  try {
    return await use(join(folder, 'memory'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a program to its end: wall time of the whole process as its caller sees it, peak resident memory, output.
 *
 * @type {typeof import('./measure.d.ts').measure}
 */
export function measure(command, { env = {}, timeoutMs = 180_000 } = {}) {
  return withFile(async (file) => {
    const run = await runProgram(meter === undefined ? command : meter.wrap(file, command), env, timeoutMs);
    // A meter that was ended has written nothing.
    const peak = meter !== undefined && existsSync(file) ? meter.parse(readFileSync(file, 'utf8')) : Number.NaN;
    return { ...run, peakRssBytes: Number.isNaN(peak) ? undefined : peak };
  });
}

/**
 * @param {readonly string[]} command
 * @param {Readonly<Record<string, string>>} env
 * @param {number} timeoutMs
 * @returns {Promise<Omit<import('./bench.d.ts').Measurement, 'peakRssBytes'>>}
 */
function runProgram([program = '', ...parameters], env, timeoutMs) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, parameters, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    running = child.pid;
    const timer = setTimeout(endRunning, timeoutMs);
    /** @type {Buffer[]} */
    const out = [];
    /** @type {Buffer[]} */
    const err = [];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    let wallMs = 0;
    child.once('exit', () => {
      wallMs = performance.now() - start;
      running = undefined;
      clearTimeout(timer);
    });
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ wallMs, exitCode, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}
