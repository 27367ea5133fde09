import { AbortedError, AccessDeniedError, NotFoundError, PreviewError, StorageError } from '../../base/errors.ts';
import { textOfBytes } from '../../base/keys.ts';
import { fetchParsed } from '../../http/documents.ts';
import type { HttpDocument, HttpRequest, Transport } from '../../http/types.ts';
import { type IndexEntry, parseJsonIndex } from './json-listing.ts';

/** Loads the parsers of HTML and XML. That takes as long as a reply from nearby, and JSON needs neither. */
const loadParsers = async (): Promise<typeof import('./listing.ts') & typeof import('../buckets/xml.ts')> => ({
  ...(await import('./listing.ts')),
  ...(await import('../buckets/xml.ts')),
});

/** What a web server answers when it is asked for a folder. */
export type FolderReply =
  | { readonly kind: 'entries'; readonly entries: readonly IndexEntry[]; readonly url: URL }
  /** The server answers like S3: the folder is in a bucket, which is listed as such. */
  | { readonly kind: 'bucket'; readonly error: PreviewError | undefined }
  /** No listing; the error says why. */
  | { readonly kind: 'none'; readonly error: PreviewError; readonly status?: number | undefined };

/** What is known about the server from folders listed before. */
export interface FolderMemory {
  /** PROPFIND was refused before, so it is not tried again. */
  withoutDav: boolean;
}

const acceptedTypes =
  'application/json, text/html;q=0.9, application/xhtml+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, */*;q=0.1';
const propfindBody =
  '<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/><D:getcontentlength/><D:getetag/></D:prop></D:propfind>';

type GetReply = FolderReply | { readonly kind: 'empty'; readonly url: URL };

/** What ends the reading of a listing. */
export interface ListingLimits {
  readonly signal: AbortSignal | undefined;
  readonly maxByteLength: number;
}

/**
 * Lists one level of a folder. Most servers answer a GET with an index: JSON where they can, else HTML or XML. When
 * that is refused or shows nothing, WebDAV's PROPFIND is tried. Its answer counts only with status 207, because some
 * servers answer it with a page. Throws AbortedError and TimeoutError; other failures come as `none`.
 */
export async function listHttpFolder(
  transport: Transport,
  request: HttpRequest,
  memory: FolderMemory,
  limits: ListingLimits,
): Promise<FolderReply> {
  const got = await getIndex(transport, request, limits);
  if (got.kind === 'entries' || got.kind === 'bucket') return got;
  const wantsCredentials = got.kind === 'none' && got.status === 401;
  if (!memory.withoutDav && !wantsCredentials) {
    const entries = await askDav(transport, request, memory, limits);
    if (entries !== undefined) return entries;
  }
  return got.kind === 'empty' ? { kind: 'entries', entries: [], url: got.url } : got;
}

async function getIndex(transport: Transport, request: HttpRequest, limits: ListingLimits): Promise<GetReply> {
  const { location } = request;
  let speaksS3 = false;
  let status: number | undefined;
  const asking: HttpRequest = {
    ...request,
    headers: { ...request.headers, accept: acceptedTypes },
    judge(failure) {
      status = failure.status;
      speaksS3 = /<Error>\s*<Code>/.test(failure.text);
      return undefined;
    },
  };
  try {
    return await fetchParsed(transport, asking, limits, 'a folder listing', (document) =>
      readIndex(document, location),
    );
  } catch (error) {
    if (!(error instanceof PreviewError) || error instanceof AbortedError) throw error;
    if (speaksS3 && (error instanceof NotFoundError || error instanceof AccessDeniedError))
      return { kind: 'bucket', error };
    if (error.code === 'timeout' || (error instanceof StorageError && error.status === undefined)) throw error;
    return { kind: 'none', error, status };
  }
}

async function readIndex(document: HttpDocument, location: string): Promise<GetReply | undefined> {
  const { url } = document;
  const type = (document.headers['content-type'] ?? '').toLowerCase();
  const text = textOfBytes(document.bytes).replace(/^\ufeff/, '');
  if (/[/+]json\b/.test(type)) {
    const entries = parseJsonIndex(text);
    return entries === undefined ? noIndex(location, 'JSON of another kind') : found(entries, url);
  }
  if (/[/+]xml\b/.test(type) && !type.includes('xhtml')) {
    const { parseNginxXmlIndex, parseXml } = await loadParsers();
    const root = parseXml(text);
    if (root === undefined) return undefined;
    if (root.name === 'ListBucketResult') return { kind: 'bucket', error: undefined };
    const entries = parseNginxXmlIndex(root);
    return entries === undefined ? noIndex(location, 'XML of another kind') : found(entries, url);
  }
  if (!type.includes('html')) return noIndex(location, type === '' ? 'something without a content type' : type);
  if (!isWholePage(text, document.lengthVerified)) return undefined;
  // Links are relative to the page's own address, so that must be a folder.
  if (!url.pathname.endsWith('/')) return noIndex(location, 'a redirect to a page that is not a folder');
  const { parseHtmlIndex } = await loadParsers();
  return found(parseHtmlIndex(text, url), url);
}

/**
 * Whether a page came to its end. A page that was cut off (by a proxy, say, that ends the reply properly) would
 * silently lose instances. So a page that opens <html> must close it. A page without <html> must have come with its
 * length, or end like a list.
 */
function isWholePage(text: string, lengthVerified: boolean): boolean {
  if (/<html[\s>]/i.test(text)) return /<\/html\s*>/i.test(text);
  return lengthVerified || /<\/(body|pre|table|ul)>\s*$/i.test(text);
}

function found(entries: readonly IndexEntry[], url: URL): GetReply {
  return entries.length === 0 ? { kind: 'empty', url } : { kind: 'entries', entries, url };
}

function noIndex(location: string, what: string): GetReply {
  return {
    kind: 'none',
    error: new NotFoundError(
      `Expected a folder listing at ${location} (an index page, JSON, XML or WebDAV) but received ${what}. ` +
        'Turn on the listing of folders on the server.',
      { location },
    ),
  };
}

function notAFolder(location: string): NotFoundError {
  return new NotFoundError(`${location} is a file; a folder was expected.`, { location });
}

async function askDav(
  transport: Transport,
  request: HttpRequest,
  memory: FolderMemory,
  limits: ListingLimits,
): Promise<FolderReply | undefined> {
  const asking: HttpRequest = {
    ...request,
    method: 'PROPFIND',
    headers: { ...request.headers, depth: '1', 'content-type': 'application/xml; charset=utf-8' },
    body: propfindBody,
  };
  const options = { ...limits, statuses: [207] };
  try {
    return await fetchParsed<FolderReply>(
      transport,
      asking,
      options,
      'a WebDAV multistatus',
      async ({ bytes, url }) => {
        const { parseMultistatus } = await loadParsers();
        const entries = parseMultistatus(textOfBytes(bytes), url);
        if (entries === 'file') return { kind: 'none', error: notAFolder(request.location) };
        return entries === undefined ? undefined : { kind: 'entries', entries, url };
      },
    );
  } catch (error) {
    if (!(error instanceof PreviewError) || error instanceof AbortedError) throw error;
    // A folder that is not there says nothing about whether the server knows PROPFIND.
    if (!(error instanceof NotFoundError)) memory.withoutDav = true;
    return undefined;
  }
}
