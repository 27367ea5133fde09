import type { IdcFilters, IdcListedSeries } from '../header-index/idc/idc-list.ts';
import type { IdcSearchOptions, IdcSearchResult } from '../types/idc-search.ts';
import type { ExportedIndex, KeptIndex } from '../types/kept-index.ts';
import type { IndexFormat, IndexOptions, ListOptions, StorageOptions } from '../types/options.ts';

/** What the calls below do, loaded at the first of them: a picture needs none of it. */
const loadWork = (): Promise<typeof import('./header-index-work.ts')> => import('./header-index-work.ts');

/**
 * Reads the headers of a series and keeps them, so that later pictures of it need not read them. Headers that an
 * earlier run has kept are not read again.
 *
 * @param series a UID, UUID, prefix with `*`, folder, file or URL
 * @throws UsageError without a cache, UnsupportedError where listings tell no versions, OutputError where the index
 *   cannot be written, and the errors of finding and reading the series
 * @example
 * ```ts
 * const { instances, path } = await buildIndex('./CT', { cacheDir: './indexes' });
 * console.log(`The headers of ${instances} instances are in ${path}.`);
 * ```
 */
export async function buildIndex(series: string, options: IndexOptions = {}): Promise<KeptIndex> {
  return (await loadWork()).buildIndex(series, options);
}

/**
 * The headers of one or several series for other programs: one row a frame, without patient attributes. Headers that no
 * earlier run has kept are read. Nothing is kept.
 *
 * @param series UIDs, UUIDs, prefixes with `*`, folders, files or URLs
 * @throws the errors of finding and reading the series; UsageError for an unknown format
 * @example
 * ```ts
 * const { bytes, rows } = await getIndex(['./CT', './MR'], { format: 'parquet' });
 * await writeWhole('headers.parquet', bytes);
 * console.log(`${rows} frames`);
 * ```
 */
export async function getIndex(
  series: string | readonly string[],
  options: IndexOptions & { readonly format: IndexFormat },
): Promise<ExportedIndex> {
  return (await loadWork()).getIndex(series, options);
}

/**
 * Removes the kept headers of some series, or of all.
 *
 * @param series as for {@link buildIndex}; undefined for all that the cache holds
 * @returns how many header indexes were removed
 * @throws UsageError without a cache, OutputError where one cannot be removed
 * @example
 * ```ts
 * const removed = await clearIndex('./CT', { cacheDir: './indexes' });
 * ```
 */
export async function clearIndex(
  series: string | readonly string[] | undefined,
  options: StorageOptions = {},
): Promise<number> {
  return (await loadWork()).clearIndex(series, options);
}

/**
 * Finds series of the Imaging Data Commons in their published index (about 70 MB, of which the columns that are needed are
 * read, once where there is a cache folder).
 *
 * @throws UsageError where nothing says which series, or a number cannot be; NotFoundError, StorageError and the errors of
 *   stores where the index cannot be read
 * @example
 * ```ts
 * const { series, total } = await searchIdc({ collection: 'tcga_lihc', modality: 'MR', limit: 5 });
 * for (const { root, series: uuid } of series) await createMosaic(uuid, { root });
 * ```
 */
export async function searchIdc(options: IdcSearchOptions): Promise<IdcSearchResult> {
  return (await loadWork()).searchIdc(options);
}

/**
 * Lists series of the Imaging Data Commons by their published index, or the one that `idcIndex` names. Reads no more than
 * the columns that are needed, up to the last series that the caller takes.
 *
 * @param filters any of these values, compared without case; without a filter, all series
 * @throws UsageError for an unknown option, StorageError where the index cannot be read, and the errors of stores
 * @example
 * ```ts
 * const { value: first } = await listIdcSeries({ collection: ['nlst'], modality: ['CT'] }).next();
 * ```
 */
export async function* listIdcSeries(
  filters: IdcFilters,
  options: StorageOptions & Pick<ListOptions, 'signal' | 'includePatient'> = {},
): AsyncGenerator<IdcListedSeries> {
  yield* (await loadWork()).listIdcSeries(filters, options);
}
