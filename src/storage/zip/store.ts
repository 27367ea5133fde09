import { AbortedError, NotFoundError, ObjectChangedError, throwIfAborted } from '../../base/errors.ts';
import { compareKeys, printableKey } from '../../base/keys.ts';
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
import { checkKey, checkPrefix, locationOf } from '../locations.ts';
import { readZipDirectory, type ZipEntry } from './directory.ts';
import { ZipEntryData } from './entry-data.ts';
import { checkWhole, InflateError, inflateBeginning, inflateWhole } from './inflate.ts';
import { openZipSource, withoutPrefix } from './source.ts';
import { ZipStream } from './stream.ts';

export interface ZipStoreOptions {
  /** The store of the archive's folder. It is closed with this store. */
  readonly store: Store;
  /** The archive's key in that store. */
  readonly key: string;
  readonly onWarning: (message: string) => void;
  /** What the archive may hold. */
  readonly limits?: Limits | undefined;
}

/** Reads that end within this beginning of a deflated file, as those of headers do, inflate no more than that. */
const maxBeginningLength = 256 * 1024;
/** Deflated files up to these sizes are read and inflated as a whole, larger ones in a stream. */
const maxWholeCompressedLength = 16 * 1024 * 1024;
const maxWholeLength = 64 * 1024 * 1024;
/** Inflated files are kept up to this size in all, because several frames of one may be read. */
const maxKeptBytes = 128 * 1024 * 1024;

/** A file of the archive. */
interface OpenEntry {
  readonly data: ZipEntryData;
  readonly stream: ZipStream;
}

/**
 * The files of a zip archive, read in place: by ranges of the archive, inflated only as far as needed, never unpacked
 * to disk. Keys are the names in the archive.
 */
export function createZipStore(options: ZipStoreOptions): Store {
  return options.store.readSync === undefined ? new ZipStore(options) : new LocalZipStore(options);
}

class ZipStore implements Store {
  readonly location: string;
  readonly concurrency: number;
  readonly isSearchable = true;
  protected readonly store: Store;
  readonly #options: ZipStoreOptions;
  #opening: Promise<ReadonlyMap<string, OpenEntry>> | undefined;
  #entries: ReadonlyMap<string, OpenEntry> = new Map();
  /** Inflated files; the one that was used last is at the end. */
  readonly #kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
  #keptBytes = 0;

  constructor(options: ZipStoreOptions) {
    this.#options = options;
    this.store = options.store;
    this.concurrency = options.store.concurrency;
    const folder = options.store.location;
    this.location = folder === '.' ? printableKey(options.key) : locationOf(folder, options.key);
  }

  get statistics(): StoreStatistics {
    return this.store.statistics;
  }

  async list(prefix: string, options: ListOptions = {}): Promise<readonly StoredObject[]> {
    throwIfAborted(options.signal);
    const below = this.#below(prefix);
    const entries = await this.#open(options.signal);
    const objects = [...entries.values()]
      .filter(({ data }) => data.entry.key.startsWith(below))
      .map(({ data: { entry } }) => ({ key: entry.key, byteLength: entry.length, etag: versionOf(entry) }));
    if (objects.length === 0 && prefix !== '') throw this.#notFound(prefix);
    return objects.sort((first, second) => compareKeys(first.key, second.key));
  }

