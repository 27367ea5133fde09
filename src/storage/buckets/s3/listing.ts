import { decodeName } from '../../../base/keys.ts';
import type { Page } from '../list-pages.ts';
import { childrenNamed, childText, parseByteLength, parseErrorXml, parseXml, type XmlElement } from '../xml.ts';

/**
 * Parses a reply to ListObjectsV2 of Amazon, of stores that speak like it, or of Google's XML API. Returns undefined
 * for anything else, for a reply that was cut off, and for one that says it goes on but not where.
 */
export function parseListPage(xml: string): Page | undefined {
  const root = parseXml(xml);
  if (root?.name !== 'ListBucketResult') return undefined;
  // 'url' means form encoding: + is a space, and a plus sign is percent-encoded.
  const encoded = childText(root, 'EncodingType')?.trim().toLowerCase() === 'url';
  const decode = (text: string): string => (encoded ? decodeName(text.replaceAll('+', ' ')) : text);
  const keyed = childrenNamed(root, 'Contents').map((element) => ({
    key: childText(element, 'Key'),
    byteLength: parseByteLength(childText(element, 'Size')),
    etag: childText(element, 'ETag'),
  }));
  if (keyed.some(({ key }) => key === undefined)) return undefined;
  const objects = keyed.map((object) => ({ ...object, key: decode(object.key ?? '') }));
  const prefixes = childrenNamed(root, 'CommonPrefixes').map((element) => decode(childText(element, 'Prefix') ?? ''));
  if (childText(root, 'IsTruncated')?.trim().toLowerCase() !== 'true') return { objects, prefixes, next: undefined };
  const next = continuation(root, objects.at(-1)?.key, decode);
  return next === undefined ? undefined : { objects, prefixes, next };
}

function continuation(
  root: XmlElement,
  lastKey: string | undefined,
  decode: (text: string) => string,
): Readonly<Record<string, string>> | undefined {
  const token = childText(root, 'NextContinuationToken');
  if (token !== undefined && token !== '') return { 'continuation-token': token };
  // A store that knows only the older form of listings gives a marker. Without one, the last key is the marker.
  const marker = childText(root, 'NextMarker');
  if (marker !== undefined && marker !== '') return { marker: decode(marker) };
  return lastKey === undefined ? undefined : { marker: lastKey, 'start-after': lastKey };
}

/** The error document of S3 and of stores that speak like it. */
export interface S3Error {
  /** `NoSuchKey`, `AccessDenied`, ...; '' where the reply holds no such document. */
  readonly code: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

/** Parses an S3 error document. Never fails. */
export function parseS3Error(xml: string): S3Error {
  const root = parseErrorXml(xml);
  if (root === undefined) return { code: '', region: undefined, endpoint: undefined };
  return {
    code: childText(root, 'Code')?.trim() ?? '',
    region: childText(root, 'Region')?.trim(),
    endpoint: childText(root, 'Endpoint')?.trim(),
  };
}
