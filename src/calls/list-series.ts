import { openAbortScope } from '../base/abort.ts';
import { UsageError } from '../base/errors.ts';
import { printableKey } from '../base/keys.ts';
import { printableLines } from '../base/printable.ts';
import type { SharedConnections } from '../http/shared-connections.ts';
import { findSeries } from '../series/locate/find-series.ts';
import { asLocalPath } from '../series/locate/local-names.ts';
import { folderOfDicomdir, parseConfinedName, parseSeriesName, type SeriesName } from '../series/locate/series-name.ts';
import type { SharedTrees } from '../series/locate/series-tree.ts';
import { checkOptionNames, checkSeriesName, optionNames, storageSettings } from '../settings/settings.ts';
import { openStore } from '../storage/open-store.ts';
import type { ListedSeries } from '../types/listed-series.ts';
import type { ListOptions } from '../types/options.ts';
import type { StorageSettings } from '../types/settings.ts';
import type { Store } from '../types/storage.ts';
import type { Confinement } from './confinement.ts';

/** What listing needs of the previewer. */
export interface ListHome {
  /** Settings of a call with the previewer's root. */
  readonly rooted: (storage: StorageSettings) => StorageSettings;
  readonly confinement: Confinement | undefined;
  /** Aborted when the previewer is closed. */
  readonly closing: AbortSignal;
  readonly connections: SharedConnections;
  readonly trees: SharedTrees;
  /** Forgets what was found of local folders, where nobody else is at work. */
  readonly forget: () => void;
}

/**
 * The series below a root or a folder, one after the other as they are found.
 *
 * @param place a folder, a beginning of folders' names with `*`, or a URL or path of its own; undefined for the root
 * @throws UsageError without a place and a root, and the store's errors
 */
export async function* listSeries(
  place: string | undefined,
  given: ListOptions = {},
  home: ListHome,
): AsyncGenerator<ListedSeries, void, undefined> {
  if (place !== undefined) checkSeriesName(place);
  checkOptionNames('list', given, optionNames.list);
  const { confinement, closing, connections, trees } = home;
  if (closing.aborted) throw new UsageError('This previewer has been closed: create another one.');
  const storage = home.rooted(storageSettings(given));
  const { details = false, includePatient = false } = given;
  const scope = openAbortScope([given.signal, closing]);
  const { signal } = scope;
  const onWarning = (message: string): void => given.onWarning?.(printableLines(confinement?.text(message) ?? message));
  let count = 0;
  try {
    await confinement?.learn(storage);
    const name = nameOf(place, storage);
    const location = name?.kind === 'location' ? name.location : storage.root;
    if (location === undefined) throw noRoot(place);
    const store = await openStore(folderOfDicomdir(location) ?? location, { ...storage, connections, onWarning });
    try {
      for (const folder of await foldersOf(store, name, signal)) {
        for await (const series of findSeries(store, folder, { signal, details, includePatient, trees, onWarning })) {
          given.onProgress?.({ stage: 'list', done: ++count, total: undefined });
          yield confinement === undefined ? series : { ...series, location: confinement.location(series.location) };
        }
      }
    } finally {
      await store.close();
    }
  } catch (error) {
    throw confinement === undefined ? error : confinement.error(error);
  } finally {
    scope.end();
    home.forget();
  }
}

function nameOf(place: string | undefined, { root, confine }: StorageSettings): SeriesName | undefined {
  if (place === undefined) return undefined;
  return confine ? parseConfinedName(place) : asLocalPath(parseSeriesName(place), place, root);
}

function noRoot(place: string | undefined): UsageError {
  return new UsageError(
    place === undefined
      ? "Expected a root or a folder to list but received none. Name a folder, a URL, or '.' for this folder."
      : `Expected a folder or a URL to list but there is no local folder '${printableKey(place)}', and no root was named.`,
  );
}

async function foldersOf(
  store: Store,
  name: SeriesName | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  switch (name?.kind) {
    case undefined:
    case 'location':
      return [''];
    case 'uuid':
      return [name.uuid];
    case 'uid':
      return [name.uid];
    case 'folder':
      return [name.folder];
    case 'prefix':
      return store.listFolders('', name.startsWith, { signal });
  }
}
