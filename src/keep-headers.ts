import { NotDicomError, OutputError, UnsupportedError, UsageError } from './base/errors.ts';
import { openHeaderIndexCache } from './header-index/cache.ts';
import type { HeaderIndexRow } from './header-index/columns.ts';
import { encodeRows, exportedRows } from './header-index/export.ts';
import { clearIdcCache } from './header-index/idc/idc-lookup.ts';
import { distinctInstances } from './series/header-pass/distinct.ts';
import { keepIndex, scanLocated } from './series/header-pass/index-keep.ts';
import { type IndexedScan, isVersioned } from './series/header-pass/index-scan.ts';
import { type LocatedSeries, locateSeries } from './series/locate/locate.ts';
import { placesOfSeries } from './series/locate/places.ts';
import type { IndexFormat, IndexOptions, StorageOptions } from './types/options.ts';

/** What an index holds, and where it is kept. */
export interface KeptIndex {
  readonly instances: number;
  readonly frames: number;
  /** Objects that an index of an earlier run knew already. */
  readonly recalled: number;
  /** The file. */
  readonly path: string;
  readonly requests: number;
  readonly warnings: readonly string[];
}

/** An index for other programs. */
export interface ExportedIndex {
  readonly bytes: Uint8Array;
  /** One a frame. */
  readonly rows: number;
  readonly requests: number;
  readonly warnings: readonly string[];
}

/**
 * Reads the headers of a series and keeps them, so that pictures of it need no header later. What an earlier index knows
 * is not read again.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @throws UsageError without a cache, UnsupportedError where listings tell no versions, OutputError where the index
 *   cannot be written, and the errors of finding and reading the series
 */
export async function buildIndex(series: string, options: IndexOptions = {}): Promise<KeptIndex> {
  const indexes = openHeaderIndexCache(options);
  if (indexes === undefined) {
    throw new UsageError('Expected a cache folder to keep the index in, but there is none, or it is switched off.');
  }
  return withScan(series, options, async ({ located, scan, warnings, requests }) => {
    if (!isVersioned(scan, located.isImmutable)) {
      throw new UnsupportedError(
        `Expected a listing of ${located.store.location} that tells the versions of objects (entity tags, or times and sizes): without them an index could not be trusted later.`,
      );
    }
    const kept = await keepIndex(indexes, located, scan, { read: [], isWanted: true });
    if (kept?.problem !== undefined) {
      throw new OutputError(`Could not write the index to '${indexes.pathOf(located.place)}' (${kept.problem}).`);
    }
    const frames = scan.instances.reduce((sum, { header }) => sum + header.numberOfFrames, 0);
    const { length: instances } = scan.instances;
    return { instances, frames, recalled: scan.recalled, path: indexes.pathOf(located.place), requests, warnings };
  });
}

/**
 * The index of one or several series for other programs: one row a frame, without patient attributes. Headers that no
 * index has are read; nothing is kept.
 *
 * @param series UIDs, UUIDs, prefixes with `*`, folders, files or URLs
 * @throws the errors of finding and reading the series
 */
export async function getIndex(
  series: string | readonly string[],
  options: IndexOptions & { readonly format: IndexFormat },
): Promise<ExportedIndex> {
  const { format } = options;
  if (format !== 'parquet' && format !== 'json' && format !== 'jsonl') {
    throw new UsageError(`Expected parquet, json or jsonl as the format but received '${String(format)}'.`);
  }
  const rows: HeaderIndexRow[] = [];
  const warnings: string[] = [];
  let requests = 0;
  for (const name of typeof series === 'string' ? [series] : series) {
    const found = await withScan(name, options, ({ located, scan, warnings: said, requests: made }) => {
      const { store, seriesInstanceUid } = located;
      const wanted =
        seriesInstanceUid === undefined
          ? undefined
          : new Set(distinctInstances(scan.instances, seriesInstanceUid, store.location).instances);
      const objects = scan.indexed.filter(
        ({ found: each }) => wanted === undefined || (each.kind === 'instance' && wanted.has(each.instance)),
      );
      return Promise.resolve({ rows: exportedRows(objects, store.location), said, made });
    });
    for (const row of found.rows) rows.push(row);
    warnings.push(...found.said);
    requests += found.made;
  }
  return { bytes: await encodeRows(rows, format), rows: rows.length, requests, warnings };
}

/**
 * Removes the indexes of series, or of all.
 *
 * @param series as for {@link buildIndex}; undefined for all that the cache holds
 * @returns how many there were
 * @throws UsageError without a cache, OutputError where one cannot be removed
 */
export async function clearIndex(
  series: string | readonly string[] | undefined,
  options: StorageOptions = {},
): Promise<number> {
  const indexes = openHeaderIndexCache(options);
  if (indexes === undefined)
    throw new UsageError('Expected a cache folder to clear, but there is none, or it is switched off.');
  if (series === undefined) return removing(async () => (await indexes.forgetAll()) + (await clearIdcCache(options)));
  let removed = 0;
  for (const name of typeof series === 'string' ? [series] : series) {
    for (const place of await placesOfSeries(name, options)) {
      if (await removing(() => indexes.forget(place))) removed++;
    }
  }
  return removed;
}

async function removing<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    throw new OutputError('Could not remove an index from the cache folder. Check its permissions.', { cause });
  }
}

interface Scanned {
  readonly located: LocatedSeries;
  readonly scan: IndexedScan;
  readonly warnings: readonly string[];
  readonly requests: number;
}

/** Finds a series, reads what no index knows of it, and closes its store afterwards. */
async function withScan<Result>(
  series: string,
  options: IndexOptions,
  use: (scanned: Scanned) => Promise<Result>,
): Promise<Result> {
  const { signal, onProgress } = options;
  const warnings: string[] = [];
  const indexes = openHeaderIndexCache(options);
  const located = await locateSeries(series, { ...options, indexes, onWarning: (message) => warnings.push(message) });
  const { store, objects } = located;
  try {
    onProgress?.({ stage: 'list', done: objects.length, total: objects.length });
    const scan = await scanLocated(located, {
      signal,
      wholeObjects: false,
      onProgress: (done) => onProgress?.({ stage: 'headers', done, total: objects.length }),
    });
    if (scan.instances.length === 0) {
      throw new NotDicomError(
        `Expected DICOM instances in ${store.location} but none of its ${objects.length} objects is one.`,
      );
    }
    const { passedOver, damaged } = scan;
    if (passedOver > 0)
      warnings.push(`${passedOver} object${passedOver === 1 ? ' is' : 's are'} not DICOM and left out.`);
    if (damaged.length > 0) {
      warnings.push(
        `${damaged.length} object${damaged.length === 1 ? ' is' : 's are'} damaged and left out, such as '${damaged[0]?.key}'.`,
      );
    }
    const requests = store.statistics.requests + located.requestsElsewhere;
    return await use({ located, scan, warnings, requests });
  } finally {
    await store.close();
  }
}
