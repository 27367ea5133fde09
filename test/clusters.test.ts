import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { rowsOfPart } from '../src/atlas/part-file.ts';
import { ctSeries, writeSeriesFolder } from './support/dicom/index.js';

const clusters = fileURLToPath(new URL('../examples/clusters', import.meta.url));
const names = readdirSync(clusters);
const read = (name: string): string => readFileSync(join(clusters, name), 'utf8');
const isThere = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;
const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
const archive = join(folder, 'archive');
const seriesCount = 5;

/** A folder for PATH, in which the built program has its name. */
const bin = join(folder, 'bin');

beforeAll(() => {
  const program = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
  mkdirSync(bin);
  const start = join(bin, 'dicom-series-preview');
  writeFileSync(start, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(start, 0o755);
  for (let index = 0; index < seriesCount; index++) {
    const series = ctSeries({ seed: index, instances: 2, rows: 16, windows: [{ center: 40, width: 400 }] });
    writeSeriesFolder(join(archive, `s${index}`), series);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runScript(name: string, args: readonly string[], env: Readonly<Record<string, string>>): string {
  const path = [bin, process.env['PATH'] ?? ''].join(delimiter);
  const { status, stderr } = spawnSync('bash', [join(clusters, name), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env, PATH: path },
  });
  return status === 0 ? '' : `${status}: ${stderr}`;
}

async function seriesIn(out: string): Promise<number> {
  return (await rowsOfPart(readFileSync(join(out, 'manifest.parquet')))).length;
}

const small = ['--image-width', '16', '--tile-width', '1', '--chunk-size', '1', '--processes', '1'];

describe('the scripts for clusters', () => {
  it.skipIf(!isThere('bash'))('are shell that bash and shellcheck take', () => {
    for (const name of names.filter((each) => each.endsWith('.sh'))) {
      const path = join(clusters, name);
      expect(spawnSync('bash', ['-n', path], { encoding: 'utf8' }).stderr).toBe('');
      if (isThere('shellcheck')) expect(spawnSync('shellcheck', [path], { encoding: 'utf8' }).stdout).toBe('');
    }
  });

  it('are YAML and JSON of the kinds that they should be', () => {
    const kinds = names
      .filter((name) => name.endsWith('.yaml'))
      .flatMap((name) => parseAllDocuments(read(name)))
      .map((document) => {
        expect(document.errors).toEqual([]);
        return document.get('kind');
      });
    expect(kinds).toEqual(['Job', 'Deployment']);
    expect(JSON.parse(read('aws-batch-job-definition.json')).parameters).toHaveProperty('shards');
  });

  it('use options that there are', () => {
    const pages = readFileSync(fileURLToPath(new URL('../docs/dicom-series-preview.md', import.meta.url)), 'utf8');
    const help = `${pages}${['build', 'work', 'enqueue'].map((name) => readFileSync(join(clusters, `../../docs/dicom-series-preview-atlas-${name}.1`), 'utf8').replaceAll('\\-', '-')).join('')}`;
    for (const name of names) {
      for (const [, command = ''] of read(name).matchAll(/dicom-series-preview atlas ((?:.|\\\n)*)/g)) {
        for (const [option] of command.matchAll(/--[a-z][a-z-]+/g))
          expect([name, option, help.includes(option)]).toEqual([name, option, true]);
      }
    }
  });

  it.skipIf(!isThere('bash'))("a task of Slurm's does its part", async () => {
    const out = join(folder, 'slurm');
    const slurm = { SLURM_ARRAY_TASK_COUNT: '2', SLURM_ARRAY_TASK_MIN: '1', SLURM_CPUS_PER_TASK: '1' };
    for (const task of ['1', '2']) {
      const env = { ...slurm, SLURM_ARRAY_TASK_ID: task };
      expect(runScript('slurm-array.sh', [archive, out, ...small], env)).toBe('');
    }
    spawnSync(join(bin, 'dicom-series-preview'), ['atlas', 'finish', out]);
    expect(await seriesIn(out)).toBe(seriesCount);
  });

  it.skipIf(!isThere('parallel'))('GNU parallel does all parts, and brings them together', async () => {
    const out = join(folder, 'parallel');
    expect(runScript('gnu-parallel.sh', [archive, out, ...small], { SHARDS: '3', JOBS: '2' })).toBe('');
    expect(await seriesIn(out)).toBe(seriesCount);
  });
});
