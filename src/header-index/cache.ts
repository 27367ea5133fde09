import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { removeLeftovers } from '../base/temporary-files.ts';
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
import { type IndexedObject, rowsOfObject } from './rows.ts';

declare const PACKAGE_VERSION: string | undefined;

/** The build defines PACKAGE_VERSION. Sources that run without a build have no version. */
const programVersion = typeof PACKAGE_VERSION === 'string' ? PACKAGE_VERSION : 'source';

/** What an earlier run found out about the objects of a place, by key. */
export type HeaderIndex = ReadonlyMap<string, IndexedObject>;

/** Longer header indexes are neither written nor read. */
const maxFileLength = 256 * 1024 * 1024;
/** A place with more objects than this changes so often that its header index costs more than it saves. */
const maxObjects = 100_000;
/** All header indexes in the platform's cache folder. A folder that the caller named has no limit. */
const maxTotalLength = 1024 * 1024 * 1024;
/** How often keeping a header index looks whether there are too many: looking at thousands of files takes a while. */
const trimmingOdds = 1 / 32;
/** Raise it whenever the columns, their meaning or the layout of the file change. Files of other versions are not used. */
const schemaVersion = '5';

/** How long all header indexes together may become. */
export interface CacheLimit {
  readonly byteLength: number;
  /** 0..1: how likely it is that keeping a header index removes old ones. */
  readonly odds: number;
}

/** Keeps the headers of series between runs, one Parquet file a place. Nothing that goes wrong here ends a picture. */
export class HeaderIndexCache {
  readonly #folder: CacheFolder;
  readonly #limit: CacheLimit;

  constructor(folder: CacheFolder, limit: CacheLimit = { byteLength: maxTotalLength, odds: trimmingOdds }) {
    this.#folder = folder;
    this.#limit = limit;
  }

