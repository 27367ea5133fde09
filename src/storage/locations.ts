import { StorageError } from '../base/errors.ts';
import { objectionToKey, printableKey } from '../base/keys.ts';

/** Where an object or a folder lies, for messages: the location of a store, and a key in it ('' for its root). */
export function locationOf(root: string, key: string): string {
  return key === '' ? root : `${root.replace(/\/$/, '')}/${printableKey(key)}`;
}

/** Throws a StorageError for a key that may not be used; `ownObjection` is what the store itself has against it. */
export function checkKey(key: string, root: string, ownObjection?: string | undefined): void {
  const objection = objectionToKey(key) ?? ownObjection;
  if (objection !== undefined) throw refusedKey(key, root, objection);
}

/** The error for a key that may not be used. */
export function refusedKey(key: string, root: string, objection: string): StorageError {
  return new StorageError(`The key '${printableKey(key)}' is refused: ${objection}.`, { location: root });
}

/** Throws a StorageError for a folder's key that may not be used; '' is the root. */
export function checkPrefix(prefix: string, root: string): void {
  const objection = prefix === '' ? undefined : objectionToKey(prefix);
  if (objection === undefined) return;
  throw new StorageError(`The prefix '${printableKey(prefix)}' is refused: ${objection}.`, { location: root });
}

/** Whether a name is surely that of an object, not of a folder. */
export function isInstanceName(name: string): boolean {
  return /\.(dcm|dicom|dic|ima)$/i.test(name);
}
