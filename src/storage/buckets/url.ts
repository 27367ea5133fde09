import { UsageError } from '../../base/errors.ts';

/** Where `s3://bucket/prefix` or `gs://bucket/prefix` points. */
export interface BucketRoot {
  readonly bucket: string;
  /** Decoded, without slashes at its end; '' for the bucket itself. Keys may begin with a slash, so the prefix may too. */
  readonly prefix: string;
}

const bucketNames: Readonly<Record<'s3' | 'gs', RegExp>> = {
  s3: /^[A-Za-z0-9][A-Za-z0-9._:-]{1,254}$/,
  gs: /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/,
};

/**
 * Parses `s3://bucket/prefix` or `gs://bucket/prefix`. Names are taken as they are written, as Amazon's and Google's
 * own tools do: a `%` is a percent sign, `?` and `#` are parts of a name. Throws a UsageError.
 */
export function parseBucketUrl(scheme: 's3' | 'gs', url: string): BucketRoot {
  const [, found = '', bucket = '', prefix = ''] = /^([a-z0-9]+):\/\/([^/]*)(?:\/(.*))?$/is.exec(url) ?? [];
  if (found.toLowerCase() !== scheme || !bucketNames[scheme].test(bucket)) {
    throw new UsageError(
      `Expected a root such as ${scheme}://bucket/prefix, but '${bucket}' cannot be the name of a bucket.`,
    );
  }
  return { bucket, prefix: prefix.replace(/\/+$/, '') };
}

/** Parses an endpoint's URL. Throws a UsageError that does not repeat it, because it may carry a password. */
export function parseEndpointUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '') {
    throw new UsageError(
      'Expected an endpoint such as https://s3.example.org or http://localhost:9000, without user name and password.',
    );
  }
  return url;
}

/** An endpoint as the beginning of other URLs: without a slash at its end. */
export function endpointBase(endpoint: URL): string {
  return `${endpoint.origin}${endpoint.pathname.replace(/\/+$/, '')}`;
}
