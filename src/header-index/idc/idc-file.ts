import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '../../base/errors.ts';
import { createTransport } from '../../http/transport.ts';
import { openStore } from '../../storage/open-store.ts';
import { parseHttpRoot } from '../../storage/web/root.ts';
import { createHttpStore } from '../../storage/web/store.ts';
import type { StorageSettings } from '../../types/settings.ts';
import type { Store } from '../../types/storage.ts';
import { digestLength, digestOf, hashedName, readCacheFile, writeCacheFile } from '../cache-files.ts';

export interface IdcIndexFileOptions extends Partial<StorageSettings> {
  readonly signal?: AbortSignal | undefined;
  /** The folder to keep the ranges in that were read; undefined to keep none. */
  readonly folder: string | undefined;
}

/** The index of the Imaging Data Commons: a Parquet file of which each range is read once. */
export interface IdcIndexFile {
  readonly byteLength: number;
  /** The bytes from one offset to another. The caller may keep them or give them away. */
  slice(from: number, to: number): Promise<ArrayBuffer>;
  /** For messages: without credentials and query. */
  readonly location: string;
  readonly requests: () => number;
  close(): Promise<void>;
}

/** Longer ranges are read in parts, at the same time. */
const maxPartLength = 4 * 1024 * 1024;
/** The columns that we read of the published index have about 40 MB. */
const maxRangeLength = 128 * 1024 * 1024;

/**
 * Opens a Parquet file at a URL or a local path. It costs one request, which tells the file's size and version.
 *
 * @throws the store's errors
 */
export async function openIdcIndexFile(location: string, options: IdcIndexFileOptions): Promise<IdcIndexFile> {
  const { signal } = options;
  const { store, key } = await openHolder(location, options);
  try {
    const start = await store.read(key, { offset: 0, length: 4 }, { signal });
    const { etag, objectByteLength } = start;
    const printable = `${store.location.replace(/\/$/, '')}/${key}`;
    if (objectByteLength === undefined || String.fromCharCode(...start.bytes) !== 'PAR1') {
      throw new StorageError(
        `Expected a Parquet file at ${printable}, but its first bytes are not those of one. Name another with --idc-index.`,
        { location: printable },
      );
    }
    const kept =
      etag === undefined ? undefined : await rangesOf(options.folder, location, `${etag} ${objectByteLength}`);
    return {
      location: printable,
      byteLength: objectByteLength,
      requests: () => store.statistics.requests,
      close: () => store.close(),
      slice: async (from, to) => {
        const range = { offset: from, length: to - from };
        const known = kept?.read(range);
        if (known !== undefined) return known;
        const bytes = await readInParts(store, key, range, { signal, etag });
        await kept?.write(range, bytes);
        return bytes.buffer;
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The store of the file's folder. It does not get the HTTP headers of the options, which are meant for the root. */
async function openHolder(
  location: string,
  options: Partial<StorageSettings>,
): Promise<{ readonly store: Store; readonly key: string }> {
  const { headers: _, ...rest } = options;
  if (!/^https?:\/\//i.test(location)) {
    const slash = Math.max(location.lastIndexOf('/'), process.platform === 'win32' ? location.lastIndexOf('\\') : -1);
    const folder = slash < 0 ? '.' : location.slice(0, slash + 1);
    return { store: await openStore(folder, rest), key: location.slice(slash + 1) };
  }
  const root = parseHttpRoot(location);
  const { file } = root;
  if (file === undefined) {
    throw new StorageError(`Expected a Parquet file but ${root.location} names a folder.`, { location: root.location });
  }
  const folder = { ...root, folder: file.folder, location: root.location.replace(/\/[^/]*$/, ''), file: undefined };
  const store = createHttpStore({ root: folder, transport: createTransport(rest), onWarning: () => {} });
  return { store, key: file.name };
}

async function readInParts(
  store: Store,
  key: string,
  range: { readonly offset: number; readonly length: number },
  options: { readonly signal: AbortSignal | undefined; readonly etag: string | undefined },
): Promise<Uint8Array<ArrayBuffer>> {
  if (range.length < 0 || range.length > maxRangeLength) {
    throw new StorageError(`Expected ranges of at most ${maxRangeLength} bytes but one has ${range.length}.`, {
      location: store.location,
    });
  }
  const whole = new Uint8Array(range.length);
  const count = Math.ceil(range.length / maxPartLength);
  await Promise.all(
    Array.from({ length: count }, async (_, part) => {
      const from = part * maxPartLength;
      const length = Math.min(maxPartLength, range.length - from);
      const { bytes } = await store.read(key, { offset: range.offset + from, length }, options);
      if (bytes.length !== length) {
        throw new StorageError(`Expected ${length} bytes of ${key} but received ${bytes.length}.`, {
          location: store.location,
        });
      }
      whole.set(bytes, from);
    }),
  );
  return whole;
}

interface KeptRanges {
  read(range: { readonly offset: number; readonly length: number }): ArrayBuffer | undefined;
  write(range: { readonly offset: number; readonly length: number }, bytes: Uint8Array): Promise<void>;
}

/** Ranges of one version of a file, kept on disk, each behind its digest. Removes the ranges of other versions. */
async function rangesOf(
  folder: string | undefined,
  location: string,
  version: string,
): Promise<KeptRanges | undefined> {
  if (folder === undefined) return undefined;
  const file = hashedName(location);
  const name = `${file}.${hashedName(version)}`;
  const old = (await readdir(folder).catch(() => [])).filter((each) => each.startsWith(`${file}.`) && each !== name);
  await Promise.all(old.map((each) => rm(join(folder, each), { recursive: true, force: true }).catch(() => undefined)));
  const pathOf = ({ offset, length }: { readonly offset: number; readonly length: number }): string =>
    join(folder, name, `${offset}-${length}`);
  return {
    read: (range) => {
      const bytes = readOrNothing(pathOf(range), range.length + digestLength);
      if (bytes?.length !== range.length + digestLength) return undefined;
      const digest = digestOf(bytes.subarray(digestLength));
      if (digest.compare(bytes.subarray(0, digestLength)) !== 0) return undefined;
      return bytes.buffer.slice(digestLength);
    },
    write: async (range, bytes) => {
      await writeCacheFile(pathOf(range), Buffer.concat([digestOf(bytes), bytes])).catch(() => undefined);
    },
  };
}

function readOrNothing(path: string, maxByteLength: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    return readCacheFile(path, maxByteLength);
  } catch {
    return undefined;
  }
}
