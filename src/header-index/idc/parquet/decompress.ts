import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress as decompressZstandard } from 'fzstd';
import { snappyUncompress } from 'hyparquet';

/**
 * The bytes of a page.
 *
 * @param length what the page's header says, checked
 * @throws TypeError for an unknown compression, RangeError for another length, and the decompressors' errors
 */
export function decompress(bytes: Uint8Array, length: number, codec: string): Uint8Array {
  const page = codec === 'UNCOMPRESSED' ? bytes : inflate(bytes, length, codec);
  if (page.length === length) return page;
  throw new RangeError(`expected a page of ${length} bytes but it has ${page.length}`);
}

function inflate(bytes: Uint8Array, length: number, codec: string): Uint8Array {
  if (length === 0) return new Uint8Array(0);
  switch (codec) {
    case 'SNAPPY': {
      const page = new Uint8Array(length);
      snappyUncompress(bytes, page);
      return page;
    }
    // The published index is compressed with it.
    case 'ZSTD':
      return decompressZstandard(bytes, new Uint8Array(length));
    case 'GZIP':
      return gunzipSync(bytes, { maxOutputLength: length });
    case 'BROTLI':
      return brotliDecompressSync(bytes, { maxOutputLength: length });
    default:
      throw new TypeError(`expected pages compressed with Snappy, Zstandard, gzip or Brotli, but not ${codec}`);
  }
}
