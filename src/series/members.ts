import { InvalidDicomError } from '../base/errors.ts';
import { limitHint } from '../base/limit-hint.ts';
import type { FrameAttributes } from '../types/instance.ts';
import { defaultLimits, type Limits } from '../types/limits.ts';
import type { Member, ScannedInstance } from '../types/members.ts';

/** The attributes of a member's frame, or those that all frames of its instance share. */
export function attributesOf(member: Member): FrameAttributes {
  const { frames } = member.instance.header;
  const attributes = frames.length === 1 ? frames[0] : frames[member.frameIndex];
  return attributes ?? frames[0] ?? unknownAttributes;
}

const unknownAttributes: FrameAttributes = {
  imagePositionPatient: undefined,
  imageOrientationPatient: undefined,
  pixelSpacing: undefined,
  sliceLocation: undefined,
  segmentNumber: undefined,
  tilePosition: undefined,
  stackId: undefined,
  inStackPositionNumber: undefined,
  dimensionIndexValues: undefined,
  temporalPosition: undefined,
  triggerTime: undefined,
  echoTimeMs: undefined,
  diffusionBValue: undefined,
  imageComponent: undefined,
  laterality: undefined,
  patientOrientation: undefined,
  acquisitionTime: undefined,
  contentTime: undefined,
  modality: { kind: 'linear', slope: 1, intercept: 0 },
  unit: undefined,
  windows: [],
  voiTables: [],
};

/**
 * The members of all instances, in the order of the instances: one a frame, or one a plane of segments.
 *
 * @param limits `frames`: each takes memory. Real series have some ten thousands.
 * @throws InvalidDicomError where the headers claim more frames
 */
export function membersOf(
  instances: readonly ScannedInstance[],
  { frames: maxFrames }: Limits = defaultLimits,
): readonly Member[] {
  const claimed = instances.reduce((sum, { header }) => sum + header.numberOfFrames, 0);
  if (claimed > maxFrames) {
    throw new InvalidDicomError(
      `Expected a series of at most ${maxFrames} frames but its ${instances.length === 1 ? 'header claims' : `${instances.length} headers claim`} ${claimed} (Number of Frames). It is damaged or hostile. ${limitHint('frames')}`,
    );
  }
  const members: Member[] = [];
  for (const instance of instances) {
    const { segmentation, numberOfFrames, frames } = instance.header;
    const isLayered =
      segmentation !== undefined && segmentation.type !== 'LABELMAP' && frames.length === numberOfFrames;
    if (isLayered) for (const plane of planesOf(instance)) members.push(plane);
    else for (let frameIndex = 0; frameIndex < numberOfFrames; frameIndex++) members.push({ instance, frameIndex });
  }
  return members;
}

/** The members of a segmentation: one a plane, which has a frame for each segment on it. */
function planesOf(instance: ScannedInstance): readonly Member[] {
  const planes = new Map<string, number[]>();
  for (const [frameIndex, frame] of instance.header.frames.entries()) {
    const place = frame.imagePositionPatient ?? frame.tilePosition ?? [`frame ${frameIndex}`];
    const name = [...place, ...(frame.imageOrientationPatient ?? [])].join();
    const known = planes.get(name);
    if (known === undefined) planes.set(name, [frameIndex]);
    else known.push(frameIndex);
  }
  return [...planes.values()].map((layers) => ({ instance, frameIndex: layers[0] ?? 0, layers }));
}