  /** The path of a place's header index, which need not exist. */
  pathOf(place: string): string {
    return join(this.#folder.path, 'series', `${hashedName(place)}.parquet`);
  }

  /**
   * Whether to make a header index where there is none. For a local disk only if the caller named the cache folder:
   * reading headers again costs no more than keeping them.
   */
  makesIndexOf(store: Store): boolean {
    return store.frames === undefined && (store.readSync === undefined || this.#folder.isChosen);
  }

  /** Whether a place has a header index, which may turn out to be useless. */
  has(place: string): boolean {
    return existsSync(this.pathOf(place));
  }

  /**
   * The header index of a place.
   *
   * @param folder the place's folder below the root of its store, which keys begin with ('' for the root itself)
   * @returns undefined where there is none, or none that can be used
   */
  async recall(place: string, folder = ''): Promise<HeaderIndex | undefined> {
    try {
      const bytes = readCacheFile(this.pathOf(place), maxFileLength);
      if (bytes === undefined) return undefined;
      const { objectsOfHeaderIndex } = await import('./instances.ts');
      const objects = await objectsOfHeaderIndex(bytes, propertiesOf(place));
      if (!this.#folder.isChosen) void markUsed(this.pathOf(place));
      const begin = folder === '' ? '' : `${folder}/`;
      return new Map(
        objects.map((indexed) => [begin + indexed.object.key, withKey(indexed, begin + indexed.object.key)]),
      );
    } catch {
      // It is damaged, of another version, or not readable: the headers are read again, and it is made anew.
      return undefined;
    }
  }

  /**
   * Keeps what was found at a place.
   *
   * @param folder as for {@link recall}
   * @returns undefined, or why it could not be kept
   */
  async keep(place: string, objects: readonly IndexedObject[], folder = ''): Promise<string | undefined> {
    if (objects.length > maxObjects) return `it has more than ${maxObjects} objects`;
    try {
      const { encodeHeaderIndex } = await import('./encode.ts');
      const below = objects.map((indexed) => withKey(indexed, keyBelow(folder, indexed.object.key)));
      const bytes = encodeHeaderIndex(below.flatMap(rowsOfObject), propertiesOf(place));
      if (bytes.length > maxFileLength) return `it would take ${bytes.length} bytes`;
      await writeCacheFile(this.pathOf(place), bytes);
      await this.#trim();
      return undefined;
    } catch (error) {
      return error instanceof Error && !('code' in error) ? error.message : systemCodeOf(error);
    }
  }

  /**
   * Removes the header index of a place.
   *
   * @returns whether there was one
   * @throws Node's own errors
   */
  forget(place: string): Promise<boolean> {
    return removeCacheFile(this.pathOf(place));
  }

  /**
   * Removes all header indexes.
   *
   * @returns how many there were
   * @throws Node's own errors
   */
  forgetAll(): Promise<number> {
    return clearCacheFolder(join(this.#folder.path, 'series'), isHeaderIndexName);
  }

  /**
   * Now and then removes what processes left that were ended while writing and, if the folder is the platform's, the header
   * indexes that were not used for longest.
   */
  async #trim(): Promise<void> {
    if (Math.random() >= this.#limit.odds) return;
    const folder = join(this.#folder.path, 'series');
    await removeLeftovers(folder);
    if (this.#folder.isChosen) return;
    // A folder that is too large is no reason to fail.
    await trimCacheFolder(folder, isHeaderIndexName, this.#limit.byteLength).catch(() => undefined);
  }
}

/** The name of a header index, or of a part that a process left when it was ended while writing. */
function isHeaderIndexName(name: string): boolean {
  return /^[0-9a-f]{40}\.parquet(\.\w+\.tmp)?$/.test(name);
}

/** The cache that the options and the environment ask for; undefined where they ask for none. */
export function openHeaderIndexCache(
  options: Partial<Pick<CacheSettings, 'cacheDir' | 'noCache'>>,
): HeaderIndexCache | undefined {
  const folder = cacheFolder(options);
  return folder === undefined ? undefined : new HeaderIndexCache(folder);
}

/** A key relative to the place, because the same place can be reached from several roots. */
function keyBelow(folder: string, key: string): string {
  if (folder === '') return key;
  if (key.startsWith(`${folder}/`)) return key.slice(folder.length + 1);
  throw new RangeError('a key is outside the folder of its place');
}

function withKey({ object, found }: IndexedObject, key: string): IndexedObject {
  if (object.key === key) return { object, found };
  const renamed = found.kind === 'instance' ? { ...found, instance: { ...found.instance, key } } : found;
  return { object: { ...object, key }, found: renamed };
}

/** What a header index must say of itself. The program's version counts: another one may read more of a header. */
function propertiesOf(place: string): Readonly<Record<string, string>> {
  return { format: 'dicom-series-preview header index', schemaVersion, programVersion, place };
}

/**
 * The name of a place in the cache. It is the same in every run, differs between servers, and has no credentials in it.
 *
 * @param location as {@link locationOf} gives it
 */
export function placeOf(location: string, options: Partial<Pick<StorageSettings, 'endpointUrl'>>): string {
  // A single letter before the colon is a drive, not a scheme.
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(location)) return pathToFileURL(resolve(location)).href;
  if (!location.startsWith('s3://')) return location;
  const endpoint = endpointOf(options);
  const profile = process.env['AWS_PROFILE'] ?? process.env['AWS_DEFAULT_PROFILE'];
  // Without an endpoint the location is Amazon's, but a profile may name another endpoint.
  if (endpoint === undefined) return profile === undefined ? location : `${location} by profile ${hashedName(profile)}`;
  return `${location} at ${hashedName(endpoint)}`;
}

/** The S3 endpoint that the options or the environment name; undefined for Amazon's. */
export function endpointOf(options: Partial<Pick<StorageSettings, 'endpointUrl'>>): string | undefined {
  return options.endpointUrl ?? process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
}

/** The printable location of a folder of a store ('' for the root). */
export function locationOf(store: Store, folder: string): string {
  const { location } = store;
  if (folder === '') return location.length > 1 ? location.replace(/\/+$/, '') : location;
  return `${location.replace(/\/+$/, '')}/${folder}`;
}
