import { join } from 'node:path';
import { NotFoundError, StorageError } from '../../base/errors.ts';
import type { CacheSettings, StorageSettings } from '../../types/settings.ts';
import { clearCacheFolder, hashedName, readCacheFile, writeCacheFile } from '../cache-files.ts';
import { cacheFolder } from '../cache-folder.ts';
import { idcRootOfBucket } from './idc-buckets.ts';
import type { IdcSeries } from './thread/messages.ts';

/** The index that the Imaging Data Commons publish: all series of the current version, about 70 MB. */
export const publishedIdcIndex: string =
  'https://storage.googleapis.com/idc-index-data-artifacts/current/release_artifacts/idc_index.parquet';

/** A series of the Imaging Data Commons, found by its DICOM UID. */
export interface LocatedIdcSeries {
  /** The bucket, as a root. */
  readonly root: string;
  readonly uuid: string;
  /** How many requests it took to find it. */
  readonly requests: number;
}

/** A new version of a series has another UUID, so an answer is not used for longer than this. */
const maxAnswerAgeMs = 7 * 24 * 3600 * 1000;
/** Bytes of the file of answers. */
const maxAnswersLength = 4 * 1024 * 1024;
const maxAnswers = 10_000;

type Answers = Readonly<Record<string, IdcSeries & { readonly foundAt: number }>>;

export interface FindIdcOptions extends Partial<StorageSettings>, Partial<CacheSettings> {
  readonly signal?: AbortSignal | undefined;
}

/** What an earlier run found; undefined where no run found the series in the last seven days. */
export function rememberedIdcSeries(
  seriesInstanceUid: string,
  location: string,
  options: Partial<CacheSettings>,
): LocatedIdcSeries | undefined {
  const answers = readAnswers(indexPlaces(options).answers);
  const known = Object.hasOwn(answers, seriesInstanceUid) ? answers[seriesInstanceUid] : undefined;
  if (known === undefined || Math.abs(Date.now() - known.foundAt) > maxAnswerAgeMs) return undefined;
  return rooted(known, location, 0);
}

/**
 * Finds a series of the Imaging Data Commons by its Series Instance UID, in their published index or in another with the
 * same columns.
 *
 * @param location the root that was given, whose provider (Amazon, Google Cloud) the answer has too
 * @throws NotFoundError where the index does not have the series, StorageError where the index cannot be read,
 *   TimeoutError where that would never end, and the store's errors
 */
export async function findIdcSeries(
  seriesInstanceUid: string,
  location: string,
  options: FindIdcOptions,
): Promise<LocatedIdcSeries> {
  const { idcIndex, folder, answers } = indexPlaces(options);
  const { found, requests } = await search(seriesInstanceUid, idcIndex, { ...options, folder });
  if (answers !== undefined) await remember(answers, seriesInstanceUid, found);
  return rooted(found, location, requests);
}

/**
 * Removes what is kept of indexes of the Imaging Data Commons, and of answers.
 *
 * @returns how many files and folders that were
 */
export async function clearIdcCache(options: Partial<CacheSettings>): Promise<number> {
  const { folder } = indexPlaces(options);
  if (folder === undefined) return 0;
  return clearCacheFolder(folder, (name) => /^[0-9a-f]{40}\.([0-9a-f]{40}|json(\.\w+\.tmp)?)$/.test(name));
}

/** The location of the index, the folder for its ranges, and the path of the answers found in it. */
export function indexPlaces(options: Partial<CacheSettings>): {
  readonly idcIndex: string;
  readonly folder: string | undefined;
  readonly answers: string | undefined;
} {
  const idcIndex = options.idcIndex ?? publishedIdcIndex;
  const cache = cacheFolder(options);
  if (cache === undefined) return { idcIndex, folder: undefined, answers: undefined };
  const folder = join(cache.path, 'idc');
  return { idcIndex, folder, answers: join(folder, `${hashedName(idcIndex)}.json`) };
}

async function search(
  seriesInstanceUid: string,
  idcIndex: string,
  options: FindIdcOptions & { readonly folder: string | undefined },
): Promise<{ readonly found: IdcSeries; readonly requests: number }> {
  const { answerOfIdcIndex } = await import('./idc-answers.ts');
  const { answer, file } = await answerOfIdcIndex(idcIndex, { kind: 'find', seriesInstanceUid }, options);
  if (answer.kind === 'found' && answer.series !== undefined)
    return { found: answer.series, requests: file.requests() };
  throw new NotFoundError(
    `Expected the series ${seriesInstanceUid} in the Imaging Data Commons, but their index ${file.location} does not have it. Check the UID and --root.`,
    { location: file.location },
  );
}

function rooted(found: IdcSeries, location: string, requests: number): LocatedIdcSeries {
  const root = idcRootOfBucket(found.awsBucket, location);
  if (root !== undefined) return { root, uuid: found.uuid, requests };
  throw new StorageError(
    `Expected a public bucket of the Imaging Data Commons in their index but received '${found.awsBucket.slice(0, 100)}'. Give the series as a URL.`,
    { location },
  );
}

function readAnswers(path: string | undefined): Answers {
  if (path === undefined) return {};
  try {
    const bytes = readCacheFile(path, maxAnswersLength);
    const parsed: unknown = bytes === undefined ? {} : JSON.parse(Buffer.from(bytes).toString('utf8'));
    return isAnswers(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

function isAnswers(value: unknown): value is Answers {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(
    (each: unknown) =>
      typeof each === 'object' &&
      each !== null &&
      'awsBucket' in each &&
      typeof each.awsBucket === 'string' &&
      'uuid' in each &&
      typeof each.uuid === 'string' &&
      /^[0-9a-f-]{36}$/.test(each.uuid) &&
      'foundAt' in each &&
      typeof each.foundAt === 'number',
  );
}

async function remember(path: string, uid: string, found: IdcSeries): Promise<void> {
  const others = Object.entries(readAnswers(path)).filter(([known]) => known !== uid);
  const kept = [...others.slice(1 - maxAnswers), [uid, { ...found, foundAt: Date.now() }]];
  const bytes = Buffer.from(JSON.stringify(Object.fromEntries(kept)), 'utf8');
  await writeCacheFile(path, bytes).catch(() => undefined);
}
