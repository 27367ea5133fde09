import type { HeaderIndex } from '../../header-index/cache.ts';
import { toJson } from '../../header-index/json.ts';
import type { FoundInObject, IndexedObject } from '../../header-index/rows.ts';
import type { FrameAttributes, InstanceHeader } from '../../types/instance.ts';
import type { ScannedInstance } from '../../types/members.ts';
import type { Store, StoredObject } from '../../types/storage.ts';
import { type ScanOptions, type ScanResult, scanObjects } from './scan.ts';

/** A header pass that read only what no index knew. */
export interface IndexedScan extends ScanResult {
  /** All objects with what they hold, for the index. */
  readonly indexed: readonly IndexedObject[];
  /** How many of them were recalled, so that nothing of them was read. */
  readonly recalled: number;
}

/**
 * As `scanObjects`, but objects that an index knows in the version that is listed are not read.
 *
 * @throws what `scanObjects` throws
 */
export async function scanWithIndex(
  store: Store,
  objects: readonly StoredObject[],
  index: { readonly known: HeaderIndex | undefined; readonly isImmutable: boolean },
  options: ScanOptions,
): Promise<IndexedScan> {
  const recalled = new Map<string, IndexedObject>();
  for (const object of objects) {
    const known = index.known?.get(object.key);
    if (known !== undefined && (index.isImmutable || isSameVersion(known.object, object))) {
      recalled.set(object.key, known);
    }
  }
  const unknown = recalled.size === 0 ? objects : objects.filter(({ key }) => !recalled.has(key));
  const scan = await scanObjects(store, unknown, {
    ...options,
    onProgress: (done) => options.onProgress?.(done + recalled.size),
  });
  if (scan.instances.length === objects.length) {
    // Nothing was recalled and everything is an instance: they are as many, and in the order of the objects.
    const indexed = scan.instances.map((instance, place): IndexedObject => {
      return { object: objects[place] as StoredObject, found: { kind: 'instance', instance } };
    });
    return { ...scan, indexed, recalled: 0 };
  }
  const found = foundBy(scan);
  const indexed = objects.map((object) => ({
    object,
    found: recalled.get(object.key)?.found ?? found.get(object.key) ?? notDicom,
  }));
  return {
    ...scan,
    instances: indexed.flatMap(({ found: each }) => (each.kind === 'instance' ? each.instance : [])),
    passedOver: indexed.filter(({ found: each }) => each.kind === 'not-dicom').length,
    damaged: indexed.flatMap(({ object, found: each }) =>
      each.kind === 'damaged' ? { key: object.key, message: each.message } : [],
    ),
    indexed,
    recalled: recalled.size,
  };
}

const notDicom: FoundInObject = { kind: 'not-dicom' };

/** What the header pass found, by key; what it passed over is not in it. */
function foundBy(scan: ScanResult): ReadonlyMap<string, FoundInObject> {
  const found = new Map<string, FoundInObject>();
  for (const instance of scan.instances) found.set(instance.key, { kind: 'instance', instance });
  for (const { key, message } of scan.damaged) found.set(key, { kind: 'damaged', message });
  return found;
}

/**
 * Whether an object is still what it was: of one entity tag, or, where listings have none, changed at the same time and
 * of one size. Sizes alone prove nothing: the instances of a series often share one.
 */
function isSameVersion(known: StoredObject, listed: StoredObject): boolean {
  if (!hasVersion(listed) || listed.etag !== known.etag || listed.modified !== known.modified) return false;
  return listed.byteLength === undefined || known.byteLength === undefined || listed.byteLength === known.byteLength;
}

function hasVersion({ etag, modified, byteLength }: StoredObject): boolean {
  return etag !== undefined || (modified !== undefined && byteLength !== undefined);
}

/** Whether an index of these objects can be trusted later: not where their versions cannot be told apart. */
export function isVersioned(scan: IndexedScan, isImmutable: boolean): boolean {
  return isImmutable || scan.indexed.some(({ object }) => hasVersion(object));
}

/**
 * The objects for the index, with the headers that were read in full since: their frames can then be read without
 * reading the header again.
 */
export function withFullHeaders(
  scan: IndexedScan,
  read: readonly { readonly instance: ScannedInstance; readonly header: InstanceHeader }[],
): readonly IndexedObject[] {
  const full = new Map<ScannedInstance, InstanceHeader>();
  for (const { instance, header } of read) {
    if (!instance.complete && !instance.deflated && isSameOrder(instance.header, header)) full.set(instance, header);
  }
  return scan.indexed.map((each) => {
    if (each.found.kind !== 'instance') return each;
    const header = full.get(each.found.instance);
    if (header === undefined) return each;
    return { ...each, found: { kind: 'instance', instance: { ...each.found.instance, header, complete: true } } };
  });
}

/** Whether a header read in full puts the instance where the first part of it did. */
function isSameOrder(first: InstanceHeader, full: InstanceHeader): boolean {
  return toJson(orderOf(first)) === toJson(orderOf(full));
}

function orderOf(header: InstanceHeader): unknown {
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
  return {
    ...{ imagePositionPatient, imageOrientationPatient, sliceLocation, tilePosition, segmentNumber },
    ...{ temporalPosition, triggerTime, acquisitionTime, contentTime },
  };
}
