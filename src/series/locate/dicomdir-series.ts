import { AmbiguousError, InvalidDicomError, NotDicomError, NotFoundError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { type DirectorySeries, parseDicomdir } from '../../dicom/dicomdir/dicomdir.ts';
import type { Store, StoredObject } from '../../types/storage.ts';
import { listOfSeries, maxListedSeries } from '../header-pass/distinct.ts';
import { isDicomdir } from './series-name.ts';

/** What a DICOMDIR says of the series that is meant. */
export interface ListedSeries {
  readonly seriesInstanceUid: string;
  /** Its files; undefined where the DICOMDIR does not agree with the folder, so that the folder must be scanned. */
  readonly objects: readonly StoredObject[] | undefined;
  /** Which of its files are missing, in a sentence; undefined for none. */
  readonly missing: string | undefined;
}

export interface DicomdirOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Bytes that are read of a DICOMDIR: enough for a million files. */
const maxDicomdirLength = 512 * 1024 * 1024;

/** Missing files that a message names. */
const maxNamedFiles = 10;

/**
 * Finds a series in the DICOMDIR at the top of a folder (or archive), without reading any other file. A warning tells
 * why the folder must be scanned after all: the DICOMDIR does not list the series, or it names files that lie outside. Of
 * files that are missing the caller tells, once it knows whether others were found.
 *
 * @param objects all objects of the folder
 * @param seriesInstanceUid undefined: the only series that the DICOMDIR lists
 * @returns undefined where there is no DICOMDIR, or where it does not help
 * @throws AmbiguousError where several series are listed and none is named; NotFoundError where none is; the store's
 * errors
 */
export async function seriesOfDicomdir(
  store: Store,
  objects: readonly StoredObject[],
  seriesInstanceUid: string | undefined,
  options: DicomdirOptions,
): Promise<ListedSeries | undefined> {
  const listed = await readDicomdir(store, objects, options);
  if (listed === undefined) return undefined;
  const warn = (message: string): void => options.onWarning?.(message);
  const chosen = choose(listed, seriesInstanceUid, store.location);
  if (chosen === undefined) {
    warn(
      `The DICOMDIR of ${store.location} does not list the series ${seriesInstanceUid}, so all files are looked at.`,
    );
    return undefined;
  }
  const { found, missing, refused } = match(chosen, namesOfObjects(objects));
  const isStale = missing.length > 0 || refused > 0;
  const named = `${missing.slice(0, maxNamedFiles).map(printable).join(', ')}${missing.length > maxNamedFiles ? ', ...' : ''}`;
  if (refused > 0) {
    warn(
      `${refused} of ${chosen.files.length} files that the DICOMDIR of ${store.location} lists for the series would lie outside of the folder: ` +
        'these are not read, and all files of the folder are looked at.',
    );
  }
  return {
    seriesInstanceUid: chosen.seriesInstanceUid,
    objects: isStale || found.length === 0 ? undefined : found,
    missing:
      missing.length === 0
        ? undefined
        : `${missing.length} of ${chosen.files.length} files that the DICOMDIR of ${store.location} lists for the series are missing: ${named}.`,
  };
}

/**
 * All series that the DICOMDIR at the top of a folder (or archive) lists, with those of their files that are there. undefined
 * where there is no DICOMDIR, or where it is of no use: the reason is told.
 */
export async function allOfDicomdir(
  store: Store,
  objects: readonly StoredObject[],
  options: DicomdirOptions,
): Promise<readonly (DirectorySeries & { readonly objects: readonly StoredObject[] })[] | undefined> {
  const listed = await readDicomdir(store, objects, options);
  if (listed === undefined) return undefined;
  const objectsByName = namesOfObjects(objects);
  const all = listed.map((series) => ({ ...series, objects: match(series, objectsByName).found }));
  const found = all.reduce((sum, each) => sum + each.objects.length, 0);
  if (found > 0) return all.filter((each) => each.objects.length > 0);
  options.onWarning?.(
    `None of the files that the DICOMDIR of ${store.location} lists is there, so all files are looked at.`,
  );
  return undefined;
}

async function readDicomdir(
  store: Store,
  objects: readonly StoredObject[],
  { signal, onWarning }: DicomdirOptions,
): Promise<readonly DirectorySeries[] | undefined> {
  const dicomdir = objects.find(({ key }) => isDicomdir(key) && !key.includes('/'));
  if (dicomdir === undefined) return undefined;
  try {
    const range = { offset: 0, length: maxDicomdirLength };
    return parseDicomdir((await store.read(dicomdir.key, range, { signal })).bytes);
  } catch (error) {
    if (!(error instanceof InvalidDicomError) && !(error instanceof NotDicomError)) throw error;
    onWarning?.(`The DICOMDIR of ${store.location} is of no use, so all files are looked at: ${error.message}`);
    return undefined;
  }
}

function choose(
  listed: readonly DirectorySeries[],
  seriesInstanceUid: string | undefined,
  location: string,
): DirectorySeries | undefined {
  if (seriesInstanceUid !== undefined) return listed.find((each) => each.seriesInstanceUid === seriesInstanceUid);
  const withFiles = listed.filter(({ files }) => files.length > 0);
  const [only] = withFiles;
  if (only === undefined) {
    throw new NotFoundError(`Expected a series in the DICOMDIR of ${location} but it lists none.`, { location });
  }
  if (withFiles.length === 1) return only;
  const counted = withFiles.map((each) => ({ ...each, uid: each.seriesInstanceUid, instances: each.files.length }));
  throw new AmbiguousError(
    `Expected one series in the DICOMDIR of ${location} but it lists ${withFiles.length}:${listOfSeries(counted)}\nGive one of the UIDs as the series and the folder as --root.`,
    {
      candidates: withFiles.slice(0, maxListedSeries).map((each) => each.seriesInstanceUid),
      count: withFiles.length,
    },
  );
}

interface Matched {
  readonly found: readonly StoredObject[];
  readonly missing: readonly string[];
  readonly refused: number;
}

interface ObjectNames {
  readonly exact: ReadonlyMap<string, StoredObject>;
  readonly folded: ReadonlyMap<string, StoredObject | undefined>;
}

function namesOfObjects(objects: readonly StoredObject[]): ObjectNames {
  const exact = new Map(objects.map((object) => [object.key, object]));
  const folded = new Map<string, StoredObject | undefined>();
  for (const object of objects) {
    const name = foldKey(object.key);
    // Where the names of two files differ only in case, the exact name must tell which is meant.
    folded.set(name, folded.has(name) ? undefined : object);
  }
  return { exact, folded };
}

/** Finds the files of a series among the folder's objects. Names on media are in capitals, in copies often not. */
function match(series: DirectorySeries, { exact, folded }: ObjectNames): Matched {
  const found = new Map<string, StoredObject>();
  const missing: string[] = [];
  let refused = 0;
  for (const { fileId } of series.files) {
    if (fileId.some((name) => !isPlainName(name))) {
      refused += 1;
      continue;
    }
    const key = fileId.join('/');
    const object = exact.get(key) ?? folded.get(foldKey(key));
    if (object === undefined) missing.push(key);
    else found.set(object.key, object);
  }
  return { found: [...found.values()], missing, refused };
}

function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\:\0]/.test(name);
}

/** Systems show ISO 9660 names in either case, with or without version number and final dot. */
function foldKey(key: string): string {
  return key.toUpperCase().replace(/\.?(;1)?$/, '');
}
