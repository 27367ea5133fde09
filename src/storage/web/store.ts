import { NotFoundError, PreviewError, StorageError, throwIfAborted } from '../../base/errors.ts';
import { compareKeys, encodeKey, joinKey, printableKey } from '../../base/keys.ts';
import { limitHint } from '../../base/limit-hint.ts';
import { createTransport } from '../../http/transport.ts';
import type { HttpHeaders, HttpRequest, Transport } from '../../http/types.ts';
import { defaultLimits, type Limits } from '../../types/limits.ts';
import type {
  ByteRange,
  ListOptions,
  ReadOptions,
  ReadResult,
  Store,
  StoredLevel,
  StoredObject,
  StoreStatistics,
} from '../../types/storage.ts';
import { folderNames, listPages, type Page } from '../buckets/list-pages.ts';
import { checkKey, checkPrefix, isInstanceName, locationOf } from '../locations.ts';
import type { OpenStoreOptions } from '../open-store-options.ts';
import { fetchBucketPage, findBucket, type HttpBucket } from './bucket.ts';
import { secretHeadersFor } from './credentials.ts';
import type { FolderMemory, FolderReply } from './folder.ts';
import type { IndexEntry } from './json-listing.ts';
import { type HttpRoot, parseHttpRoot } from './root.ts';

export interface HttpStoreOptions {
  readonly root: HttpRoot;
  readonly transport: Transport;
  readonly onWarning: (message: string) => void;
  /** What a listing may hold. */
  readonly limits?: Limits | undefined;
  /** Secret headers (Authorization, API keys) for the root's origin; never sent to another. */
  readonly secretHeaders?: HttpHeaders | undefined;
}

/** Folders to list at a time: servers make their indexes on the fly. */
const foldersAtATime = 8;
const maxFolders = 10_000;
const maxDepth = 32;

/**
 * Opens a folder or a file of a web server, with the headers and credentials of {@link secretHeadersFor}. Throws a
 * UsageError for another URL, and for headers that cannot be sent.
 */
export async function openHttp(url: string, options: OpenStoreOptions): Promise<Store> {
  const root = parseHttpRoot(url);
  return createHttpStore({
    root: { ...root, authorization: undefined },
    secretHeaders: secretHeadersFor(root.folder, root.authorization, options),
    transport: createTransport(options),
    onWarning: options.onWarning ?? ((): void => {}),
    limits: options.limits,
  });
}

/**
 * A folder of a web server, listed by its index pages, by WebDAV, or as a public bucket; or a single file. Objects are
 * read by ranges, also from servers that ignore ranges.
 */
export function createHttpStore(options: HttpStoreOptions): Store {
  return new HttpStore(options);
}

class HttpStore implements Store {
  readonly location: string;
  readonly #options: HttpStoreOptions;
  readonly #transport: Transport;
  readonly #memory: FolderMemory = { withoutDav: false };
  /** Keys are relative to this URL: the root's folder, or the address to which the server redirects it. */
  #folder: URL;
  #bucket: HttpBucket | undefined;

  constructor(options: HttpStoreOptions) {
    this.location = options.root.location;
    this.#options = options;
    this.#transport = options.transport;
    this.#folder = options.root.folder;
  }

  get concurrency(): number {
    return this.#transport.concurrency;
  }

  get statistics(): StoreStatistics {
    return this.#transport.statistics;
  }

  async list(prefix: string, options: ListOptions = {}): Promise<readonly StoredObject[]> {
    throwIfAborted(options.signal);
    checkPrefix(prefix, this.location);
    const { file } = this.#options.root;
    if (prefix === '' && file !== undefined && isInstanceName(file.name)) {
      const single = await this.#findFile(options.signal);
      if (single !== undefined) return [single];
    }
    try {
      return await this.#listBelow(prefix, options.signal);
    } catch (error) {
      const isMissing = error instanceof NotFoundError || error instanceof StorageError;
      if (!isMissing || prefix !== '' || file === undefined || isInstanceName(file.name)) throw error;
      const single = await this.#findFile(options.signal);
      if (single === undefined) throw error;
      return [single];
    }
  }

