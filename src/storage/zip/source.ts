import { StorageError } from '../../base/errors.ts';
import type { Store } from '../../types/storage.ts';

/** The bytes of an archive, wherever it is. */
export interface ZipSource {
  readonly byteLength: number;
  /** Reads exactly these bytes. Throws a StorageError when the archive ends before. */
  read(offset: number, length: number, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>>;
  /** The same without a promise, where the archive is on a local disk. */
  readonly readSync: ((offset: number, length: number) => Uint8Array<ArrayBuffer>) | undefined;
}

/** Longer than the longest comment, so that the first read brings the end of the archive and most directories. */
const firstTailLength = 128 * 1024;
/** Where the server sends only whole objects, an archive up to this size is kept in memory. */
const maxKeptByteLength = 1024 * 1024 * 1024;

/** An opened archive: its bytes, and its end, which holds the directory. */
export interface OpenedZip {
  readonly source: ZipSource;
  readonly tail: Uint8Array<ArrayBuffer>;
}

/**
 * Opens the archive `key` of a store with two reads: a small one that tells its size, and one of its end. From a server
 * that ignores ranges, the archive is read once as a whole and kept.
 */
export async function openZipSource(
  store: Store,
  key: string,
  location: string,
  signal: AbortSignal | undefined,
): Promise<OpenedZip> {
  const head = await store.read(key, { offset: 0, length: 4 }, { signal });
  const { objectByteLength: byteLength, etag } = head;
  if (byteLength === undefined) {
    throw new StorageError(
      `${location}: the server does not say how large the archive is, so its end cannot be found.`,
      {
        location,
      },
    );
  }
  const read = async (offset: number, length: number, aborted: AbortSignal | undefined) => {
    const { bytes } = await store.read(key, { offset, length }, { signal: aborted, etag });
    return whole(bytes, length, location);
  };
  const length = Math.min(byteLength, firstTailLength);
  const before = store.statistics.receivedBytes;
  const tail = await read(byteLength - length, length, signal);
  const received = store.statistics.receivedBytes - before;
  if (received > byteLength / 2 && received > 2 * length) {
    const source = await keepWhole(read, byteLength, location, signal);
    return { source, tail };
  }
  const { readSync } = store;
  return {
    tail,
    source: {
      byteLength,
      read,
      readSync:
        readSync === undefined
          ? undefined
          : (offset, wanted) => {
              const target = new Uint8Array(wanted);
              const done = readSync(key, offset, target);
              return whole(target.subarray(0, done.length), wanted, location);
            },
    },
  };
}

function whole(bytes: Uint8Array<ArrayBuffer>, length: number, location: string): Uint8Array<ArrayBuffer> {
  if (bytes.length === length) return bytes;
  throw new StorageError(`${location} ends too early: it is cut off, or was replaced while it was read.`, { location });
}

async function keepWhole(
  read: ZipSource['read'],
  byteLength: number,
  location: string,
  signal: AbortSignal | undefined,
): Promise<ZipSource> {
  if (byteLength > maxKeptByteLength) {
    throw new StorageError(
      `${location} lies on a server that sends no parts of files, and is too large (${byteLength} bytes) to be read whole. ` +
        'Copy it to a local disk.',
      { location },
    );
  }
  const bytes = await read(0, byteLength, signal);
  const readSync = (offset: number, length: number): Uint8Array<ArrayBuffer> =>
    whole(bytes.slice(offset, offset + length), length, location);
  return { byteLength, readSync, read: async (offset, length) => readSync(offset, length) };
}

const endSignature = 0x06054b50;
const endLength = 22;
const end64LocatorSignature = 0x07064b50;
const end64LocatorLength = 20;
const end64Signature = 0x06064b50;
const end64Length = 56;

/**
 * The archive without what stands before it. Offsets in an archive count from its beginning, but a program that unpacks it
 * (or anything else) may have been put before it since: then the directory lies later than the archive says (APPNOTE 4.3.16).
 */
export function withoutPrefix(zip: OpenedZip): OpenedZip {
  const { source, tail } = zip;
  const shift = prefixLength(tail, source.byteLength);
  if (shift === 0) return zip;
  const { readSync } = source;
  const byteLength = source.byteLength - shift;
  return {
    tail: tail.length > byteLength ? tail.slice(tail.length - byteLength) : tail,
    source: {
      byteLength,
      read: (offset, length, signal) => source.read(offset + shift, length, signal),
      readSync: readSync === undefined ? undefined : (offset, length) => readSync(offset + shift, length),
    },
  };
}

/** How many bytes stand before an archive, by its end; 0 where that tells nothing. */
function prefixLength(tail: Uint8Array, byteLength: number): number {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  let end = tail.length - endLength;
  while (end >= 0 && view.getUint32(end, true) !== endSignature) end -= 1;
  if (end < 0) return 0;
  const tailOffset = byteLength - tail.length;
  const locator = end - end64LocatorLength;
  const isZip64 = locator >= end64Length && view.getUint32(locator, true) === end64LocatorSignature;
  const record = locator - end64Length;
  if (isZip64) {
    if (view.getUint32(record, true) !== end64Signature) return 0;
    return plausible(tailOffset + record - Number(view.getBigUint64(locator + 8, true)), byteLength);
  }
  const [size, offset] = [view.getUint32(end + 12, true), view.getUint32(end + 16, true)];
  return plausible(tailOffset + end - size - offset, byteLength);
}

function plausible(shift: number, byteLength: number): number {
  return Number.isSafeInteger(shift) && shift > 0 && shift < byteLength ? shift : 0;
}
