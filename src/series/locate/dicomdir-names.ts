import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether a key is that of a DICOMDIR: a list of instances, not an instance. */
export function isDicomdir(key: string): boolean {
  return /(^|\/)DICOMDIR(\.|\.?;1)?$/i.test(key);
}

/** The folder of a DICOMDIR that a local path or file URL names; undefined for all else, folders of that name too. */
export function folderOfDicomdir(location: string): string | undefined {
  if (!/DICOMDIR$/i.test(location) || /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i.test(location)) return undefined;
  try {
    const path = /^file:\/\//i.test(location) ? fileURLToPath(location) : location;
    return isDicomdir(basename(path)) && statSync(path).isFile() ? dirname(path) : undefined;
  } catch {
    // Opening the location says what is wrong with it.
    return undefined;
  }
}
