import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeLeftovers, temporaryPath } from '../../src/base/temporary-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'temporary-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The number of a process that has ended. */
function endedProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

function write(path: string, ageMs = 0): string {
  writeFileSync(path, 'half');
  const time = new Date(Date.now() - ageMs);
  utimesSync(path, time, time);
  return basename(path);
}

it('removes what ended processes of this machine left, and nothing of running ones', async () => {
  const own = temporaryPath(join(folder, '.a.webp'));
  const kept = [write(own), write(join(folder, 'a.tmp')), write(join(folder, '.a.webp.0123456789abcdef.tmp'), 1e9)];
  write(own.replace(`_${process.pid}_`, `_${endedProcess()}_`));
  await removeLeftovers(folder);
  expect(readdirSync(folder).sort()).toEqual(kept.sort());
});

it('removes what other machines left only after an hour', async () => {
  const other = temporaryPath(join(folder, 'a')).replace(/\.[0-9a-f]{12}_\d+_/, `.000000000000_${endedProcess()}_`);
  const kept = write(other);
  const otherDigit = other.at(-5) === '0' ? '1' : '0';
  write(`${other.slice(0, -5)}${otherDigit}.tmp`, 61 * 60 * 1000);
  await removeLeftovers(folder);
  expect(readdirSync(folder)).toEqual([kept]);
});

it('minds no folder that is not there', async () => {
  await expect(removeLeftovers(join(folder, 'missing'))).resolves.toBeUndefined();
});

it('names no file twice, and each after this machine and process', () => {
  const names = Array.from({ length: 1000 }, () => temporaryPath('a'));
  expect(new Set(names).size).toBe(1000);
  const [start = ''] = names.map((name) => name.slice(0, -20));
  expect(start).toMatch(new RegExp(`^a\\.[0-9a-f]{12}_${process.pid}_$`));
  expect(names.every((name) => name.startsWith(start) && /^[0-9a-f]{16}\.tmp$/.test(name.slice(start.length)))).toBe(
    true,
  );
});
