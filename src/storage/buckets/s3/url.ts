import { UsageError } from '../../../base/errors.ts';
import { encodeKey, encodeName, encodeQuery } from '../../../base/keys.ts';
import { endpointBase } from '../url.ts';

/** How a bucket is reached. */
export interface S3Endpoint {
  /** undefined: Amazon. */
  readonly endpointUrl: URL | undefined;
  readonly region: string;
}

/** Amazon's certificate covers one label before `s3`, and host names have no capitals. */
function canBeHostName(bucket: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket);
}

/**
 * The URL of a key ('' for the bucket), with a query. For Amazon the bucket is in the host name (virtual-host style)
 * where its name allows that; for other endpoints it is the first name of the path (path style).
 */
export function s3ObjectUrl(
  { endpointUrl, region }: S3Endpoint,
  bucket: string,
  key: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const path = `${encodeKey(key)}${encodeQuery(query)}`;
  if (endpointUrl !== undefined) return new URL(`${endpointBase(endpointUrl)}/${encodeName(bucket)}/${path}`);
  if (!isRegionName(region)) throw new UsageError(`Expected a region such as us-east-1 but received '${region}'.`);
  const host = `s3.${region}.${region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
  return new URL(
    canBeHostName(bucket) ? `https://${bucket}.${host}/${path}` : `https://${host}/${encodeName(bucket)}/${path}`,
  );
}

/** The query of ListObjectsV2 for what begins with `prefix`; with a delimiter, for one level of it. */
export function listQuery(prefix: string, delimiter: '/' | undefined): Readonly<Record<string, string>> {
  // Names that XML 1.0 cannot hold come through only when they are encoded.
  const query = { 'encoding-type': 'url', 'list-type': '2', prefix };
  return delimiter === undefined ? query : { ...query, delimiter };
}

/**
 * Whether a text is a region's name as Amazon writes it. What a server says goes into a host name, so it is checked.
 */
export function isRegionName(text: string | undefined): text is string {
  return text !== undefined && /^[a-z0-9-]{2,40}$/.test(text);
}