  async listFolders(prefix: string, startsWith: string, options: ListOptions = {}): Promise<readonly string[]> {
    throwIfAborted(options.signal);
    const below = this.#below(prefix);
    const names = new Set<string>();
    for (const key of (await this.#open(options.signal)).keys()) {
      if (!key.startsWith(below + startsWith)) continue;
      const slash = key.indexOf('/', below.length);
      if (slash >= 0) names.add(key.slice(below.length, slash));
    }
    return [...names].sort();
  }

  async read(key: string, range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    throwIfAborted(options.signal);
    checkKey(key, this.location);
    await this.#open(options.signal);
    const open = this.entryOf(key);
    const { entry } = open.data;
    const etag = versionOf(entry);
    if (options.etag !== undefined && options.etag.replace(/^"(.*)"$/, '$1') !== etag) {
      const { location } = open.data;
      throw new ObjectChangedError(`${location} is not the same file as before. Run the command again.`, { location });
    }
    const offset = Math.min(range.offset, entry.length);
    const length = Math.min(range.length, entry.length - offset);
    const bytes = length === 0 ? new Uint8Array(0) : await this.#readEntry(open, offset, length, options.signal);
    return { bytes, objectByteLength: entry.length, etag };
  }

  async close(): Promise<void> {
    for (const { stream } of this.#entries.values()) stream.close();
    this.#kept.clear();
    await this.store.close();
  }

  /** A file of the archive. The directory must have been read. */
  protected entryOf(key: string): OpenEntry {
    checkKey(key, this.location);
    const open = this.#entries.get(key);
    if (open === undefined) throw this.#notFound(key);
    open.data.checkReadable();
    return open;
  }

  async #readEntry(
    open: OpenEntry,
    offset: number,
    length: number,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { data, stream } = open;
    const { entry } = data;
    try {
      if (entry.method === 0) {
        const bytes = await data.read(offset, length, signal);
        if (length === entry.length) checkWhole(bytes, entry.length, entry.crc32);
        return bytes;
      }
      const end = offset + length;
      if (this.#kept.has(entry.key)) return (await this.#inflated(open, signal)).slice(offset, end);
      if (end <= maxBeginningLength && end < entry.length) {
        const beginning = inflateBeginning(await data.read(0, end + 64, signal), end);
        // Data that compression made larger need a little more. Then the whole file is read below.
        if (beginning.length >= end) return beginning.slice(offset, end);
      }
      const isLarge = entry.compressedLength > maxWholeCompressedLength || entry.length > maxWholeLength;
      if (isLarge) return await stream.read(offset, length, signal);
      const inflated = await this.#inflated(open, signal);
      return inflated.slice(offset, end);
    } catch (error) {
      throw error instanceof InflateError ? data.damaged(error.message, error.cause) : error;
    }
  }

  /** A whole file, inflated once for all callers. */
  async #inflated(open: OpenEntry, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const { key } = open.data.entry;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      try {
        return await kept;
      } catch (error) {
        // Another caller was aborted; this one was not.
        if (!(error instanceof AbortedError)) throw error;
        throwIfAborted(signal);
        return this.#inflated(open, signal);
      }
    }
    const inflating = inflateEntry(open.data, signal);
    this.#kept.set(key, inflating);
    this.#keptBytes += open.data.entry.length;
    inflating.catch(() => this.#forget(key, inflating));
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= maxKeptBytes || oldest === key) break;
      this.#forget(oldest, this.#kept.get(oldest));
    }
    return inflating;
  }

  #forget(key: string, inflating: Promise<Uint8Array<ArrayBuffer>> | undefined): void {
    if (this.#kept.get(key) !== inflating || inflating === undefined) return;
    this.#kept.delete(key);
    this.#keptBytes -= this.#entries.get(key)?.data.entry.length ?? 0;
  }

  /** Reads the directory once; again after a failure. */
  #open(signal: AbortSignal | undefined): Promise<ReadonlyMap<string, OpenEntry>> {
    this.#opening ??= this.#readDirectory(signal).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #readDirectory(signal: AbortSignal | undefined): Promise<ReadonlyMap<string, OpenEntry>> {
    const { location } = this;
    const { source, tail } = withoutPrefix(await openZipSource(this.store, this.#options.key, location, signal));
    const { entries, warnings } = await readZipDirectory(source, tail, location, signal, this.#options.limits);
    for (const warning of warnings) this.#options.onWarning(warning);
    const open = new Map<string, OpenEntry>();
    for (const entry of entries.values()) {
      const data = new ZipEntryData(source, entry, location);
      open.set(entry.key, { data, stream: new ZipStream(data) });
    }
    this.#entries = open;
    return open;
  }

  #below(prefix: string): string {
    if (prefix === '') return '';
    checkPrefix(prefix, this.location);
    return `${prefix}/`;
  }

  #notFound(key: string): NotFoundError {
    const location = locationOf(this.location, key);
    return new NotFoundError(`The archive ${this.location} holds no '${printableKey(key)}'.`, { location });
  }
}

/** An archive on a local disk. Its headers are read without a promise for each. */
class LocalZipStore extends ZipStore {
  readonly readSync = (
    key: string,
    offset: number,
    target: Uint8Array,
  ): { readonly length: number; readonly objectByteLength: number } => {
    const { data } = this.entryOf(key);
    const { entry } = data;
    const length = Math.max(0, Math.min(target.length, entry.length - offset));
    const found = { length, objectByteLength: entry.length };
    if (length === 0) return found;
    if (entry.method === 0) {
      target.set(data.readSync(offset, length));
      return found;
    }
    const end = offset + length;
    try {
      const beginning = inflateBeginning(data.readSync(0, end + 64), end);
      const enough = beginning.length >= end ? beginning : inflateBeginning(data.readSync(0, Infinity), end);
      if (enough.length < end)
        throw new InflateError(`it holds ${enough.length} bytes and should hold ${entry.length}`);
      target.set(enough.subarray(offset, end));
      return found;
    } catch (error) {
      throw error instanceof InflateError ? data.damaged(error.message, error.cause) : error;
    }
  };
}

async function inflateEntry(data: ZipEntryData, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const compressed = await data.read(0, data.entry.compressedLength, signal);
  return inflateWhole(compressed, data.entry.length, data.entry.crc32);
}

/** A version by content: the same file has the same version, wherever its archive is. */
function versionOf({ crc32, length }: ZipEntry): string {
  return `${crc32.toString(16).padStart(8, '0')}-${length.toString(16)}`;
}
