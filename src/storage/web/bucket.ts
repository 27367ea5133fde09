import { AbortedError, PreviewError } from '../../base/errors.ts';
import { decodeName, encodeQuery } from '../../base/keys.ts';
import { fetchParsed, textOf, UnusableDocument } from '../../http/documents.ts';
import type { HttpRequest, Transport } from '../../http/types.ts';
import type { Page } from '../buckets/list-pages.ts';
import { listQuery } from '../buckets/s3/url.ts';

/** A public bucket behind a web address. */
export interface HttpBucket {
  /** Where its listing is. */
  readonly url: URL;
  /** The folder within the bucket, decoded, without slashes at its ends. */
  readonly prefix: string;
}

const maxPageByteLength = 16 * 1024 * 1024;

/** The buckets that a folder's URL may be in: the host (virtual-host style), or the first name of the path. */
export function bucketCandidates(folder: URL): readonly HttpBucket[] {
  const names = folder.pathname.split('/').filter((name) => name !== '');
  const decoded = names.map(decodeName);
  const host = { url: new URL('/', folder), prefix: decoded.join('/') };
  const [first] = names;
  if (first === undefined) return [host];
  return [host, { url: new URL(`/${first}`, folder), prefix: decoded.slice(1).join('/') }];
}

/** The URL of one page of a bucket's listing. */
export function bucketListUrl(bucket: HttpBucket, query: Readonly<Record<string, string>>): URL {
  const url = new URL(bucket.url);
  url.search = encodeQuery(query);
  return url;
}

function askFor(request: HttpRequest, url: URL): HttpRequest {
  return { ...request, url, headers: { ...request.headers, accept: 'application/xml' } };
}

/** Fetches one page of the keys that begin with `prefix`, which counts from the top of the bucket. */
export function fetchBucketPage(
  transport: Transport,
  request: HttpRequest,
  bucket: HttpBucket,
  listing: { readonly prefix: string; readonly delimiter: '/' | undefined },
  next: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Page> {
  const url = bucketListUrl(bucket, { ...listQuery(listing.prefix, listing.delimiter), ...next });
  return fetchParsed(
    transport,
    askFor(request, url),
    { signal, maxByteLength: maxPageByteLength },
    'a listing of S3 (ListObjectsV2)',
    async (document) => {
      const { parseListPage } = await import('../buckets/s3/listing.ts');
      return parseListPage(textOf(document));
    },
  );
}

/** The first candidate that can be listed; undefined where none can. Throws AbortedError. */
export async function findBucket(
  transport: Transport,
  request: HttpRequest,
  folder: URL,
  signal: AbortSignal | undefined,
): Promise<HttpBucket | undefined> {
  for (const bucket of bucketCandidates(folder)) {
    try {
      const query = { ...listQuery(bucket.prefix === '' ? '' : `${bucket.prefix}/`, '/'), 'max-keys': '1' };
      const asking = askFor(request, bucketListUrl(bucket, query));
      // A reply that is no listing is not asked for again: the other candidate may be right.
      const document = await transport.fetchDocument(asking, { signal, maxByteLength: maxPageByteLength });
      const { parseListPage } = await import('../buckets/s3/listing.ts');
      if (parseListPage(textOf(document)) !== undefined) return bucket;
    } catch (error) {
      const isOfReply = error instanceof UnusableDocument || error instanceof PreviewError;
      if (!isOfReply || error instanceof AbortedError) throw error;
    }
  }
  return undefined;
}
