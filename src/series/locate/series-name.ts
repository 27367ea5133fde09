import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../base/errors.ts';
import { decodeName, printableKey } from '../../base/keys.ts';

/** What kind of name a caller gave for a series. */
export type SeriesName =
  /** A UUID: the name of the series' folder in the buckets of the Imaging Data Commons. */
  | { readonly kind: 'uuid'; readonly uuid: string }
  /** The beginning of a folder's name, then `*`. */
  | { readonly kind: 'prefix'; readonly startsWith: string }
  /** A DICOM UID: the name of a folder, or the Series Instance UID in the files. */
  | { readonly kind: 'uid'; readonly uid: string }
  /** Any other folder name below the root. */
  | { readonly kind: 'folder'; readonly folder: string }
  /** A URL or a local path, which overrides the root. */
  | { readonly kind: 'location'; readonly location: string };

const hexDigits = /^[0-9a-f]{32}$/i;
const hyphenated = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const dicomUid = /^[0-9]+(\.[0-9]+)+$/;
const scheme = /^[a-z][a-z0-9+.-]*:\/\//i;
const windowsPath = /^[a-z]:[\\/]/i;

/**
 * Tells what kind of name a series has. Whether a plain name is an existing local file or folder is for the caller to
 * look up.
 *
 * @throws UsageError for an empty or impossible name, and for `..`, which would lead out of the root
 */
export function parseSeriesName(text: string): SeriesName {
  if (text.trim() === '') throw new UsageError('Expected a series (a UID, a folder or a URL) but received nothing.');
  if (hasControlCharacter(text)) {
    throw new UsageError('Expected a series (a UID, a folder or a URL) but the name has a control character in it.');
  }
  if (scheme.test(text) || looksLikePath(text)) return { kind: 'location', location: text };
  if (text.split(/[\\/]/).includes('..')) {
    throw new UsageError(
      `Expected a series below the root but received '${text}', which leads out of it. Give a URL or a path that starts with ./ or ../ to name a place of its own.`,
    );
  }
  if (hexDigits.test(text)) return { kind: 'uuid', uuid: withHyphens(text.toLowerCase()) };
  if (hyphenated.test(text)) return { kind: 'uuid', uuid: text.toLowerCase() };
  if (text.includes('*')) return parsePrefix(text);
  if (dicomUid.test(text)) {
    if (text.length > 64) {
      throw new UsageError(`Expected a DICOM UID of at most 64 characters but received one of ${text.length}.`);
    }
    return { kind: 'uid', uid: text };
  }
  return { kind: 'folder', folder: text.replace(/\/+$/, '') };
}

/**
 * The same for names from strangers: only what lies below the root. Names that some system on the way to an object might
 * take for a way out (`..` percent-encoded, a backslash, a drive, a home folder) are refused everywhere.
 *
 * @throws UsageError
 */
export function parseConfinedName(text: string): Exclude<SeriesName, { readonly kind: 'location' }> {
  const decoded = decodeName(decodeName(text));
  const hasTrick = /[\\\p{Cc}]|^[/~]|^[a-z][a-z0-9+.-]*:|^\/|(^|\/)\.{1,2}(\/|$)/iu;
  if (hasTrick.test(text) || hasTrick.test(decoded)) throw outside(text);
  const name = parseSeriesName(text);
  if (name.kind === 'location') throw outside(text);
  return name;
}

function outside(text: string): UsageError {
  return new UsageError(
    `Expected the name of a series below the root (a UID, a UUID, its beginning and *, or a folder) but received '${printableKey(text)}'. This previewer reads nothing else: URLs, paths that begin with /, ./, ../ or a drive, and names with .. or a backslash are refused.`,
  );
}

/** Whether a name can only be a local path: `./x`, `../x`, `/x`, `~/x`, `C:\x`. */
function looksLikePath(text: string): boolean {
  return /^(\.{1,2}([\\/]|$)|[\\/]|~[\\/])/.test(text) || windowsPath.test(text);
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function withHyphens(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function parsePrefix(text: string): SeriesName {
  const startsWith = text.slice(0, -1);
  if (!text.endsWith('*') || startsWith.includes('*') || startsWith.includes('/')) {
    throw new UsageError(
      `Expected a name's beginning and one * at its end, such as 38902e14*, but received '${text}'.`,
    );
  }
  // Digits without hyphens mean the hyphenated name, as for a whole UUID.
  const hex = startsWith.toLowerCase();
  const isHex = /^[0-9a-f]{9,31}$/.test(hex);
  return { kind: 'prefix', startsWith: isHex ? hyphenatedPrefix(hex) : startsWith };
}

function hyphenatedPrefix(hex: string): string {
  const cuts = [8, 12, 16, 20];
  return [...hex].map((digit, index) => (cuts.includes(index) ? `-${digit}` : digit)).join('');
}

/** Whether a key is that of a DICOMDIR, which lists instances and is not an instance. */
export function isDicomdir(key: string): boolean {
  return /(^|\/)DICOMDIR(\.|\.?;1)?$/i.test(key);
}

/** The folder of a DICOMDIR, where a local path or file URL names that file; undefined for all else. */
export function folderOfDicomdir(location: string): string | undefined {
  if (!/DICOMDIR$/i.test(location) || /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i.test(location)) return undefined;
  try {
    const path = /^file:\/\//i.test(location) ? fileURLToPath(location) : location;
    return isDicomdir(basename(path)) && statSync(path).isFile() ? dirname(path) : undefined;
  } catch {
    // Opening the location will tell what is wrong with it.
    return undefined;
  }
}
