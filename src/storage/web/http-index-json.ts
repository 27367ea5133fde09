import { compareKeys, isUsableName } from '../../base/keys.ts';

/** One entry of a folder's listing. */
export interface IndexEntry {
  /** Decoded, without slashes. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly byteLength: number | undefined;
  readonly etag: string | undefined;
  /** When it was last changed, as the server writes it. */
  readonly modified?: string | undefined;
}

/** Each name once (a folder wins over a file of its name), sorted. */
export function unique(entries: readonly IndexEntry[]): readonly IndexEntry[] {
  const byName = new Map<string, IndexEntry>();
  for (const entry of entries) {
    const known = byName.get(entry.name);
    if (known === undefined || (entry.isFolder && !known.isFolder)) byName.set(entry.name, entry);
  }
  return [...byName.values()].sort((first, second) => compareKeys(first.name, second.name));
}

/**
 * A JSON index: nginx (`autoindex_format json`: name, type, size, mtime) or Caddy (name, size, is_dir, mod_time). Names are plain, not
 * percent-encoded. undefined when it is neither.
 */
export function parseJsonIndex(json: string): readonly IndexEntry[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return undefined;
  }
  // Caddy writes null for a folder without entries.
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
