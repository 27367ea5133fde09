import { type AsyncBuffer, type ParquetScan, parquetMetadataAsync, parquetScan } from 'hyparquet';
import { NotFoundError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { IdcSearchResult, IdcSeriesFound } from '../../types/idc-search.ts';
import { idcRootOfBucket } from './idc-buckets.ts';
import { openIdcIndexFile, unreadableIndex } from './idc-file.ts';
import { type FindIdcOptions, indexPlaces } from './idc-lookup.ts';
import { compressors, firstReadLength, placeOf } from './idc-search.ts';

/** What the cells of columns must be. */
export interface IdcFilters {
  readonly collection?: string | undefined;
  readonly modality?: string | undefined;
  readonly bodyPart?: string | undefined;
  readonly patient?: string | undefined;
  readonly description?: string | undefined;
}

/** Which of the rows that fit to tell. */
export interface IdcPage {
  readonly limit: number;
  readonly offset: number;
}

const plain = (text: string): string => text.trim().toLowerCase();
const collectionName = (text: string): string => plain(text).replace(/[-\s]/g, '_');

/** The columns of the published index, and how a cell is compared. Patient IDs differ by case. */
const comparisons: Readonly<
  Record<keyof IdcFilters, { readonly column: string; readonly fits: (wanted: string) => (cell: string) => boolean }>
> = {
  collection: { column: 'collection_id', fits: (wanted) => equal(collectionName(wanted), collectionName) },
  patient: { column: 'PatientID', fits: (wanted) => equal(wanted, (cell) => cell) },
  modality: { column: 'Modality', fits: (wanted) => equal(plain(wanted), plain) },
  bodyPart: { column: 'BodyPartExamined', fits: (wanted) => equal(plain(wanted), plain) },
  description: {
    column: 'SeriesDescription',
    fits: (wanted) => {
      const part = plain(wanted);
      return (cell) => plain(cell).includes(part);
    },
  },
};

/** Many cells of a column are the same text: each text is compared once. */
function equal(wanted: string, simplified: (cell: string) => string): (cell: string) => boolean {
  return remembered((cell) => simplified(cell) === wanted);
}

const maxRemembered = 10_000;

function remembered(judge: (cell: string) => boolean): (cell: string) => boolean {
  const known = new Map<string, boolean>();
  return (cell) => {
    const before = known.get(cell);
    if (before !== undefined) return before;
    const fits = judge(cell);
    if (known.size < maxRemembered) known.set(cell, fits);
    return fits;
  };
}

/** Columns that are told, where the index has them. */
const toldColumns = [
  ...['SeriesInstanceUID', 'StudyInstanceUID', 'collection_id', 'Modality', 'BodyPartExamined', 'SeriesDescription'],
  ...['license_short_name', 'instanceCount', 'series_size_MB'],
] as const;
const placeColumns = ['crdc_series_uuid', 'aws_bucket', 'series_aws_url'] as const;

/**
 * Finds the series of the Imaging Data Commons that fit. Reads the columns of the filters whole (each range once, where a
 * cache folder is there), then the rows to tell.
 *
 * @throws NotFoundError where the index lacks a column that is asked for; StorageError where it cannot be read; the
 *   store's errors
 */
export async function queryIdcIndex(
  filters: IdcFilters,
  page: IdcPage,
  options: FindIdcOptions,
): Promise<IdcSearchResult> {
  const { idcIndex, folder } = indexPlaces(options);
  const file = await openIdcIndexFile(idcIndex, { ...options, folder });
  try {
    return await query(file, filters, page, options.signal);
  } catch (error) {
    throw unreadableIndex(file.location, error);
  } finally {
    await file.close();
  }
}

async function query(
  file: AsyncBuffer & { readonly location: string },
  filters: IdcFilters,
  page: IdcPage,
  signal: AbortSignal | undefined,
): Promise<IdcSearchResult> {
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: Math.min(firstReadLength, file.byteLength) });
  const names = new Set(metadata.schema.map(({ name }) => name));
  const wanted = Object.entries(comparisons).flatMap(([name, { column, fits }]) => {
    const value = name in filters ? filters[name as keyof IdcFilters] : undefined;
    return value === undefined ? [] : [{ column, fits: fits(value) }];
  });
  const missing = wanted.find(({ column }) => !names.has(column));
  if (missing !== undefined) {
    throw new NotFoundError(
      `The index of the Imaging Data Commons at ${file.location} has no column ${missing.column}.`,
      {
        location: file.location,
      },
    );
  }
  const columns = [...wanted.map(({ column }) => column), ...toldColumns, ...placeColumns];
  const scan = await parquetScan({
    ...{ file, metadata, compressors },
    columns: [...new Set(columns)].filter((column) => names.has(column)),
  });
  const series: IdcSeriesFound[] = [];
  let total = 0;
  for (const { rowStart, rowEnd } of scan.ranges) {
    signal?.throwIfAborted();
    let rows: readonly number[] | undefined;
    for (const { column, fits } of wanted) {
      const cells = await scan.readColumn({ column, rowStart, rowEnd });
      const candidates = rows ?? Array.from({ length: rowEnd - rowStart }, (_, row) => row);
      rows = candidates.filter((row) => fits(textOf(cells[row])));
      if (rows.length === 0) break;
    }
    const before = total;
    total += rows?.length ?? 0;
    const from = Math.max(0, page.offset - before);
    const shown = rows?.slice(from, from + page.limit - series.length).map((row) => rowStart + row) ?? [];
    if (shown.length > 0) series.push(...(await told(scan, shown, names)));
  }
  return { series, total };
}

/** @param rows of one row group, in ascending order; one at least */
async function told(
  scan: ParquetScan,
  rows: readonly number[],
  names: ReadonlySet<string>,
): Promise<readonly IdcSeriesFound[]> {
  const rowStart = rows[0] ?? 0;
  const rowEnd = (rows.at(-1) ?? rowStart) + 1;
  const columns = [...toldColumns, ...placeColumns].filter((column) => names.has(column));
  const cells = new Map<string, ArrayLike<unknown>>();
  for (const column of columns) cells.set(column, await scan.readColumn({ column, rowStart, rowEnd }));
  const found: IdcSeriesFound[] = [];
  for (const row of rows) {
    const cell = (column: string): unknown => cells.get(column)?.[row - rowStart];
    const text = (column: (typeof toldColumns)[number]): string => printable(textOf(cell(column)));
    const place = await placeOf((column) => Promise.resolve(textOf(cell(column))));
    const root = place === undefined ? undefined : idcRootOfBucket(place.awsBucket, 's3://');
    if (place === undefined || root === undefined) continue;
    found.push({
      ...{ root, series: place.uuid, seriesInstanceUid: text('SeriesInstanceUID') },
      ...{ studyInstanceUid: text('StudyInstanceUID'), collection: text('collection_id'), modality: text('Modality') },
      ...{ bodyPartExamined: text('BodyPartExamined'), seriesDescription: text('SeriesDescription') },
      license: text('license_short_name'),
      ...{ instances: numberOf(cell('instanceCount')), megabytes: numberOf(cell('series_size_MB')) },
    });
  }
  return found;
}

function textOf(cell: unknown): string {
  return typeof cell === 'string' ? cell : typeof cell === 'number' || typeof cell === 'bigint' ? String(cell) : '';
}

function numberOf(cell: unknown): number | null {
  const number = typeof cell === 'string' || typeof cell === 'bigint' ? Number(cell) : cell;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
