import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const program = join(root, 'dist', 'cli.js');

/** @type {(command: string, ...parameters: string[]) => boolean} */
export const runs = (command, ...parameters) => spawnSync(command, parameters, { stdio: 'ignore' }).status === 0;

/**
 * The far store as a process of its own, serving a folder until it is closed.
 *
 * @param {string} folder
 * @param {{delayMs: number, megabytesPerSecond: number}} options
 */
export async function startFarStore(folder, { delayMs, megabytesPerSecond }) {
  const parameters = [
    join(root, 'bench', 'far-store.js'),
    folder,
    '--delay',
    `${delayMs}`,
    '--rate',
    `${megabytesPerSecond}`,
  ];
  const child = spawn(process.execPath, parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
  /** @type {string} */
  const line = await new Promise((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)));
    child.once('exit', (code) => reject(new Error(`The far store ended with exit code ${code} before it listened.`)));
  });
  const base = `http://127.0.0.1:${JSON.parse(line).port}`;
  return {
    base,
    /** Forgets what was counted; then the counters of what came since. */
    reset: async () => {
      await (await fetch(`${base}/.far-store/reset`, { method: 'POST' })).text();
    },
    /** @returns {Promise<import('./far-store.d.ts').FarStoreStatistics>} */
    statistics: async () => JSON.parse(await (await fetch(`${base}/.far-store/statistics`)).text()),
    close: () => child.stdin.end(),
  };
}

/**
 * What cases are prepared with.
 *
 * @param {{inputs: string, outputs: string, farBase: string}} options
 * @returns {import('./bench.d.ts').Context}
 */
export function createContext({ inputs, outputs, farBase }) {
  if (!existsSync(program)) throw new Error(`Expected the built command at ${program}. Run "npm run build" first.`);
  const help = spawnSync(process.execPath, [program, 'mosaic', '--help'], { encoding: 'utf8' }).stdout;
  const knows = (/** @type {string} */ option) => help.includes(`${option} `) || help.includes(`${option}\n`);
  return {
    inputs,
    outputs,
    farUrl: (path) => `${farBase}/${path}/`,
    python: ['python3', '/usr/bin/python3'].find((name) => runs(name, '-c', 'import pydicom, numpy, PIL')),
    ours: (...parameters) => [process.execPath, program, ...parameters],
    knows,
    cold: knows('--no-cache') ? ['--no-cache'] : [],
    async input(name, make) {
      const path = join(inputs, name);
      if (!existsSync(path)) {
        // A folder half made by an interrupted run would pass for a whole one: it gets its name last.
        const unfinished = `${path}.unfinished`;
        mkdirSync(dirname(path), { recursive: true });
        rmSync(unfinished, { recursive: true, force: true });
        await make(unfinished);
        renameSync(unfinished, path);
      }
      return path;
    },
  };
}
