import { counted } from '../base/counted.ts';
import { OutputError, UnsupportedError, UsageError } from '../base/errors.ts';
import { printable, printableLines } from '../base/printable.ts';
import { withWarnings } from '../base/with-warnings.ts';
import { openHeaderIndexCache } from '../header-index/cache.ts';
import type { HeaderIndexRow } from '../header-index/columns.ts';
import { encodeRows, exportedRows } from '../header-index/export.ts';
import type { IdcFilters, IdcListedSeries } from '../header-index/idc/idc-list.ts';
import { distinctInstances } from '../series/header-pass/distinct.ts';
import { nothingFound, passedOverWarning, reportUnreadable } from '../series/header-pass/findings.ts';
import { isVersioned, keepHeaders } from '../series/header-pass/keep-headers.ts';
import { type SeriesScan, scanOrRecall } from '../series/header-pass/scan-or-recall.ts';
import { type LocatedSeries, locateSeries } from '../series/locate/locate.ts';
import { wholeNumber } from '../settings/option-checks.ts';
import {
  cacheSettings,
  checkOptionNames,
  checkSeriesName,
  optionNames,
  storageSettings,
} from '../settings/settings.ts';
import type { IdcSearchOptions, IdcSearchResult } from '../types/idc-search.ts';
import type { ExportedIndex, KeptIndex } from '../types/kept-index.ts';
import type { IndexFormat, IndexOptions, ListOptions, StorageOptions } from '../types/options.ts';
import type { UnreadableReport } from '../types/report.ts';

// The calls of header-index-calls.ts, which says what each does.

export async function buildIndex(series: string, options: IndexOptions): Promise<KeptIndex> {
  checkSeriesName(series);
  checkOptionNames('buildIndex', options, optionNames.index);
  const headerIndexes = openHeaderIndexCache(cacheSettings(options));
  if (headerIndexes === undefined) {
    throw new UsageError('Expected a cache folder to keep the index in, but there is none, or it is switched off.');
  }
  return withScan(series, options, async ({ located, scan, warnings, requests }) => {
    if (!isVersioned(scan, located.isImmutable)) {
      throw new UnsupportedError(
        `Expected a listing of ${located.store.location} that tells the versions of objects (entity tags, or times and sizes): without them an index could not be trusted later.`,
      );
    }
    const [unreadable] = scan.unreadable;
    if (located.isImmutable && unreadable !== undefined) throw unreadable.error;
    const kept = await keepHeaders(headerIndexes, located, scan, { read: [], isWanted: true });
    if (kept?.problem !== undefined) {
      throw new OutputError(`Could not write the index to '${headerIndexes.pathOf(located.place)}' (${kept.problem}).`);
    }
    const frames = scan.instances.reduce((sum, { header }) => sum + header.numberOfFrames, 0);
    const { length: instances } = scan.instances;
    return {
      instances,
      frames,
      recalled: scan.recalled,
      path: headerIndexes.pathOf(located.place),
      requests,
      unreadable: scan.unreadable.map(reportUnreadable),
      warnings,
    };
  });
}

export async function getIndex(
  series: string | readonly string[],
  options: IndexOptions & { readonly format: IndexFormat },
): Promise<ExportedIndex> {
  checkOptionNames('getIndex', options, optionNames.export);
  const { format } = options;
  if (format !== 'parquet' && format !== 'json' && format !== 'jsonl') {
    throw new UsageError(`Expected parquet, json or jsonl as the format but received '${String(format)}'.`);
  }
  const rows: HeaderIndexRow[] = [];
  const unreadable: UnreadableReport[] = [];
  const warnings: string[] = [];
  let requests = 0;
  for (const name of namesOf(series)) {
    const found = await withScan(name, options, ({ located, scan, warnings: said, requests: made }) => {
      const { store, seriesInstanceUid } = located;
      const wanted =
        seriesInstanceUid === undefined
          ? undefined
          : new Set(distinctInstances(scan.instances, seriesInstanceUid, store.location).instances);
      const objects = scan.indexed.filter(
        ({ found: each }) => wanted === undefined || (each.kind === 'instance' && wanted.has(each.instance)),
      );
      const missing = scan.unreadable.map(reportUnreadable);
      return Promise.resolve({ rows: exportedRows(objects, store.location), missing, said, made });
    }).catch((error: unknown) => {
      throw withWarnings(error, warnings);
    });
    for (const row of found.rows) rows.push(row);
    unreadable.push(...found.missing);
    warnings.push(...found.said);
    requests += found.made;
  }
  return { bytes: await encodeRows(rows, format), rows: rows.length, requests, unreadable, warnings };
}

