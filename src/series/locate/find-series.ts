import { counted } from '../../base/counted.ts';
import { AccessDeniedError, NotFoundError, PreviewError } from '../../base/errors.ts';
import { joinKey } from '../../base/keys.ts';
import { printable } from '../../base/printable.ts';
import { isInstanceName, locationOf } from '../../storage/locations.ts';
import type { ListedSeries } from '../../types/listed-series.ts';
import type { Store, StoredObject } from '../../types/storage.ts';
import { scanObjects } from '../header-pass/scan.ts';
import { allOfDicomdir } from './dicomdir-series.ts';
import { isDicomdir } from './series-name.ts';
import { SharedTrees } from './series-tree.ts';

export interface FindOptions {
  readonly signal: AbortSignal | undefined;
  /** Read one header of each series, where finding it takes none. */
  readonly details: boolean;
  readonly includePatient: boolean;
  readonly trees: SharedTrees | undefined;
  readonly onWarning: (message: string) => void;
}

/**
 * All series below a folder of a store ('' for the root), as cheaply as the store lets them be found:
 * - a DICOMweb service is searched (QIDO-RS), page by page;
 * - a local folder or an archive is told by its DICOMDIR, else the header of every file is read;
 * - on servers each folder that holds objects counts as a series: only names and sizes are listed, a folder at a time.
 *
 * @throws the store's errors, unless they are about single folders: a warning tells of these
 */
export async function* findSeries(
  store: Store,
  folder: string,
  options: FindOptions,
): AsyncGenerator<ListedSeries, void, undefined> {
  const { frames } = store;
  if (frames?.searchSeries !== undefined) yield* searched(store, frames.searchSeries.bind(frames), folder, options);
  else if (store.readSync !== undefined || store.isSearchable === true) yield* scanned(store, folder, options);
  else yield* walked(store, folder, options);
}

const nothingRead = {
  seriesInstanceUid: null,
  studyInstanceUid: null,
  modality: null,
  seriesDescription: null,
  bodyPartExamined: null,
  rows: null,
  columns: null,
} as const;

async function* searched(
  store: Store,
  search: NonNullable<NonNullable<Store['frames']>['searchSeries']>,
  folder: string,
  { signal }: FindOptions,
): AsyncGenerator<ListedSeries, void, undefined> {
  const found = await search({ signal });
  for (const { study, series, modality, seriesDescription, bodyPartExamined, instances } of found) {
    if (folder !== '' && series !== folder) continue;
    yield {
      location: printable(store.location),
      series: printable(series),
      ...{ rows: null, columns: null, byteLength: null },
      seriesInstanceUid: printable(series),
      studyInstanceUid: printable(study),
      // Services need not tell these.
      modality: printable(modality) || null,
      seriesDescription: printable(seriesDescription) || null,
      bodyPartExamined: printable(bodyPartExamined) || null,
      instances: instances ?? null,
    };
  }
}

async function* scanned(
  store: Store,
  folder: string,
  options: FindOptions,
): AsyncGenerator<ListedSeries, void, undefined> {
  const { signal, onWarning } = options;
  const trees = (store.readSync === undefined ? undefined : options.trees) ?? new SharedTrees(signal);
  const objects = await trees.list(store, signal);
  const isBelow = ({ key }: StoredObject): boolean => folder === '' || key === folder || key.startsWith(`${folder}/`);
  if (folder !== '' && !objects.some(isBelow)) throw missing(store, folder);
  const listed = await allOfDicomdir(store, objects, { signal, onWarning });
  if (listed !== undefined) {
    for (const { objects: own, ...facts } of listed) {
      const below = own.filter(isBelow);
      const [first] = below;
      if (first === undefined) continue;
      const plain = {
        ...nothingRead,
        ...countsOf(store, below),
        series: printable(facts.seriesInstanceUid),
        seriesInstanceUid: printable(facts.seriesInstanceUid),
        studyInstanceUid: printable(facts.studyInstanceUid),
        modality: printable(facts.modality),
        seriesDescription: printable(facts.seriesDescription),
      };
      yield options.details ? { ...plain, ...(await detailsOf(store, first, options)) } : plain;
    }
    return;
  }
  const { series, beside } = await trees.scan(store, signal);
  if (beside.damaged.length > 0)
    onWarning(`${counted(beside.damaged.length, 'damaged object is', 'damaged objects are')} left out.`);
  if (beside.unreadable.length > 0)
    onWarning(
      `${counted(beside.unreadable.length, 'object could not be read and is', 'objects could not be read and are')} left out.`,
    );
  for (const [uid, { objects: all, first, modality, seriesDescription }] of series) {
    const own = all.filter(isBelow);
    if (own.length === 0) continue;
    yield {
      ...countsOf(store, own),
      series: printable(uid),
      seriesInstanceUid: printable(uid),
      studyInstanceUid: printable(first.studyInstanceUid),
      modality: printable(modality),
      seriesDescription: printable(seriesDescription),
      bodyPartExamined: printable(first.bodyPartExamined),
      rows: first.pixels?.rows ?? null,
      columns: first.pixels?.columns ?? null,
      ...(options.includePatient ? { seriesDate: printable(first.seriesDate) } : {}),
    };
  }
}

