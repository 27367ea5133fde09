import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A bucket of the server; `access` is what anybody may do without a token. */
export interface GcsBucket {
  readonly objects: ReadonlyMap<string, Uint8Array>;
  readonly access: 'private' | 'read' | 'read and list';
  /** Whoever reads must name a project, with a token. */
  readonly requesterPays?: boolean;
}

export interface GcsServer {
  readonly origin: string;
  /** Tokens that are good now. */
  readonly tokens: Set<string>;
  /** `GET /bucket?...` with the token, if any, as they came. */
  readonly requests: { readonly path: string; readonly token: string | undefined; readonly status: number }[];
  stop(): Promise<void>;
}

const PAGE = 1000;

/** A server that speaks as much of Google's XML API as reading needs: listings in pages, ranges, tokens, refusals. */
export async function startGcsServer(buckets: Readonly<Record<string, GcsBucket>>): Promise<GcsServer> {
  const tokens = new Set<string>();
  const requests: { path: string; token: string | undefined; status: number }[] = [];
  const server: Server = createServer((request, response) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const noted = { path: request.url ?? '', token, status: 0 };
    requests.push(noted);
    response.once('finish', () => {
      noted.status = response.statusCode;
    });
    answer(buckets, tokens, token, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    tokens,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  buckets: Readonly<Record<string, GcsBucket>>,
  tokens: ReadonlySet<string>,
  token: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '', 'http://server');
  const [name = '', ...names] = url.pathname.slice(1).split('/').map(decodeURIComponent);
  const key = names.join('/');
  const bucket = buckets[name];
  const mayRead = token !== undefined || bucket?.access !== 'private';
  const mayList = token !== undefined || bucket?.access === 'read and list';
  const bytes = bucket?.objects.get(key);
  const isUnpaid = bucket?.requesterPays === true && request.headers['x-goog-user-project'] === undefined;
  // Google looks at a token before anything else, even where none is needed.
  if (token !== undefined && !tokens.has(token)) refuse(response, 401, 'AuthenticationRequired');
  else if (bucket === undefined) refuse(response, 404, 'NoSuchBucket');
  else if (isUnpaid) refuse(response, 400, 'UserProjectMissing');
  else if (key === '' ? !mayList : !mayRead) refuse(response, 403, 'AccessDenied');
  else if (key === '') list(bucket.objects, url.searchParams, response);
  else if (bytes !== undefined) send(bytes, request, response);
  else if (mayList) refuse(response, 404, 'NoSuchKey');
  else refuse(response, 403, 'AccessDenied');
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const body = `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>No.</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml; charset=UTF-8', 'content-length': body.length });
  response.end(body);
}

function send(bytes: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = range === null ? 0 : Number(range[1]);
  if (range !== null && start >= bytes.length) {
    response.setHeader('content-range', `bytes */${bytes.length}`);
    refuse(response, 416, 'InvalidRange');
    return;
  }
  const end = range === null || range[2] === '' ? bytes.length : Math.min(bytes.length, Number(range[2]) + 1);
  response.writeHead(range === null ? 200 : 206, {
    etag,
    'content-length': end - start,
    ...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
  });
  response.end(bytes.subarray(start, end));
}

function list(objects: ReadonlyMap<string, Uint8Array>, query: URLSearchParams, response: ServerResponse): void {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const after = query.get('continuation-token') ?? '';
  const entries = new Map<string, Uint8Array | undefined>();
  for (const key of [...objects.keys()].sort()) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
    entries.set(cut < 0 ? key : key.slice(0, cut + 1), cut < 0 ? objects.get(key) : undefined);
  }
  const left = [...entries].filter(([name]) => name > after);
  const page = left.slice(0, PAGE);
  const encode = (name: string): string => encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%20', '+');
  const parts = page.map(([name, bytes]) =>
    bytes === undefined
      ? `<CommonPrefixes><Prefix>${encode(name)}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${encode(name)}</Key><Size>${bytes.length}</Size>` +
        `<ETag>&quot;${createHash('md5').update(bytes).digest('hex')}&quot;</ETag></Contents>`,
  );
  const isCut = left.length > PAGE;
  const next = isCut ? `<NextContinuationToken>${encode(page.at(-1)?.[0] ?? '')}</NextContinuationToken>` : '';
  const body =
    "<?xml version='1.0' encoding='UTF-8'?><ListBucketResult xmlns='http://doc.s3.amazonaws.com/2006-03-01'>" +
    `<EncodingType>url</EncodingType><IsTruncated>${isCut}</IsTruncated>${next}${parts.join('')}</ListBucketResult>`;
  response.writeHead(200, { 'content-type': 'application/xml; charset=UTF-8' });
  response.end(body);
}
