import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {import('./far-store.d.ts').Reply} Reply */

/**
 * The first and last byte a Range header asks for: undefined for none or one that is not understood (RFC 9110, 14.2:
 * ignored), null where it cannot be satisfied.
 *
 * @param {string | undefined} header
 * @param {number} size
 * @returns {readonly [number, number] | null | undefined}
 */
export function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') return last === '0' || size === 0 ? null : [Math.max(0, size - Number(last)), size - 1];
  if (Number(first) >= size) return null;
  return [Number(first), last === '' ? size - 1 : Math.min(size - 1, Number(last))];
}

/**
 * An object or the range of it that is asked for.
 *
 * @param {string} root
 * @param {string} key
 * @param {string | undefined} range
 * @returns {Reply}
 */
export function openObject(root, key, range) {
  const file = openSync(join(root, key), 'r');
  const status = fstatSync(file);
  if (!status.isFile()) {
    closeSync(file);
    return { status: 404, headers: {}, byteLength: 0 };
  }
  const bounds = parseRange(range, status.size);
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Accept-Ranges': 'bytes',
    ETag: `"${Math.floor(status.mtimeMs).toString(16)}-${status.size.toString(16)}"`,
    'Last-Modified': status.mtime.toUTCString(),
  };
  if (bounds === null) {
    closeSync(file);
    return { status: 416, headers: { 'Content-Range': `bytes */${status.size}` }, byteLength: 0 };
  }
  const [first, last] = bounds ?? [0, status.size - 1];
  let open = true;
  return {
    status: bounds === undefined ? 200 : 206,
    headers: bounds === undefined ? headers : { ...headers, 'Content-Range': `bytes ${first}-${last}/${status.size}` },
    byteLength: last - first + 1,
    read(offset, count) {
      const bytes = Buffer.allocUnsafe(count);
      const done = readSync(file, bytes, 0, count, first + offset);
      if (done !== count)
        throw new Error(`Expected ${count} bytes of ${key}, received ${done}: it changed while read.`);
      return bytes;
    },
    close() {
      if (open) closeSync(file);
      open = false;
    },
  };
}
