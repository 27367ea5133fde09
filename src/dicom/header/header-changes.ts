import { slotCount, slotOf } from '../elements/wanted-elements.ts';
import { tags } from '../tags.ts';

/** What can differ between the header of an instance and the header before, as bits. */
export const changes = {
  /** SOP Instance UID, Instance Number. */
  identity: 1,
  position: 2,
  sliceLocation: 4,
  acquisitionTime: 8,
  contentTime: 16,
  triggerTime: 32,
  temporalPosition: 64,
  window: 128,
  rescale: 256,
  echoTime: 512,
  diffusion: 1024,
  /** Laterality and Patient Orientation. */
  side: 2048,
  /** Lossy Image Compression Ratio. */
  lossyRatio: 4096,
} as const;

/**
 * Elements that differ from instance to instance, and what is read from them. Where one of a group differs, all of that
 * group are read again.
 */
const variable: readonly (readonly [change: number, tags: readonly number[]])[] = [
  [changes.identity, [tags.sopInstanceUid, tags.instanceNumber]],
  [changes.position, [tags.imagePositionPatient]],
  [changes.sliceLocation, [tags.sliceLocation]],
  [changes.acquisitionTime, [tags.acquisitionDate, tags.acquisitionTime, tags.acquisitionDateTime]],
  [changes.contentTime, [tags.contentDate, tags.contentTime]],
  [changes.triggerTime, [tags.triggerTime]],
  [changes.temporalPosition, [tags.temporalPositionIdentifier]],
  [changes.window, [tags.windowCenter, tags.windowWidth, tags.voiLutFunction]],
  [changes.echoTime, [tags.echoTime]],
  [changes.diffusion, [tags.diffusionBValue, tags.siemensBValue, tags.geBValue, tags.philipsBValue, tags.uihBValue]],
  [changes.diffusion, [tags.siemensCreator, tags.geCreator, tags.philipsCreator, tags.uihCreator]],
  [changes.side, [tags.imageLaterality, tags.laterality, tags.patientOrientation]],
  [changes.lossyRatio, [tags.lossyImageCompressionRatio]],
  [changes.rescale, [tags.rescaleSlope, tags.rescaleIntercept, tags.doseGridScaling]],
];

const changeOf = new Uint16Array(slotCount);
for (const [change, changed] of variable) for (const tag of changed) changeOf[slotOf(tag)] = change;

/** What changes with the element of this slot; 0 where the whole header must be read when it changes. */
export function changeOfSlot(slot: number): number {
  return changeOf[slot] as number;
}
