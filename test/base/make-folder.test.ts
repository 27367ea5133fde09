import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder } from '../../src/base/make-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'make-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const isWindows = process.platform === 'win32';

it('makes a folder and those above it, and leaves one that is there', async () => {
  const path = join(folder, 'a', 'b', 'c');
  await makeFolder(path);
  writeFileSync(join(path, 'kept'), '');
  await makeFolder(path);
  expect(existsSync(join(path, 'kept'))).toBe(true);
});

it('takes a path with a slash at its end, and several calls at a time', async () => {
  const paths = ['x/y/', 'x/y', 'x/y/z', 'x/w'].map((name) => `${folder}/${name}`);
  await Promise.all(paths.map((path) => makeFolder(path)));
  expect(paths.map((path) => statSync(path).isDirectory())).toEqual(paths.map(() => true));
});

it.skipIf(isWindows)('gives all folders that it makes the mode', async () => {
  await makeFolder(join(folder, 'a', 'b'), 0o700);
  const modes = ['a', 'a/b'].map((name) => statSync(join(folder, name)).mode & 0o777);
  expect(modes).toEqual([0o700, 0o700]);
});

it('ends with the error of the system where a file is in the way', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  const code = isWindows ? 'ENOENT' : 'ENOTDIR';
  await expect(makeFolder(join(folder, 'file', 'a', 'b'))).rejects.toMatchObject({ code });
});

// Where the folder cannot be made although its parent is there, `mkdir` with `recursive` never returns on Node 20.
it.skipIf(!existsSync('/proc/self'))('ends with the error of the system where nothing can be made', async () => {
  await expect(makeFolder('/proc/nothing')).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(makeFolder('/proc/nothing/a/b')).rejects.toMatchObject({ code: 'ENOENT' });
});