export async function clearIndex(
  series: string | readonly string[] | undefined,
  options: StorageOptions,
): Promise<number> {
  checkOptionNames('clearIndex', options, optionNames.index);
  const settings = { ...storageSettings(options), ...cacheSettings(options) };
  const headerIndexes = openHeaderIndexCache(cacheSettings(options));
  if (headerIndexes === undefined)
    throw new UsageError('Expected a cache folder to clear, but there is none, or it is switched off.');
  if (series === undefined) {
    return removing(async () => {
      const { clearIdcCache } = await import('../header-index/idc/idc-lookup.ts');
      return (await headerIndexes.forgetAll()) + (await clearIdcCache(settings));
    });
  }
  const { placesOfSeries } = await import('../series/locate/places.ts');
  let removed = 0;
  for (const name of namesOf(series)) {
    for (const place of await placesOfSeries(name, settings)) {
      if (await removing(() => headerIndexes.forget(place))) removed++;
    }
  }
  return removed;
}

export async function searchIdc(options: IdcSearchOptions): Promise<IdcSearchResult> {
  checkOptionNames('searchIdc', options, optionNames.idc);
  const { collection, modality, bodyPart, patient, description, signal, limit = 20, offset = 0, ...storage } = options;
  const filters = { collection, modality, bodyPart, patient, description };
  if (Object.values(filters).every((value) => value === undefined || value.trim() === '')) {
    throw new UsageError('Expected a collection, modality, bodyPart, patient or description to search for.');
  }
  const page = {
    limit: wholeNumber('limit', limit, { min: 1, max: 1000 }),
    offset: wholeNumber('offset', offset, { min: 0 }),
  };
  const { queryIdcIndex } = await import('../header-index/idc/idc-query.ts');
  return queryIdcIndex(filters, page, { ...storageSettings(storage), ...cacheSettings(storage), signal });
}

/** @throws UsageError for anything but a text or a list of texts */
function namesOf(series: string | readonly string[]): readonly string[] {
  const names = Array.isArray(series) ? series : [series];
  return names.map((name: unknown) => {
    checkSeriesName(name);
    return name;
  });
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
  readonly scan: SeriesScan;
  readonly warnings: readonly string[];
  readonly requests: number;
}

/** Finds a series, recalls or reads its headers, and closes its store afterwards. */
async function withScan<Result>(
  series: string,
  options: IndexOptions,
  use: (scanned: Scanned) => Promise<Result>,
): Promise<Result> {
  const { signal, onProgress } = options;
  const warnings: string[] = [];
  const cache = cacheSettings(options);
  const located = await locateSeries(series, {
    ...storageSettings(options),
    ...cache,
    ...{ signal, headerIndexes: openHeaderIndexCache(cache) },
    onWarning: (message) => warnings.push(message),
  }).catch((error: unknown) => {
    throw withWarnings(error, warnings);
  });
  const { store, objects } = located;
  try {
    onProgress?.({ stage: 'list', done: objects.length, total: objects.length });
    const scan = await scanOrRecall(located, objects, {
      signal,
      wholeObjects: false,
      onProgress: (done) => onProgress?.({ stage: 'headers', done, total: objects.length }),
    });
    if (scan.instances.length === 0) {
      throw nothingFound(
        scan,
        objects.map(({ key }) => key),
        store.location,
      );
    }
    const { passedOver, damaged } = scan;
    if (passedOver.length > 0) warnings.push(passedOverWarning(passedOver));
    if (damaged.length > 0) {
      warnings.push(
        `${counted(damaged.length, 'object is', 'objects are')} damaged and left out, such as '${printable(damaged[0]?.key ?? '')}'.`,
      );
    }
    for (const { key, error } of scan.unreadable.slice(0, 10)) {
      warnings.push(`'${printable(key)}' could not be read and is left out: ${error.message}`);
    }
    const requests = store.statistics.requests + located.requestsElsewhere;
    return await use({ located, scan, warnings: warnings.map(printableLines), requests });
  } catch (error) {
    throw withWarnings(error, warnings);
  } finally {
    await store.close();
  }
}

export async function* listIdcSeries(
  filters: IdcFilters,
  options: StorageOptions & Pick<ListOptions, 'signal' | 'includePatient'>,
): AsyncGenerator<IdcListedSeries> {
  const { signal, includePatient = false, ...storage } = options;
  checkOptionNames('listIdcSeries', options, optionNames.open);
  const location = storage.root ?? 's3://idc-open-data';
  const settings = { ...storageSettings(storage), ...cacheSettings(storage), signal, includePatient, location };
  yield* (await import('../header-index/idc/idc-list.ts')).listIdcSeries(filters, settings);
}
