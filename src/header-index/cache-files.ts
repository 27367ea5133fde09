import { closeSync, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { open, readdir, rename, rm, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../base/make-folder.ts';
import { temporaryPath } from '../base/temporary-files.ts';

/** Loaded when it is first needed: it takes 3 ms, and pictures of local files need none of it. */
function createHash(): import('node:crypto').Hash {
  return process.getBuiltinModule('node:crypto').createHash('sha256');
}

/** A file name for a text of any length: 40 hexadecimal digits. */
export function hashedName(text: string): string {
  return createHash().update(text).digest('hex').slice(0, 40);
}

/** Bytes of {@link digestOf}. */
export const digestLength = 32;

/** SHA-256, kept with the bytes to notice that a file of the cache is damaged. */
export function digestOf(bytes: Uint8Array): Buffer {
  return createHash().update(bytes).digest();
}

/**
 * Reads a file of the cache, without promises: for a few hundred kilobytes of a local disk, these cost more than the read.
 *
 * @returns undefined where there is no such file, and where it is not a plain file or is too long
 * @throws Node's own errors where the file cannot be read
 */
export function readCacheFile(path: string, maxByteLength: number): Uint8Array<ArrayBuffer> | undefined {
  // Reading a pipe of this name would wait for ever.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > maxByteLength) return undefined;
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const count = readSync(file, bytes, length, size - length, length);
      if (count === 0) break;
      length += count;
    }
    return length === size ? bytes : bytes.slice(0, length);
  } finally {
    closeSync(file);
  }
}

/**
 * Writes a file of the cache that only its owner can read. Other processes see the whole old file or the whole new file.
 *
 * @throws Node's own errors
 */
export async function writeCacheFile(path: string, bytes: Uint8Array): Promise<void> {
  await makeFolder(dirname(path), 0o700);
  const temporary = temporaryPath(path);
  const file = await open(temporary, 'wx', 0o600);
  try {
    try {
      await file.writeFile(bytes);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/**
 * Removes a file of the cache.
 *
 * @returns whether there was such a file
 * @throws Node's own errors
 */
export async function removeCacheFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/**
 * Removes the files and folders of a cache folder whose names `isOurs` accepts. Others stay.
 *
 * @returns how many were removed
 * @throws Node's own errors
 */
export async function clearCacheFolder(folder: string, isOurs: (name: string) => boolean): Promise<number> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const ours = names.filter(isOurs);
  for (const name of ours) await rm(join(folder, name), { recursive: true, force: true });
  return ours.length;
}

/** A file is not marked as used more often than this. */
const minMarkIntervalMs = 24 * 60 * 60 * 1000;

/** Sets the time of a file of the cache to now, once a day, so that `trimCacheFolder` keeps it. Never throws. */
export async function markUsed(path: string, now: Date = new Date()): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (now.getTime() - mtimeMs > minMarkIntervalMs) await utimes(path, now, now);
  } catch {
    // Another process may have removed the file, or the folder may be read-only.
  }
}

/**
 * Removes files of a cache folder whose names `isOurs` accepts, the least recently used first, until the others have
 * `maxByteLength` bytes in all or less.
 *
 * @returns how many files were removed
 * @throws Node's own errors
 */
export async function trimCacheFolder(
  folder: string,
  isOurs: (name: string) => boolean,
  maxByteLength: number,
): Promise<number> {
  const files: { readonly path: string; readonly byteLength: number; readonly usedMs: number }[] = [];
  for (const name of (await readdir(folder)).filter(isOurs)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) files.push({ path, byteLength: found.size, usedMs: found.mtimeMs });
  }
  files.sort((a, b) => a.usedMs - b.usedMs);
  let total = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let removed = 0;
  for (const { path, byteLength } of files) {
    if (total <= maxByteLength) break;
    if (await removeCacheFile(path)) removed++;
    total -= byteLength;
  }
  return removed;
}

/** Why a file operation failed: the operating system's code (`EACCES`), which tells nothing of the path. */
export function systemCodeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown error';
}

function isMissing(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
