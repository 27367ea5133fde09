import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing. `mkdir` with `recursive` does the same, but on Node 20 it tries again
 * for ever where the system says ENOENT although the parent is there, as in `/proc`.
 *
 * @param mode of all folders that are made. Default: 0o777 without the bits of the umask
 * @throws Node's own errors
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  if (await isFolder(path)) return;
  const missing = [path];
  let parent = dirname(path);
  while (!(await isThere(parent)) && parent !== dirname(parent)) {
    missing.unshift(parent);
    parent = dirname(parent);
  }
  for (const folder of missing) {
    await mkdir(folder, { mode }).catch(async (error: unknown) => {
      // Another process may have made it meanwhile.
      if (!(await isFolder(folder))) throw error;
    });
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** Whether there is a folder, or a link to one. */
export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}
