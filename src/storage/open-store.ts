import { fileURLToPath } from 'node:url';
import { UsageError } from '../base/errors.ts';
import type { Store } from '../types/storage.ts';
import { openLocalStore } from './local/store.ts';
import type { OpenStoreOptions } from './open-store-options.ts';

type Open = (url: string, options: OpenStoreOptions) => Promise<Store>;

const openAzure: Open = async (url, options) => (await import('./buckets/azure/store.ts')).openAzure(url, options);

const openDicomweb: Open = async (url, options) => (await import('./dicomweb/store.ts')).openDicomweb(url, options);

const openHttp: Open = async (url, options) => {
  if (url.includes('.blob.') && (await import('./buckets/azure/url.ts')).isAzureBlobUrl(url))
    return openAzure(url, options);
  return (await import('./web/store.ts')).openHttp(url, options);
};

/** `.zip` at the end of a path, or before a query. */
const zipSuffix = /\.zip(?:$|\?)/i;

/** The backends by URL scheme. Each but that of local disks is loaded only when it is used. */
const backends: Readonly<Record<string, Open>> = {
  s3: async (url, options) => (await import('./buckets/s3/store.ts')).openS3(url, options),
  gs: async (url, options) => (await import('./buckets/gcs/store.ts')).openGcs(url, options),
  az: openAzure,
  'dicomweb+http': openDicomweb,
  'dicomweb+https': openDicomweb,
  http: openHttp,
  https: openHttp,
  file: async (url, options) => openLocal(pathOfFileUrl(url), options),
};

async function openLocal(path: string, options: OpenStoreOptions): Promise<Store> {
  if (zipSuffix.test(path)) {
    const zip = (await import('./zip/address.ts')).zipOfPath(path);
    if (zip !== undefined) return openZip(await openLocal(zip.folder, options), zip.name, options);
  }
  return openLocalStore(path, options);
}

/** Opens the archive of that name in a store. Closing the archive closes the store. */
async function openZip(store: Store, key: string, { onWarning = () => {}, limits }: OpenStoreOptions): Promise<Store> {
  const { createZipStore } = await import('./zip/store.ts');
  return createZipStore({ store, key, onWarning, limits });
}

/**
 * Opens what a URL (`s3://bucket/prefix`, `https://host/folder/`, `file:///folder`) or a local path names: a folder, a
 * `.zip` archive, or a single object. Paths of Windows (`C:\folder`) are local. Sends no request yet.
 *
 * @throws UsageError for an unknown scheme or a URL that cannot be right; for a local path also NotFoundError,
 *   AccessDeniedError and StorageError
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<Store> {
  // A single letter is a drive of Windows, not a scheme.
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (url === '') throw new UsageError('Expected a URL or a folder as the root, but it is empty.');
    return openLocal(/^file:/i.test(url) ? pathOfFileUrl(url) : url, options);
  }
  const open = Object.hasOwn(backends, scheme) ? backends[scheme] : undefined;
  if (open !== undefined) {
    const isFile = open === backends['file'];
    const zip = zipSuffix.test(url) && !isFile ? (await import('./zip/address.ts')).zipOfUrl(url) : undefined;
    return zip === undefined ? open(url, options) : openZip(await open(zip.folder, options), zip.name, options);
  }
  const known = Object.keys(backends).map((name) => `${name}://`);
  throw new UsageError(`The scheme ${scheme}:// is not known. Expected a local folder, or one of ${known.join(', ')}.`);
}

function pathOfFileUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new UsageError(`Expected a file URL such as file:///folder, but '${url}' names no local path.`);
  }
}
