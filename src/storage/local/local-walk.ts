import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { StorageError, throwIfAborted } from '../../base/errors.ts';
import { bytesOfText, compareKeys, holdsRawBytes, isUsableName, joinKey, textOfBytes } from '../../base/keys.ts';
import type { StoredObject } from '../../types/storage.ts';
import { errorOfFile } from './local-errors.ts';

/** What lies in a folder; a link's own target is not looked at. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/** Folders deeper or trees larger than this are surely not what was meant (the whole disk, say). */
const MOST_OBJECTS = 1_000_000;
/** Folders to read before other work gets its turn. */
const FOLDERS_A_TURN = 16;

/** A path as node:fs takes it, names that are no UTF-8 included. */
export function filePath(path: string): string | Buffer {
  return holdsRawBytes(path) ? bytesOfText(path) : path;
}

/** The version of a local file: its size and the time of its last change. */
export function versionOf(status: Stats): string {
  return `${status.size}-${status.mtimeMs}`;
}

/** What lies in a folder, in the order of {@link compareKeys}. Throws Node's own error. */
export function readFolder(path: string): readonly FolderEntry[] {
  const entries = readEntries(path, 'utf8');
  // A replacement character is the sign of a name that is no UTF-8: such a folder is read again, a character a byte.
  const named = entries.some(({ name }) => name.includes('\ufffd'))
    ? readEntries(path, 'latin1').map(({ name, kind }) => ({ name: textOfBytes(Buffer.from(name, 'latin1')), kind }))
    : entries;
  return named.filter(({ name }) => isUsableName(name)).sort((first, second) => compareKeys(first.name, second.name));
}

function readEntries(path: string, encoding: 'utf8' | 'latin1'): FolderEntry[] {
  return readdirSync(filePath(path), { withFileTypes: true, encoding }).map((entry) => ({
    name: entry.name,
    kind: kindOf(entry),
  }));
}

function kindOf(entry: Dirent): FolderEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/**
 * Every file below a folder, in no particular order. Keys begin with `prefix`, the folder's own. Links are followed, a
 * folder that was walked already (a loop) is not walked again. What cannot be looked at is left out, with one warning
 * that counts it. Throws what {@link errorOfFile} makes of an error of the folder itself, StorageError above a million
 * files.
 */
export async function walkFolder(
  root: string,
  location: string,
  prefix: string,
  onWarning: (message: string) => void,
  signal: AbortSignal | undefined,
): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  const walked = new Set<string>();
  const folders: string[] = [''];
  // Folders behind links come last, so that what can be reached without one has its plain key.
  const linkedFolders: string[] = [];
  const problems: string[] = [];
  const pathOf = (key: string): string => (key === '' ? root : `${root}/${key}`);

  const look = (key: string, entry: FolderEntry): void => {
    const status = statSync(filePath(pathOf(key)));
    if (status.isDirectory()) linkedFolders.push(key);
    else if (status.isFile())
      objects.push({ key: joinKey(prefix, key), byteLength: status.size, etag: versionOf(status) });
    else if (entry.kind === 'link') problems.push(key);
  };

  for (let count = 0; ; count += 1) {
    const folder = folders.pop() ?? linkedFolders.shift();
    if (folder === undefined) break;
    if (count % FOLDERS_A_TURN === FOLDERS_A_TURN - 1) await setImmediate();
    throwIfAborted(signal);
    try {
      const real = realpathSync.native(filePath(pathOf(folder)), 'latin1');
      if (walked.has(real)) continue;
      walked.add(real);
      for (const entry of readFolder(pathOf(folder))) {
        const key = joinKey(folder, entry.name);
        if (entry.kind === 'folder') folders.push(key);
        else if (entry.kind !== 'other') tryLook(() => look(key, entry), key, problems);
      }
    } catch (error) {
      if (folder === '') throw errorOfFile(error, location);
      problems.push(folder);
    }
    if (objects.length > MOST_OBJECTS) {
      throw new StorageError(
        `More than ${MOST_OBJECTS} files lie below ${location}. Name a folder that holds the series alone.`,
        { location },
      );
    }
  }
  if (problems.length > 0) {
    onWarning(
      `${problems.length} ${problems.length === 1 ? 'entry' : 'entries'} below ${location} could not be looked at ` +
        'and were left out (no permission, or a link to nothing).',
    );
  }
  return objects;
}

function tryLook(look: () => void, key: string, problems: string[]): void {
  try {
    look();
  } catch {
    problems.push(key);
  }
}
