import { StorageError } from '../../base/errors.ts';
import { objectionToKey } from '../../base/keys.ts';
import type { StoredObject } from '../../types/storage.ts';

/** One page of a listing that comes in pages. */
export interface Page {
  /** Keys complete from the top of the bucket (or container). */
  readonly objects: readonly StoredObject[];
  /** Folders, each with its trailing slash, complete as well. */
  readonly prefixes: readonly string[];
  /** What to add to the query for the next page; undefined on the last one. */
  readonly next: Readonly<Record<string, string>> | undefined;
}

export interface ListPagesOptions {
  /** Only what begins with this is taken: a store must not slip in anything else. */
  readonly prefix: string;
  /** Cut off the keys of objects (with the slash after it); '' for none. */
  readonly rootPrefix: string;
  readonly location: string;
  readonly onWarning: (message: string) => void;
}

/** More objects are no series, nor a folder of them; the bound keeps the memory bounded. */
const MOST_ENTRIES = 1_000_000;

/**
 * Gathers all pages of a listing. Marks of folders (keys that end with a slash) are passed over; keys with empty names,
 * `.` or `..` are left out with a warning. Throws a StorageError for a listing that goes round in circles or holds more
 * than a million entries.
 */
export async function listPages(
  fetchPage: (next: Readonly<Record<string, string>>) => Promise<Page>,
  { prefix, rootPrefix, location, onWarning }: ListPagesOptions,
): Promise<{ readonly objects: StoredObject[]; readonly prefixes: string[] }> {
  const objects: StoredObject[] = [];
  const prefixes: string[] = [];
  const seen = new Set<string>();
  const cut = rootPrefix === '' ? 0 : rootPrefix.length + 1;
  let refused = 0;
  let next: Readonly<Record<string, string>> | undefined = {};
  while (next !== undefined) {
    const mark = JSON.stringify(next);
    if (seen.has(mark)) {
      throw new StorageError(`The listing of ${location} goes round in circles: the store repeats a page.`, {
        location,
      });
    }
    seen.add(mark);
    const page: Page = await fetchPage(next);
    for (const object of page.objects) {
      if (object.key.endsWith('/') || !object.key.startsWith(prefix)) continue;
      const key = object.key.slice(cut);
      if (objectionToKey(key) === undefined) objects.push({ ...object, key });
      else refused += 1;
    }
    for (const each of page.prefixes) if (each.startsWith(prefix)) prefixes.push(each);
    if (objects.length + prefixes.length > MOST_ENTRIES) {
      throw new StorageError(
        `The listing of ${location} holds more than ${MOST_ENTRIES} entries. Name a narrower folder.`,
        {
          location,
        },
      );
    }
    next = page.next;
  }
  if (refused > 0) {
    onWarning(
      `${refused} objects below ${location} were left out: their keys hold empty names, '.' or '..', which cannot be asked for safely.`,
    );
  }
  return { objects, prefixes };
}

/** The names of the folders in `prefixes`, each below `folder` (with its slash, or ''), sorted. */
export function folderNames(prefixes: readonly string[], folder: string): readonly string[] {
  return prefixes
    .map((each) => each.slice(folder.length).replace(/\/$/, ''))
    .filter((name) => objectionToKey(name) === undefined && !name.includes('/'))
    .sort();
}
