import { NotFoundError, PreviewError, StorageError, throwIfAborted } from '../../base/errors.ts';
import { compareKeys, encodeKey, joinKey, objectionToKey, printableKey } from '../../base/keys.ts';
import type { HttpHeaders, HttpRequest, Transport } from '../../http/types.ts';
import type {
  ByteRange,
  ListOptions,
  ReadOptions,
  ReadResult,
  Store,
  StoredObject,
  StoreStatistics,
} from '../../types/storage.ts';
import { folderNames, listPages, type Page } from '../buckets/list-pages.ts';
import { fetchBucketPage, findBucket, type HttpBucket } from './http-bucket.ts';
import type { FolderMemory, FolderReply } from './http-folder.ts';
import type { IndexEntry } from './http-index-json.ts';
import type { HttpRoot } from './http-root.ts';

export interface HttpStoreOptions {
  readonly root: HttpRoot;
  readonly transport: Transport;
  readonly onWarning: (message: string) => void;
  /** Secret headers (Authorization, API keys) for the root's origin; never sent to another. */
  readonly secretHeaders?: HttpHeaders | undefined;
}

/** Folders to list abreast; indexes are made on the fly by servers. */
const FOLDERS_ABREAST = 8;
const MOST_FOLDERS = 10_000;
const MOST_DEPTH = 32;
const MOST_OBJECTS = 1_000_000;
/** What is surely a file and not a folder. */
const FILE_NAME = /\.(dcm|dicom|dic|ima)$/i;

/**
 * A folder of a web server, listed by its index pages, WebDAV, or as a public bucket; or a single file. Objects are
 * read by ranges, from servers that ignore them too.
 */
export function createHttpStore(options: HttpStoreOptions): Store {
  return new HttpStore(options);
}

class HttpStore implements Store {
  readonly location: string;
  readonly #options: HttpStoreOptions;
  readonly #transport: Transport;
  readonly #memory: FolderMemory = { withoutDav: false };
  /** Where keys begin: the root's folder, or where the server has redirected it. */
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
    this.#checkPrefix(prefix);
    const { file } = this.#options.root;
    if (prefix === '' && file !== undefined && FILE_NAME.test(file.name)) {
      const single = await this.#findFile(options.signal);
      if (single !== undefined) return [single];
    }
    try {
      return await this.#listBelow(prefix, options.signal);
    } catch (error) {
      const isMissing = error instanceof NotFoundError || error instanceof StorageError;
      if (!isMissing || prefix !== '' || file === undefined || FILE_NAME.test(file.name)) throw error;
      const single = await this.#findFile(options.signal);
      if (single === undefined) throw error;
      return [single];
    }
  }

  async listFolders(prefix: string, startsWith: string, options: ListOptions = {}): Promise<readonly string[]> {
    throwIfAborted(options.signal);
    this.#checkPrefix(prefix);
    const reply = this.#bucket === undefined ? await this.#listLevel(prefix, options.signal) : undefined;
    if (reply !== undefined) {
      return reply.filter(({ isFolder, name }) => isFolder && name.startsWith(startsWith)).map(({ name }) => name);
    }
    const folder = this.#bucketFolder(prefix);
    const { prefixes } = await this.#listBucket(`${folder}${startsWith}`, '/', options.signal);
    return folderNames(prefixes, folder);
  }

  read(key: string, range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    const objection = objectionToKey(key);
    if (objection !== undefined) {
      const location = this.location;
      return Promise.reject(new StorageError(`The key '${printableKey(key)}' is refused: ${objection}.`, { location }));
    }
    return this.#transport.readRange(this.#request(this.#url(key), key), range, options);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #checkPrefix(prefix: string): void {
    const objection = prefix === '' ? undefined : objectionToKey(prefix);
    if (objection === undefined) return;
    throw new StorageError(`The prefix '${printableKey(prefix)}' is refused: ${objection}.`, {
      location: this.location,
    });
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
    const location = key === '' ? this.location : `${this.location.replace(/\/$/, '')}/${printableKey(key)}`;
    return this.#isHome(url) ? { url, location, authorize: () => secret } : { url, location };
  }

  /** All objects below a folder: of a bucket by its pages, else folder by folder. */
  async #listBelow(prefix: string, signal: AbortSignal | undefined): Promise<readonly StoredObject[]> {
    const objects: StoredObject[] = [];
    let level = [prefix];
    let folders = 0;
    for (let depth = 0; level.length > 0; depth += 1) {
      folders += level.length;
      if (depth > MOST_DEPTH || folders > MOST_FOLDERS || objects.length > MOST_OBJECTS) throw this.#tooLarge(prefix);
      const below: string[] = [];
      for (let start = 0; start < level.length; start += FOLDERS_ABREAST) {
        const batch = level.slice(start, start + FOLDERS_ABREAST);
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

  #tooLarge(prefix: string): StorageError {
    return new StorageError(
      `More than ${MOST_FOLDERS} folders, ${MOST_OBJECTS} objects or ${MOST_DEPTH} levels lie below ${joinKey(this.location, printableKey(prefix))}. Name the folder of the series.`,
      { location: this.location },
    );
  }

  /** One folder's entries; undefined when the server turned out to be a bucket. */
  async #listLevel(folder: string, signal: AbortSignal | undefined): Promise<readonly IndexEntry[] | undefined> {
    if (this.#bucket !== undefined) return undefined;
    // The parsers load while other work may go on; none is needed for reading a known object.
    const { listHttpFolder } = await import('./http-folder.ts');
    const request = this.#request(this.#url(folder === '' ? '' : `${folder}/`), folder);
    const reply: FolderReply = await listHttpFolder(this.#transport, request, this.#memory, signal);
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

  /** Where a listing came from another address than it was asked at, objects are there too. */
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
      `${this.location} redirects its folder '${printableKey(folder)}' to another place. Name the final address.`,
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
      const location = joinKey(this.location.replace(/\/$/, ''), printableKey(prefix));
      throw new NotFoundError(`No objects lie below ${location}. Check the name, and the root.`, { location });
    }
    return objects.sort((first, second) => compareKeys(first.key, second.key));
  }

  #listBucket(
    prefix: string,
    delimiter: '/' | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly objects: StoredObject[]; readonly prefixes: readonly string[] }> {
    const bucket = this.#bucket;
    if (bucket === undefined) throw new StorageError(`${this.location} is no bucket.`, { location: this.location });
    const fetchPage = (next: Readonly<Record<string, string>>): Promise<Page> =>
      fetchBucketPage(this.#transport, this.#request(bucket.url, ''), bucket, { prefix, delimiter }, next, signal);
    const { location } = this;
    return listPages(fetchPage, { prefix, rootPrefix: bucket.prefix, location, onWarning: this.#options.onWarning });
  }

  /** The root as a file, or undefined when it is none. From then on its key is its name. */
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
