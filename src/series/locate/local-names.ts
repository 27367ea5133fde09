import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { NotFoundError } from '../../base/errors.ts';
import { nearestName } from '../../base/nearest-name.ts';
import { printable } from '../../base/printable.ts';
import type { Store } from '../../types/storage.ts';
import { localPathOf } from './check-outputs.ts';
import type { SeriesName } from './series-name.ts';

/**
 * Where no root was given, a plain name is that of a local folder or file. No bucket is asked for it: the names of folders
 * may tell who a patient is.
 *
 * @param root undefined where none was given
 * @throws NotFoundError where there is no such folder or file, and for the beginning of a name that no UUID or UID has
 */
export function asLocalPath(name: SeriesName, text: string, root: string | undefined): SeriesName {
  if (root !== undefined) return name;
  if (name.kind === 'prefix' && !/^[0-9a-f-]*$|^[0-9.]*$/i.test(name.startsWith)) {
    throw new NotFoundError(
      `Expected the beginning of a UUID and *, such as 38902e14*, but received '${text}'. To look for folders of other names, say with --root where.`,
      { location: text },
    );
  }
  if (name.kind !== 'folder') return name;
  if (existsSync(text)) return { kind: 'location', location: text };
  throw new NotFoundError(
    `There is no local folder '${text}' and no such file, and the name is no UUID, UID or URL.${didYouMeanPath(text)} To look elsewhere, say with --root where.`,
    { location: text },
  );
}

/** Names that are compared with a mistyped one: enough for folders that people make. */
const maxCompared = 20_000;

/** `Did you mean 'CT1'?`, with a space before it; '' where no name is similar. */
export function didYouMean(typed: string, names: readonly string[]): string {
  return hintOf(nearestOf(typed, names));
}

function nearestOf(typed: string, names: readonly string[]): string | undefined {
  const nearest = nearestName(typed, names.slice(0, maxCompared));
  return nearest === typed ? undefined : nearest;
}

function hintOf(name: string | undefined): string {
  return name === undefined ? '' : ` Did you mean '${printable(name)}'?`;
}

/** For a local path that is not there: the nearest name in the folder where the path breaks off. */
export function didYouMeanPath(path: string): string {
  let missing = path.replace(/(?<=.)[\\/]+$/, '');
  // Of `a/b/c` without `a/b`, the mistake is in `b`.
  while (dirname(missing) !== missing && !existsSync(dirname(missing))) missing = dirname(missing);
  const name = basename(missing);
  try {
    const nearest = nearestOf(name, readdirSync(dirname(missing)));
    if (nearest === undefined) return '';
    const right = `${missing.slice(0, missing.length - name.length)}${nearest}`;
    const whole = `${right}${path.slice(missing.length)}`;
    return hintOf(existsSync(whole) ? whole : right);
  } catch {
    return '';
  }
}

/** The same error with the nearest name of a local folder; other errors, and those about other places, as they are. */
export function withNearestPath(error: unknown, location: string): unknown {
  const path = localPathOf(location);
  return path === undefined ? error : adding(error, () => didYouMeanPath(path));
}

/**
 * The same error with the nearest name of a folder directly below a local root. On servers that would cost a listing.
 *
 * @param typed a folder's name, or with `*` at its end the beginning of one
 */
export async function withNearestFolder(error: unknown, store: Store, typed: string): Promise<unknown> {
  if (!(error instanceof NotFoundError) || store.readSync === undefined || typed.includes('/')) return error;
  const names = await store.listFolders('', '').catch(() => []);
  const isBeginning = typed.endsWith('*');
  const candidates = isBeginning ? names.map((name) => `${name.slice(0, typed.length - 1)}*`) : names;
  return adding(error, () => didYouMean(typed, candidates));
}

function adding(error: unknown, hint: () => string): unknown {
  if (!(error instanceof NotFoundError)) return error;
  const message = `${error.message}${hint()}`;
  return new NotFoundError(message, { location: error.location, cause: error.cause });
}
