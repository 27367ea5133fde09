import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../base/errors.ts';
import { versionOf } from '../../storage/local/walk.ts';
import type { Store, StoredObject } from '../../types/storage.ts';

/**
 * Refuses files to write that are an input themselves, whatever path, link or case of letters leads to them. Nothing of
 * the input is read for this.
 *
 * @param inputs URLs, or local paths of folders and files; undefined ones are passed over
 * @throws UsageError that names the file
 */
export function refuseInputs(outputs: readonly string[], inputs: readonly (string | undefined)[]): void {
  if (outputs.length === 0) return;
  for (const input of inputs) {
    const path = input === undefined ? undefined : localPathOf(input);
    if (path === undefined) continue;
    const output = outputs.find((each) => isSameFile(each, path));
    if (output !== undefined) throw overwrites(output, path);
  }
}

/**
 * Refuses files to write that are among the objects of a local folder. A picture, report or table that an earlier call
 * wrote into the folder may be replaced.
 *
 * @throws UsageError that names the file
 */
export function refuseListed(outputs: readonly string[], store: Store, objects: readonly StoredObject[]): void {
  const { fileOf } = store;
  if (outputs.length === 0 || fileOf === undefined) return;
  for (const output of outputs) {
    const status = statSync(output, { throwIfNoEntry: false });
    if (status?.isFile() !== true) continue;
    // Two names of one file have one version: only those objects need a second look.
    const version = versionOf(status);
    const same = objects.find(({ key, etag }) => etag === version && isSameFile(output, fileOf(key)));
    if (same !== undefined && !isReplaceable(output)) throw overwrites(output, join(store.location, same.key));
  }
}

function overwrites(output: string, input: string): UsageError {
  const also = basename(output) === basename(input) ? '' : `, by the name of '${input}',`;
  return new UsageError(
    `Expected a file to write to that is not read, but '${output}'${also} belongs to the series and would be lost. Nothing was written. Name another file.`,
  );
}

/** The path of a local place; undefined for a URL of any other. */
export function localPathOf(location: string): string | undefined {
  if (/^file:/i.test(location)) {
    try {
      return fileURLToPath(location);
    } catch {
      // Opening the location will tell what is wrong with it.
      return undefined;
    }
  }
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(location) ? undefined : location;
}

/** Whether two names lead to one regular file. */
function isSameFile(first: string, second: string | Buffer): boolean {
  try {
    // The numbers of files have 64 bits on some systems.
    const [one, other] = [statSync(first, { bigint: true }), statSync(second, { bigint: true })];
    return one.isFile() && one.ino === other.ino && one.dev === other.dev;
  } catch {
    return false;
  }
}

/** Bytes that tell what a file is: a DICOM file has its mark at 128 (PS3.10 7.1). */
const beginningLength = 132;

/** Whether a file is nothing that a series is made of: it is empty, or a picture, report or table, and not DICOM. */
function isReplaceable(path: string): boolean {
  const bytes = Buffer.alloc(beginningLength);
  try {
    const file = openSync(path, 'r');
    try {
      const length = readSync(file, bytes, 0, bytes.length, 0);
      if (length === 0) return true;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
  const text = bytes.toString('latin1');
  return !text.endsWith('DICM') && /^(RIFF[\s\S]{4}WEBP|\x89PNG\r\n|\xff\xd8\xff|PAR1|[{[])/.test(text);
}
