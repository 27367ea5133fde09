// One process that makes thousands of pictures, and many processes with one cache folder.
import { execFile, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ctSeries, writeSeriesFolder } from './support/dicom/index.js';
import { repetitions } from './support/repetitions.ts';

/** The encoder's own threads come and go. */
const maxEncoderThreads = 6;

const isLong = repetitions(0, 1) === 1;
const script = fileURLToPath(new URL('support/long-life.js', import.meta.url));
const program = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** A line that the script prints. */
interface Measured {
  readonly stage: 'start' | 'run' | 'hundred at once' | 'after' | 'closed';
  readonly pictures: number;
  readonly aborted: number;
  readonly rssMb: number;
  readonly heapMb: number;
  readonly files: number;
  readonly sockets: number;
  readonly threads: number;
  /** What keeps the process alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
}

describe.runIf(isLong)('two thousand pictures in one process, a fifth of them aborted', () => {
  let samples: readonly Measured[] = [];
  const run = (): readonly Measured[] => samples.filter(({ stage }) => stage === 'run');
  const first = (): Measured => run()[0] as Measured;
  const at = (stage: string): Measured => samples.find((each) => each.stage === stage) as Measured;

  beforeAll(async () => {
    // Into a file: pipes would be counted.
    const folder = mkdtempSync(join(tmpdir(), 'long-life-'));
    const told = openSync(join(folder, 'told'), 'w+');
    const child = spawn(process.execPath, ['--expose-gc', script, '2000'], { stdio: ['ignore', told, told] });
    await new Promise((resolve) => child.once('close', resolve));
    closeSync(told);
    const text = readFileSync(join(folder, 'told'), 'utf8');
    rmSync(folder, { recursive: true });
    console.log(text);
    samples = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Measured);
  }, 900_000);

  it('were made, and aborted', () => {
    expect(run()).toHaveLength(10);
    expect(run().at(-1)?.aborted).toBeGreaterThan(150);
  });

  it('take no more memory after the first 200', () => {
    for (const { rssMb, heapMb } of run()) {
      expect(rssMb).toBeLessThanOrEqual(first().rssMb + 60);
      expect(heapMb).toBeLessThanOrEqual(first().heapMb + 10);
    }
  });

  it('leave no file, socket, thread or timer behind', () => {
    for (const { files, sockets, threads, resources } of run()) {
      expect(sockets).toBeLessThanOrEqual(64);
      expect(files - sockets).toBeLessThanOrEqual(first().files - first().sockets + 3);
      expect(threads).toBeLessThanOrEqual(first().threads + maxEncoderThreads);
      expect(resources).toEqual(at('start').resources);
    }
  });

  it('are bounded where a hundred are asked for at once', () => {
    const { rssMb, sockets, threads } = at('hundred at once');
    expect(rssMb).toBeLessThanOrEqual(first().rssMb + 150);
    expect(sockets).toBeLessThanOrEqual(130);
    expect(threads).toBeLessThanOrEqual(first().threads + maxEncoderThreads);
  });

  it('leave nothing open when the previewer is closed', () => {
    const { sockets, files, threads, resources } = at('closed');
    expect(sockets).toBe(0);
    expect(files).toBeLessThanOrEqual(at('start').files);
    expect(threads).toBeLessThanOrEqual(first().threads + maxEncoderThreads);
    expect(resources).toEqual({});
  });
});

describe('many processes with one cache folder', () => {
  let work = '';
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'one-cache-'));
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('make the same pictures, and leave whole files', async () => {
    const cacheDir = join(work, 'cache');
    const series = ['a', 'b'].map((name, seed) => {
      writeSeriesFolder(join(work, name), ctSeries({ instances: 12, rows: 32, seed: seed + 1 }));
      return join(work, name);
    });
    const runs = Array.from({ length: repetitions(6, 20) }, (_, index) => {
      const args = ['mosaic', series[index % 2] ?? '', join(work, `${index}.png`), '--cache-dir', cacheDir, '--quiet'];
      const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
      return new Promise((resolve) => child.once('close', resolve));
    });
    expect(await Promise.all(runs)).toEqual(runs.map(() => 0));
    for (const index of runs.keys()) {
      expect(readFileSync(join(work, `${index}.png`)).equals(readFileSync(join(work, `${index % 2}.png`)))).toBe(true);
    }
    expect(readdirSync(join(cacheDir, 'series')).filter((name) => !/^[0-9a-f]{40}\.parquet$/.test(name))).toEqual([]);
    expect(readdirSync(join(cacheDir, 'series'))).toHaveLength(2);
    const commands = ['index', 'build', ...series, '--cache-dir', cacheDir];
    const { stderr } = await promisify(execFile)(process.execPath, [program, ...commands]);
    expect(stderr.match(/12 known already/g)).toHaveLength(2);
  });
});
