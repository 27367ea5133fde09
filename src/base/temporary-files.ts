import { readlinkSync } from 'node:fs';
import { readdir, stat, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** The end of a temporary file's name: the machine, the process, and random digits. */
const namePattern = /\.([0-9a-f]{12})_(\d+)_[0-9a-f]{16}\.tmp$/;
/** Nobody writes one file for so long: whatever process it is of, on whatever machine, has ended. */
const maxWritingMs = 60 * 60 * 1000;

/** A path beside this one for a file that is not whole yet. Nobody else uses it, and it tells whose file it is. */
export function temporaryPath(path: string): string {
  return `${path}.${machine()}_${process.pid}_${randomDigits()}${randomDigits()}.tmp`;
}

/**
 * Removes the temporary files in a folder whose processes were ended while they wrote (`kill -9`, a power cut): those of
 * this machine at once, others after an hour. Never fails.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const [, where, pid] = namePattern.exec(name) ?? [];
    if (where === undefined) continue;
    const path = join(folder, name);
    const hasEnded = where === machine() && !isRunning(Number(pid));
    if (hasEnded || (await isOld(path))) await unlink(path).catch(() => undefined);
  }
}

async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > maxWritingMs;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's process has this number.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** Eight of them. They need not be secret: a file of this name is made anew, or not at all. */
function randomDigits(): string {
  return Math.floor(Math.random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

/** Where numbers of processes mean the same processes: a machine or, on Linux, a container. */
function machine(): string {
  let space = '';
  try {
    space = readlinkSync('/proc/self/ns/pid');
  } catch {
    // Not Linux: the name of the machine is all there is.
  }
  return shortDigest(`${hostname()} ${space}`);
}

/**
 * Twelve hexadecimal digits that tell texts apart: two FNV-1a hashes with 24 bits kept of each. `node:crypto` would take 3 ms to load, for
 * no more than the name of a file.
 */
function shortDigest(text: string): string {
  const bytes = Buffer.from(text);
  return [0x811c9dc5, 0x01000193]
    .map((start) => bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), start) >>> 8)
    .map((hash) => hash.toString(16).padStart(6, '0'))
    .join('');
}
