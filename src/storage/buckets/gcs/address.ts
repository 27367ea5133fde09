import { UsageError } from '../../../base/errors.ts';
import { encodeKey, encodeName } from '../../../base/keys.ts';

/** Where a `gs://bucket/prefix` points. */
export interface GcsRoot {
  readonly bucket: string;
  /** Decoded, without slashes at its ends; '' for the bucket itself. */
  readonly prefix: string;
}

/** Google's own endpoint of the XML API. */
export const gcsEndpoint: URL = new URL('https://storage.googleapis.com');

/**
 * Parses `gs://bucket/prefix`. Names are taken as they are written, as by Google's own tools: a `%` is a percent sign,
 * `?` and `#` are parts of a name. Throws a UsageError.
 */
export function parseGcsUrl(url: string): GcsRoot {
  const match = /^gs:\/\/([^/]*)(?:\/(.*))?$/is.exec(url);
  const bucket = match?.[1] ?? '';
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket)) {
    throw new UsageError(`Expected a root such as gs://bucket/prefix; '${bucket}' is no name of a bucket.`);
  }
  return { bucket, prefix: (match?.[2] ?? '').replace(/^\/+|\/+$/g, '') };
}

/** The URL of a key ('' for the bucket), path style, with a query. */
export function gcsUrl(endpoint: URL, bucket: string, key: string, query: Readonly<Record<string, string>> = {}): URL {
  const search = Object.entries(query)
    .map(([name, value]) => `${encodeName(name)}=${encodeName(value)}`)
    .join('&');
  const base = `${endpoint.origin}${endpoint.pathname.replace(/\/+$/, '')}/${encodeName(bucket)}`;
  const path = key === '' ? '' : `/${encodeKey(key)}`;
  return new URL(`${base}${path}${search === '' ? '' : `?${search}`}`);
}
