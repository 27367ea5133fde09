import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CacheSettings, StorageSettings } from '../types/settings.ts';
import type { Store } from '../types/storage.ts';
import {
  clearCacheFolder,
  hashedName,
  markUsed,
  readCacheFile,
  removeCacheFile,
  systemCodeOf,
  trimCacheFolder,
  writeCacheFile,
} from './cache-files.ts';
import { type CacheFolder, cacheFolder } from './cache-folder.ts';
import type { IndexedObject } from './rows.ts';

declare const PACKAGE_VERSION: string | undefined;

/** Put in by the build; the source itself has none. */
const programVersion = typeof PACKAGE_VERSION === 'string' ? PACKAGE_VERSION : 'source';

/** What is known of a place's objects from an earlier run, by key. */
export type SeriesIndex = ReadonlyMap<string, IndexedObject>;

/** Larger indexes are neither written nor read. */
const maximumFileLength = 256 * 1024 * 1024;
/** Objects of more than a few series: a folder like that changes, and its index would cost more than it saves. */
const maximumObjects = 100_000;
/** All indexes in the platform's cache folder, after they have been trimmed. A folder that was named is never trimmed. */
const maximumTotalLength = 1024 * 1024 * 1024;
/** One in so many new indexes looks whether there are too many: thousands of files take a while to look at. */
const trimmingOdds = 1 / 32;
/** To be raised when the columns, or what they mean, change. */
const schemaVersion = '2';

/** How large all indexes together may become. */
export interface CacheLimit {
  readonly byteLength: number;
  /** 0..1: how likely it is that keeping an index looks at the others. */
  readonly odds: number;
}

/** Keeps the headers of series between runs, one Parquet file a place. Nothing here ever fails a picture. */
export class IndexCache {
  readonly #folder: CacheFolder;
  readonly #limit: CacheLimit;

