import { join } from 'node:path';
import { parquetMetadataAsync, parquetScan } from 'hyparquet';
import { StorageError, throwIfAborted } from '../../base/errors.ts';
import type { CacheSettings, StorageSettings } from '../../types/settings.ts';
import { cacheFolder } from '../cache-folder.ts';
import { idcRootOfBucket } from './idc-buckets.ts';
import { openIdcIndexFile, unreadableIndex } from './idc-file.ts';
import { publishedIdcIndex } from './idc-lookup.ts';
import { bucketPattern, compressors, uuidPattern } from './idc-search.ts';

/** A series as the index of the Imaging Data Commons describes it. */
export interface IdcListedSeries {
  /** Series Instance UID (0020,000E). */
  readonly seriesInstanceUid: string;
  /** The folder of its objects, as a URL. */
  readonly location: string;
  /** Names this version of the series for ever. */
  readonly uuid: string;
  /** '' where the index does not tell it. */
  readonly collection: string;
  /** '' unless it was asked for. */
  readonly patientId: string;
}

/** Which series are wanted: any of these values, compared without case; undefined for all. */
export interface IdcFilters {
  /** Names of collections. */
  readonly collection?: readonly string[] | undefined;
  /** Modalities. */
  readonly modality?: readonly string[] | undefined;
  /** Patient IDs. */
  readonly patient?: readonly string[] | undefined;
  /** Body parts. */
  readonly bodyPart?: readonly string[] | undefined;
}

export interface IdcListOptions extends Partial<StorageSettings>, Partial<CacheSettings> {
  /** The root that was given: its provider (Amazon, Google Cloud) is that of all locations. */
  readonly location: string;
  /** Say Patient IDs. */
  readonly includePatient: boolean;
  readonly signal?: AbortSignal | undefined;
}

const filterColumns = {
  ...{ collection: 'collection_id', modality: 'Modality', patient: 'PatientID', bodyPart: 'BodyPartExamined' },
} as const;
const uidColumn = 'SeriesInstanceUID';
/** Rows in memory at a time. */
const maxRows = 8_192;
const firstReadLength = 64 * 1024;

/**
 * All series of the Imaging Data Commons that the filters let pass, in the order of their index. Only the columns that are
 * needed are read, and of them only what comes before the caller has enough.
 *
 * @throws StorageError where the index cannot be read, or lacks a column, and the store's errors
 */
export async function* listIdcSeries(filters: IdcFilters, options: IdcListOptions): AsyncGenerator<IdcListedSeries> {
  const cache = cacheFolder(options);
  const folder = cache === undefined ? undefined : join(cache.path, 'idc');
  const file = await openIdcIndexFile(options.idcIndex ?? publishedIdcIndex, { ...options, folder });
  try {
    const metadata = await parquetMetadataAsync(file, { initialFetchSize: Math.min(firstReadLength, file.byteLength) });
    const names = new Set(metadata.schema.map(({ name }) => name));
    const wanted = Object.entries(filterColumns).flatMap(([filter, column]) => {
      const values = filters[filter as keyof IdcFilters];
      return values === undefined ? [] : [{ column, values: new Set(values.map((value) => value.toLowerCase())) }];
    });
    const hasParts = names.has('aws_bucket') && names.has('crdc_series_uuid');
    const places = hasParts ? ['aws_bucket', 'crdc_series_uuid'] : ['series_aws_url'].filter((name) => names.has(name));
    const lacking = [uidColumn, ...wanted.map(({ column }) => column)].find((name) => !names.has(name));
    if (lacking !== undefined || places.length === 0) {
      throw new TypeError(`expected the column ${lacking ?? 'series_aws_url'}`);
    }
    const patient = options.includePatient ? [filterColumns.patient] : [];
    const shown = [uidColumn, ...places, filterColumns.collection, ...patient].filter((name) => names.has(name));
    const columns = [...new Set([...shown, ...wanted.map(({ column }) => column)])];
    const scan = await parquetScan({ file, metadata, compressors, columns, usePageIndex: true });
    for (const range of scan.ranges) {
      for (let rowStart = range.rowStart; rowStart < range.rowEnd; rowStart += maxRows) {
        throwIfAborted(options.signal);
        const rows = { rowStart, rowEnd: Math.min(range.rowEnd, rowStart + maxRows) };
        let chosen = Array.from({ length: rows.rowEnd - rowStart }, (_, row) => row);
        for (const { column, values } of wanted) {
          if (chosen.length === 0) break;
          const found = await scan.readColumn({ column, ...rows });
          chosen = chosen.filter((row) => values.has(textOf(found[row]).toLowerCase()));
        }
        if (chosen.length === 0) continue;
        const cells = new Map<string, ArrayLike<unknown>>();
        for (const column of shown) cells.set(column, await scan.readColumn({ column, ...rows }));
        for (const row of chosen) yield seriesOf((column) => textOf(cells.get(column)?.[row]), options.location);
      }
    }
  } catch (error) {
    throw unreadableIndex(file.location, error);
  } finally {
    await file.close();
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** @throws StorageError for a place that is none of the Imaging Data Commons */
function seriesOf(cell: (column: string) => string, given: string): IdcListedSeries {
  const url = cell('series_aws_url');
  const bucket = cell('aws_bucket') || (bucketPattern.exec(url)?.[1] ?? '');
  const uuid = uuidPattern.exec(cell('crdc_series_uuid'))?.[0] ?? uuidPattern.exec(url)?.[0];
  const root = idcRootOfBucket(bucket, given);
  if (root === undefined || uuid === undefined) {
    throw new StorageError(
      `Expected a public bucket of the Imaging Data Commons and a UUID in their index but received '${bucket.slice(0, 100)}'.`,
      { location: given },
    );
  }
  return {
    seriesInstanceUid: cell(uidColumn),
    location: `${root}/${uuid}/`,
    uuid,
    collection: cell(filterColumns.collection),
    patientId: cell(filterColumns.patient),
  };
}
