import { existsSync } from 'node:fs';
import { NotFoundError } from '../../base/errors.ts';
import { locationOf, placeOf } from '../../header-index/cache.ts';
import { isIdcRoot, otherIdcRoots } from '../../header-index/idc/idc-buckets.ts';
import { rememberedIdcSeries } from '../../header-index/idc/idc-lookup.ts';
import { openStore } from '../../storage/open-store.ts';
import type { CacheSettings, StorageSettings } from '../../types/settings.ts';
import { asLocalPath } from './local-names.ts';
import { defaultRoot } from './locate.ts';
import { parseSeriesName, type SeriesName } from './series-name.ts';

/** Where series lie, and where what is known of them is kept. */
type PlaceSettings = Partial<StorageSettings> & Partial<CacheSettings>;

/**
 * The places under which the header index of a series may be kept. Only a prefix with `*` takes a request.
 *
 * @throws UsageError, and the store's errors
 */
export async function placesOfSeries(series: string, options: PlaceSettings): Promise<readonly string[]> {
  const parsed = parseSeriesName(series);
  // A folder that is gone may still have its header index.
  const isGone = parsed.kind === 'folder' && options.root === undefined && !existsSync(series);
  const name: SeriesName = isGone ? { kind: 'location', location: series } : asLocalPath(parsed, series, options.root);
  const locations = await locationsOf(name, options);
  return locations.map((location) => placeOf(location, options));
}

async function locationsOf(name: SeriesName, options: PlaceSettings): Promise<readonly string[]> {
  const root = name.kind === 'location' ? name.location : (options.root ?? defaultRoot);
  const store = await openStore(root, options).catch((error: unknown) => {
    // The local folder is gone, but its header index may still be there.
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  if (store === undefined) return [root];
  try {
    const below = (folder: string): string => locationOf(store, folder);
    switch (name.kind) {
      case 'location':
        return [below('')];
      case 'folder':
        return [below(name.folder)];
      case 'prefix':
        return (await store.listFolders('', name.startsWith)).map(below);
      case 'uuid':
        return [below(name.uuid), ...otherIdcRoots(store.location).map((other) => `${other}/${name.uuid}`)];
      case 'uid': {
        if (isIdcRoot(store.location)) {
          const found = rememberedIdcSeries(name.uid, store.location, options);
          return found === undefined ? [below(name.uid)] : [below(name.uid), `${found.root}/${found.uuid}`];
        }
        // On a local disk, the header index of the whole root has the series too.
        return store.readSync === undefined ? [below(name.uid)] : [below(name.uid), below('')];
      }
    }
  } finally {
    await store.close();
  }
}
