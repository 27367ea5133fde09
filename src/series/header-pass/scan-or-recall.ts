import { throwIfAborted } from '../../base/errors.ts';
import { isAboutLimit } from '../../base/limit-hint.ts';
import type { HeaderIndex } from '../../header-index/cache.ts';
import type { FoundInObject, IndexedObject } from '../../header-index/rows.ts';
import type { Limits } from '../../types/limits.ts';
import type { Store, StoredObject } from '../../types/storage.ts';
import type { ScanOptions, ScanResult } from './scan.ts';

/** What the headers of a series' objects tell: those that were read, and those that a header index knew. */
export interface SeriesScan extends ScanResult {
  /** All objects that could be read, with what they hold, for the header index. */
  readonly indexed: readonly IndexedObject[];
  /** How many of them the header index knew, so that nothing of them was read. */
  readonly recalled: number;
}

/** Where objects lie, and what a header index knows of them. */
export interface KnownPlace {
  readonly store: Store;
  readonly known: HeaderIndex | undefined;
  /** Objects there never change, so that their versions need not be compared. */
  readonly isImmutable: boolean;
  /** What headers may cost. */
  readonly limits?: Limits | undefined;
}

/**
 * The header pass over some objects of a place: recalls those that the header index knows in the listed version, and
 * reads the headers of all others.
 *
 * @throws what `scanObjects` throws
 */
export async function scanOrRecall(
  { store, known, isImmutable, limits }: KnownPlace,
  objects: readonly StoredObject[],
  options: ScanOptions,
): Promise<SeriesScan> {
  const recalled = new Map<string, IndexedObject>();
  for (const object of objects) {
    const indexed = known?.get(object.key);
    // What was beyond a limit then may not be beyond the limit of now.
    if (indexed?.found.kind === 'damaged' && isAboutLimit(indexed.found.message)) continue;
    if (indexed !== undefined && (isImmutable || isSameVersion(indexed.object, object))) {
      recalled.set(object.key, indexed);
    }
  }
  const unknown = recalled.size === 0 ? objects : objects.filter(({ key }) => !recalled.has(key));
  const scan = await scanUnknown(store, unknown, {
    ...options,
    limits,
    onProgress: (done) => options.onProgress?.(done + recalled.size),
  });
  if (scan.instances.length === objects.length) {
    // Nothing was recalled and everything is an instance: there are as many, and in the order of the objects.
    const indexed = scan.instances.map((instance, place): IndexedObject => {
      return { object: objects[place] as StoredObject, found: { kind: 'instance', instance } };
    });
    return { ...scan, indexed, recalled: 0 };
  }
  const read = foundByKey(scan);
  const unreadable = new Set(scan.unreadable.map(({ key }) => key));
  const indexed = objects
    .filter(({ key }) => !unreadable.has(key))
    .map((object) => ({
      object,
      found: recalled.get(object.key)?.found ?? read.get(object.key) ?? notDicom,
    }));
  return {
    ...scan,
    instances: indexed.flatMap(({ found }) => (found.kind === 'instance' ? found.instance : [])),
    passedOver: indexed.flatMap(({ object, found }) => (found.kind === 'not-dicom' ? object.key : [])),
    damaged: indexed.flatMap(({ object, found }) =>
      found.kind === 'damaged' ? { key: object.key, message: found.message } : [],
    ),
    indexed,
    recalled: recalled.size,
  };
}

/** Reads headers. What parses them is loaded for that alone: a run that knows all headers does without. */
async function scanUnknown(store: Store, objects: readonly StoredObject[], options: ScanOptions): Promise<ScanResult> {
  if (objects.length === 0) {
    throwIfAborted(options.signal);
    options.onProgress?.(0);
    return nothingRead;
  }
  const { scanObjects } = await import('./scan.ts');
  return scanObjects(store, objects, options);
}

const nothingRead: ScanResult = {
  ...{ instances: [], passedOver: [], damaged: [], unreadable: [] },
  ...{ headerBytes: 0, wholeBytes: 0 },
};
const notDicom: FoundInObject = { kind: 'not-dicom' };

/** What reading found, by key. Objects that are not DICOM are missing. */
function foundByKey(scan: ScanResult): ReadonlyMap<string, FoundInObject> {
  const found = new Map<string, FoundInObject>();
  for (const instance of scan.instances) found.set(instance.key, { kind: 'instance', instance });
  for (const { key, message } of scan.damaged) found.set(key, { kind: 'damaged', message });
  return found;
}

/**
 * Whether an object has not changed: it has the same entity tag or, where listings tell none, the same time and size.
 * The size alone proves nothing: the instances of a series often have the same size.
 */
function isSameVersion(known: StoredObject, listed: StoredObject): boolean {
  if (!hasVersion(listed) || listed.etag !== known.etag || listed.modified !== known.modified) return false;
  return listed.byteLength === undefined || known.byteLength === undefined || listed.byteLength === known.byteLength;
}

/** Whether a listing tells enough of an object to notice later that it has changed. */
export function hasVersion({ etag, modified, byteLength }: StoredObject): boolean {
  return etag !== undefined || (modified !== undefined && byteLength !== undefined);
}
