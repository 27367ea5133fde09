import { existsSync } from 'node:fs';
import { AmbiguousError, NotFoundError } from '../errors/errors.ts';
import { openStore } from '../storage/open-store.ts';
import type { StorageOptions } from '../types/options.ts';
import type { Store, StoredObject } from '../types/storage.ts';
import { parseSeriesName, type SeriesName } from './series-name.ts';

/** The root where nothing else is said: the Imaging Data Commons' public bucket. */
export const defaultRoot: string = 's3://idc-open-data';

/** Where a series' objects lie. */
export interface LocatedSeries {
  readonly store: Store;
  readonly objects: readonly StoredObject[];
  /** The objects may belong to several series: those with this Series Instance UID are meant. */
  readonly seriesInstanceUid: string | undefined;
}

export interface LocateOptions extends StorageOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** How many candidates an error lists. */
const listedCandidates = 10;

/**
 * Finds the objects of a series by its name.
 *
 * @throws UsageError, NotFoundError, AmbiguousError, and the store's errors
 */
export async function locateSeries(series: string, options: LocateOptions): Promise<LocatedSeries> {
  const name = asLocalPath(parseSeriesName(series), series, options.root);
  const store = await openStore(name.kind === 'location' ? name.location : (options.root ?? defaultRoot), options);
  try {
    return await locateIn(store, name, options.signal);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A plain name with an existing local folder or file behind it is that, where no root was given. */
function asLocalPath(name: SeriesName, text: string, root: string | undefined): SeriesName {
  const isLocal = name.kind === 'folder' && root === undefined && existsSync(text);
  return isLocal ? { kind: 'location', location: text } : name;
}

async function locateIn(store: Store, name: SeriesName, signal: AbortSignal | undefined): Promise<LocatedSeries> {
  switch (name.kind) {
    case 'location':
      return { store, objects: await listNotEmpty(store, '', signal), seriesInstanceUid: undefined };
    case 'uuid':
      return { store, objects: await listNotEmpty(store, name.uuid, signal), seriesInstanceUid: undefined };
    case 'folder':
      return { store, objects: await listNotEmpty(store, name.folder, signal), seriesInstanceUid: undefined };
    case 'prefix': {
      const folder = await onlyFolder(store, name.startsWith, signal);
      return { store, objects: await listNotEmpty(store, folder, signal), seriesInstanceUid: undefined };
    }
    case 'uid':
      return locateUid(store, name.uid, signal);
  }
}

/** A DICOM UID: the folder of that name, else on a local root whatever instances carry it. */
async function locateUid(store: Store, uid: string, signal: AbortSignal | undefined): Promise<LocatedSeries> {
  const inFolder = await listOrNothing(store, uid, signal);
  if (inFolder.length > 0) return { store, objects: inFolder, seriesInstanceUid: undefined };
  if (store.readSync !== undefined) {
    return { store, objects: await listNotEmpty(store, '', signal), seriesInstanceUid: uid };
  }
  throw notFound(store, uid);
}

async function onlyFolder(store: Store, startsWith: string, signal: AbortSignal | undefined): Promise<string> {
  const folders = await store.listFolders('', startsWith, { signal });
  const [first] = folders;
  if (first === undefined) {
    throw new NotFoundError(
      `Expected a folder whose name begins with '${startsWith}' in ${store.location} but found none. Check the name and --root.`,
      { location: store.location },
    );
  }
  if (folders.length === 1) return first;
  const candidates = folders.slice(0, listedCandidates);
  const more = folders.length > candidates.length ? `\n  ... and ${folders.length - candidates.length} more` : '';
  throw new AmbiguousError(
    `Expected one folder whose name begins with '${startsWith}' in ${store.location} but found ${folders.length}:\n  ${candidates.join('\n  ')}${more}\nGive more of the name.`,
    { candidates, count: folders.length },
  );
}

async function listNotEmpty(
  store: Store,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<readonly StoredObject[]> {
  const objects = await store.list(prefix, { signal });
  if (objects.length === 0) throw notFound(store, prefix);
  return objects;
}

async function listOrNothing(
  store: Store,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<readonly StoredObject[]> {
  try {
    return await store.list(prefix, { signal });
  } catch (error) {
    if (error instanceof NotFoundError) return [];
    throw error;
  }
}

function notFound(store: Store, prefix: string): NotFoundError {
  const location = prefix === '' ? store.location : `${store.location.replace(/\/$/, '')}/${prefix}`;
  return new NotFoundError(
    `Expected DICOM instances in ${location} but found no objects there. Check the series' name and --root.`,
    { location },
  );
}
