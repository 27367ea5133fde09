import { resolve } from 'node:path';
import { abortable } from '../../base/abort.ts';
import { counted } from '../../base/counted.ts';
import { NotFoundError } from '../../base/errors.ts';
import type { InstanceHeader } from '../../types/instance.ts';
import type { Limits } from '../../types/limits.ts';
import type { Store, StoredObject } from '../../types/storage.ts';
import { describeSeries, type SeriesFacts } from '../header-pass/distinct.ts';
import type { ScanFindings } from '../header-pass/scan.ts';
import { didYouMean } from './local-names.ts';
import { isDicomdir } from './series-name.ts';

/** All series below a root with their objects, as the headers tell them. */
export interface SeriesTree {
  /** By Series Instance UID. */
  readonly series: ReadonlyMap<string, TreeSeries>;
  /** What else lies below the root. */
  readonly beside: ScanFindings;
}

/** What the header of the first instance that was read says. */
export type TreeHeader = Pick<
  InstanceHeader,
  'studyInstanceUid' | 'bodyPartExamined' | 'seriesDate' | 'pixels' | 'numberOfFrames'
>;

export interface TreeSeries extends SeriesFacts {
  readonly first: TreeHeader;
  /** In the order of the listing. */
  readonly objects: readonly StoredObject[];
}

/** Headers that are in memory at a time. */
const batchLength = 2_000;

/** Reads the header of every object, and keeps only to which series it belongs. */
export async function scanTree(
  store: Store,
  objects: readonly StoredObject[],
  signal: AbortSignal | undefined,
  limits?: Limits,
): Promise<SeriesTree> {
  const series = new Map<string, TreeSeries & { readonly objects: StoredObject[] }>();
  const byKey = new Map(objects.map((object) => [object.key, object] as const));
  const damaged: ScanFindings['damaged'][number][] = [];
  const unreadable: ScanFindings['unreadable'][number][] = [];
  const passedOver: string[] = [];
  let firstPassedOver: string | undefined;
  const { scanObjects } = await import('../header-pass/scan.ts');
  for (let offset = 0; offset < objects.length; offset += batchLength) {
    const batch = objects.slice(offset, offset + batchLength);
    const scan = await scanObjects(store, batch, { signal, limits, wholeObjects: false });
    passedOver.push(...scan.passedOver);
    firstPassedOver ??= scan.firstPassedOver;
    damaged.push(...scan.damaged);
    unreadable.push(...scan.unreadable);
    for (const { key, header } of scan.instances) {
      const object = byKey.get(key);
      if (object === undefined) continue;
      const { modality, seriesDescription, studyInstanceUid, bodyPartExamined, seriesDate, pixels } = header;
      const known = series.get(header.seriesInstanceUid) ?? {
        ...{ modality, seriesDescription, objects: [] },
        first: { studyInstanceUid, bodyPartExamined, seriesDate, pixels, numberOfFrames: header.numberOfFrames },
      };
      known.objects.push(object);
      series.set(header.seriesInstanceUid, known);
    }
  }
  return { series, beside: { passedOver, firstPassedOver, damaged, unreadable } };
}

/** @throws NotFoundError where the series is not there; the message lists what is */
export function seriesInTree(tree: SeriesTree, seriesInstanceUid: string, location: string): TreeSeries {
  const found = tree.series.get(seriesInstanceUid);
  if (found !== undefined) return found;
  const listed = [...tree.series].map(([uid, each]) => ({ ...each, uid, instances: each.objects.length }));
  const instances = listed.reduce((sum, each) => sum + each.instances, 0);
  const [unreadable] = tree.beside.unreadable;
  if (instances === 0 && unreadable !== undefined) throw unreadable.error;
  const others =
    unreadable === undefined
      ? ''
      : ` ${counted(tree.beside.unreadable.length, 'more object')} could not be read: ${unreadable.error.message}`;
  throw new NotFoundError(
    `Expected the series ${seriesInstanceUid} in ${location} but none of its ${counted(instances, 'DICOM instance')} belongs to it.${others}${didYouMean(seriesInstanceUid, [...tree.series.keys()])} ${describeSeries(listed)}`,
    { location },
  );
}

/**
 * Listings and scans of local folders, shared: hundreds of series below one root need one scan of it. Call `forget`
 * when no work is left, because folders change.
 */
export class SharedTrees {
  readonly #listings = new Map<string, Promise<readonly StoredObject[]>>();
  readonly #trees = new Map<string, Promise<SeriesTree>>();
  /** Ends the shared work. The signal of one caller only ends its own wait. */
  readonly #closing: AbortSignal | undefined;

  constructor(closing?: AbortSignal) {
    this.#closing = closing;
  }

  /** All objects below the root of a local store. */
  list(store: Store, signal: AbortSignal | undefined): Promise<readonly StoredObject[]> {
    return shared(this.#listings, store, signal, () => store.list('', { signal: this.#closing }));
  }

  /** All series below the root of a local store. */
  scan(store: Store, signal: AbortSignal | undefined, limits?: Limits): Promise<SeriesTree> {
    return shared(this.#trees, store, signal, async () => {
      const objects = await this.list(store, this.#closing);
      return scanTree(
        store,
        objects.filter(({ key }) => !isDicomdir(key)),
        this.#closing,
        limits,
      );
    });
  }

  forget(): void {
    this.#listings.clear();
    this.#trees.clear();
  }
}

/** The work for this root, begun by the first caller. A failure is forgotten, so that the next caller tries again. */
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
