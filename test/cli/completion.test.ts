import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCommands } from '../../src/cli/all-commands.ts';
import { completedCommands } from '../../src/cli/completion-model.ts';
import { createProgram } from '../../src/cli/program.ts';
import { run } from '../../src/cli/run.ts';
import { fakeContext } from './fake-library.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
const commands = completedCommands(createProgram(fakeContext(), () => undefined, allCommands));
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-completion-'));
  for (const shell of shells) writeFileSync(join(folder, shell), await scriptFor(shell));
  writeFileSync(join(folder, 'a series.zip'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function scriptFor(shell: string): Promise<string> {
  const context = fakeContext();
  expect(await run(['completion', shell], context)).toBe(0);
  expect(context.err()).toBe('');
  return context.out().toString('utf8');
}

/** What bash offers for the last word. */
function offeredByBash(...words: readonly string[]): readonly string[] {
  const script = `source ./bash && COMP_WORDS=("$@") && COMP_CWORD=$(($# - 1)) && _dicom_series_preview && printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', 'dicom-series-preview', ...words], {
    ...{ cwd: folder, encoding: 'utf8' },
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

const cases: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [['mo'], ['mosaic']],
  [['ind'], ['index']],
  [
    ['index', ''],
    ['build', 'get', 'clear', 'help'],
  ],
  [['index', 'b'], ['build']],
  [['mosaic', '--tile-w'], ['--tile-width']],
  [['index', 'get', '--tile-w'], []],
  [['mosaic', '--contrast', 'so'], ['soft-tissue']],
  [['image', 'x', 'y', '--contrast', 'lu'], ['lung']],
  [['mosaic', '--filter', 'l'], ['lanczos']],
  [['mosaic', '--color', 'al'], ['always']],
  [['mosaic', '--quality', ''], []],
  [['completion', 'f'], ['fish']],
  [['mosaic', 'a'], ['a series.zip']],
  [['mosaic', '--root', 'a'], ['a series.zip']],
];

/** Bash makes three words of `--name=value`. */
const withEqualsSign: typeof cases = [
  [['mosaic', '--contrast', '=', 'lu'], ['lung']],
  [['mosaic', '--contrast', '='], lists('--contrast')],
];

describe.skipIf(spawnSync('bash', ['--version']).error !== undefined)('bash', () => {
  it.each([...cases, ...withEqualsSign])('completes %j', (words, offered) => {
    expect(offeredByBash(...words)).toEqual(offered);
  });
});

describe.skipIf(spawnSync('fish', ['--version']).error !== undefined)('fish', () => {
  it.each(cases)('completes %j', (words, offered) => {
    const line = `dicom-series-preview ${words.join(' ')}`;
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', `source ./fish; complete -C '${line}'`], {
      ...{ cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder } },
    });
    expect(stderr).toBe('');
    const found = stdout.split('\n').flatMap((text) => (text === '' ? [] : (text.split('\t')[0] ?? '')));
    expect(found.map((word) => word.replaceAll('\\', '')).toSorted()).toEqual(offered.toSorted());
  });
});

describe.skipIf(spawnSync('zsh', ['--version']).error !== undefined)('zsh', () => {
  it('takes the script, which has a function for each command', () => {
    const load =
      'autoload -Uz compinit && compinit -u -D && source ./zsh && print $_comps[dicom-mosaic] && functions +';
    const { stdout, stderr } = spawnSync('zsh', ['-f', '-c', load], { cwd: folder, encoding: 'utf8' });
    expect(stderr).toBe('');
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('_dicom_series_preview');
    for (const { path } of commands.slice(1)) {
      expect(lines).toContain(`_dicom_series_preview_${path.replaceAll(/[ -]/g, '_')}`);
    }
  });
});

describe('every script', () => {
  it.each(shells)('knows every command, option and value: %s', async (shell) => {
    const script = await scriptFor(shell);
    for (const { subcommands, options } of commands) {
      for (const { name } of subcommands) expect(script).toContain(name);
      for (const { long, values } of options) {
        expect(script).toContain(shell === 'fish' ? `-l ${long.slice(2)} ` : long);
        for (const value of values) expect(script).toContain(value);
      }
    }
  });

  it('finds the values that descriptions list, and no others', () => {
    const all = commands.flatMap(({ options }) => options).filter(({ values }) => values.length > 0);
    const names = new Set(all.map(({ long }) => long));
    for (const long of ['--contrast', '--colormap', '--background', '--format', '--filter', '--color']) {
      expect([...names]).toContain(long);
    }
    for (const long of ['--root', '--json', '--limit', '--position', '--budget', '--timeout', '--cache-dir']) {
      expect([...names]).not.toContain(long);
    }
    expect(lists('--colormap')).toEqual(['inverted', 'hot', 'viridis', 'inferno', 'turbo', 'dose', 'grey']);
    expect(lists('--format')).toEqual(['webp', 'jpeg', 'png', 'avif', 'tiff', 'html']);
  });

  it('is for shells that are known', async () => {
    const context = fakeContext();
    expect(await run(['completion', 'tcsh'], context)).toBe(2);
    expect(context.err()).toContain('bash');
  });
});

function lists(long: string): readonly string[] {
  const mosaic = commands.find(({ path }) => path === 'mosaic');
  return mosaic?.options.find((option) => option.long === long)?.values ?? [];
}
