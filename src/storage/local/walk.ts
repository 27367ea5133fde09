import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { counted } from '../../base/counted.ts';
import { AccessDeniedError, NotFoundError, PreviewError, StorageError, throwIfAborted } from '../../base/errors.ts';
import { bytesOfText, compareKeys, holdsRawBytes, isUsableName, joinKey, textOfBytes } from '../../base/keys.ts';
import { limitHint } from '../../base/limit-hint.ts';
import { defaultLimits, type Limits } from '../../types/limits.ts';
import type { StoredObject } from '../../types/storage.ts';

/** What lies in a folder. Links are not followed. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/** After so many folders, other work gets its turn. */
const foldersPerTurn = 16;

/** A path as node:fs takes it: as bytes where it is not UTF-8. */
export function filePath(path: string): string | Buffer {
  return holdsRawBytes(path) ? bytesOfText(path) : path;
}

/** The version of a local file: its size and the time of its last change. */
export function versionOf(status: Stats): string {
  return `${status.size}-${status.mtimeMs}`;
}

/** What lies in a folder, in the order of {@link compareKeys}. Throws Node's own errors. */
export function readFolder(path: string): readonly FolderEntry[] {
  const entries = readEntries(path, 'utf8');
  // Node puts a replacement character where a name is not UTF-8. Such a folder is read again, each byte as a character.
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

/** The path behind all links, each byte as a character: two paths are one place where these are equal. */
export function realPath(path: string): string {
  return realpathSync.native(filePath(path), 'latin1');
}

export interface WalkOptions {
  readonly onWarning: (message: string) => void;
  readonly signal: AbortSignal | undefined;
  /** The {@link realPath} that nothing may lie outside of; undefined for none. */
  readonly confinedTo: string | undefined;
  /** What a listing may hold. A larger tree is surely not what was meant: the whole disk, say. */
  readonly limits?: Limits | undefined;
}

/**
 * Every file below a folder, in no particular order. Keys begin with `prefix`, the key of the folder itself. Links are
 * followed, but no folder is walked twice, because links may form a loop. Files and folders that cannot be read are
 * left out, with one warning that counts them; so are links that lead out of where the walk is confined to. Throws an
 * AccessDeniedError where the folder itself lies outside, a StorageError above the limit of files, and what {@link
 * errorOfFile} makes of an error of the folder itself.
 */
export async function walkFolder(
  root: string,
  location: string,
  prefix: string,
  { onWarning, signal, confinedTo, limits = defaultLimits }: WalkOptions,
): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  const walked = new Set<string>();
  const folders: string[] = [''];
  // Folders behind links come last, so that a file that can be reached without a link gets that key.
  const linkedFolders: string[] = [];
  const problems: string[] = [];
  const pathOf = (key: string): string => (key === '' ? root : `${root}/${key}`);

  const isInside = (real: string): boolean =>
    confinedTo === undefined || real === confinedTo || real.startsWith(confinedTo.replace(/[\\/]?$/, sep));

  const look = (key: string, entry: FolderEntry): void => {
    if (entry.kind === 'link' && confinedTo !== undefined && !isInside(realPath(pathOf(key)))) {
      problems.push(key);
      return;
    }
    const status = statSync(filePath(pathOf(key)));
    if (status.isDirectory()) linkedFolders.push(key);
    else if (status.isFile())
      objects.push({ key: joinKey(prefix, key), byteLength: status.size, etag: versionOf(status) });
    else if (entry.kind === 'link') problems.push(key);
  };

  for (let count = 0; ; count += 1) {
    const folder = folders.pop() ?? linkedFolders.shift();
    if (folder === undefined) break;
    if (count % foldersPerTurn === foldersPerTurn - 1) await setImmediate();
    throwIfAborted(signal);
    try {
      const real = realPath(pathOf(folder));
      if (walked.has(real)) continue;
      if (!isInside(real)) throw leadsOut(location);
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
    if (objects.length > limits.listingEntries) {
      throw new StorageError(
        `More than ${limits.listingEntries} files lie below ${location}. Name a folder that holds only the series. ${limitHint('listingEntries')}`,
        { location },
      );
    }
  }
  if (problems.length > 0) {
    onWarning(
      `${counted(problems.length, 'entry', 'entries')} below ${location} could not be looked at ` +
        `and ${problems.length === 1 ? 'was' : 'were'} left out (no permission, or a link to nothing${confinedTo === undefined ? '' : ' or out of the root'}).`,
    );
  }
  return objects;
}

function leadsOut(location: string): AccessDeniedError {
  return new AccessDeniedError(`${location} may not be read: it leads out of the root.`, { location });
}

function tryLook(look: () => void, key: string, problems: string[]): void {
  try {
    look();
  } catch {
    problems.push(key);
  }
}

/** Turns an error of node:fs into a NotFoundError, AccessDeniedError or StorageError. Other errors stay as they are. */
export function errorOfFile(error: unknown, location: string): unknown {
  if (error instanceof PreviewError || !(error instanceof Error) || !('code' in error)) return error;
  const options = { location, cause: error };
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new NotFoundError(`There is no file or folder ${location}.`, options);
    case 'EACCES':
    case 'EPERM':
      return new AccessDeniedError(`${location} may not be read: check its permissions.`, options);
    case 'EISDIR':
      return new StorageError(`${location} is a folder; a file was expected.`, options);
    case 'EMFILE':
    case 'ENFILE':
      return new StorageError(`${location}: too many files are open. Raise the limit with ulimit -n.`, options);
    default:
      return new StorageError(`${location} could not be read (${String(error.code)}).`, options);
  }
}