  constructor(folder: CacheFolder, limit: CacheLimit = { byteLength: maximumTotalLength, odds: trimmingOdds }) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /** Where the index of a place lies, whether it is there or not. */
  pathOf(place: string): string {
    return join(this.#folder.path, 'series', `${hashedName(place)}.parquet`);
  }

  /**
   * Whether an index is to be made where there is none. Of series on a local disk only where the caller named the
   * folder: reading their headers again costs no more than keeping them.
   */
  makesIndexOf(store: Store): boolean {
    return store.frames === undefined && (store.readSync === undefined || this.#folder.isChosen);
  }

  /** Whether there is an index of a place, good or not. */
  has(place: string): boolean {
    return existsSync(this.pathOf(place));
  }

  /**
   * The index of a place; undefined where there is none, or none that can be used.
   *
   * @param folder the place's folder below the root of its store, which keys begin with ('' for the root itself)
   */
  async recall(place: string, folder = ''): Promise<SeriesIndex | undefined> {
    try {
      const bytes = readCacheFile(this.pathOf(place), maximumFileLength);
      if (bytes === undefined) return undefined;
      const { objectsOfIndex } = await import('./instances.ts');
      const objects = await objectsOfIndex(bytes, propertiesOf(place));
      if (!this.#folder.isChosen) void markUsed(this.pathOf(place));
      const begin = folder === '' ? '' : `${folder}/`;
      return new Map(
        objects.map((indexed) => [begin + indexed.object.key, withKey(indexed, begin + indexed.object.key)]),
      );
    } catch {
      // Damaged, of another version, or not readable: the headers are read again, and the index is made anew.
      return undefined;
    }
  }

  /** Keeps what was found at a place. Answers why that could not be, or undefined where it is done. */
  async keep(place: string, objects: readonly IndexedObject[], folder = ''): Promise<string | undefined> {
    if (objects.length > maximumObjects) return `it has more than ${maximumObjects} objects`;
    try {
      const { encodeIndex, rowsOfObject } = await import('./encode.ts');
      const below = objects.map((indexed) => withKey(indexed, keyBelow(folder, indexed.object.key)));
      const bytes = encodeIndex(below.flatMap(rowsOfObject), propertiesOf(place));
      if (bytes.length > maximumFileLength) return `it would take ${bytes.length} bytes`;
      await writeCacheFile(this.pathOf(place), bytes);
      await this.#trim();
      return undefined;
    } catch (error) {
      return error instanceof Error && 'code' in error ? systemCodeOf(error) : String(error);
    }
  }

  /** Removes the index of a place; answers whether there was one. */
  forget(place: string): Promise<boolean> {
    return removeCacheFile(this.pathOf(place));
  }

  /** Removes all indexes; answers how many there were. */
  forgetAll(): Promise<number> {
    return clearCacheFolder(join(this.#folder.path, 'series'), isIndexName);
  }

  /** Now and then, in the platform's folder: the indexes that nobody has used for longest make room. */
  async #trim(): Promise<void> {
    if (this.#folder.isChosen || Math.random() >= this.#limit.odds) return;
    // Too many indexes are no reason to fail.
    await trimCacheFolder(join(this.#folder.path, 'series'), isIndexName, this.#limit.byteLength).catch(
      () => undefined,
    );
  }
}

/** An index, or what a process that was ended left of one. */
function isIndexName(name: string): boolean {
  return /^[0-9a-f]{40}\.parquet(\.\w+\.tmp)?$/.test(name);
}

/** The cache that the options and the environment ask for; undefined for none. */
export function openIndexCache(options: Partial<Pick<CacheSettings, 'cacheDir' | 'noCache'>>): IndexCache | undefined {
  const folder = cacheFolder(options);
  return folder === undefined ? undefined : new IndexCache(folder);
}

/** The same place may be reached from another root: keys are kept relative to the place. */
function keyBelow(folder: string, key: string): string {
  if (folder === '') return key;
  if (key.startsWith(`${folder}/`)) return key.slice(folder.length + 1);
  throw new RangeError('a key outside its folder');
}

function withKey({ object, found }: IndexedObject, key: string): IndexedObject {
  if (object.key === key) return { object, found };
  const renamed = found.kind === 'instance' ? { ...found, instance: { ...found.instance, key } } : found;
  return { object: { ...object, key }, found: renamed };
}

/** What an index must say of itself to be used. Another version of this program may read more out of headers. */
function propertiesOf(place: string): Readonly<Record<string, string>> {
  return { format: 'dicom-series-preview index', schemaVersion, programVersion, place };
}

/**
 * A name for a place that is the same in every run, and that tells apart what lies on different servers. Without
 * credentials, since a store's location has none.
 *
 * @param location as {@link locationOf} gives it
 */
export function placeOf(location: string, options: Partial<Pick<StorageSettings, 'endpointUrl'>>): string {
  // A single letter is a drive, not a scheme.
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(location)) return pathToFileURL(resolve(location)).href;
  if (!location.startsWith('s3://')) return location;
  const endpoint = endpointOf(options);
  const profile = process.env['AWS_PROFILE'] ?? process.env['AWS_DEFAULT_PROFILE'];
  // Who says nothing means Amazon, unless a profile names another endpoint.
  if (endpoint === undefined) return profile === undefined ? location : `${location} by profile ${hashedName(profile)}`;
  return `${location} at ${hashedName(endpoint)}`;
}

/** Another S3 endpoint than Amazon's, where one is named. */
export function endpointOf(options: Partial<Pick<StorageSettings, 'endpointUrl'>>): string | undefined {
  return options.endpointUrl ?? process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
}

/** The printable location of a folder of a store. */
export function locationOf(store: Store, folder: string): string {
  const { location } = store;
  if (folder === '') return location.length > 1 ? location.replace(/\/+$/, '') : location;
  return `${location.replace(/\/+$/, '')}/${folder}`;
}
