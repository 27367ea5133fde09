/**
 * Keys of objects: `/`-separated names relative to the root of a store. A key comes from a listing, that is, from a
 * server; it must never lead out of the root.
 *
 * Bytes that are no UTF-8 (names written in Latin-1, say) are kept as lone surrogates U+DC80..U+DCFF, one a byte, as
 * Python does (PEP 383), so that every name that exists can be named again.
 */

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const FIRST_RAW_BYTE = 0xdc00;

/** Whether a name or key holds bytes that are no UTF-8. */
export function holdsRawBytes(text: string): boolean {
  return /[\udc80-\udcff]/u.test(text);
}

/** Decodes bytes as UTF-8, what is none of it as lone surrogates. */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    // Some of it is no UTF-8: sequence by sequence.
  }
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] ?? 0;
    const length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    let step = length;
    try {
      if (at + length > bytes.length) throw new RangeError('cut');
      text += STRICT_UTF8.decode(bytes.subarray(at, at + length));
    } catch {
      text += String.fromCharCode(FIRST_RAW_BYTE + lead);
      step = 1;
    }
    at += step;
  }
  return text;
}

/** The bytes of a name: UTF-8, and the raw bytes that {@link textOfBytes} kept. */
export function bytesOfText(text: string): Buffer {
  if (!holdsRawBytes(text)) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Buffer.of(code - FIRST_RAW_BYTE) : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** Percent-encodes one name for a URL's path (RFC 3986: everything but unreserved characters). */
export function encodeName(name: string): string {
  if (/^[\w.~-]*$/.test(name)) return name;
  let encoded = '';
  for (const byte of bytesOfText(name)) {
    const character = String.fromCharCode(byte);
    encoded += /[\w.~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Undoes percent-encoding of one name; a `%` that begins no escape stands for itself. */
export function decodeName(encoded: string): string {
  if (!encoded.includes('%')) return encoded;
  const bytes: number[] = [];
  for (const part of encoded.match(/%[0-9a-f]{2}|[^%]+|%/gi) ?? []) {
    if (/^%[0-9a-f]{2}$/i.test(part)) bytes.push(Number.parseInt(part.slice(1), 16));
    else bytes.push(...Buffer.from(part, 'utf8'));
  }
  return textOfBytes(Uint8Array.from(bytes));
}

/** A key as the path of a URL, without a leading slash. */
export function encodeKey(key: string): string {
  return key.split('/').map(encodeName).join('/');
}

/** A URL's query with its question mark, percent-encoded like names and in the order of its texts; '' for an empty one. */
export function encodeQuery(query: Readonly<Record<string, string>>): string {
  const parts = Object.entries(query).map(([name, value]) => `${encodeName(name)}=${encodeName(value)}`);
  return parts.length === 0 ? '' : `?${parts.sort().join('&')}`;
}

/**
 * Why a key must not be used, or undefined when it is fine: absolute, with an empty name, `.` or `..` among its names,
 * or a NUL. `''` is fine as a prefix only, so it is refused here.
 */
export function objectionToKey(key: string): string | undefined {
  if (key === '') return 'it is empty';
  if (key.includes('\0')) return 'it holds a NUL';
  for (const name of key.split('/')) {
    if (name === '') return 'it has an empty name between slashes';
    if (name === '.' || name === '..') return `it has '${name}' among its names`;
  }
  return undefined;
}

/** Whether one name of a listing can be part of a key. */
export function isUsableName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0');
}

/** A key for a message: control and lone surrogate characters made visible, at most 200 characters. */
export function printableKey(key: string): string {
  if (key.length <= 200 && /^[\x20-\x7e]*$/.test(key)) return key;
  const visible = key
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return visible.length > 200 ? `${visible.slice(0, 200)}...` : visible;
}

/** Joins a folder's key and a name, or another key, below it. */
export function joinKey(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** The order of listings, the same for every backend and locale: by UTF-16 code units. */
export function compareKeys(first: string, second: string): number {
  return first < second ? -1 : first > second ? 1 : 0;
}
