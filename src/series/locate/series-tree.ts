import { resolve } from 'node:path';
import { abortable } from '../../base/abort.ts';
import { NotFoundError } from '../../base/errors.ts';
import type { Store, StoredObject } from '../../types/storage.ts';
import { describeSeries, type SeriesFacts } from '../header-pass/distinct.ts';
import { type ScanFindings, scanObjects } from '../header-pass/scan.ts';
import { isDicomdir } from './series-name.ts';

/** What lies below a root whose folders do not tell which series is which: every series with its objects. */
export interface SeriesTree {
  /** By Series Instance UID. */
  readonly series: ReadonlyMap<string, TreeSeries>;
  /** What else lies there. */
  readonly beside: ScanFindings;
}

export interface TreeSeries extends SeriesFacts {
  /** In the order of the listing. */
  readonly objects: readonly StoredObject[];
}

/** Objects whose headers are in memory at a time. */
const batchLength = 2_000;

/** Reads the header of every object, and keeps of each no more than the series it belongs to. */
export async function scanTree(
  store: Store,
  objects: readonly StoredObject[],
  signal: AbortSignal | undefined,
): Promise<SeriesTree> {
  const series = new Map<string, SeriesFacts & { readonly objects: StoredObject[] }>();
  const byKey = new Map(objects.map((object) => [object.key, object] as const));
  const damaged: ScanFindings['damaged'][number][] = [];
  let passedOver = 0;
  let firstPassedOver: string | undefined;
  for (let offset = 0; offset < objects.length; offset += batchLength) {
    const scan = await scanObjects(store, objects.slice(offset, offset + batchLength), { signal, wholeObjects: false });
    passedOver += scan.passedOver;
    firstPassedOver ??= scan.firstPassedOver;
    damaged.push(...scan.damaged);
    for (const { key, header } of scan.instances) {
      const object = byKey.get(key);
      if (object === undefined) continue;
      const { modality, seriesDescription } = header;
      const known = series.get(header.seriesInstanceUid) ?? { modality, seriesDescription, objects: [] };
      known.objects.push(object);
      series.set(header.seriesInstanceUid, known);
    }
  }
  return { series, beside: { passedOver, firstPassedOver, damaged } };
}

/** @throws NotFoundError that lists what is there, where the series is not */
export function seriesInTree(tree: SeriesTree, seriesInstanceUid: string, location: string): TreeSeries {
  const found = tree.series.get(seriesInstanceUid);
  if (found !== undefined) return found;
  const counted = [...tree.series].map(([uid, each]) => ({ ...each, uid, instances: each.objects.length }));
  const instances = counted.reduce((sum, each) => sum + each.instances, 0);
  throw new NotFoundError(
    `Expected the series ${seriesInstanceUid} in ${location} but none of its ${instances} DICOM instances belongs to it. ${describeSeries(counted)}`,
    { location },
  );
}

/**
 * Listings and scans of local folders that pictures share: hundreds of series below one root are found by one look at it.
 * What was found is forgotten when no picture is in work, since folders change.
 */
export class SharedTrees {
  readonly #listings = new Map<string, Promise<readonly StoredObject[]>>();
  readonly #trees = new Map<string, Promise<SeriesTree>>();
  /** Ends shared work; a single caller's signal ends its own waiting alone. */
  readonly #closing: AbortSignal | undefined;

  constructor(closing?: AbortSignal) {
    this.#closing = closing;
  }

  /** All objects below the root of a local store. */
  list(store: Store, signal: AbortSignal | undefined): Promise<readonly StoredObject[]> {
    return shared(this.#listings, store, signal, () => store.list('', { signal: this.#closing }));
  }

  /** All series below the root of a local store. */
  scan(store: Store, signal: AbortSignal | undefined): Promise<SeriesTree> {
    return shared(this.#trees, store, signal, async () =>
      scanTree(store, withoutDicomdir(await this.list(store, this.#closing)), this.#closing),
    );
  }

  forget(): void {
    this.#listings.clear();
    this.#trees.clear();
  }
}

function withoutDicomdir(objects: readonly StoredObject[]): readonly StoredObject[] {
  return objects.filter(({ key }) => !isDicomdir(key));
}

/** What is under way or done for this root; a failure is forgotten, so that the next caller tries again. */
function shared<Result>(
  known: Map<string, Promise<Result>>,
  store: Store,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  const root = resolve(store.location);
  let found = known.get(root);
  if (found === undefined) {
    found = work();
    known.set(root, found);
    found.catch(() => known.delete(root));
  }
  return abortable(found, signal);
}
