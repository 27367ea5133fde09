import type { HeaderIndexCache } from '../../header-index/cache.ts';
import type { InstanceHeader } from '../../types/instance.ts';
import type { ScannedInstance } from '../../types/members.ts';
import type { IndexReport } from '../../types/report.ts';
import type { LocatedSeries } from '../locate/locate.ts';
import { type IndexedScan, isVersioned, scanWithIndex, withFullHeaders } from './index-scan.ts';
import type { ScanOptions } from './scan.ts';

/** The header pass over a located series: only what no index knows is read. */
export function scanLocated(located: LocatedSeries, options: ScanOptions): Promise<IndexedScan> {
  return scanWithIndex(located.store, located.objects, located, options);
}

/** An instance and its header, as it was read with the pixels. */
export interface ReadInstance {
  readonly instance: ScannedInstance;
  readonly header: InstanceHeader;
}

/**
 * Keeps what the header pass found, where that is new and of use later. Never fails.
 *
 * @param with `read`: what the pixel pass read; `isWanted`: whatever the policy for new indexes is
 * @returns undefined where no index has a part in the series
 */
export async function keepIndex(
  indexes: HeaderIndexCache | undefined,
  located: LocatedSeries,
  scan: IndexedScan,
  { read, isWanted = false }: { readonly read: readonly ReadInstance[]; readonly isWanted?: boolean },
): Promise<IndexReport | undefined> {
  if (indexes === undefined) return undefined;
  const { recalled } = scan;
  const isNew = recalled < scan.indexed.length && scan.instances.length > 0;
  const keeps = isWanted || located.known !== undefined || indexes.makesIndexOf(located.store);
  if (!isNew || !keeps || !isVersioned(scan, located.isImmutable)) {
    return recalled === 0 ? undefined : { recalled, kept: false };
  }
  const problem = await indexes.keep(located.place, withFullHeaders(scan, read), located.folder);
  return { recalled, kept: problem === undefined, ...(problem === undefined ? {} : { problem }) };
}

/** While the first bytes of pixel data are on their way. */
const keepingDelayMs = 4;

/**
 * As {@link keepIndex}, in two steps: where nothing that the pixel pass reads could be added, and it waits for a network,
 * the index is made meanwhile.
 *
 * @returns what to call with what the pixel pass has read
 */
export function beginKeeping(
  indexes: HeaderIndexCache | undefined,
  located: LocatedSeries,
  scan: IndexedScan,
): (read: readonly ReadInstance[]) => Promise<IndexReport | undefined> {
  const isSettled = scan.instances.every(({ complete, deflated }) => complete || deflated);
  const waits = located.store.readSync === undefined;
  if (!isSettled || !waits) return (read) => keepIndex(indexes, located, scan, { read });
  const early = new Promise<void>((resolve) => {
    setTimeout(resolve, keepingDelayMs);
  }).then(() => keepIndex(indexes, located, scan, { read: [] }));
  return () => early;
}

/**
 * Removes an index that took objects for unchangeable, where some of them turned out to be gone or changed.
 *
 * @returns whether there was such an index, so that trying again without it may help
 */
export async function forgetIfStale(
  indexes: HeaderIndexCache | undefined,
  located: LocatedSeries,
  scan: IndexedScan,
  decoded: readonly { readonly error?: { readonly code: string } | undefined }[],
): Promise<boolean> {
  if (indexes === undefined || !located.isImmutable || scan.recalled === 0) return false;
  if (!decoded.some(({ error }) => error?.code === 'changed' || error?.code === 'not-found')) return false;
  return await indexes.forget(located.place).catch(() => false);
}
