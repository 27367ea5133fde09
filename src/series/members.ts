import type { FrameAttributes, InstanceHeader } from '../types/instance.ts';

/** One resolution of a slide: an instance whose frames are tiles of one large image (PS3.3 C.8.12). */
export interface SlideLevel {
  readonly instance: ScannedInstance;
  /** Pixels of the whole image. */
  readonly rows: number;
  readonly columns: number;
  /** The tiles of the first focal plane and optical path, from top to bottom and left to right. */
  readonly tiles: readonly SlideTile[];
}

/** A tile of a level. */
export interface SlideTile {
  readonly frameIndex: number;
  /** Of its top left pixel in the whole image, from 0. */
  readonly row: number;
  readonly column: number;
}

/** One SOP Instance of a series as the header pass found it. */
export interface ScannedInstance {
  readonly key: string;
  readonly header: InstanceHeader;
  /** Version and size of the object, where the store told. */
  readonly etag: string | undefined;
  readonly objectByteLength: number | undefined;
  /** Whether `header` reaches the pixel data element, so that frames can be read without reading it again. */
  readonly complete: boolean;
  /** The object's first bytes (all of them as a rule), where objects were read at once. */
  readonly bytes: Uint8Array | undefined;
  /** Offsets count in the inflated data set: the object must be read whole. */
  readonly deflated: boolean;
  /** The store itself told the header, and answers frames by their number (DICOMweb). */
  readonly isFromSource?: boolean;
}

/** A frame of an instance: the member of a series that is ordered, chosen and shown. */
export interface Member {
  readonly instance: ScannedInstance;
  /** From 0. */
  readonly frameIndex: number;
  /** Frames of one plane that are shown together, `frameIndex` the first of them: the segments of a segmentation. */
  readonly layers?: readonly number[];
  /** Show the whole image that the frames are tiles of. */
  readonly level?: SlideLevel;
}

/** A member's own attributes, or those that all frames of its instance share. */
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
  temporalPosition: undefined,
  triggerTime: undefined,
  acquisitionTime: undefined,
  contentTime: undefined,
  modality: { kind: 'linear', slope: 1, intercept: 0 },
  unit: undefined,
  windows: [],
  voiTables: [],
};

/** All frames of all instances, in the instances' order. */
export function membersOf(instances: readonly ScannedInstance[]): readonly Member[] {
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

/** One member a plane: a segmentation has a frame for each segment on it. */
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
