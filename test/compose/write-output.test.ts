import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AbortedError, OutputError } from '../../src/base/errors.ts';
import { checkWritable, writeWhole } from '../../src/compose/write-output.ts';

const bytes = Uint8Array.of(1, 2, 3);
const isRoot = process.getuid?.() === 0;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-output-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('writeWhole', () => {
  it('writes the bytes and nothing else', async () => {
    await writeWhole(join(folder, 'a.webp'), bytes);
    expect(await readdir(folder)).toEqual(['a.webp']);
    expect(new Uint8Array(await readFile(join(folder, 'a.webp')))).toEqual(bytes);
  });

  it('replaces a file, keeping its permissions', async () => {
    const path = join(folder, 'a.webp');
    await writeFile(path, 'something much longer than the picture');
    await chmod(path, 0o640);
    await writeWhole(path, bytes);
    expect(new Uint8Array(await readFile(path))).toEqual(bytes);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder)).toEqual(['a.webp']);
  });

  it('follows a link to the file it stands for', async () => {
    await writeFile(join(folder, 'real.webp'), 'old');
    await symlink('real.webp', join(folder, 'link.webp'));
    await writeWhole(join(folder, 'link.webp'), bytes);
    expect((await lstat(join(folder, 'link.webp'))).isSymbolicLink()).toBe(true);
    expect(new Uint8Array(await readFile(join(folder, 'real.webp')))).toEqual(bytes);
  });

  it('writes to a device and leaves it a device', async () => {
    await writeWhole('/dev/null', bytes);
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });

  it('says that a folder is missing', async () => {
    const path = join(folder, 'missing', 'a.webp');
    await expect(writeWhole(path, bytes)).rejects.toThrow(OutputError);
    await expect(writeWhole(path, bytes)).rejects.toThrow(`there is no folder '${join(folder, 'missing')}'`);
  });

  it('says that a file is in the place of a folder', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(writeWhole(join(folder, 'file', 'a.webp'), bytes)).rejects.toThrow(/there is no folder/);
  });

  it.runIf(process.platform === 'linux')('says that a folder takes no files, and not that it is missing', async () => {
    await expect(writeWhole('/proc/a.webp', bytes)).rejects.toThrow(
      isRoot ? /the folder '\/proc' takes no such file \(ENOENT\)\. Choose another place\.$/ : /\(E[A-Z]+\)/,
    );
  });

  it('says that the path is a folder', async () => {
    await mkdir(join(folder, 'sub.webp'));
    await expect(writeWhole(join(folder, 'sub.webp'), bytes)).rejects.toThrow(/is a folder\. Add a file name/);
    expect(await readdir(join(folder, 'sub.webp'))).toEqual([]);
  });

  it.skipIf(isRoot)('says that it is not allowed', async () => {
    await chmod(folder, 0o500);
    await expect(writeWhole(join(folder, 'a.webp'), bytes)).rejects.toThrow(/not writable/);
    await chmod(folder, 0o700);
  });

  it('says that the name is too long', async () => {
    await expect(writeWhole(join(folder, `${'n'.repeat(300)}.webp`), bytes)).rejects.toThrow(/shorter file name/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves the old file alone, and no other, when aborted', async () => {
    const path = join(folder, 'a.webp');
    await writeFile(path, 'old');
    await expect(writeWhole(path, bytes, AbortSignal.abort())).rejects.toThrow(AbortedError);
    const controller = new AbortController();
    const writing = writeWhole(path, new Uint8Array(20_000_000), controller.signal);
    setImmediate(() => controller.abort());
    await expect(writing).rejects.toThrow(AbortedError);
    expect(await readdir(folder)).toEqual(['a.webp']);
    expect(await readFile(path, 'utf8')).toBe('old');
  });
});

describe('checkWritable', () => {
  it('takes a new file, an old file and a device', async () => {
    await writeFile(join(folder, 'old.webp'), '');
    for (const path of [join(folder, 'new.webp'), join(folder, 'old.webp'), '/dev/null']) {
      await expect(checkWritable(path)).resolves.toBeUndefined();
    }
    expect(await readdir(folder)).toEqual(['old.webp']);
  });

  it('says what writing would fail on', async () => {
    await expect(checkWritable(join(folder, 'missing', 'a.webp'))).rejects.toThrow(/there is no folder/);
    await expect(checkWritable(folder)).rejects.toThrow(/is a folder\. Add a file name/);
    await writeFile(join(folder, 'file'), '');
    await expect(checkWritable(join(folder, 'file', 'a.webp'))).rejects.toThrow(OutputError);
  });
});
