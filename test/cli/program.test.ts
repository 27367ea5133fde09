import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

function start(args: readonly string[], script: string = program): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

describe('the program', () => {
  it.each([
    [[]],
    [['mosaic']],
    [['get-image']],
    [['index']],
    [['index', 'build']],
    [['index', 'get']],
    [['index', 'clear']],
  ] as const)('prints its help: %j', (command) => {
    const { status, out, err } = start([...command, '--help']);
    expect([status, err]).toEqual([0, '']);
    expect(out).toMatchSnapshot();
  });

  it('prints the same help for `help COMMAND` and for the alias', () => {
    expect(start(['help', 'mosaic']).out).toBe(start(['mosaic', '-h']).out);
    expect(start(['image', '--help']).out).toBe(start(['get-image', '--help']).out);
  });

  it('prints the version of the package', () => {
    for (const option of ['-V', '--version']) {
      expect(start([option])).toEqual({ status: 0, out: `${manifest.version}\n`, err: '' });
    }
  });

  it('ends with 2 and a hint on a usage error', () => {
    const { status, out, err } = start(['mosaic', 'u', 'a.webp', '--quality', 'abc']);
    expect([status, out]).toEqual([2, '']);
    expect(err).toBe(
      "error: Expected a whole number for --quality but received 'abc'.\nSee 'dicom-series-preview mosaic --help' for all options.\n",
    );
  });

  it('goes by its second name where it was started under that', () => {
    const folder = mkdtempSync(join(tmpdir(), 'program-'));
    const link = join(folder, 'dicom-mosaic');
    symlinkSync(program, link);
    expect(start(['--help'], link).out).toContain('Usage: dicom-mosaic ');
    expect(start(['--help'], link).out).not.toContain('dicom-series-preview');
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
