import { UsageError } from '../../../base/errors.ts';
import { encodeKey, encodeName } from '../../../base/keys.ts';

/** Where an `s3://bucket/prefix` points. */
export interface S3Root {
  readonly bucket: string;
  /** Decoded, without slashes at its ends; '' for the bucket itself. */
  readonly prefix: string;
}

/** How a bucket is reached. */
export interface S3Endpoint {
  /** undefined: Amazon. */
  readonly endpointUrl: URL | undefined;
  readonly region: string;
}

/**
 * Parses `s3://bucket/prefix`. Names are taken as they are written, as by Amazon's own tools: a `%` is a percent sign,
 * `?` and `#` are parts of a name. Throws a UsageError.
 */
export function parseS3Url(url: string): S3Root {
  const match = /^s3:\/\/([^/]*)(?:\/(.*))?$/is.exec(url);
  const bucket = match?.[1] ?? '';
  if (!/^[A-Za-z0-9][A-Za-z0-9._:-]{1,254}$/.test(bucket)) {
    throw new UsageError(`Expected a root such as s3://bucket/prefix; '${bucket}' is no name of a bucket.`);
  }
  return { bucket, prefix: (match?.[2] ?? '').replace(/^\/+|\/+$/g, '') };
}

/** Parses an endpoint's URL. Throws a UsageError that does not repeat it, for it may carry a password. */
export function parseEndpointUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '') {
    throw new UsageError(
      'Expected an endpoint such as https://s3.example.org or http://localhost:9000, without user name and password.',
    );
  }
  return url;
}

/** Amazon's own certificate covers one label before `s3`, and host names have no capitals. */
function fitsHostName(bucket: string): boolean {
  return /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket);
}

/**
 * The URL of a key ('' for the bucket), with a query: virtual-host style for Amazon where the bucket's name allows it,
 * path style for other endpoints.
 */
export function s3ObjectUrl(
  endpoint: S3Endpoint,
  bucket: string,
  key: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const search = Object.entries(query)
    .map(([name, value]) => `${encodeName(name)}=${encodeName(value)}`)
    .sort()
    .join('&');
  const path = encodeKey(key);
  const { region, endpointUrl } = endpoint;
  let base: string;
  if (endpointUrl !== undefined) {
    base = `${endpointUrl.origin}${endpointUrl.pathname.replace(/\/+$/, '')}/${encodeName(bucket)}`;
  } else {
    if (!isRegionName(region)) {
      throw new UsageError(`Expected a region such as us-east-1 but received '${region}'.`);
    }
    const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    base = fitsHostName(bucket)
      ? `https://${bucket}.s3.${region}.${domain}`
      : `https://s3.${region}.${domain}/${encodeName(bucket)}`;
  }
  return new URL(`${base}/${path}${search === '' ? '' : `?${search}`}`);
}

/** The query of ListObjectsV2 for what begins with `prefix`; with a delimiter, one level of it. */
export function listQuery(prefix: string, delimiter: '/' | undefined): Readonly<Record<string, string>> {
  // Names that XML 1.0 cannot hold come through only when they are encoded.
  const query = { 'encoding-type': 'url', 'list-type': '2', prefix };
  return delimiter === undefined ? query : { ...query, delimiter };
}

/** A region's name as Amazon writes them; what a server says is put into a host name, so it is checked. */
export function isRegionName(text: string | undefined): text is string {
  return text !== undefined && /^[a-z0-9-]{2,40}$/.test(text);
}
