import { join } from 'node:path';
import { StorageError, throwIfAborted } from '../../base/errors.ts';
import type { CacheSettings, StorageSettings } from '../../types/settings.ts';
import { cacheFolder } from '../cache-folder.ts';
import { answersOfIdcIndex } from './idc-answers.ts';
import { idcRootOfBucket } from './idc-buckets.ts';
import { publishedIdcIndex } from './idc-lookup.ts';
import { bucketOfUrl, uuidIn } from './thread/cells.ts';

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

/**
 * All series of the Imaging Data Commons that the filters let pass, in the order of their index. Only the columns that are
 * needed are read, and of them only what comes before the caller has enough.
 *
 * @throws StorageError where the index cannot be read, or lacks a column, TimeoutError where that would never end, and the
 *   store's errors
 */
export async function* listIdcSeries(filters: IdcFilters, options: IdcListOptions): AsyncGenerator<IdcListedSeries> {
  const cache = cacheFolder(options);
  const folder = cache === undefined ? undefined : join(cache.path, 'idc');
  const wanted = Object.entries(filterColumns).flatMap(([filter, column]) => {
    const values = filters[filter as keyof IdcFilters];
    return values === undefined ? [] : [{ column, values: values.map((value) => value.toLowerCase()) }];
  });
  const patient = options.includePatient ? [filterColumns.patient] : [];
  const job = { kind: 'list', wanted, columns: [uidColumn, filterColumns.collection, ...patient] } as const;
  const { idcIndex = publishedIdcIndex, location } = options;
  for await (const { answer } of answersOfIdcIndex(idcIndex, job, { ...options, folder })) {
    if (answer.kind !== 'rows') continue;
    for (let row = 0; row < answer.count; row += 1) {
      throwIfAborted(options.signal);
      yield seriesOf((column) => answer.cells.get(column)?.[row] ?? '', location);
    }
  }
}

/** @throws StorageError for a place that is none of the Imaging Data Commons */
function seriesOf(cell: (column: string) => string, given: string): IdcListedSeries {
  const url = cell('series_aws_url');
  const bucket = cell('aws_bucket') || bucketOfUrl(url);
  const uuid = uuidIn(cell('crdc_series_uuid')) ?? uuidIn(url);
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
