import { counted } from '../../base/counted.ts';
import { AmbiguousError, NotFoundError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { InstanceHeader } from '../../types/instance.ts';
import type { ScannedInstance } from '../../types/members.ts';

/** Instances of one series, each SOP Instance once. */
export interface DistinctInstances {
  readonly instances: readonly ScannedInstance[];
  /** Keys of objects that hold a SOP Instance a second time. */
  readonly duplicates: readonly string[];
  /** Keys of objects that hold another image under the SOP Instance UID of one that was kept: both are kept. */
  readonly namesakes: readonly string[];
}

/** A message lists no more series than this. */
export const maxListedSeries = 10;

/**
 * Keeps the instances of the series that is meant, each SOP Instance once. Of two with the same SOP Instance UID it
 * keeps the one whose key comes first, unless their headers tell that they are different images: bad anonymisers give one
 * UID to all (PS3.3 C.12.1 asks for unique ones).
 *
 * @param seriesInstanceUid the series that is meant; undefined: there must be only one
 * @throws AmbiguousError where there are several, with a list; NotFoundError where the one that is meant is not there
 */
export function distinctInstances(
  instances: readonly ScannedInstance[],
  seriesInstanceUid: string | undefined,
  location: string,
): DistinctInstances {
  const uid = instances[0]?.header.seriesInstanceUid;
  const isOneSeries = instances.every(({ header }) => header.seriesInstanceUid === uid);
  if (isOneSeries && (seriesInstanceUid ?? uid) === uid) return withoutDuplicates(instances);
  const bySeries = new Map<string, ScannedInstance[]>();
  for (const instance of instances) {
    const uid = instance.header.seriesInstanceUid;
    const known = bySeries.get(uid);
    if (known === undefined) bySeries.set(uid, [instance]);
    else known.push(instance);
  }
  if (seriesInstanceUid !== undefined) {
    const wanted = bySeries.get(seriesInstanceUid);
    if (wanted !== undefined) return withoutDuplicates(wanted);
    throw new NotFoundError(
      `Expected the series ${seriesInstanceUid} in ${location} but none of its ${counted(instances.length, 'DICOM instance')} belongs to it. ${describeSeries(countedSeries(bySeries))}`,
      { location },
    );
  }
  if (bySeries.size > 1) {
    throw new AmbiguousError(
      `Expected one series in ${location} but found ${bySeries.size}. ${describeSeries(countedSeries(bySeries))}\nGive one of the UIDs as the series and the folder as --root.`,
      { candidates: [...bySeries.keys()].slice(0, maxListedSeries), count: bySeries.size },
    );
  }
  return withoutDuplicates(instances);
}

/** What helps a reader to tell series apart. */
export interface SeriesFacts {
  readonly modality: string;
  readonly seriesDescription: string;
}

interface CountedSeries extends SeriesFacts {
  readonly uid: string;
  readonly instances: number;
}

/** Says which series there are, for messages; '' for none. */
export function describeSeries(series: readonly CountedSeries[]): string {
  return series.length === 0 ? '' : `There ${series.length === 1 ? 'is' : 'are'}:${listOfSeries(series)}`;
}

/** The first series, each in a line of its own, and how many more there are. */
export function listOfSeries(series: readonly CountedSeries[]): string {
  const lines = series.slice(0, maxListedSeries).map(({ uid, modality, seriesDescription, instances }) => {
    const description = seriesDescription === '' ? '' : ` "${printable(seriesDescription)}"`;
    return `\n  ${printable(uid) || '(no UID)'}  ${printable(modality) || '??'}${description}  ${counted(instances, 'instance')}`;
  });
  const more = series.length > maxListedSeries ? `\n  ... and ${series.length - maxListedSeries} more` : '';
  return `${lines.join('')}${more}`;
}

function countedSeries(bySeries: ReadonlyMap<string, readonly ScannedInstance[]>): readonly CountedSeries[] {
  return [...bySeries].map(([uid, members]) => {
    const { modality = '', seriesDescription = '' } = members[0]?.header ?? {};
    return { uid, modality, seriesDescription, instances: members.length };
  });
}

function withoutDuplicates(instances: readonly ScannedInstance[]): DistinctInstances {
  const firstByUid = new Map<string, ScannedInstance>();
  // Nearly no series needs these: a UID occurs twice only where something went wrong.
  const identities = new Map<string, Set<string>>();
  const duplicates: string[] = [];
  const namesakes: string[] = [];
  const kept: ScannedInstance[] = [];
  for (const instance of byKey(instances)) {
    const uid = instance.header.sopInstanceUid;
    const first = uid === '' ? undefined : firstByUid.get(uid);
    if (first === undefined) firstByUid.set(uid, instance);
    else {
      const known = identities.get(uid) ?? new Set([identityOf(first.header)]);
      identities.set(uid, known);
      const identity = identityOf(instance.header);
      if (known.has(identity)) {
        duplicates.push(instance.key);
        continue;
      }
      known.add(identity);
      namesakes.push(instance.key);
    }
    kept.push(instance);
  }
  return { instances: kept, duplicates, namesakes };
}

/** What two headers of one image have in common: its number, place, shape and time. */
function identityOf({ instanceNumber, numberOfFrames, pixels, frames }: InstanceHeader): string {
  const { rows, columns, bitsStored } = pixels ?? {};
  const [first] = frames;
  const { imagePositionPatient, imageOrientationPatient, sliceLocation, acquisitionTime, temporalPosition } =
    first ?? {};
  return JSON.stringify([
    ...[instanceNumber, numberOfFrames, rows, columns, bitsStored],
    ...[imagePositionPatient, imageOrientationPatient, sliceLocation, acquisitionTime, temporalPosition],
  ]);
}

/** Instances in the order of their keys, in which listings usually come. */
function byKey(instances: readonly ScannedInstance[]): readonly ScannedInstance[] {
  const isSorted = instances.every(({ key }, index) => index === 0 || (instances[index - 1]?.key ?? '') <= key);
  return isSorted ? instances : [...instances].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
