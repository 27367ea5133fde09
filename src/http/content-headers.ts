import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { StorageError } from '../base/errors.ts';
import type { HttpHeaders } from './types.ts';

/** Content-Length (RFC 9110 section 8.6); undefined where it is missing or no plain number. */
export function contentLengthOf(headers: HttpHeaders): number | undefined {
  const text = headers['content-length'];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Whether the end of a body can be told from a broken connection: by its length, or by its last chunk. */
export function isFramed(headers: HttpHeaders): boolean {
  return contentLengthOf(headers) !== undefined || /\bchunked\b/i.test(headers['transfer-encoding'] ?? '');
}

/** A Content-Range header (RFC 9110 section 14.4). */
export interface ContentRange {
  /** undefined in the form without a range: `bytes *\/123`. */
  readonly offset: number | undefined;
  readonly length: number;
  /** undefined where the server writes `*`. */
  readonly total: number | undefined;
}

/**
 * Parses the Content-Range headers `bytes 0-99/1000`, `bytes 0-99/*` and `bytes *\/1000`. undefined for anything else,
 * and for numbers that contradict each other.
 */
export function contentRangeOf(headers: HttpHeaders): ContentRange | undefined {
  const match = /^\s*bytes\s+(?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)\s*$/i.exec(headers['content-range'] ?? '');
  if (match === null) return undefined;
  const [, first, last, size] = match;
  const total = size === '*' ? undefined : Number(size);
  if (first === undefined || last === undefined) {
    return total === undefined ? undefined : { offset: undefined, length: 0, total };
  }
  const offset = Number(first);
  const length = Number(last) - offset + 1;
  if (length < 1 || (total !== undefined && offset + length > total)) return undefined;
  return { offset, length, total };
}

/** A media type (RFC 9110 section 8.3.1), as Content-Type headers carry it. */
export interface MediaType {
  /** Type and subtype in lower case, such as `multipart/related`. */
  readonly name: string;
  /** By name in lower case; values as they are given, without their quotes. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A parameter: a name, then a quoted string or anything up to the next semicolon. */
const parameter = /\s*;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))/y;

/**
 * Takes a Content-Type apart. Never throws: parts that make no sense are left out, and without a header all is empty.
 */
export function parseMediaType(header: string | undefined): MediaType {
  const text = header ?? '';
  const [name = ''] = text.split(/[;,]/, 1);
  const parameters = new Map<string, string>();
  parameter.lastIndex = name.length;
  for (let match = parameter.exec(text); match !== null; match = parameter.exec(text)) {
    const [, key = '', quoted, plain = ''] = match;
    const value = quoted === undefined ? plain.trim() : quoted.replace(/\\(.)/g, '$1');
    if (!parameters.has(key.toLowerCase())) parameters.set(key.toLowerCase(), value);
  }
  return { name: name.trim().toLowerCase(), parameters };
}

/**
 * The encodings of a body (Content-Encoding, RFC 9110 section 8.4) in the order in which they were applied; none for
 * plain bytes.
 */
export function encodingsOf(headers: HttpHeaders): readonly string[] {
  return (headers['content-encoding'] ?? '')
    .split(',')
    .map((encoding) => encoding.trim().toLowerCase())
    .filter((encoding) => encoding !== '' && encoding !== 'identity');
}

/**
 * Decodes a body that came encoded (gzip, x-gzip, deflate, br, or several of them) although plain bytes were asked for.
 * Throws a StorageError for an unknown or damaged encoding, and when more than `maxByteLength` bytes come out.
 */
export function decodeBody(
  bytes: Uint8Array<ArrayBuffer>,
  headers: HttpHeaders,
  maxByteLength: number,
  location: string,
): Uint8Array<ArrayBuffer> {
  const options = { maxOutputLength: maxByteLength };
  return encodingsOf(headers).reduceRight((encoded, encoding) => {
    // How an object was uploaded, which some stores keep: its bytes are plain.
    if (encoding === 'aws-chunked') return encoded;
    try {
      if (encoding === 'gzip' || encoding === 'x-gzip') return new Uint8Array(gunzipSync(encoded, options));
      if (encoding === 'deflate') return new Uint8Array(inflateEither(encoded, options));
      if (encoding === 'br') return new Uint8Array(brotliDecompressSync(encoded, options));
    } catch (cause) {
      throw new StorageError(
        `${location}: its ${encoding} encoding is damaged, or holds more than ${maxByteLength} bytes.`,
        { location, cause },
      );
    }
    throw new StorageError(`${location} came with Content-Encoding ${encoding}; expected none, gzip, deflate or br.`, {
      location,
    });
  }, bytes);
}

/** 'deflate' means a zlib stream (RFC 9110 section 8.4.1.2), but some servers send the bare one. */
function inflateEither(encoded: Uint8Array, options: { readonly maxOutputLength: number }): Buffer {
  try {
    return inflateSync(encoded, options);
  } catch {
    return inflateRawSync(encoded, options);
  }
}