  async listFolders(prefix: string, startsWith: string, options: ListOptions = {}): Promise<readonly string[]> {
    throwIfAborted(options.signal);
    checkPrefix(prefix, this.location);
    const reply = this.#bucket === undefined ? await this.#listLevel(prefix, options.signal) : undefined;
    if (reply !== undefined) {
      return reply.filter(({ isFolder, name }) => isFolder && name.startsWith(startsWith)).map(({ name }) => name);
    }
    const folder = this.#bucketFolder(prefix);
    const { prefixes } = await this.#listBucket(`${folder}${startsWith}`, '/', options.signal);
    return folderNames(prefixes, folder);
  }

  async listLevel(prefix: string, options: ListOptions = {}): Promise<StoredLevel> {
    throwIfAborted(options.signal);
    checkPrefix(prefix, this.location);
    const entries = this.#bucket === undefined ? await this.#listLevel(prefix, options.signal) : undefined;
    if (entries === undefined) {
      const folder = this.#bucketFolder(prefix);
      const { objects, prefixes } = await this.#listBucket(folder, '/', options.signal);
      return { objects, folders: folderNames(prefixes, folder) };
    }
    return {
      objects: entries.flatMap(({ name, isFolder, ...about }) =>
        isFolder ? [] : [{ key: joinKey(prefix, name), ...about }],
      ),
      folders: entries.flatMap(({ name, isFolder }) => (isFolder ? [name] : [])),
    };
  }

  async read(key: string, range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    checkKey(key, this.location);
    return this.#transport.readRange(this.#request(this.#url(key), key), range, options);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #isHome(url: URL): boolean {
    return url.origin === this.#options.root.folder.origin;
  }

  #url(path: string): URL {
    const url = new URL(this.#folder.href + encodeKey(path));
    const { search } = this.#options.root;
    if (search !== '' && this.#isHome(url)) url.search = search;
    return url;
  }

  #request(url: URL, key: string): HttpRequest {
    const { authorization } = this.#options.root;
    const secret = {
      ...this.#options.secretHeaders,
      ...(authorization === undefined ? {} : { authorization }),
    };
    const location = locationOf(this.location, key);
    return this.#isHome(url) ? { url, location, authorize: () => secret } : { url, location };
  }

  /** All objects below a folder: page by page from a bucket, else folder by folder. */
  async #listBelow(prefix: string, signal: AbortSignal | undefined): Promise<readonly StoredObject[]> {
    const objects: StoredObject[] = [];
    const { listingEntries } = this.#options.limits ?? defaultLimits;
    let level = [prefix];
    let folders = 0;
    for (let depth = 0; level.length > 0; depth += 1) {
      folders += level.length;
      if (depth > maxDepth || folders > maxFolders || objects.length > listingEntries) {
        throw this.#tooLarge(prefix, listingEntries);
      }
      const below: string[] = [];
      for (let start = 0; start < level.length; start += foldersAtATime) {
        const batch = level.slice(start, start + foldersAtATime);
        const listed = await Promise.all(batch.map((folder) => this.#listLevel(folder, signal)));
        if (listed.includes(undefined)) return this.#listBucketBelow(prefix, signal);
        batch.forEach((folder, index) => {
          for (const { name, isFolder, byteLength, etag, modified } of listed[index] ?? []) {
            const key = joinKey(folder, name);
            if (isFolder) below.push(key);
            else objects.push({ key, byteLength, etag, modified });
          }
        });
      }
      level = below;
    }
    return objects.sort((first, second) => compareKeys(first.key, second.key));
  }

  #tooLarge(prefix: string, listingEntries: number): StorageError {
    return new StorageError(
      `More than ${maxFolders} folders, ${listingEntries} objects or ${maxDepth} levels lie below ${locationOf(this.location, prefix)}. Name the folder of the series. ${limitHint('listingEntries')}`,
      { location: this.location },
    );
  }

