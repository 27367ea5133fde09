import { counted } from '../../base/counted.ts';
import { StorageError } from '../../base/errors.ts';
import { objectionToBucketKey, objectionToKey } from '../../base/keys.ts';
import { limitHint } from '../../base/limit-hint.ts';
import { defaultLimits, type Limits } from '../../types/limits.ts';
import type { StoredObject } from '../../types/storage.ts';

/** One page of a listing. */
export interface Page {
  /** Their keys count from the top of the bucket (or container). */
  readonly objects: readonly StoredObject[];
  /** Folders, each with a slash at its end. They count from the top of the bucket too. */
  readonly prefixes: readonly string[];
  /** What to add to the query for the next page; undefined on the last page. */
  readonly next: Readonly<Record<string, string>> | undefined;
}

export interface ListPagesOptions {
  /** Only keys that begin with this are taken, whatever the store sends. */
  readonly prefix: string;
  /** This prefix and the slash after it are cut off the keys; '' for none. */
  readonly rootPrefix: string;
  readonly location: string;
  readonly onWarning: (message: string) => void;
  /** What a listing may hold: it bounds the memory that is used. */
  readonly limits?: Limits | undefined;
}

/**
 * Gathers all pages of a listing. Keys that end with a slash only mark folders and are passed over. Keys with the names
 * `.` or `..` are left out with a warning. Throws a StorageError for a listing that repeats a page or holds more
 * entries than the limit.
 */
export async function listPages(
  fetchPage: (next: Readonly<Record<string, string>>) => Promise<Page>,
  { prefix, rootPrefix, location, onWarning, limits = defaultLimits }: ListPagesOptions,
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
      if (objectionToBucketKey(key) === undefined) objects.push({ ...object, key });
      else refused += 1;
    }
    for (const each of page.prefixes) if (each.startsWith(prefix)) prefixes.push(each);
    if (objects.length + prefixes.length > limits.listingEntries) {
      throw new StorageError(
        `The listing of ${location} holds more than ${limits.listingEntries} entries. Name a folder further down. ${limitHint('listingEntries')}`,
        {
          location,
        },
      );
    }
    next = page.next;
  }
  if (refused > 0) {
    onWarning(
      `${counted(refused, 'object')} below ${location} ${refused === 1 ? 'was' : 'were'} left out: it is not safe to ask for keys with the names '.' or '..', or with a NUL.`,
    );
  }
  return { objects, prefixes };
}

/** The names of the folders in `prefixes`, sorted. All lie directly below `folder` (with a slash at its end, or ''). */
export function folderNames(prefixes: readonly string[], folder: string): readonly string[] {
  return prefixes
    .map((each) => each.slice(folder.length).replace(/\/$/, ''))
    .filter((name) => objectionToKey(name) === undefined && !name.includes('/'))
    .sort();
}
