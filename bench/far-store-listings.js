import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {import('./far-store.d.ts').Reply} Reply */

/**
 * @param {string} type
 * @param {string} text
 * @returns {Reply}
 */
function listing(type, text) {
  const bytes = Buffer.from(text);
  return {
    status: 200,
    headers: { 'Content-Type': type },
    byteLength: bytes.length,
    kind: 'listing',
    read: (offset, count) => bytes.subarray(offset, offset + count),
  };
}

/**
 * A folder as nginx lists it with `autoindex_format json`.
 *
 * @param {string} root
 * @param {string} folder
 * @returns {Reply}
 */
export function folderListing(root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true })
    .sort((first, second) => (first.name < second.name ? -1 : 1))
    .map((entry) => {
      const status = statSync(join(root, folder, entry.name));
      const mtime = status.mtime.toUTCString();
      if (entry.isDirectory()) return { name: entry.name, type: 'directory', mtime };
      return { name: entry.name, type: 'file', mtime, size: status.size };
    });
  return listing('application/json', JSON.stringify(entries));
}

/** @type {(text: string) => string} */
const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Every file below a folder, keys sorted. @type {(folder: string) => string[]} */
const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

/**
 * A bucket as S3 lists it: ListObjectsV2 with prefix, delimiter, max-keys, start-after and continuation token.
 *
 * @param {string} root
 * @param {string} path
 * @param {URLSearchParams} query
 * @returns {Reply}
 */
export function objectListing(root, path, query) {
  const bucket = path.split('/')[0] ?? '';
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const most = Math.min(1000, Number(query.get('max-keys') ?? 1000));
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  /** @type {Set<string>} */
  const names = new Set();
  for (const key of filesBelow(join(root, bucket))) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    names.add(cut === -1 ? key : key.slice(0, cut + delimiter.length));
  }
  const rest = [...names].filter((name) => name > after);
  const page = rest.slice(0, most);
  const truncated = rest.length > page.length;
  const entries = page.map((name) => {
    if (delimiter !== '' && name.endsWith(delimiter)) {
      return `<CommonPrefixes><Prefix>${escaped(name)}</Prefix></CommonPrefixes>`;
    }
    const { size, mtime, mtimeMs } = statSync(join(root, bucket, name));
    const etag = `${Math.floor(mtimeMs).toString(16)}-${size.toString(16)}`;
    return `<Contents><Key>${escaped(name)}</Key><LastModified>${mtime.toISOString()}</LastModified><ETag>&quot;${etag}&quot;</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const next = truncated ? `<NextContinuationToken>${escaped(page.at(-1) ?? '')}</NextContinuationToken>` : '';
  return listing(
    'application/xml',
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${escaped(bucket)}</Name><Prefix>${escaped(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${most}</MaxKeys><IsTruncated>${truncated}</IsTruncated>${next}${entries.join('')}</ListBucketResult>`,
  );
}
