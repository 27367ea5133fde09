import { AmbiguousError, NotFoundError } from '../../base/errors.ts';
import type { ScannedInstance } from '../../types/members.ts';

/** Instances of one series, each SOP Instance once. */
export interface DistinctInstances {
  readonly instances: readonly ScannedInstance[];
  /** Keys of SOP Instances that are stored a second time. */
  readonly duplicates: readonly string[];
}

const listedSeries = 10;

/**
 * Keeps the instances of the one series that is meant, each SOP Instance once: of two with the same SOP Instance UID the
 * one whose key comes first.
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
      `Expected the series ${seriesInstanceUid} in ${location} but none of its ${instances.length} DICOM instances belongs to it. ${describeSeries(bySeries)}`,
      { location },
    );
  }
  if (bySeries.size > 1) {
    throw new AmbiguousError(
      `Expected one series in ${location} but found ${bySeries.size}. ${describeSeries(bySeries)}\nGive one of the UIDs as the series and the folder as --root.`,
      { candidates: [...bySeries.keys()].slice(0, listedSeries), count: bySeries.size },
    );
  }
  return withoutDuplicates(instances);
}

function describeSeries(bySeries: ReadonlyMap<string, readonly ScannedInstance[]>): string {
  if (bySeries.size === 0) return '';
  const lines = [...bySeries].slice(0, listedSeries).map(([uid, members]) => {
    const header = members[0]?.header;
    const description = header?.seriesDescription === '' ? '' : ` "${header?.seriesDescription}"`;
    return `\n  ${uid || '(no UID)'}  ${header?.modality || '??'}${description}  ${members.length} instance${members.length === 1 ? '' : 's'}`;
  });
  const more = bySeries.size > listedSeries ? `\n  ... and ${bySeries.size - listedSeries} more` : '';
  return `There ${bySeries.size === 1 ? 'is' : 'are'}:${lines.join('')}${more}`;
}

function withoutDuplicates(instances: readonly ScannedInstance[]): DistinctInstances {
  const seen = new Set<string>();
  const duplicates: string[] = [];
  const kept: ScannedInstance[] = [];
  for (const instance of byKey(instances)) {
    const uid = instance.header.sopInstanceUid;
    if (uid !== '' && seen.has(uid)) {
      duplicates.push(instance.key);
      continue;
    }
    seen.add(uid);
    kept.push(instance);
  }
  return { instances: kept, duplicates };
}

/** In the order of their keys, which is how listings come. */
function byKey(instances: readonly ScannedInstance[]): readonly ScannedInstance[] {
  const isSorted = instances.every(({ key }, index) => index === 0 || (instances[index - 1]?.key ?? '') <= key);
  return isSorted ? instances : [...instances].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
