import { createHash, randomBytes } from 'node:crypto';
import { closeSync, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, unlink, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file name for a text of any length. */
export function hashedName(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}

/**
 * A file of the cache, or undefined where there is none. What is no plain file, or larger than is sensible, is none. Read
 * at once: for a few hundred kilobytes of a local disk, promises cost more than the read.
 *
 * @throws Node's own errors where it is there and cannot be read
 */
export function readCacheFile(path: string, maximumByteLength: number): Uint8Array<ArrayBuffer> | undefined {
  // A pipe under this name would never answer.
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > maximumByteLength) return undefined;
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
 * Puts a file into the cache, whole or not at all, readable by its owner alone: other processes see the old one or the
 * new one.
 *
 * @throws Node's own errors
 */
export async function writeCacheFile(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
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

/** Removes a file of the cache; answers whether there was one. */
export async function removeCacheFile(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Removes the files and folders of a cache folder whose names `isOurs` knows, and answers how many; what else lies there stays. */
export async function clearCacheFolder(folder: string, isOurs: (name: string) => boolean): Promise<number> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const ours = names.filter(isOurs);
  for (const name of ours) await rm(join(folder, name), { recursive: true, force: true });
  return ours.length;
}

/** A file that was used this long (milliseconds) after it was written, or used before, is marked as used again. */
const markAfterMs = 24 * 60 * 60 * 1000;

/** Notes that a file of the cache is in use, once a day: those that are not are the first to go. Never throws. */
export async function markUsed(path: string, now: Date = new Date()): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (now.getTime() - mtimeMs > markAfterMs) await utimes(path, now, now);
  } catch {
    // Another process may have removed it, or the folder cannot be written to.
  }
}

/**
 * Removes files that `isOurs` knows, those that were not used for longest first, until the others take no more than
 * `maximumByteLength` in all. Answers how many went.
 *
 * @throws Node's own errors
 */
export async function trimCacheFolder(
  folder: string,
  isOurs: (name: string) => boolean,
  maximumByteLength: number,
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
    if (total <= maximumByteLength) break;
    if (await removeCacheFile(path)) removed++;
    total -= byteLength;
  }
  return removed;
}

/** Why a file operation failed, in the operating system's word (`EACCES`), which names no path. */
export function systemCodeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown error';
}

function isMissing(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
