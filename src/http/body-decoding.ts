import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { StorageError } from '../base/errors.ts';

/**
 * Undoes a Content-Encoding (gzip, x-gzip, deflate, br; several in a row too) that came although identity was asked
 * for. Throws a StorageError for an unknown or damaged encoding, and when more than `maximumByteLength` comes out.
 */
export function decodeBody(
  bytes: Uint8Array<ArrayBuffer>,
  contentEncoding: string | undefined,
  maximumByteLength: number,
  location: string,
): Uint8Array<ArrayBuffer> {
  const encodings = (contentEncoding ?? '')
    .split(',')
    .map((encoding) => encoding.trim().toLowerCase())
    .filter((encoding) => encoding !== '' && encoding !== 'identity');
  const options = { maxOutputLength: maximumByteLength };
  return encodings.reduceRight((encoded, encoding) => {
    try {
      if (encoding === 'gzip' || encoding === 'x-gzip') return new Uint8Array(gunzipSync(encoded, options));
      if (encoding === 'deflate') return new Uint8Array(inflateSync(encoded, options));
      if (encoding === 'br') return new Uint8Array(brotliDecompressSync(encoded, options));
    } catch (cause) {
      throw new StorageError(
        `${location}: its ${encoding} encoding is damaged, or holds more than ${maximumByteLength} bytes.`,
        { location, cause },
      );
    }
    throw new StorageError(`${location} came with Content-Encoding ${encoding}; expected none, gzip, deflate or br.`, {
      location,
    });
  }, bytes);
}
