/**
 * Keys of objects: names separated by `/`, relative to the root of a store. A key comes from a listing, so from a
 * server. It must never lead out of the root.
 *
 * Some names are not UTF-8 (they may be Latin-1, say). Each byte that is not UTF-8 is kept as a lone surrogate
 * U+DC80..U+DCFF, as in Python (PEP 383), so that such objects can be asked for by their names.
 */

import { printable } from './printable.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const rawByteBase = 0xdc00;

/** Whether a name or a key holds bytes that are not UTF-8. */
export function holdsRawBytes(text: string): boolean {
  return /[\udc80-\udcff]/u.test(text);
}

/** Decodes bytes as UTF-8, and other bytes as lone surrogates. */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    // Some bytes are not UTF-8: decode sequence by sequence.
  }
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] ?? 0;
    const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    let step = length;
    try {
      if (at + length > bytes.length) throw new RangeError('cut');
      text += strictUtf8.decode(bytes.subarray(at, at + length));
    } catch {
      text += String.fromCharCode(rawByteBase + lead);
      step = 1;
    }
    at += step;
  }
  return text;
}

/** The bytes of a name: UTF-8, and the bytes that {@link textOfBytes} kept as surrogates. */
export function bytesOfText(text: string): Buffer {
  if (!holdsRawBytes(text)) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - rawByteBase) : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** Percent-encodes one name for the path of a URL: all but the unreserved characters of RFC 3986. */
export function encodeName(name: string): string {
  if (/^[\w.~-]*$/.test(name)) return name;
  let encoded = '';
  for (const byte of bytesOfText(name)) {
    const character = String.fromCharCode(byte);
    encoded += /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Undoes the percent-encoding of one name. A `%` without two hexadecimal digits after it stays as it is. */
export function decodeName(encoded: string): string {
  if (!encoded.includes('%')) return encoded;
  const bytes: number[] = [];
  for (const part of encoded.match(/%[0-9a-f]{2}|[^%]+|%/gi) ?? []) {
    if (/^%[0-9a-f]{2}$/i.test(part)) bytes.push(Number.parseInt(part.slice(1), 16));
    else bytes.push(...Buffer.from(part, 'utf8'));
  }
  return textOfBytes(Uint8Array.from(bytes));
}

/** A key as the path of a URL, without a slash at its beginning. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeName).join('/');
}

/** A URL's query with its question mark, percent-encoded and sorted; '' for an empty one. */
export function encodeQuery(query: Readonly<Record<string, string>>): string {
  const parts = Object.entries(query).map(([name, value]) => `${encodeName(name)}=${encodeName(value)}`);
  return parts.length === 0 ? '' : `?${parts.sort().join('&')}`;
}

/**
 * Why a key must not be used: it is empty or absolute, it has an empty name, `.` or `..` among its names, or it holds a
 * NUL. undefined when the key is fine. An empty prefix is fine, so it must not be asked about here.
 */
export function objectionToKey(key: string): string | undefined {
  const hasEmptyName = key.startsWith('/') || key.endsWith('/') || key.includes('//');
  return key !== '' && hasEmptyName ? 'it has an empty name between slashes' : objectionToBucketKey(key);
}

/**
 * The same for a bucket, whose keys are text: a slash parts nothing there, so that `a//b` and `/a` are keys like any other.
 * URLs lose `.` and `..` on their way, so these stay refused.
 */
export function objectionToBucketKey(key: string): string | undefined {
  if (key === '') return 'it is empty';
  if (key.includes('\0')) return 'it holds a NUL';
  for (const name of key.split('/')) {
    if (name === '.' || name === '..') return `it has '${name}' among its names`;
  }
  return undefined;
}

/** Whether a name from a listing can be part of a key. */
export function isUsableName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0');
}

/** A key for a message: at most 200 characters, with control characters and lone surrogates made visible. */
export function printableKey(key: string): string {
  if (key.length <= 200 && /^[\x20-\x7e]*$/.test(key)) return key;
  const visible = printable(key.replace(/\p{Surrogate}/gu, '\ufffd'));
  return visible.length > 200 ? `${visible.slice(0, 200)}...` : visible;
}

/** Joins the key of a folder ('' for the root) and a name or a key below it. */
export function joinKey(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The order of listings: by UTF-16 code units, the same for every backend and locale. */
export function compareKeys(first: string, second: string): number {
  return first < second ? -1 : first > second ? 1 : 0;
}
