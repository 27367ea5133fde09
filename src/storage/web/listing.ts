import { Parser } from 'htmlparser2';
import { decodeName, isUsableName } from '../../base/keys.ts';
import { UnusableDocument } from '../../http/documents.ts';
import { childrenNamed, childText, parseByteLength, parseXml, type XmlElement } from '../buckets/xml.ts';
import { type IndexEntry, unique } from './json-listing.ts';

/** The path of a URL as decoded names: `/a%20b/c/` is `['a b', 'c']`. */
function namesOf(pathname: string): readonly string[] {
  return pathname
    .replace(/^\/|\/$/g, '')
    .split('/')
    .map(decodeName);
}

/**
 * The entry that a link in a folder's listing leads to. undefined for links that lead elsewhere: to the parent, to
 * other folders and servers; links with a query only sort the listing.
 */
function entryOfLink(href: string, folder: URL): { readonly name: string; readonly isFolder: boolean } | undefined {
  const url = URL.canParse(href, folder.href) ? new URL(href, folder.href) : undefined;
  if (url === undefined || url.origin !== folder.origin || url.search !== '') return undefined;
  const above = folder.pathname === '/' ? [] : namesOf(folder.pathname);
  const names = namesOf(url.pathname);
  const name = names.at(-1);
  if (name === undefined || names.length !== above.length + 1 || !isUsableName(name)) return undefined;
  if (above.some((each, index) => each !== names[index])) return undefined;
  return { name, isFolder: url.pathname.endsWith('/') };
}

function isAddressOf(href: string, folder: URL): boolean {
  if (!URL.canParse(href, folder.href)) return false;
  const url = new URL(href, folder.href);
  return url.origin === folder.origin && namesOf(url.pathname).join('/') === namesOf(folder.pathname).join('/');
}

/** No index needs as many open elements. The parser's work for an element grows with their number. */
const maxHtmlDepth = 1000;

/**
 * The links of an HTML index (Apache, nginx, Caddy, lighttpd, python's http.server and others) that lead one level
 * down. The visible texts are not used, because servers shorten them. `folder` is the URL of the page, with its final
 * slash.
 *
 * @throws UnusableDocument where elements are nested too deep
 */
export function parseHtmlIndex(html: string, folder: URL): readonly IndexEntry[] {
  const entries: IndexEntry[] = [];
  let base = folder;
  let depth = 0;
  const parser = new Parser({
    onclosetag(): void {
      depth -= 1;
    },
    onopentag(name, attributes): void {
      depth += 1;
      if (depth > maxHtmlDepth) {
        throw new UnusableDocument(`its HTML elements are nested more than ${maxHtmlDepth} deep`);
      }
      const href = attributes['href'];
      if (href === undefined) return;
      if (name === 'base' && URL.canParse(href, folder.href)) base = new URL(href, folder.href);
      if (name !== 'a') return;
      const resolved = URL.canParse(href, base.href) ? new URL(href, base.href).href : href;
      const entry = entryOfLink(resolved, folder);
      if (entry !== undefined) entries.push({ ...entry, byteLength: undefined, etag: undefined });
    },
  });
  parser.end(html);
  return unique(entries);
}

/**
 * nginx's XML index (`<list><directory>name</directory><file size="1">name</file></list>`); undefined for other XML.
 */
export function parseNginxXmlIndex(root: XmlElement): readonly IndexEntry[] | undefined {
  if (root.name !== 'list') return undefined;
  const entries = root.children
    .filter(({ name, text }) => (name === 'file' || name === 'directory') && isUsableName(text))
    .map(({ name, text }) => ({
      name: text,
      isFolder: name === 'directory',
      byteLength: undefined,
      etag: undefined,
    }));
  return unique(entries);
}

/**
 * Parses a WebDAV multistatus (RFC 4918 section 13), the reply to a PROPFIND of a folder with Depth 1. undefined for
 * other XML; 'file' when the URL is that of a file.
 */
export function parseMultistatus(xml: string, folder: URL): readonly IndexEntry[] | 'file' | undefined {
  const root = parseXml(xml);
  if (root?.name !== 'multistatus') return undefined;
  const entries: IndexEntry[] = [];
  for (const response of childrenNamed(root, 'response')) {
    const href = (childText(response, 'href') ?? '').trim();
    const entry = entryOfLink(href, folder);
    const properties = childrenNamed(response, 'propstat')
      .filter((each) => /\s2\d\d(\s|$)/.test(childText(each, 'status') ?? ' 200'))
      .flatMap((each) => childrenNamed(each, 'prop'));
    const types = properties.flatMap((each) => childrenNamed(each, 'resourcetype'));
    const isFolder = types.some((type) => childrenNamed(type, 'collection').length > 0);
    if (entry === undefined) {
      if (!isFolder && isAddressOf(href, folder)) return 'file';
      continue;
    }
    const texts = (name: string): string | undefined =>
      properties.map((each) => childText(each, name)).find((text) => text !== undefined && text.trim() !== '');
    entries.push({
      name: entry.name,
      isFolder,
      byteLength: isFolder ? undefined : parseByteLength(texts('getcontentlength')),
      etag: isFolder ? undefined : texts('getetag')?.trim(),
    });
  }
  return unique(entries);
}
