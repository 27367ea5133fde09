import type { HeaderIndexCache } from '../../header-index/cache.ts';
import { toJson } from '../../header-index/json.ts';
import type { IndexedObject } from '../../header-index/rows.ts';
import type { FrameAttributes, InstanceHeader } from '../../types/instance.ts';
import type { ScannedInstance } from '../../types/members.ts';
import type { IndexReport } from '../../types/report.ts';
import type { LocatedSeries } from '../locate/locate.ts';
import { hasVersion, type SeriesScan } from './scan-or-recall.ts';

/** An instance and its whole header, which was read with the pixel data. */
export interface ReadInstance {
  readonly instance: ScannedInstance;
  readonly header: InstanceHeader;
}

/**
 * Keeps the headers of a series in the header index, if they are new and can be trusted later. Never fails.
 *
 * @param with `read`: what the pixel pass read; `isWanted`: keep them even where a picture would not make a header
 * index
 * @returns undefined where the header index has no part in this series
 */
export async function keepHeaders(
  headerIndexes: HeaderIndexCache | undefined,
  located: LocatedSeries,
  scan: SeriesScan,
  { read, isWanted = false }: { readonly read: readonly ReadInstance[]; readonly isWanted?: boolean },
): Promise<IndexReport | undefined> {
  if (headerIndexes === undefined) return undefined;
  const { recalled } = scan;
  const isNew = recalled < scan.indexed.length && scan.instances.length > 0;
  const keeps = isWanted || located.known !== undefined || headerIndexes.makesIndexOf(located.store);
  // Where objects never change, nobody would look for the missing ones again.
  const isPart = located.isImmutable && scan.unreadable.length > 0;
  if (isPart || !isNew || !keeps || !isVersioned(scan, located.isImmutable)) {
    return recalled === 0 ? undefined : { recalled, kept: false };
  }
  const problem = await headerIndexes.keep(located.place, withWholeHeaders(scan, read), located.folder);
  return { recalled, kept: problem === undefined, ...(problem === undefined ? {} : { problem }) };
}

/** By then the requests for pixel data have left. */
const keepingDelayMs = 4;

/**
 * As {@link keepHeaders}, in two steps. Where the pixel pass waits for a network and reads nothing that the header
 * index lacks, the headers are kept while it waits.
 *
 * @returns what to call with the headers that the pixel pass has read
 */
export function beginKeeping(
  headerIndexes: HeaderIndexCache | undefined,
  located: LocatedSeries,
  scan: SeriesScan,
): (read: readonly ReadInstance[]) => Promise<IndexReport | undefined> {
  const isComplete = scan.instances.every(({ complete, deflated }) => complete || deflated);
  const waits = located.store.readSync === undefined;
  if (!isComplete || !waits) return (read) => keepHeaders(headerIndexes, located, scan, { read });
  const early = new Promise<void>((resolve) => {
    setTimeout(resolve, keepingDelayMs);
  }).then(() => keepHeaders(headerIndexes, located, scan, { read: [] }));
  return () => early;
}

/**
 * Removes the header index of a place whose objects should never change, where some are gone or have changed after all.
 *
 * @param codes of the errors that reading ended with
 * @returns whether one was removed, so that trying again without it may help
 */
export async function forgetIfStale(
  headerIndexes: HeaderIndexCache | undefined,
  located: LocatedSeries,
  scan: SeriesScan,
  codes: readonly (string | undefined)[],
): Promise<boolean> {
  if (headerIndexes === undefined || !located.isImmutable || scan.recalled === 0) return false;
  if (!codes.some((code) => code === 'changed' || code === 'not-found')) return false;
  return await headerIndexes.forget(located.place).catch(() => false);
}

/** Whether a header index of these objects can be trusted later: the listing must tell when an object has changed. */
export function isVersioned(scan: SeriesScan, isImmutable: boolean): boolean {
  return isImmutable || scan.indexed.some(({ object }) => hasVersion(object));
}

/**
 * The objects for the header index, with the headers that were read as a whole since. With a whole header, frames can
 * be read later without reading the header again.
 */
export function withWholeHeaders(scan: SeriesScan, read: readonly ReadInstance[]): readonly IndexedObject[] {
  const whole = new Map<ScannedInstance, InstanceHeader>();
  for (const { instance, header } of read) {
    if (!instance.complete && !instance.deflated && isSamePlace(instance.header, header)) whole.set(instance, header);
  }
  return scan.indexed.map((each) => {
    if (each.found.kind !== 'instance') return each;
    const header = whole.get(each.found.instance);
    if (header === undefined) return each;
    return { ...each, found: { kind: 'instance', instance: { ...each.found.instance, header, complete: true } } };
  });
}

/** Whether the whole header puts the instance where its first part did. */
function isSamePlace(first: InstanceHeader, whole: InstanceHeader): boolean {
  return toJson(placeOf(first)) === toJson(placeOf(whole));
}

function placeOf(header: InstanceHeader): unknown {
  const { sopInstanceUid, seriesInstanceUid, instanceNumber, numberOfFrames, imageType, unfolding } = header;
  const { segmentation, totalPixelMatrix } = header;
  const frames = header.frames.map(placeOfFrame);
  return {
    ...{ sopInstanceUid, seriesInstanceUid, instanceNumber, numberOfFrames, imageType, unfolding },
    ...{ segmentation, totalPixelMatrix, frames },
  };
}

function placeOfFrame(frame: FrameAttributes): unknown {
  const { imagePositionPatient, imageOrientationPatient, sliceLocation, tilePosition, segmentNumber } = frame;
  const { temporalPosition, triggerTime, acquisitionTime, contentTime } = frame;
  const { stackId, inStackPositionNumber, dimensionIndexValues } = frame;
  return {
    ...{ imagePositionPatient, imageOrientationPatient, sliceLocation, tilePosition, segmentNumber },
    ...{ temporalPosition, triggerTime, acquisitionTime, contentTime },
    ...{ stackId, inStackPositionNumber, dimensionIndexValues },
  };
}
