import { tags } from './tags.ts';
import { slotCount, slotOf } from './wanted-elements.ts';

/** What of an instance's header differs from the header before: bits. */
export const changes = {
  /** SOP Instance UID, Instance Number. */
  identity: 1,
  position: 2,
  sliceLocation: 4,
  time: 8,
  window: 16,
  rescale: 32,
} as const;

/** Elements that differ from instance to instance, by what is read from them: all that is read from one is here. */
const variable: readonly (readonly [change: number, tags: readonly number[]])[] = [
  [changes.identity, [tags.sopInstanceUid, tags.instanceNumber]],
  [changes.position, [tags.imagePositionPatient]],
  [changes.sliceLocation, [tags.sliceLocation]],
  [
    changes.time,
    [
      tags.acquisitionDate,
      tags.acquisitionTime,
      tags.acquisitionDateTime,
      tags.contentDate,
      tags.contentTime,
      tags.triggerTime,
      tags.temporalPositionIdentifier,
    ],
  ],
  [changes.window, [tags.windowCenter, tags.windowWidth, tags.voiLutFunction]],
  [changes.rescale, [tags.rescaleSlope, tags.rescaleIntercept, tags.doseGridScaling]],
];

const changeOf = new Uint8Array(slotCount);
for (const [change, changed] of variable) for (const tag of changed) changeOf[slotOf(tag)] = change;

/** What changes with the element of this slot; 0 for those whose change asks for the whole header to be read. */
export function changeOfSlot(slot: number): number {
  return changeOf[slot] as number;
}
