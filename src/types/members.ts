import type { InstanceHeader } from './instance.ts';

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
  /** Version and size of the object, where the store tells them. */
  readonly etag: string | undefined;
  readonly objectByteLength: number | undefined;
  /** Whether `header` reaches the pixel data element, so that frames can be read without reading the header again. */
  readonly complete: boolean;
  /** The object's first bytes (usually all of them), where whole objects were read. */
  readonly bytes: Uint8Array | undefined;
  /** The data set is deflated: offsets count in the inflated one, so the object must be read whole. */
  readonly deflated: boolean;
  /** The store itself told the header, and answers frames by number (DICOMweb). */
  readonly isFromSource?: boolean;
}

/** A frame of an instance: the member of a series that is ordered, chosen and shown. */
export interface Member {
  readonly instance: ScannedInstance;
  /** From 0. */
  readonly frameIndex: number;
  /** Frames of one plane that are shown together: the segments of a segmentation. `frameIndex` is the first of them. */
  readonly layers?: readonly number[];
  /** The member stands for the whole image that the frames are tiles of. */
  readonly level?: SlideLevel;
}
