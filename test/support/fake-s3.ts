import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Fault, type FaultyServer, type SeenRequest, startFaultyServer } from './faulty-server.ts';

export interface FakeS3Options {
  /** Decoded keys of the bucket `bucket`. */
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** Answers a request before the fake does; undefined lets it pass. */
  readonly refuse?: (request: IncomingMessage) => FakeS3Refusal | undefined;
  /** Instead of the listing's own text. */
  readonly listing?: (query: URLSearchParams) => string | undefined;
  readonly pageSize?: number;
  readonly fault?: (seen: SeenRequest) => Fault | undefined;
  /** Takes objects too, whole and in parts, and changes `objects`. */
  readonly written?: Map<string, Uint8Array>;
  /** Multipart uploads that were begun and not ended. */
  readonly openUploads?: Map<string, Map<number, Uint8Array>>;
}

export interface FakeS3Refusal {
  readonly status: number;
  readonly code?: string;
  readonly region?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function listingXml(objects: ReadonlyMap<string, Uint8Array>, query: URLSearchParams, pageSize: number): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const matching = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
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
      : `<Contents><Key>${encode(key)}</Key><ETag>&quot;${key.length}&quot;</ETag><Size>${objects.get(key)?.length}</Size></Contents>`,
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
      const xml = own ?? listingXml(options.objects, url.searchParams, options.pageSize ?? 1000);
      response.writeHead(200, { 'content-type': 'application/xml' }).end(xml);
      return true;
    }
    const key = decodeURIComponent(url.pathname.replace(/^\/bucket\//, ''));
    if (request.method !== 'GET') {
      void takeBody(request).then((body) => write(options, request, url.searchParams, key, body, response));
      return true;
    }
    const bytes = options.objects.get(key);
    if (bytes === undefined) {
      response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
      return true;
    }
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    if (Number(from) >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return true;
    }
    const end = Math.min(bytes.length, to === '' ? bytes.length : Number(to) + 1);
    response
      .writeHead(206, { 'content-range': `bytes ${from}-${end - 1}/${bytes.length}`, etag: `"${key.length}"` })
      .end(bytes.subarray(Number(from), end));
    return true;
  };
  return startFaultyServer({ handle, ...(options.fault === undefined ? {} : { fault: options.fault }) });
}

async function takeBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** PUT, DELETE and multipart uploads, with the digests of bodies checked. */
function write(
  { written, openUploads = new Map() }: FakeS3Options,
  { method, headers }: IncomingMessage,
  query: URLSearchParams,
  key: string,
  body: Buffer,
  response: ServerResponse,
): void {
  const refuse = (status: number, code: string): void => {
    response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
  };
  const md5 = createHash('md5').update(body).digest('base64');
  const sha256 = createHash('sha256').update(body).digest('hex');
  const upload = openUploads.get(query.get('uploadId') ?? '');
  if (written === undefined) refuse(405, 'MethodNotAllowed');
  else if ((headers['content-md5'] ?? md5) !== md5) refuse(400, 'BadDigest');
  else if ((headers['x-amz-content-sha256'] ?? sha256) !== sha256) refuse(400, 'XAmzContentSHA256Mismatch');
  else if (query.has('uploadId') && upload === undefined) refuse(404, 'NoSuchUpload');
  else if (method === 'POST' && query.has('uploads')) {
    const id = `upload ${openUploads.size + written.size}`;
    openUploads.set(id, new Map());
    response.end(`<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`);
  } else if (upload !== undefined && method === 'PUT') {
    upload.set(Number(query.get('partNumber')), body);
    response.setHeader('etag', `"${md5}"`).end();
  } else if (upload !== undefined) {
    openUploads.delete(query.get('uploadId') ?? '');
    const named = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber><ETag>"([^"]+)"<\/ETag>/g)];
    const parts = named.map(([, number]) => upload.get(Number(number)) ?? Buffer.alloc(0));
    if (method === 'POST') written.set(key, Buffer.concat(parts));
    response.end('<CompleteMultipartUploadResult><Key>key</Key></CompleteMultipartUploadResult>');
  } else if (method === 'DELETE') {
    written.delete(key);
    response.writeHead(204).end();
  } else {
    written.set(key, body);
    response.setHeader('etag', `"${md5}"`).end();
  }
}
