import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCommands } from '../../src/cli/all-commands.ts';
import { withSubcommands } from '../../src/cli/every-command.ts';
import { createProgram } from '../../src/cli/program.ts';
import { ctSeries, enhancedMultiFrame, mrSeries, writeSeriesFolder } from '../support/dicom/index.js';
import { fakeContext } from './fake-library.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'dist', 'cli.js');

interface Block {
  readonly page: string;
  /** What the comment before it says of it, such as `needs the network`; '' for none. */
  readonly mark: string;
  readonly text: string;
}

const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);

/** The shell code of all pages. */
const blocks: readonly Block[] = pages.flatMap((page) =>
  Array.from(
    readFileSync(join(root, page), 'utf8').matchAll(/(?:<!-- ([^>]*?) -->\n)?```sh\n([\s\S]*?)```/g),
    ([, mark = '', text = '']) => ({ page, mark, text }),
  ),
);

/** The examples of all helps, without those of places that are not on this computer. */
function helpExamples(): readonly string[] {
  const context = fakeContext();
  for (const command of withSubcommands(createProgram(context, () => undefined, allCommands))) command.outputHelp();
  const help = context.out().toString('utf8').replaceAll('\\\n', ' ');
  const found = Array.from(help.matchAll(/^ {2}\$ (dicom-series-preview .*)$/gm), ([, line = '']) => line);
  const isElsewhere = /:\/\/|[0-9a-f]{8}[-*]|manifest|series\.(parquet|csv)|~\/|\||\.(mp4|webm)\b|\b(serve|mcp|idc)\b/;
  // Tests have no terminal.
  const shown = found.map((line) => (/ show (?!.*--protocol)/.test(line) ? `${line} --protocol blocks` : line));
  return [...new Set(shown)].filter((line) => !isElsewhere.test(line));
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-examples-'));
  const series = { instances: 30, rows: 32, sliceSpacing: 3 };
  writeSeriesFolder(join(folder, 'CT'), ctSeries(series));
  writeSeriesFolder(join(folder, 'CTA'), ctSeries(series));
  writeSeriesFolder(join(folder, 'MR'), mrSeries({ instances: 12, rows: 32 }));
  for (const seed of [1, 2]) writeSeriesFolder(join(folder, 'archive', `${seed}`), ctSeries({ ...series, seed }));
  writeFileSync(join(folder, 'cine.dcm'), enhancedMultiFrame({ slices: 12, rows: 32 }));
  mkdirSync(join(folder, 'fMRI'));
  writeFileSync(join(folder, 'fMRI', 'all.dcm'), enhancedMultiFrame({ slices: 4, rows: 32, volumes: 3 }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bash(text: string): { readonly status: number | null; readonly told: string } {
  const script = `set -euo pipefail\ndicom-series-preview() { "${process.execPath}" "${program}" "$@"; }\n${text}`;
  const environment = { ...process.env, DICOM_SERIES_PREVIEW_CACHE_DIR: join(folder, 'cache') };
  const { status, stderr } = spawnSync('bash', ['-c', script], {
    ...{ cwd: folder, encoding: 'utf8', env: environment },
  });
  return { status, told: stderr };
}

describe.skipIf(spawnSync('bash', ['--version']).error !== undefined)('the examples', () => {
  const ours = blocks.filter(({ text, mark }) => text.includes('dicom-series-preview ') && mark === '');

  it('of the pages are marked where they need the network or a clone', () => {
    expect(ours.length).toBeGreaterThanOrEqual(2);
    for (const { page, text, mark } of blocks) {
      if (/s3:\/\/|https:\/\/|npx dicom|[0-9a-f]{8}-[0-9a-f]{4}/.test(text))
        expect(mark, page).toBe('needs the network');
    }
  });

  it.each(ours)(
    'of $page run: $text',
    ({ text }) => {
      expect(bash(text)).toMatchObject({ status: 0, told: expect.not.stringContaining('error') });
    },
    120_000,
  );

  it('of the quick start write what they name', () => {
    const names = ours.flatMap(({ text }) => text.match(/\b\w+\.(webp|png|json|csv|parquet)\b/g) ?? []);
    for (const name of names) expect(existsSync(join(folder, name)), name).toBe(true);
  });

  it.each(helpExamples())('of the help run: %s', (line) => {
    expect(bash(line)).toMatchObject({ status: 0, told: expect.not.stringContaining('error') });
  });
});

describe('the example of a file of defaults', () => {
  it('is taken by the program', () => {
    const page = readFileSync(join(root, 'docs', 'dicom-series-preview.md'), 'utf8');
    const json = /```json\n(\{\n {2}"contrast"[\s\S]*?)```/.exec(page)?.[1] ?? '';
    writeFileSync(join(folder, 'config.json'), json.replace('/data/indexes', 'cache'));
    const command = 'mosaic ./CT configured.webp --config config.json'.split(' ');
    const { status, stderr } = spawnSync(process.execPath, [program, ...command], { cwd: folder, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, expect.stringContaining('configured.webp: 1024 x ')]);
  });
});
