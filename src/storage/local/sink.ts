import { constants, copyFile, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AccessDeniedError, NotFoundError, OutputError, StorageError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import { removeLeftovers, temporaryPath } from '../../base/temporary-files.ts';
import type { Sink, SinkFile } from '../../types/sink.ts';

/** A folder of this machine, or of a disk that several machines share. */
export function openLocalSink(folder: string): Sink {
  return new LocalSink(folder);
}

class LocalSink implements Sink {
  readonly location: string;
  /** Folders that were looked through for what a killed process left. */
  readonly #tidied = new Set<string>();

  constructor(folder: string) {
    this.location = folder;
  }

  async list(prefix: string): Promise<readonly SinkFile[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const names = await readdir(join(this.location, folder)).catch(() => []);
    const files: SinkFile[] = [];
    for (const each of names.sort()) {
      const name = `${folder}${each}`;
      // Files that are not whole yet begin with a dot.
      if (!name.startsWith(prefix) || each.startsWith('.')) continue;
      const status = await stat(join(this.location, name)).catch(() => undefined);
      if (status?.isFile() === true) files.push({ name, byteLength: status.size });
    }
    return files;
  }

  async read(name: string, range?: { readonly offset: number; readonly length: number }): Promise<Uint8Array> {
    const path = join(this.location, name);
    try {
      if (range === undefined) return await readFile(path);
      const file = await open(path);
      try {
        const bytes = new Uint8Array(range.length);
        const { bytesRead } = await file.read(bytes, 0, range.length, range.offset);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    } catch (error) {
      throw readError(path, error);
    }
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await this.#replace(name, async (temporary) => {
      // With 'wx' this is never a file or a link that someone else put there.
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
    });
  }

  async writeFile(name: string, path: string): Promise<void> {
    await this.#replace(name, async (temporary) => {
      try {
        await rename(path, temporary);
      } catch {
        // Another disk.
        await copyFile(path, temporary, constants.COPYFILE_EXCL);
        await unlink(path);
      }
    });
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.location, name), { force: true });
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  async #replace(name: string, make: (temporary: string) => Promise<void>): Promise<void> {
    const path = join(this.location, name);
    const folder = dirname(path);
    const temporary = temporaryPath(join(folder, `.${basename(path)}`));
    try {
      await makeFolder(folder);
      if (!this.#tidied.has(folder)) {
        this.#tidied.add(folder);
        await removeLeftovers(folder);
      }
      await make(temporary);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new OutputError(`'${path}' could not be written: check the folder and the room on the disk.`, {
        cause: error,
      });
    }
  }
}

function readError(path: string, cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new NotFoundError(`There is no file '${path}'.`, { location: path, cause });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new AccessDeniedError(`'${path}' may not be read: check its permissions.`, { location: path, cause });
  }
  return new StorageError(`'${path}' could not be read (${String(code)}).`, { location: path, cause });
}
