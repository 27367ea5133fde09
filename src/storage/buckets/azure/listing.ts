import { decodeName } from '../../../base/keys.ts';
import type { StoredObject } from '../../../types/storage.ts';
import type { Page } from '../list-pages.ts';
import { childrenNamed, childText, parseByteLength, parseErrorXml, parseXml, type XmlElement } from '../xml.ts';

/** Parses a reply to List Blobs. Returns undefined for anything else, and for a reply that was cut off. */
export function parseAzurePage(xml: string): Page | undefined {
  // Names that XML 1.0 cannot hold are percent-encoded, and an attribute says so.
  const marked = xml.replace(/<Name\s+Encoded="true"\s*>([^<]*)<\/Name>/g, '<EncodedName>$1</EncodedName>');
  const root = parseXml(marked);
  if (root?.name !== 'EnumerationResults') return undefined;
  const blobs = childrenNamed(root, 'Blobs');
  const objects = blobs.flatMap((each) => childrenNamed(each, 'Blob')).map(objectOf);
  const prefixes = blobs.flatMap((each) => childrenNamed(each, 'BlobPrefix')).map(nameOf);
  if (objects.includes(undefined) || prefixes.includes(undefined)) return undefined;
  const marker = childText(root, 'NextMarker') ?? '';
  return {
    objects: objects.filter((each) => each !== undefined && each !== 'folder'),
    prefixes: prefixes.filter((each) => each !== undefined),
    next: marker === '' ? undefined : { marker },
  };
}

function nameOf(element: XmlElement): string | undefined {
  const encoded = childText(element, 'EncodedName');
  return encoded === undefined ? childText(element, 'Name') : decodeName(encoded);
}

/** An object; 'folder' for a folder, which accounts with a hierarchical namespace list too. */
function objectOf(blob: XmlElement): StoredObject | 'folder' | undefined {
  const key = nameOf(blob);
  const [properties] = childrenNamed(blob, 'Properties');
  if (key === undefined || properties === undefined) return undefined;
  if (childText(properties, 'ResourceType')?.trim() === 'directory') return 'folder';
  return {
    key,
    byteLength: parseByteLength(childText(properties, 'Content-Length')),
    etag: childText(properties, 'Etag')?.trim(),
  };
}

/** The code of an Azure error, from the header or the document; '' where neither has one. Never fails. */
export function parseAzureErrorCode(xml: string, header: string | undefined): string {
  if (header !== undefined && /^\w{1,80}$/.test(header)) return header;
  const root = parseErrorXml(xml);
  const code = root === undefined ? '' : (childText(root, 'Code')?.trim() ?? '');
  return /^\w{1,80}$/.test(code) ? code : '';
}
