import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress as decompressZstandard } from 'fzstd';
import { type AsyncBuffer, type Compressors, parquetMetadataAsync, parquetScan } from 'hyparquet';

/** Where a series is, as the index of the Imaging Data Commons tells. */
export interface IdcSeries {
  readonly awsBucket: string;
  readonly uuid: string;
}

export const uuidPattern: RegExp = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
export const bucketPattern: RegExp = /^s3:\/\/([^/]+)\//;
/** Bytes to read first for the footer, which has about 20 kB in the published file. */
export const firstReadLength: number = 64 * 1024;
/** Of a page after decompression. Pages of the published file have about a megabyte. */
const maxPageLength = 256 * 1024 * 1024;

/**
 * Finds a series by its Series Instance UID. Reads the column SeriesInstanceUID of the row groups whose statistics allow
 * for the UID, then the columns that tell where the series is, of one row.
 *
 * @returns undefined where the index does not have it
 * @throws the file's errors, TypeError where columns are missing, and errors of reading Parquet
 */
export async function searchIdcIndex(file: AsyncBuffer, seriesInstanceUid: string): Promise<IdcSeries | undefined> {
  const metadata = await parquetMetadataAsync(file, { initialFetchSize: Math.min(firstReadLength, file.byteLength) });
  const names = new Set(metadata.schema.map(({ name }) => name));
  const placeColumns = ['crdc_series_uuid', 'aws_bucket', 'series_aws_url'].filter((name) => names.has(name));
  const isUsable = names.has('SeriesInstanceUID') && (placeColumns.length > 1 || names.has('series_aws_url'));
  if (!isUsable) {
    throw new TypeError(
      'expected the columns SeriesInstanceUID and series_aws_url, or crdc_series_uuid and aws_bucket',
    );
  }
  const scan = await parquetScan({
    file,
    metadata,
    compressors,
    columns: ['SeriesInstanceUID', ...placeColumns],
    pruningFilter: { SeriesInstanceUID: { $eq: seriesInstanceUid } },
    useBloomFilters: true,
    usePageIndex: true,
  });
  for (const { rowStart, rowEnd } of scan.ranges) {
    const uids = await scan.readColumn({ column: 'SeriesInstanceUID', rowStart, rowEnd });
    const index = Array.prototype.indexOf.call(uids, seriesInstanceUid);
    if (index < 0) continue;
    const row = rowStart + index;
    const cell = async (column: string): Promise<string> => {
      if (!placeColumns.includes(column)) return '';
      const [value] = await scan.readColumn({ column, rowStart: row, rowEnd: row + 1 });
      return typeof value === 'string' ? value : '';
    };
    return placeOf(cell);
  }
  return undefined;
}

/** The bucket and the UUID of a row: from their columns or, in older releases, from the URL. */
export async function placeOf(cell: (column: string) => Promise<string>): Promise<IdcSeries | undefined> {
  const [awsBucket, uuidCell] = await Promise.all([cell('aws_bucket'), cell('crdc_series_uuid')]);
  const uuid = uuidPattern.exec(uuidCell)?.[0];
  if (awsBucket !== '' && uuid !== undefined) return { awsBucket, uuid };
  const url = await cell('series_aws_url');
  const bucketOfUrl = bucketPattern.exec(url)?.[1];
  const uuidOfUrl = uuidPattern.exec(url)?.[0];
  return bucketOfUrl === undefined || uuidOfUrl === undefined ? undefined : { awsBucket: bucketOfUrl, uuid: uuidOfUrl };
}

/** Decompressors beside Snappy, which hyparquet has. The published index is compressed with Zstandard. */
export const compressors: Compressors = {
  ZSTD: (input, length) => decompressZstandard(input, new Uint8Array(checked(length))),
  GZIP: (input, length) => gunzipSync(input, { maxOutputLength: checked(length) }),
  BROTLI: (input, length) => brotliDecompressSync(input, { maxOutputLength: checked(length) }),
};

function checked(length: number): number {
  if (length >= 0 && length <= maxPageLength) return length;
  throw new RangeError(`expected a page of at most ${maxPageLength} bytes but it has ${length}`);
}