/** Folders that are listed at a time. */
const maxAtOnce = 16;

async function* walked(
  store: Store,
  folder: string,
  options: FindOptions,
): AsyncGenerator<ListedSeries, void, undefined> {
  const { signal, details, onWarning } = options;
  const { listLevel } = store;
  // The last one is the next: few wait, however many there are in all.
  const waiting = [folder];
  let isFirst = true;
  while (waiting.length > 0) {
    const batch = waiting.splice(-Math.min(maxAtOnce, store.concurrency)).reverse();
    const levels = await Promise.all(
      batch.map(async (each) => {
        try {
          if (listLevel !== undefined) return await listLevel.call(store, each, { signal });
          return { objects: await store.list(each, { signal }), folders: [] };
        } catch (error) {
          // The first listing tells whether there is anything at all.
          const isOfFolder = error instanceof AccessDeniedError || error instanceof NotFoundError;
          if (isFirst || !isOfFolder) throw error;
          onWarning(`'${printable(each)}' could not be listed and is left out: ${error.message}`);
          return { objects: [], folders: [] };
        }
      }),
    );
    isFirst = false;
    for (const [index, { objects, folders }] of levels.entries()) {
      const each = batch[index] ?? '';
      const instances = objects.filter(({ key }) => mayBeInstance(key));
      const [first] = instances;
      if (first !== undefined) {
        const plain = { ...nothingRead, ...countsOf(store, instances), series: printable(each) };
        yield details ? { ...plain, ...(await detailsOf(store, first, options)) } : plain;
      }
      for (const name of folders.toReversed()) waiting.push(joinKey(each, name));
    }
  }
}

/** Whether an object may be an instance: names of instances have any ending, or none, but not these. */
function mayBeInstance(key: string): boolean {
  if (isDicomdir(key)) return false;
  return (
    isInstanceName(key) ||
    !/\.(json|jsonl|xml|html?|txt|md|csv|tsv|parquet|pdf|png|jpe?g|gif|webp|zip|gz|tgz|nii|log|db|sqlite|ya?ml|py|js|css|ico|svg)$/i.test(
      key,
    )
  );
}

type Counts = Pick<ListedSeries, 'location' | 'instances' | 'byteLength'>;

/** Their number, their size, and the folder that they have in common. */
function countsOf(store: Store, objects: readonly StoredObject[]): Counts {
  let byteLength: number | null = 0;
  for (const object of objects) {
    byteLength = byteLength === null || object.byteLength === undefined ? null : byteLength + object.byteLength;
  }
  const location = printable(locationOf(store.location, commonFolder(objects)));
  return { location, instances: objects.length, byteLength };
}

function commonFolder(objects: readonly StoredObject[]): string {
  let common: readonly string[] | undefined;
  for (const { key } of objects) {
    const names = key.split('/').slice(0, -1);
    const known: readonly string[] = common ?? names;
    const differsAt = known.findIndex((name, index) => name !== names[index]);
    common = differsAt < 0 ? known : known.slice(0, differsAt);
  }
  return (common ?? []).join('/');
}

async function detailsOf(
  store: Store,
  object: StoredObject,
  { signal, includePatient, onWarning }: FindOptions,
): Promise<Partial<ListedSeries>> {
  try {
    const { instances } = await scanObjects(store, [object], { signal, wholeObjects: false });
    const header = instances[0]?.header;
    if (header === undefined) return {};
    return {
      seriesInstanceUid: printable(header.seriesInstanceUid),
      studyInstanceUid: printable(header.studyInstanceUid),
      modality: printable(header.modality),
      seriesDescription: printable(header.seriesDescription),
      bodyPartExamined: printable(header.bodyPartExamined),
      rows: header.pixels?.rows ?? null,
      columns: header.pixels?.columns ?? null,
      ...(includePatient ? { seriesDate: printable(header.seriesDate) } : {}),
    };
  } catch (error) {
    if (!(error instanceof PreviewError) || error.code === 'aborted') throw error;
    onWarning(`'${printable(object.key)}' could not be read: ${error.message}`);
    return {};
  }
}

function missing(store: Store, folder: string): NotFoundError {
  const location = locationOf(store.location, folder);
  return new NotFoundError(`Expected a folder at ${location} but found none. Check its name and --root.`, { location });
}
