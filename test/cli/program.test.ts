import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { run } from '../../src/cli/run.ts';
import { fakeContext } from './fake-library.ts';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

function start(args: readonly string[], script: string = program): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

/** The same, but for its start: in this process, which takes a twentieth of the time. */
async function startHere(args: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  const context = fakeContext();
  const status = await run(args, context);
  return { status, out: context.out().toString('utf8'), err: context.err() };
}

describe('the program', () => {
  it.each([
    [[]],
    [['mosaic']],
    [['get-image']],
    [['contrast-sheet']],
    [['planes']],
    [['film']],
    [['show']],
    [['index']],
    [['index', 'build']],
    [['index', 'get']],
    [['index', 'clear']],
  ] as const)('prints its help: %j', async (command) => {
    const { status, out, err } = await startHere([...command, '--help']);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatchSnapshot();
  });

  it('prints it also as it was built', async () => {
    expect(start(['mosaic', '--help'])).toEqual(await startHere(['mosaic', '--help']));
  });

  it('prints the same help for `help COMMAND` and for the alias', async () => {
    const { out } = await startHere(['mosaic', '-h']);
    expect(out).toContain('Usage: dicom-series-preview mosaic ');
    expect((await startHere(['help', 'mosaic'])).out).toBe(out);
    expect((await startHere(['image', '--help'])).out).toBe((await startHere(['get-image', '--help'])).out);
  });

  it('lists the commands without loading them, as it does with all of them', async () => {
    const { out } = await startHere(['help']);
    expect(out).toContain('contrast-sheet|contrast-mosaic [options] <SERIESUID> [OUTPUT]');
    expect((await startHere(['--help'])).out).toBe(out);
    expect(await startHere([])).toEqual({ status: 2, out: '', err: out });
  });

  it('prints the version of the package', async () => {
    expect(start(['-V'])).toEqual({ status: 0, out: `${manifest.version}\n`, err: '' });
    expect(await startHere(['--version'])).toEqual(await startHere(['-V']));
  });

  it('ends with 2 and a hint on a usage error', () => {
    const { status, out, err } = start(['mosaic', 'u', 'a.webp', '--quality', 'abc']);
    expect([status, out]).toEqual([2, '']);
    expect(err).toBe(
      "error: Expected a whole number for --quality but received 'abc'.\nSee 'dicom-series-preview mosaic --help' for all options.\n",
    );
  });

  it.each([
    [['atlas', 'build', './x'], 'atlas build'],
    [['index', 'get', '--nonsense'], 'index get'],
    [['atlas', 'biuld'], 'atlas'],
    [['image', 'u'], 'image'],
  ] as const)('hints at the help of the command that was meant: %j', async (args, command) => {
    const { status, err } = await startHere(args);
    expect(status).toBe(2);
    expect(err).toContain(`\nSee 'dicom-series-preview ${command} --help' for all options.\n`);
  });

  it('says one thing of help in every command that holds others', async () => {
    for (const group of [[], ['index'], ['atlas']]) {
      expect((await startHere([...group, '--help'])).out).toMatch(/ help \[command\] +print the help of a command\n/);
    }
  });

  it('goes by its second name where it was started under that', () => {
    const folder = mkdtempSync(join(tmpdir(), 'program-'));
    const link = join(folder, 'dicom-mosaic');
    symlinkSync(program, link);
    const { out } = start(['--help'], link);
    expect(out).toContain('Usage: dicom-mosaic ');
    expect(out).not.toContain('dicom-series-preview');
    rmSync(folder, { recursive: true });
  });

  it('writes nothing when the series is not there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'program-'));
    const { status, err } = start(['mosaic', join(folder, 'none'), join(folder, 'a.webp')]);
    expect(status).toBe(3);
    expect(err).toMatch(/^error: /);
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
