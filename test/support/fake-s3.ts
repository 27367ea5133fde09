import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FaultyServer, startFaultyServer } from './faulty-server.ts';

export interface FakeS3Options {
  /** Decoded keys of the bucket `bucket`. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** Answers a request before the fake does; undefined lets it pass. */
  readonly refuse?: (request: IncomingMessage) => FakeS3Refusal | undefined;
  /** Instead of the listing's own text. */
  readonly listing?: (query: URLSearchParams) => string | undefined;
  readonly pageSize?: number;
}

export interface FakeS3Refusal {
  readonly status: number;
  readonly code?: string;
  readonly region?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function listingXml(keys: readonly string[], query: URLSearchParams, pageSize: number): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const matching = keys.filter((key) => key.startsWith(prefix)).sort();
  const start = Number(query.get('continuation-token')?.replace('token ', '') ?? 0);
  const folderOf = (key: string): string | undefined => {
    const at = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
    return at < 0 ? undefined : key.slice(0, at + 1);
  };
  const entries = [...new Map(matching.map((key) => [folderOf(key) ?? key, folderOf(key) !== undefined]))];
  const page = entries.slice(start, start + pageSize);
  const encode = (text: string): string => escapeXml(encodeURIComponent(text).replaceAll('%20', '+'));
  const body = page.map(([key, isFolder]) =>
    isFolder
      ? `<CommonPrefixes><Prefix>${encode(key)}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${encode(key)}</Key><ETag>&quot;${key.length}&quot;</ETag><Size>1</Size></Contents>`,
  );
  const next =
    start + pageSize < entries.length
      ? `<IsTruncated>true</IsTruncated><NextContinuationToken>token ${start + pageSize}</NextContinuationToken>`
      : '<IsTruncated>false</IsTruncated>';
  return `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>${next}${body.join('')}</ListBucketResult>`;
}

/** A small S3 on 127.0.0.1 with one bucket, `bucket`, in path style. It checks no signatures: `refuse` decides. */
export function startFakeS3(options: FakeS3Options): Promise<FaultyServer> {
  const handle = (request: IncomingMessage, response: ServerResponse): boolean => {
    const url = new URL(request.url ?? '', 'http://host');
    const refusal = options.refuse?.(request);
    if (refusal !== undefined) {
      const region = refusal.region === undefined ? '' : `<Region>${refusal.region}</Region>`;
      const text = refusal.code === undefined ? '' : `<Error><Code>${refusal.code}</Code>${region}</Error>`;
      response.writeHead(refusal.status, { 'content-type': 'application/xml', ...refusal.headers }).end(text);
      return true;
    }
    if (url.searchParams.has('list-type')) {
      const own = options.listing?.(url.searchParams);
      const xml = own ?? listingXml([...options.objects.keys()], url.searchParams, options.pageSize ?? 1000);
      response.writeHead(200, { 'content-type': 'application/xml' }).end(xml);
      return true;
    }
    const key = decodeURIComponent(url.pathname.replace(/^\/bucket\//, ''));
    const bytes = options.objects.get(key);
    if (bytes === undefined) {
      response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
      return true;
    }
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const end = Math.min(bytes.length, to === '' ? bytes.length : Number(to) + 1);
    response
      .writeHead(206, { 'content-range': `bytes ${from}-${end - 1}/${bytes.length}`, etag: `"${key.length}"` })
      .end(bytes.subarray(Number(from), end));
    return true;
  };
  return startFaultyServer({ handle });
}
