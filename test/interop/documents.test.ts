import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('the program that makes the help texts and the man pages finds them current', () => {
  const cwd = fileURLToPath(new URL('../../', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, ['scripts/docs.js', '--check'], { cwd, encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, expect.stringContaining('are current')]);
});
