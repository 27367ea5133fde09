import { mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NotFoundError, OutputError, UsageError } from '../index.ts';

/** A file of a sink. */
export interface SinkFile {
  /** Below the sink, with `/` between folders. */
  readonly name: string;
  readonly byteLength: number;
}

/** Where an atlas is written: named files that appear whole or not at all. */
export interface Sink {
  /** Printable, without credentials. */
  readonly location: string;
  /** All files whose names begin so. */
  list(prefix: string): Promise<readonly SinkFile[]>;
  /** @throws NotFoundError where there is no such file */
  read(name: string, range?: { readonly offset: number; readonly length: number }): Promise<Uint8Array>;
  /** Writes a file, or replaces it. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** The same with the content of a file on this machine, which may be large. */
  writeFile(name: string, path: string): Promise<void>;
  remove(name: string): Promise<void>;
  close(): Promise<void>;
}

/** @throws UsageError for a URL that nothing can be written to */
export async function openSink(out: string): Promise<Sink> {
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(out)?.[1]?.toLowerCase();
  if (scheme === undefined) return new LocalSink(out);
  if (scheme === 'file') return new LocalSink(new URL(out).pathname);
  throw new UsageError(`Expected a folder to write to but received '${scheme}://'.`);
}

class LocalSink implements Sink {
  readonly location: string;

  constructor(folder: string) {
    this.location = folder;
  }

  async list(prefix: string): Promise<readonly SinkFile[]> {
    const folder = prefix.endsWith('/') ? prefix : `${dirname(prefix)}/`;
    const names = await readdir(join(this.location, folder)).catch(() => []);
    const files: SinkFile[] = [];
    for (const each of names.sort()) {
      const name = folder === './' ? each : `${folder}${each}`;
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
      throw new NotFoundError(`'${path}' could not be read.`, { location: path, cause: error });
    }
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    await this.#replace(name, async (temporary) => {
      const file = await open(temporary, 'w');
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
        const { copyFile } = await import('node:fs/promises');
        await copyFile(path, temporary);
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
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
    try {
      await mkdir(dirname(path), { recursive: true });
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
