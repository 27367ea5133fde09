import { AbortedError, AmbiguousError, NotFoundError, PreviewError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { endpointOf, type HeaderIndex, type HeaderIndexCache, locationOf, placeOf } from '../../header-index/cache.ts';
import { isIdcRoot, isImmutable as isImmutableLocation, otherIdcRoots } from '../../header-index/idc/idc-buckets.ts';
import type { LocatedIdcSeries } from '../../header-index/idc/idc-lookup.ts';
import type { SharedConnections } from '../../http/shared-connections.ts';
import { openStore } from '../../storage/open-store.ts';
import type { Limits } from '../../types/limits.ts';
import type { CacheSettings, StorageSettings } from '../../types/settings.ts';
import type { Store, StoredObject } from '../../types/storage.ts';
import type { ScanFindings } from '../header-pass/scan.ts';
import { refuseInputs, refuseListed } from './check-outputs.ts';
import { asLocalPath, withNearestFolder, withNearestPath } from './local-names.ts';
import { folderOfDicomdir, isDicomdir, parseConfinedName, parseSeriesName, type SeriesName } from './series-name.ts';
import { SharedTrees, seriesInTree } from './series-tree.ts';

/** The default root: the public bucket of the Imaging Data Commons. */
export const defaultRoot: string = 's3://idc-open-data';

/** Where the objects of a series lie. */
export interface LocatedSeries {
  readonly store: Store;
  readonly objects: readonly StoredObject[];
  /** The objects may belong to several series: those with this Series Instance UID are meant. */
  readonly seriesInstanceUid: string | undefined;
  /** The folder below the store's root that all keys begin with; '' for the root. */
  readonly folder: string;
  /** The name under which the header index keeps what is known of this place. */
  readonly place: string;
  /** What the header index knows of the objects. */
  readonly known: HeaderIndex | undefined;
  /** The objects never change, so what is known of them stays true. */
  readonly isImmutable: boolean;
  /** What headers and frames may cost; undefined for the defaults. */
  readonly limits?: Limits | undefined;
  /** Requests to other stores that it took to find the series. */
  readonly requestsElsewhere: number;
  /** What else was found below the root, where the headers of all objects there were read. */
  readonly beside?: ScanFindings;
}

export interface LocateOptions extends Partial<StorageSettings>, Partial<CacheSettings> {
  /** The headers that earlier runs kept; undefined for none. */
  readonly headerIndexes?: HeaderIndexCache | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
  /**
   * Called when a listing over a network is asked for. Once `isUnderWay` says that the request has left, there is time
   * for other work until the store answers.
   */
  readonly onListing?: ((isUnderWay: () => boolean) => void) | undefined;
  /** Listings and scans of local folders, shared with other series. */
  readonly trees?: SharedTrees | undefined;
  /** Connections that stay open for other series. */
  readonly connections?: SharedConnections | undefined;
}

/** An error lists no more candidates than this. */
const maxListedCandidates = 10;

/**
 * Finds the objects of a series by its name.
 *
 * @throws UsageError, NotFoundError, AmbiguousError, and the store's errors
 */
export async function locateSeries(series: string, options: LocateOptions): Promise<LocatedSeries> {
  const name =
    options.confine === true ? parseConfinedName(series) : asLocalPath(parseSeriesName(series), series, options.root);
  const location = name.kind === 'location' ? name.location : (options.root ?? defaultRoot);
  refuseInputs(options.outputs ?? [], [location, options.idcIndex]);
  const folder = folderOfDicomdir(location);
  const isConfined = options.confine === true;
  const store = await openStore(folder ?? location, options).catch((error: unknown) => {
    throw isConfined ? error : withNearestPath(error, location);
  });
  try {
    if (name.kind === 'location' && folder !== undefined) return await locateListed(store, undefined, options);
    return await locateIn(store, name, options);
  } catch (error) {
    const typed = typedFolder(name);
    // Strangers are not told the names of other folders.
    const told = isConfined || typed === undefined ? error : await withNearestFolder(error, store, typed);
    await store.close();
    throw told;
  }
}

function typedFolder(name: SeriesName): string | undefined {
  if (name.kind === 'folder') return name.folder;
  if (name.kind === 'uuid') return name.uuid;
  return name.kind === 'prefix' ? `${name.startsWith}*` : undefined;
}

async function locateIn(store: Store, name: SeriesName, options: LocateOptions): Promise<LocatedSeries> {
  switch (name.kind) {
    case 'location': {
      const located = await listOrRecall(store, '', options);
      const isDirectoryAlone = located.objects.every(({ key }) => isDicomdir(key));
      return isDirectoryAlone ? locateListed(store, undefined, options) : located;
    }
    case 'uuid':
      return isIdcRoot(store.location)
        ? locateInIdcBuckets(store, name.uuid, options)
        : listOrRecall(store, name.uuid, options);
    case 'folder':
      return listOrRecall(store, name.folder, options);
    case 'prefix':
      return listOrRecall(store, await onlyFolder(store, name.startsWith, options.signal), options);
    case 'uid':
      return locateUid(store, name.uid, options);
  }
}

/** The objects of a folder: from its header index where they never change, else from a listing. */
async function listOrRecall(store: Store, folder: string, options: LocateOptions): Promise<LocatedSeries> {
  const location = locationOf(store, folder);
  const place = placeOf(location, options);
  const isImmutable = isImmutableLocation(location);
  const { limits } = options;
  const found = { store, folder, place, isImmutable, limits, seriesInstanceUid: undefined, requestsElsewhere: 0 };
  // The header index is read while the store lists.
  const recalling = store.frames === undefined ? options.headerIndexes?.recall(place, folder) : undefined;
  if (isImmutable) {
    const known = await recalling;
    if (known !== undefined) return { ...found, known, objects: [...known.values()].map(({ object }) => object) };
  }
  const before = store.statistics.requests;
  const listing = listNotEmpty(store, folder, options.signal);
  if (store.readSync === undefined) options.onListing?.(() => store.statistics.requests > before);
  const [objects, known] = await Promise.all([listing, recalling]);
  refuseListed(options.outputs ?? [], store, objects);
  // A DICOMDIR is a directory: skip it unless it is the only file.
  const instances = objects.filter(({ key }) => !isDicomdir(key));
  return { ...found, known, objects: instances.length === 0 ? objects : instances };
}

/** Finds a DICOM UID: a folder of that name, else (on a local disk or in an archive) the instances that have it. */
async function locateUid(store: Store, uid: string, options: LocateOptions): Promise<LocatedSeries> {
  if (isIdcRoot(store.location)) return locateIdcUid(store, uid, options);
  try {
    return await listOrRecall(store, uid, options);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    if (store.readSync === undefined && store.isSearchable !== true) throw notFound(store, uid);
  }
  return locateListed(store, uid, options);
}

/**
 * Finds a series (undefined: the only one) below a root: the files that its DICOMDIR lists, else those that have the
 * UID.
 */
async function locateListed(store: Store, uid: string | undefined, options: LocateOptions): Promise<LocatedSeries> {
  const { signal } = options;
  const { seriesOfDicomdir } = await import('./dicomdir-series.ts');
  // Other stores are closed with the series that opened them, so nothing of theirs can be shared.
  const trees = (store.readSync === undefined ? undefined : options.trees) ?? new SharedTrees(signal);
  const objects = await trees.list(store, signal);
  refuseListed(options.outputs ?? [], store, objects);
  const listed = await seriesOfDicomdir(store, objects, uid, options);
  const seriesInstanceUid = listed?.seriesInstanceUid ?? uid;
  if (seriesInstanceUid === undefined) return listOrRecall(store, '', options);
  const place = placeOf(locationOf(store, seriesInstanceUid), options);
  const known = await options.headerIndexes?.recall(place);
  const { limits } = options;
  const found = {
    ...{ store, folder: '', place, known, isImmutable: false, limits, seriesInstanceUid, requestsElsewhere: 0 },
  };
  if (listed?.objects !== undefined) return { ...found, objects: listed.objects };
  const tree = await trees.scan(store, signal, options.limits);
  const missing = listed?.missing;
  try {
    const { objects } = seriesInTree(tree, seriesInstanceUid, store.location);
    if (missing !== undefined) options.onWarning?.(`${missing} All files of the folder were looked at instead.`);
    return { ...found, objects, beside: tree.beside };
  } catch (error) {
    if (!(error instanceof NotFoundError) || missing === undefined) throw error;
    // A list of what is there instead has a line for each series.
    const gap = error.message.includes('\n') ? '\n' : ' ';
    throw new NotFoundError(`${error.message.trimEnd()}${gap}${missing} Copy them together with the DICOMDIR.`, error);
  }
}

/** Finds a UUID in a bucket of the Imaging Data Commons, else in their other buckets: no bucket has all series. */
async function locateInIdcBuckets(store: Store, uuid: string, options: LocateOptions): Promise<LocatedSeries> {
  const others = options.confine === true ? [] : otherIdcRoots(store.location);
  const knownRoot = others.find((root) => options.headerIndexes?.has(placeOf(`${root}/${uuid}`, options)) === true);
  if (knownRoot !== undefined && options.headerIndexes?.has(placeOf(locationOf(store, uuid), options)) !== true) {
    return locateInstead(store, knownRoot, uuid, options);
  }
  try {
    return await listOrRecall(store, uuid, options);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
  if (others.length === 0) throw notFound(store, uuid);
  const problems: string[] = [];
  for (const root of others) {
    try {
      return await locateInstead(store, root, uuid, options);
    } catch (error) {
      if (error instanceof AbortedError || !(error instanceof PreviewError)) throw error;
      problems.push(error instanceof NotFoundError ? `not in ${root}` : `in ${root}: ${error.message}`);
    }
  }
  throw new NotFoundError(
    `Expected the series ${uuid} in a public bucket of the Imaging Data Commons but found it neither in ${store.location} nor elsewhere (${problems.join('; ')}). Check the UUID and --root.`,
    { location: store.location },
  );
}

/** Finds a DICOM UID in the Imaging Data Commons: a folder of that name, else what their published index says. */
async function locateIdcUid(store: Store, uid: string, options: LocateOptions): Promise<LocatedSeries> {
  const { findIdcSeries, rememberedIdcSeries } = await import('../../header-index/idc/idc-lookup.ts');
  const remembered = await rememberedIdcSeries(uid, store.location, options);
  if (remembered !== undefined) return locateFound(store, remembered, options);
  try {
    return await listOrRecall(store, uid, options);
  } catch (error) {
    // The published index does not cover other endpoints.
    const isElsewhere = options.idcIndex === undefined && endpointOf(options) !== undefined;
    if (!(error instanceof NotFoundError) || isElsewhere) throw error;
  }
  return locateFound(store, await findIdcSeries(uid, store.location, options), options);
}

async function locateFound(store: Store, found: LocatedIdcSeries, options: LocateOptions): Promise<LocatedSeries> {
  const { root, uuid, requests } = found;
  const isHere = root === store.location;
  if (!isHere && options.confine === true) throw notFound(store, uuid);
  const located = isHere ? await listOrRecall(store, uuid, options) : await locateInstead(store, root, uuid, options);
  return { ...located, requestsElsewhere: located.requestsElsewhere + requests };
}

/** Finds a series in another bucket than the given one, and closes the store of the given one. */
async function locateInstead(store: Store, root: string, uuid: string, options: LocateOptions): Promise<LocatedSeries> {
  const other = await openStore(root, options);
  try {
    const located = await listOrRecall(other, uuid, options);
    await store.close();
    return { ...located, requestsElsewhere: store.statistics.requests };
  } catch (error) {
    await other.close();
    throw error;
  }
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
  const candidates = folders.slice(0, maxListedCandidates);
  const more = folders.length > candidates.length ? `\n  ... and ${folders.length - candidates.length} more` : '';
  throw new AmbiguousError(
    `Expected one folder whose name begins with '${startsWith}' in ${store.location} but found ${folders.length}:\n  ${candidates.map(printable).join('\n  ')}${more}\nGive more of the name.`,
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

function notFound(store: Store, prefix: string): NotFoundError {
  const location = prefix === '' ? store.location : `${store.location.replace(/\/$/, '')}/${printable(prefix)}`;
  return new NotFoundError(
    `Expected DICOM instances in ${location} but found no objects there. Check the series' name and --root.`,
    { location },
  );
}
