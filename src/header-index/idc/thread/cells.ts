import type { IdcSeries } from './messages.ts';

/** Columns that tell where a series is. Older releases have only the last of them. */
export const placeColumns = ['crdc_series_uuid', 'aws_bucket', 'series_aws_url'] as const;

const uuidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
const bucketPattern = /^s3:\/\/([^/]+)\//;

/** The bucket of a URL of Amazon; '' for anything else. */
export function bucketOfUrl(url: string): string {
  return bucketPattern.exec(url)?.[1] ?? '';
}

/** The UUID in a text; undefined without one. */
export function uuidIn(text: string): string | undefined {
  return uuidPattern.exec(text)?.[0];
}

/** The bucket and the UUID of a row: from their columns or, in older releases, from the URL. */
export async function placeOf(cell: (column: string) => Promise<string>): Promise<IdcSeries | undefined> {
  const [awsBucket, uuidCell] = await Promise.all([cell('aws_bucket'), cell('crdc_series_uuid')]);
  const uuid = uuidIn(uuidCell);
  if (awsBucket !== '' && uuid !== undefined) return { awsBucket, uuid };
  const url = await cell('series_aws_url');
  const bucket = bucketOfUrl(url);
  const uuidOfUrl = uuidIn(url);
  return bucket === '' || uuidOfUrl === undefined ? undefined : { awsBucket: bucket, uuid: uuidOfUrl };
}