  /** The entries of one folder; undefined where the server has turned out to be a bucket. */
  async #listLevel(folder: string, signal: AbortSignal | undefined): Promise<readonly IndexEntry[] | undefined> {
    if (this.#bucket !== undefined) return undefined;
    // Loaded here, because no parser is needed for reading an object whose key is known.
    const { listHttpFolder } = await import('./folder.ts');
    const request = this.#request(this.#url(folder === '' ? '' : `${folder}/`), folder);
    const reply: FolderReply = await listHttpFolder(this.#transport, request, this.#memory, {
      signal,
      maxByteLength: (this.#options.limits ?? defaultLimits).listingBytes,
    });
    if (reply.kind === 'entries') {
      this.#follow(folder, reply.url);
      return reply.entries;
    }
    if (reply.kind === 'bucket') {
      this.#bucket = await findBucket(this.#transport, this.#request(this.#folder, ''), this.#folder, signal);
      if (this.#bucket !== undefined) return undefined;
    }
    const location = request.location;
    throw reply.error ?? new NotFoundError(`The bucket at ${location} cannot be listed.`, { location });
  }

  /** When the server redirects a listing to another address, the objects are read from there too. */
  #follow(folder: string, from: URL): void {
    const asked = this.#url(folder === '' ? '' : `${folder}/`);
    if (asked.origin === from.origin && asked.pathname === from.pathname) return;
    const below = folder === '' ? '' : `${encodeKey(folder)}/`;
    if (from.pathname.endsWith(`/${below}`)) {
      const moved = new URL(from.origin);
      moved.pathname = from.pathname.slice(0, from.pathname.length - below.length);
      this.#folder = moved;
      return;
    }
    throw new StorageError(
      `${this.location} redirects its folder '${printableKey(folder)}' to another place. Give the final address as the root.`,
      { location: this.location },
    );
  }

  #bucketFolder(prefix: string): string {
    const root = this.#bucket?.prefix ?? '';
    const full = prefix === '' ? root : joinKey(root, prefix);
    return full === '' ? '' : `${full}/`;
  }

  async #listBucketBelow(prefix: string, signal: AbortSignal | undefined): Promise<readonly StoredObject[]> {
    const { objects } = await this.#listBucket(this.#bucketFolder(prefix), undefined, signal);
    if (objects.length === 0) {
      const location = locationOf(this.location, prefix);
      throw new NotFoundError(`No objects lie below ${location}. Check the name and the root.`, { location });
    }
    return objects.sort((first, second) => compareKeys(first.key, second.key));
  }

  #listBucket(
    prefix: string,
    delimiter: '/' | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly objects: StoredObject[]; readonly prefixes: readonly string[] }> {
    const bucket = this.#bucket;
    if (bucket === undefined) throw new StorageError(`${this.location} is not a bucket.`, { location: this.location });
    const fetchPage = (next: Readonly<Record<string, string>>): Promise<Page> =>
      fetchBucketPage(this.#transport, this.#request(bucket.url, ''), bucket, { prefix, delimiter }, next, signal);
    const { location } = this;
    const { onWarning, limits } = this.#options;
    return listPages(fetchPage, { prefix, rootPrefix: bucket.prefix, location, onWarning, limits });
  }

  /** The root as a file; undefined when it is none. From then on, the file's name is its key. */
  async #findFile(signal: AbortSignal | undefined): Promise<StoredObject | undefined> {
    const { file } = this.#options.root;
    if (file === undefined) return undefined;
    const folder = this.#folder;
    this.#folder = file.folder;
    try {
      const { objectByteLength, etag } = await this.read(file.name, { offset: 0, length: 1 }, { signal });
      return { key: file.name, byteLength: objectByteLength, etag };
    } catch (error) {
      this.#folder = folder;
      if (!(error instanceof PreviewError) || error.code === 'aborted' || error.code === 'timeout') throw error;
      return undefined;
    }
  }
}
