import { closeSync, constants, fstat, fstatSync, open, openSync, read, readSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { outOfMemory } from '../../base/bytes.ts';
import { NotFoundError, ObjectChangedError, StorageError, throwIfAborted } from '../../base/errors.ts';
import { compareKeys, holdsRawBytes, joinKey, printableKey } from '../../base/keys.ts';
import type { Limits } from '../../types/limits.ts';
import type {
  ByteRange,
  ListOptions,
  ReadOptions,
  ReadResult,
  Store,
  StoredObject,
  StoreStatistics,
} from '../../types/storage.ts';
import { checkKey } from '../locations.ts';
import { errorOfFile, filePath, readFolder, realPath, versionOf, walkFolder } from './walk.ts';

export interface LocalStoreOptions {
  /** Follow no link that leads out of the folder. */
  readonly confine?: boolean | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
  /** What a listing may hold. */
  readonly limits?: Limits | undefined;
}

/** Without O_NONBLOCK, opening a pipe would wait until somebody writes into it, perhaps for ever. */
const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
/** A name that needs no further checks. */
const plainName = /^[A-Za-z0-9_][\w. -]*$/;
/** Node reads files in four threads; a few more requests keep them busy. */
const readsAtATime = 8;
/**
 * What the system has in memory is read at once: waking one of these threads takes longer. A mosaic of 27 files of 9 kB takes 14 ms
 * in place of 15.6, a batch of series with frames of 526 kB 8 % less. Where headers or a frame took longer than memory does, as of a disk
 * or a network, the threads read: then several wait at a time.
 */
const maxLengthAtOnce = 1024 * 1024;
/** How long opening and reading may take of what is in memory: 5 GB/s, and half of that into memory that is new. */
const cachedMs = (byteLength: number): number => 0.1 + byteLength / 2e6;
/** From so many headers on, all that were read before count half: a disk can become slow, and fast again. */
const maxHeadersRemembered = 512;
/** Reading at once gives other work a turn after so long. */
const maxTurnMs = 50;

/**
 * Opens a folder, or a single file, of a local disk. Keys are paths below the folder, with `/` on every platform; a
 * single file is an object whose key is its name. Throws NotFoundError, AccessDeniedError, StorageError.
 */
export function openLocalStore(path: string, options: LocalStoreOptions = {}): Store {
  const full = resolve(path);
  let status: Stats;
  try {
    status = statSync(full);
  } catch (error) {
    throw errorOfFile(error, path);
  }
  if (status.isDirectory()) return new LocalStore(full, path, undefined, options);
  if (status.isFile()) return new LocalStore(dirname(full), dirname(path), basename(full), options);
  throw new StorageError(`${path} is neither a file nor a folder.`, { location: path });
}

class LocalStore implements Store {
  readonly location: string;
  readonly concurrency = readsAtATime;
  readonly #root: string;
  readonly #rootIsPlain: boolean;
  readonly #single: string | undefined;
  readonly #confinedTo: string | undefined;
  readonly #onWarning: (message: string) => void;
  readonly #limits: Limits | undefined;
  #requests = 0;
  #receivedBytes = 0;
  /** As far as reads of frames have shown. */
  #isCached = true;
  /** How many headers were read, and how long that took. What is long ago counts less. */
  #headers = 0;
  #headersMs = 0;
  /** When other work had its turn last. */
  #turnAt = performance.now();

  constructor(root: string, location: string, single: string | undefined, options: LocalStoreOptions) {
    this.#root = root;
    this.#rootIsPlain = !holdsRawBytes(root);
    this.location = location;
    this.#single = single;
    this.#confinedTo = options.confine === true ? realPath(root) : undefined;
    this.#onWarning = options.onWarning ?? (() => {});
    this.#limits = options.limits;
  }

  get statistics(): StoreStatistics {
    return { requests: this.#requests, receivedBytes: this.#receivedBytes };
  }

  get isSlow(): boolean {
    return !this.#isCached || this.#headersMs > cachedMs(0) * this.#headers;
  }

  async list(prefix: string, options: ListOptions = {}): Promise<readonly StoredObject[]> {
    throwIfAborted(options.signal);
    if (this.#single !== undefined) return [this.#describeSingle(prefix, this.#single)];
    const objects = await walkFolder(this.#path(prefix), this.#printable(prefix), prefix, {
      onWarning: this.#onWarning,
      signal: options.signal,
      confinedTo: this.#confinedTo,
      limits: this.#limits,
    });
    return objects.sort((first, second) => compareKeys(first.key, second.key));
  }

  async listFolders(prefix: string, startsWith: string, options: ListOptions = {}): Promise<readonly string[]> {
    throwIfAborted(options.signal);
    if (this.#single !== undefined) return [];
    const path = this.#path(prefix);
    try {
      return readFolder(path)
        .filter(({ name, kind }) => {
          if (!name.startsWith(startsWith)) return false;
          return kind === 'folder' || (kind === 'link' && leadsToFolder(join(path, name)));
        })
        .map(({ name }) => name);
    } catch (error) {
      throw errorOfFile(error, this.#printable(prefix));
    }
  }

  async read(key: string, range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    throwIfAborted(options.signal);
    this.#requests += 1;
    if (performance.now() - this.#turnAt > maxTurnMs) {
      await setImmediate();
      this.#turnAt = performance.now();
      throwIfAborted(options.signal);
    }
    const isAtOnce = !this.isSlow && range.length <= maxLengthAtOnce;
    const startedAt = performance.now();
    let file: number | undefined;
    try {
      file = isAtOnce ? openSync(this.#file(key), readFlags) : await openFile(this.#file(key));
      const status = isAtOnce ? fstatSync(file) : await statusOf(file);
      this.#checkIsFile(status, key);
      const etag = versionOf(status);
      if (options.etag !== undefined && options.etag !== etag) {
        const location = this.#printable(key);
        throw new ObjectChangedError(`${location} changed while it was read. Run the command again.`, { location });
      }
      const length = Math.max(0, Math.min(range.length, status.size - range.offset));
      const bytes = options.memory?.take(length) ?? new Uint8Array(length);
      let done = 0;
      while (done < length) {
        throwIfAborted(options.signal);
        const count = isAtOnce
          ? readSync(file, bytes, done, length - done, range.offset + done)
          : await readInto(file, bytes, done, range.offset + done);
        // A file system may give less than there is, so only a read of nothing means the end.
        if (count === 0) break;
        done += count;
      }
      this.#receivedBytes += done;
      return { bytes: done === length ? bytes : bytes.slice(0, done), objectByteLength: status.size, etag };
    } catch (error) {
      const location = this.#printable(key);
      throw error instanceof RangeError ? outOfMemory(location, error) : errorOfFile(error, location);
    } finally {
      if (file !== undefined) closeSync(file);
      if (isAtOnce && performance.now() - startedAt > cachedMs(range.length)) this.#isCached = false;
    }
  }

  readonly readSync = (
    key: string,
    offset: number,
    target: Uint8Array,
    listedByteLength?: number,
  ): { readonly length: number; readonly objectByteLength: number } => {
    this.#requests += 1;
    const startedAt = performance.now();
    let file: number | undefined;
    try {
      file = openSync(this.#file(key), readFlags);
      let objectByteLength = listedByteLength ?? this.#sizeOf(file, key);
      // Not beyond the end of the file: a call that only finds the end costs as much as a read.
      const wanted = Math.min(target.length, Math.max(0, objectByteLength - offset));
      let length = 0;
      while (length < wanted) {
        const count = readSync(file, target, length, wanted - length, offset + length);
        if (count === 0) break;
        length += count;
      }
      if (length < wanted) objectByteLength = this.#sizeOf(file, key);
      this.#receivedBytes += length;
      return { length, objectByteLength };
    } catch (error) {
      throw errorOfFile(error, this.#printable(key));
    } finally {
      if (file !== undefined) closeSync(file);
      if (this.#headers >= maxHeadersRemembered) {
        this.#headers /= 2;
        this.#headersMs /= 2;
      }
      this.#headers += 1;
      this.#headersMs += performance.now() - startedAt;
    }
  };

  readonly fileOf = (key: string): string | Buffer => this.#file(key);

  async close(): Promise<void> {}

  #describeSingle(prefix: string, name: string): StoredObject {
    const location = this.#printable(joinKey(prefix, name));
    if (prefix !== '') throw new NotFoundError(`There is no folder ${this.#printable(prefix)}.`, { location });
    try {
      const status = statSync(this.#file(name));
      return { key: name, byteLength: status.size, etag: versionOf(status) };
    } catch (error) {
      throw errorOfFile(error, location);
    }
  }

  #printable(key: string): string {
    return key === '' ? this.location : join(this.location, printableKey(key));
  }

  /** The path of an object, as node:fs takes it. */
  #file(key: string): string | Buffer {
    // The usual key needs none of the checks below.
    if (this.#rootIsPlain && plainName.test(key)) return `${this.#root}/${key}`;
    return filePath(this.#path(key, true));
  }

  /** The path of a key ('' is the root, unless it must be an object). It cannot lead out of the root. */
  #path(key: string, isObject = false): string {
    if (key === '' && !isObject) return this.#root;
    checkKey(key, this.location, process.platform === 'win32' ? objectionOnWindows(key) : undefined);
    // Not with `join`, which would change a name that is not UTF-8.
    return `${this.#root}/${key}`;
  }

  #sizeOf(file: number, key: string): number {
    const status = fstatSync(file);
    this.#checkIsFile(status, key);
    return status.size;
  }

  #checkIsFile(status: Stats, key: string): void {
    if (status.isFile()) return;
    const location = this.#printable(key);
    const what = status.isDirectory() ? 'a folder' : 'no regular file';
    throw new StorageError(`${location} is ${what}; a file was expected.`, { location });
  }
}

/** On Windows a backslash separates names, and a colon ends the name of a drive or begins that of a stream. */
function objectionOnWindows(key: string): string | undefined {
  return /[\\:]/.test(key) ? 'it holds a backslash or a colon' : undefined;
}

function leadsToFolder(path: string): boolean {
  try {
    return statSync(filePath(path)).isDirectory();
  } catch {
    return false;
  }
}

// In other threads. The promises of node:fs/promises take twice as long.

function openFile(path: string | Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, readFlags, (error, file) => (error === null ? resolve(file) : reject(error)));
  });
}

function statusOf(file: number): Promise<Stats> {
  return new Promise((resolve, reject) => {
    fstat(file, (error, status) => (error === null ? resolve(status) : reject(error)));
  });
}

/** Reads once, from `offset` of the file into `target` from `at` on. Answers the number of bytes read. */
function readInto(file: number, target: Uint8Array, at: number, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(file, target, at, target.length - at, offset, (error, count) =>
      error === null ? resolve(count) : reject(error),
    );
  });
}
