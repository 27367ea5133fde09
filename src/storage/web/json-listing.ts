import { compareKeys, isUsableName } from '../../base/keys.ts';

/** One entry of the listing of a folder. */
export interface IndexEntry {
  /** Decoded, without slashes. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly byteLength: number | undefined;
  readonly etag: string | undefined;
  /** The time of its last change, as the server writes it. */
  readonly modified?: string | undefined;
}

/** Each name once, sorted. Where a file and a folder have the same name, the folder is kept. */
export function unique(entries: readonly IndexEntry[]): readonly IndexEntry[] {
  const byName = new Map<string, IndexEntry>();
  for (const entry of entries) {
    const known = byName.get(entry.name);
    if (known === undefined || (entry.isFolder && !known.isFolder)) byName.set(entry.name, entry);
  }
  return [...byName.values()].sort((first, second) => compareKeys(first.name, second.name));
}

/**
 * Parses a JSON index of nginx (`autoindex_format json`: name, type, size, mtime) or of Caddy (name, size, is_dir,
 * mod_time), in which names are not percent-encoded. undefined for other JSON.
 */
export function parseJsonIndex(json: string): readonly IndexEntry[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return undefined;
  }
  // Caddy writes null for an empty folder.
  if (parsed === null) return [];
  if (!Array.isArray(parsed)) return undefined;
  const entries: IndexEntry[] = [];
  for (const item of parsed as readonly unknown[]) {
    if (typeof item !== 'object' || item === null || !('name' in item) || typeof item.name !== 'string')
      return undefined;
    const isFolder = ('type' in item && item.type === 'directory') || ('is_dir' in item && item.is_dir === true);
    if (!isFolder && !('type' in item) && !('is_dir' in item)) return undefined;
    const name = item.name.replace(/\/$/, '');
    const size = 'size' in item && typeof item.size === 'number' && item.size >= 0 ? item.size : undefined;
    const time = 'mtime' in item ? item.mtime : 'mod_time' in item ? item.mod_time : undefined;
    const modified = typeof time === 'string' && !isFolder ? time : undefined;
    if (isUsableName(name)) {
      entries.push({ name, isFolder, byteLength: isFolder ? undefined : size, etag: undefined, modified });
    }
  }
  return unique(entries);
}
