import { counted } from '../../base/counted.ts';
import type { FrameAttributes, Orientation, Vector3 } from '../../types/instance.ts';
import type { DataSet } from '../elements/data-set.ts';
import { tags } from '../tags.ts';
import { maxUncheckedFrames } from './frame-count.ts';
import type { HeaderNotes } from './header-notes.ts';
import { normalOf } from './slice-normal.ts';

/**
 * Gives each frame of an instance without functional groups its own place, where the header describes one: by Grid
 * Frame Offset Vector (RT Dose, PS3.3 C.8.8.3.2), or by the vectors of a nuclear medicine image (PS3.3 C.8.4.8). Where
 * it does not, the result is one entry for all frames.
 */
export function placeFrames(
  dataSet: DataSet,
  only: FrameAttributes,
  numberOfFrames: number,
  notes: HeaderNotes,
): readonly FrameAttributes[] {
  if (numberOfFrames <= 1) return [only];
  return (
    placeDoseFrames(dataSet, only, numberOfFrames, notes) ?? placeNuclearFrames(dataSet, only, numberOfFrames) ?? [only]
  );
}

function placeDoseFrames(
  dataSet: DataSet,
  only: FrameAttributes,
  numberOfFrames: number,
  notes: HeaderNotes,
): readonly FrameAttributes[] | undefined {
  const offsets = dataSet.decimals(tags.gridFrameOffsetVector);
  const { imagePositionPatient: origin, imageOrientationPatient: orientation } = only;
  const [first] = offsets;
  if (first === undefined || origin === undefined || orientation === undefined) return undefined;
  const isWrong = offsets.length !== numberOfFrames || !offsets.every(Number.isFinite);
  if (isWrong) notes.add(wrongOffsets(offsets, numberOfFrames));
  // A few offsets do not place a crowd of frames.
  if (!Number.isFinite(first) || numberOfFrames > Math.max(maxUncheckedFrames, offsets.length * 4)) return undefined;
  const normal = normalOf(orientation);
  // Offsets that begin with 0 count from the first plane. Others are patient coordinates along the normal's main axis.
  return Array.from({ length: numberOfFrames }, (_, frame) => {
    const distance = (offsets[frame] ?? Number.NaN) - first;
    if (!Number.isFinite(distance)) return { ...only, imagePositionPatient: undefined };
    return { ...only, imagePositionPatient: along(origin, normal, first === 0 ? distance : distance * sign(normal)) };
  });
}

function wrongOffsets(offsets: readonly number[], numberOfFrames: number): string {
  const found =
    offsets.length === numberOfFrames
      ? 'some of its values are no numbers'
      : `it has ${counted(offsets.length, 'value')}`;
  return `Grid Frame Offset Vector should tell the places of ${counted(numberOfFrames, 'frame')} but ${found}: other frames have no place.`;
}

/** 1 where coordinates along the main axis of the normal grow in the direction of the normal, else -1. */
function sign(normal: Vector3): number {
  const main = normal.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return main < 0 ? -1 : 1;
}

function placeNuclearFrames(
  dataSet: DataSet,
  only: FrameAttributes,
  numberOfFrames: number,
): readonly FrameAttributes[] | undefined {
  const slices = dataSet.uint16s(tags.sliceVector);
  const times = [tags.timeSlotVector, tags.timeSliceVector, tags.phaseVector]
    .map((tag) => dataSet.uint16s(tag))
    .find((vector) => vector.length >= numberOfFrames);
  const detector = dataSet.item(tags.detectorInformationSequence);
  const origin = triple(detector?.decimals(tags.imagePositionPatient)) ?? only.imagePositionPatient;
  const orientation = sextuple(detector?.decimals(tags.imageOrientationPatient)) ?? only.imageOrientationPatient;
  const spacing = dataSet.decimal(tags.spacingBetweenSlices);
  const placed =
    slices.length >= numberOfFrames && origin !== undefined && orientation !== undefined && spacing !== undefined;
  if (!placed && times === undefined) return undefined;
  const normal = orientation === undefined ? undefined : normalOf(orientation);
  return Array.from({ length: numberOfFrames }, (_, frame) => {
    const slice = slices[frame] ?? 1;
    const position =
      placed && normal !== undefined ? along(origin, normal, (slice - 1) * spacing) : only.imagePositionPatient;
    return {
      ...only,
      imagePositionPatient: position,
      imageOrientationPatient: placed ? orientation : only.imageOrientationPatient,
      temporalPosition: times?.[frame] ?? only.temporalPosition,
    };
  });
}

function triple(values: readonly number[] | undefined): Vector3 | undefined {
  const [x, y, z] = values ?? [];
  if (x === undefined || y === undefined || z === undefined) return undefined;
  return Number.isFinite(x + y + z) ? [x, y, z] : undefined;
}

function sextuple(values: readonly number[] | undefined): Orientation | undefined {
  const row = triple(values?.slice(0, 3));
  const column = triple(values?.slice(3, 6));
  return row === undefined || column === undefined ? undefined : [...row, ...column];
}

function along(origin: Vector3, direction: Vector3, distance: number): Vector3 {
  return [
    origin[0] + direction[0] * distance,
    origin[1] + direction[1] * distance,
    origin[2] + direction[2] * distance,
  ];
}
