import { NotFoundError, StorageError, throwIfAborted } from '../errors/errors.ts';
import type {
  ByteRange,
  ListOptions,
  ReadOptions,
  ReadResult,
  Store,
  StoredObject,
  StoreStatistics,
} from '../types/storage.ts';
import { fetchParsed, textOf } from './documents.ts';
import type { Transport } from './http-types.ts';
import { compareKeys, holdsRawBytes, joinKey, objectionToKey, printableKey } from './keys.ts';
import { folderNames, listPages, type Page } from './list-pages.ts';
import { listQuery, type S3Root } from './s3-address.ts';
import { S3Session, type S3SessionOptions } from './s3-session.ts';

export interface S3StoreOptions extends Omit<S3SessionOptions, 'bucket' | 'location'> {
  readonly root: S3Root;
  readonly transport: Transport;
}

const LARGEST_PAGE = 16 * 1024 * 1024;

/** A bucket of Amazon S3 or a store that speaks like it, or what lies below a prefix of it; or a single object. */
export function createS3Store(options: S3StoreOptions): Store {
  return new S3Store(options);
}

class S3Store implements Store {
  readonly location: string;
  readonly #bucketLocation: string;
  readonly #transport: Transport;
  readonly #session: S3Session;
  readonly #onWarning: (message: string) => void;
  /** Keys are relative to this prefix of the bucket. */
  #prefix: string;
  readonly #rootPrefix: string;

  constructor(options: S3StoreOptions) {
    const { bucket, prefix } = options.root;
    this.#bucketLocation = `s3://${bucket}`;
    this.location = prefix === '' ? this.#bucketLocation : `${this.#bucketLocation}/${printableKey(prefix)}`;
    this.#prefix = prefix;
    this.#rootPrefix = prefix;
    this.#transport = options.transport;
    this.#onWarning = options.onWarning;
    this.#session = new S3Session({ ...options, bucket, location: this.#bucketLocation });
  }

  get concurrency(): number {
    return this.#transport.concurrency;
  }

  get statistics(): StoreStatistics {
    return this.#transport.statistics;
  }

  async list(prefix: string, options: ListOptions = {}): Promise<readonly StoredObject[]> {
    throwIfAborted(options.signal);
    const full = this.#folder(prefix);
    const { objects } = await this.#listAll(full, undefined, options.signal);
    if (objects.length === 0 && prefix === '' && this.#rootPrefix !== '') {
      const single = await this.#findSingle(options.signal);
      if (single !== undefined) return [single];
    }
    if (objects.length === 0 && full !== '') {
      const location = this.#printable(full);
      throw new NotFoundError(`No objects lie below ${location}. Check the name, and the root.`, { location });
    }
    return objects.sort((first, second) => compareKeys(first.key, second.key));
  }

  async listFolders(prefix: string, startsWith: string, options: ListOptions = {}): Promise<readonly string[]> {
    throwIfAborted(options.signal);
    const folder = this.#folder(prefix);
    const { prefixes } = await this.#listAll(`${folder}${startsWith}`, '/', options.signal);
    return folderNames(prefixes, folder);
  }

  async read(key: string, range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    const full = joinKey(this.#prefix, key);
    const objection = objectionToKey(key) ?? (holdsRawBytes(full) ? 'it is no UTF-8, as S3 wants' : undefined);
    if (objection !== undefined) {
      throw new StorageError(`The key '${printableKey(key)}' is refused: ${objection}.`, { location: this.location });
    }
    const { request, succeeded } = this.#session.operation(full, this.#printable(full));
    const result = await this.#transport.readRange(request, range, options);
    succeeded();
    return result;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** The full prefix of a folder, with its slash; '' for a whole bucket. */
  #folder(prefix: string): string {
    const objection = prefix === '' ? undefined : objectionToKey(prefix);
    if (objection !== undefined) {
      throw new StorageError(`The prefix '${printableKey(prefix)}' is refused: ${objection}.`, {
        location: this.location,
      });
    }
    const full = prefix === '' ? this.#rootPrefix : joinKey(this.#rootPrefix, prefix);
    return full === '' ? '' : `${full}/`;
  }

  /** All pages of a listing, keys relative to the root. */
  #listAll(
    prefix: string,
    delimiter: '/' | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly objects: StoredObject[]; readonly prefixes: string[] }> {
    return listPages((next) => this.#listPage(prefix, delimiter, next, signal), {
      prefix,
      rootPrefix: this.#rootPrefix,
      location: this.#printable(prefix),
      onWarning: this.#onWarning,
    });
  }

  async #listPage(
    prefix: string,
    delimiter: '/' | undefined,
    next: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Page> {
    const location = this.#printable(prefix);
    // The parser loads while the request is on its way.
    const parser = import('./s3-listing.ts');
    const { request, succeeded } = this.#session.operation('', location, { ...listQuery(prefix, delimiter), ...next });
    const page = await fetchParsed(
      this.#transport,
      request,
      { signal, maximumByteLength: LARGEST_PAGE },
      'a listing of S3 (ListObjectsV2)',
      async (document) => (await parser).parseListPage(textOf(document)),
    );
    succeeded();
    return page;
  }

  /** The root itself as an object, where it is one. From then on its key is its name. */
  async #findSingle(signal: AbortSignal | undefined): Promise<StoredObject | undefined> {
    const page = await this.#listPage(this.#rootPrefix, '/', {}, signal);
    const object = page.objects.find(({ key }) => key === this.#rootPrefix);
    if (object === undefined) return undefined;
    const slash = this.#rootPrefix.lastIndexOf('/');
    this.#prefix = slash < 0 ? '' : this.#rootPrefix.slice(0, slash);
    return { ...object, key: this.#rootPrefix.slice(slash + 1) };
  }

  #printable(full: string): string {
    return full === '' ? this.#bucketLocation : `${this.#bucketLocation}/${printableKey(full)}`;
  }
}
