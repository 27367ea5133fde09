import { AccessDeniedError, NotFoundError, throwIfAborted } from '../../base/errors.ts';
import { compareKeys, holdsRawBytes, joinKey, objectionToBucketKey } from '../../base/keys.ts';
import { fetchParsed, textOf } from '../../http/documents.ts';
import type { HttpRequest, Transport } from '../../http/types.ts';
import type { Limits } from '../../types/limits.ts';
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
import { isInstanceName, locationOf, refusedKey } from '../locations.ts';
import type { AccessOperation } from './access-session.ts';
import { folderNames, listPages, type Page } from './list-pages.ts';

/** What a request that changes something has beside its URL. */
export type SentToBucket = Pick<HttpRequest, 'method' | 'headers'> & { readonly body?: Uint8Array };

/** How the buckets (or containers) of one provider differ from those of others. */
export interface BucketOptions {
  /** The bucket without a prefix, for messages: `gs://bucket`. */
  readonly bucketLocation: string;
  /** Decoded, without slashes at its end; '' for the whole bucket. */
  readonly prefix: string;
  readonly transport: Transport;
  /**
   * A request for a key, complete from the top of the bucket ('' for the bucket itself), with a query: a GET, or what
   * `sent` says.
   */
  readonly operation: (
    key: string,
    query: Readonly<Record<string, string>>,
    location: string,
    sent?: SentToBucket,
  ) => AccessOperation;
  /** The query of a listing of what begins with `prefix`; with a delimiter, of one level of it. */
  readonly listQuery: (prefix: string, delimiter: '/' | undefined) => Readonly<Record<string, string>>;
  /** Loads the parser of listings. */
  readonly loadParser: () => Promise<(xml: string) => Page | undefined>;
  /** What messages call a listing, with its article. */
  readonly listingName: string;
  readonly onWarning: (message: string) => void;
  /** What a listing may hold. */
  readonly limits: Limits | undefined;
}

const maxPageByteLength = 16 * 1024 * 1024;

/** What lies below a prefix of a bucket, or a single object of it. The bucket is listed by pages of XML. */
export function createBucketStore(options: BucketOptions): Store {
  return new BucketStore(options);
}

class BucketStore implements Store {
  readonly location: string;
  readonly #options: BucketOptions;
  /** Keys are relative to this prefix of the bucket. */
  #prefix: string;

  constructor(options: BucketOptions) {
    this.#options = options;
    this.#prefix = options.prefix;
    this.location = this.#printable(options.prefix);
  }

  get concurrency(): number {
    return this.#options.transport.concurrency;
  }

  get statistics(): StoreStatistics {
    return this.#options.transport.statistics;
  }

  async list(prefix: string, options: ListOptions = {}): Promise<readonly StoredObject[]> {
    throwIfAborted(options.signal);
    const root = this.#options.prefix;
    const mayBeObject = prefix === '' && root !== '';
    if (mayBeObject && isInstanceName(root)) {
      const single = await this.#findSingle(options.signal);
      if (single !== undefined) return [single];
    }
    const full = this.#folder(prefix);
    const { objects } = await this.#listAll(full, undefined, options.signal).catch(async (error: unknown) => {
      // Somebody who may read an object may not always list the bucket.
      const isRefused = error instanceof AccessDeniedError && mayBeObject && !isInstanceName(root);
      const single = isRefused ? await this.#findSingle(options.signal) : undefined;
      if (single === undefined) throw error;
      return { objects: [single] };
    });
    if (objects.length === 0 && mayBeObject && !isInstanceName(root)) {
      const single = await this.#findSingle(options.signal);
      if (single !== undefined) return [single];
    }
    if (objects.length === 0 && full !== '') {
      const location = this.#printable(full);
      throw new NotFoundError(`No objects lie below ${location}. Check the name and the root.`, { location });
    }
    return objects.sort((first, second) => compareKeys(first.key, second.key));
  }

  async listFolders(prefix: string, startsWith: string, options: ListOptions = {}): Promise<readonly string[]> {
    throwIfAborted(options.signal);
    const folder = this.#folder(prefix);
    const { prefixes } = await this.#listAll(`${folder}${startsWith}`, '/', options.signal);
    return folderNames(prefixes, folder);
  }

  async listLevel(prefix: string, options: ListOptions = {}): Promise<StoredLevel> {
    throwIfAborted(options.signal);
    const folder = this.#folder(prefix);
    const { objects, prefixes } = await this.#listAll(folder, '/', options.signal);
    return { objects, folders: folderNames(prefixes, folder) };
  }

  async read(key: string, range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    const full = joinKey(this.#prefix, key);
    const isText = !holdsRawBytes(full);
    const objection =
      objectionToBucketKey(key) ?? (isText ? undefined : 'it is not UTF-8, as names in buckets must be');
    if (objection !== undefined) throw refusedKey(key, this.location, objection);
    const { request, succeeded } = this.#options.operation(full, {}, this.#printable(full));
    const result = await this.#options.transport.readRange(request, range, options);
    succeeded();
    return result;
  }

  close(): Promise<void> {
    return this.#options.transport.close();
  }

  /** The full prefix of a folder, with its slash; '' for a whole bucket. */
  #folder(prefix: string): string {
    const objection = prefix === '' ? undefined : objectionToBucketKey(prefix);
    if (objection !== undefined) throw refusedKey(prefix, this.location, objection);
    const root = this.#options.prefix;
    const full = prefix === '' ? root : joinKey(root, prefix);
    return full === '' ? '' : `${full}/`;
  }

  /** All pages of a listing; the keys are relative to the root. */
  #listAll(
    prefix: string,
    delimiter: '/' | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly objects: StoredObject[]; readonly prefixes: string[] }> {
    return listPages((next) => this.#listPage(prefix, delimiter, next, signal), {
      prefix,
      rootPrefix: this.#options.prefix,
      location: this.#printable(prefix),
      onWarning: this.#options.onWarning,
      limits: this.#options.limits,
    });
  }

  async #listPage(
    prefix: string,
    delimiter: '/' | undefined,
    next: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Page> {
    const { operation, listQuery, loadParser, transport, listingName } = this.#options;
    // The parser loads while the request is on its way.
    const parser = loadParser();
    const { request, succeeded } = operation('', { ...listQuery(prefix, delimiter), ...next }, this.#printable(prefix));
    const limits = { signal, maxByteLength: maxPageByteLength };
    const page = await fetchParsed(transport, request, limits, listingName, async (document) =>
      (await parser)(textOf(document)),
    );
    succeeded();
    return page;
  }

  /** The root as a single object, where it is one and may be read. From then on, its name is its key. */
  async #findSingle(signal: AbortSignal | undefined): Promise<StoredObject | undefined> {
    const root = this.#options.prefix;
    const before = this.#prefix;
    const slash = root.lastIndexOf('/');
    const key = root.slice(slash + 1);
    this.#prefix = slash < 0 ? '' : root.slice(0, slash);
    try {
      const { objectByteLength, etag } = await this.read(key, { offset: 0, length: 1 }, { signal });
      return { key, byteLength: objectByteLength, etag };
    } catch (error) {
      this.#prefix = before;
      if (error instanceof NotFoundError || error instanceof AccessDeniedError) return undefined;
      throw error;
    }
  }

  #printable(full: string): string {
    return locationOf(this.#options.bucketLocation, full);
  }
}
