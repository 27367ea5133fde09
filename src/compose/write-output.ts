import { constants, type Stats } from 'node:fs';
import { access, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AbortedError, OutputError, throwIfAborted, UsageError } from '../base/errors.ts';
import { isFolder } from '../base/make-folder.ts';
import { removeLeftovers, temporaryPath } from '../base/temporary-files.ts';
import type { PreviewReport } from '../types/report.ts';

/**
 * Checks whether {@link writeWhole} can write to this path, as far as that can be known before it does, and that no DICOM
 * file is there already: nothing that this package writes is worth one. Temporary files that a process left in the folder when
 * it was ended while writing (`kill -9`) are removed.
 *
 * @throws OutputError with the reason and what to do; UsageError for a DICOM file, which would be lost
 * @example
 * ```ts
 * await checkWritable('pictures/mosaic.webp'); // before a minute of work
 * const { bytes } = await createMosaic('./CT');
 * await writeWhole('pictures/mosaic.webp', bytes);
 * ```
 */
export async function checkWritable(path: string): Promise<void> {
  try {
    const existing = await statIfThere(path);
    if (existing?.isDirectory() === true) throw new OutputError(await explain(path, 'EISDIR'));
    // A file is replaced, so its folder must be writable. A device or a pipe is written to itself.
    const replaced = existing === undefined || existing.isFile();
    await access(replaced ? dirname(path) : path, constants.W_OK);
    if (replaced) await removeLeftovers(dirname(existing === undefined ? path : await realpath(path)));
    if (existing?.isFile() === true && (await isDicom(path))) {
      throw new UsageError(
        `Expected a file to write to, but '${path}' is a DICOM file, which would be lost. Nothing was written. Name another file.`,
      );
    }
  } catch (error) {
    if (error instanceof OutputError || error instanceof UsageError) throw error;
    throw new OutputError(await explain(path, systemCode(error)), { cause: error });
  }
}

/** Whether a file has the mark of DICOM files (PS3.10 7.1). One that may not be read is not known to be DICOM. */
async function isDicom(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 128);
    return bytesRead === 4 && buffer.toString('latin1') === 'DICM';
  } finally {
    await file.close();
  }
}

/**
 * Writes a file so that it appears whole or not at all: the bytes go to a temporary file in the same folder, which is
 * then renamed. An existing file is replaced and keeps its permissions, a link is followed, and a device or a pipe is
 * written to. On failure or abort nothing is left behind.
 *
 * @throws OutputError with the reason and what to do; AbortedError
 * @example
 * ```ts
 * const { bytes } = await createMosaic('./CT', { format: 'png' });
 * await writeWhole('mosaic.png', bytes);
 * ```
 */
export async function writeWhole(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  try {
    const existing = await statIfThere(path);
    if (existing === undefined) await replace(path, bytes, undefined, signal);
    else if (existing.isFile()) await replace(await realpath(path), bytes, existing.mode & 0o777, signal);
    else if (existing.isDirectory()) throw new OutputError(await explain(path, 'EISDIR'));
    else if (existing.isFIFO()) await (await import('./write-to-pipe.ts')).writeToPipe(path, bytes, signal);
    else await writeThrough(path, bytes, signal);
  } catch (error) {
    if (error instanceof OutputError) throw error;
    if (signal?.aborted === true) throw new AbortedError({ cause: error });
    throw new OutputError(await explain(path, systemCode(error)), { cause: error });
  }
}

/**
 * The report of a picture that was written to a file. The report of a call has no path, because the call writes no file.
 *
 * @param path as the report should tell it, absolute or not
 * @returns a copy with `output.path`
 * @example
 * ```ts
 * const { bytes, report } = await createMosaic('./CT');
 * await writeWhole('mosaic.webp', bytes);
 * await writeFile('mosaic.json', JSON.stringify(withOutputPath(report, 'mosaic.webp')));
 * ```
 */
export function withOutputPath(report: PreviewReport, path: string): PreviewReport {
  return { ...report, output: { ...report.output, path } };
}

async function replace(
  path: string,
  bytes: Uint8Array,
  mode: number | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  // With 'wx' this is never a file or a link that someone else put there.
  const temporary = temporaryPath(join(dirname(path), `.${basename(path).slice(0, 100)}`));
  const file = await open(temporary, 'wx', 0o666);
  try {
    try {
      await file.writeFile(bytes, { signal });
      if (mode !== undefined) await file.chmod(mode);
    } finally {
      await file.close();
    }
    throwIfAborted(signal);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/** Writes to a device, which must not be replaced by a file. */
async function writeThrough(path: string, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  const device = await open(path, 'w');
  try {
    await device.writeFile(bytes, { signal });
  } finally {
    await device.close();
  }
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  return await stat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}

/** The `code` of an error of the operating system, such as ENOENT. */
function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}

async function explain(path: string, code: string): Promise<string> {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      // Some folders of the system, such as /proc, answer so where they take no file.
      if (await isFolder(dirname(path))) {
        return `Expected to be able to write '${path}', but the folder '${dirname(path)}' takes no such file (${code}). Choose another place.`;
      }
      return `Expected a folder to write '${path}' to, but there is no folder '${dirname(path)}'. Create it first, or choose another.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `Expected to be allowed to write '${path}', but the folder '${dirname(path)}' or the file is not writable (${code}). Choose another place, or change its permissions.`;
    case 'EISDIR':
      return `Expected a file's name but '${path}' is a folder. Add a file name, such as '${join(path, 'mosaic.webp')}'.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `Expected room for '${path}', but the disk is full (${code}). Free some space, or choose another place.`;
    case 'ENAMETOOLONG':
      return `Expected a shorter file name than '${basename(path)}'.`;
    default:
      return `Could not write '${path}' (${code}).`;
  }
}
