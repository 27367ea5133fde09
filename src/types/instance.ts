import type { LookupTable, ModalityTransform, PaddingRange, Palette, PixelDescription, VoiWindow } from './pixels.ts';

/** Millimetres in patient coordinates: x to the left, y to posterior, z to the head (PS3.3 C.7.6.2.1.1). */
export type Vector3 = readonly [number, number, number];
/** Image Orientation (Patient): direction cosines of a row, then of a column. */
export type Orientation = readonly [number, number, number, number, number, number];

/** Complex Image Component (PS3.3 C.8.13.3.1.1). */
export type ImageComponent = 'MAGNITUDE' | 'PHASE' | 'REAL' | 'IMAGINARY' | 'MIXED';

/** What lies towards each edge of an image, in the standard's letters (PS3.3 C.7.6.1.1.1), such as R, L, A, P, H, F. */
export interface EdgeLetters {
  /** Towards the left edge. */
  readonly left: string;
  /** Towards the right edge. */
  readonly right: string;
  /** Towards the upper edge. */
  readonly top: string;
  /** Towards the lower edge. */
  readonly bottom: string;
}

/** Attributes that can differ from frame to frame. They come from the top level, or from functional groups. */
export interface FrameAttributes {
  readonly imagePositionPatient: Vector3 | undefined;
  readonly imageOrientationPatient: Orientation | undefined;
  /** Millimetres between the centres of neighbouring rows, and of neighbouring columns. */
  readonly pixelSpacing: readonly [row: number, column: number] | undefined;
  readonly sliceLocation: number | undefined;
  /** Referenced Segment Number of a segmentation's frame. */
  readonly segmentNumber: number | undefined;
  /** Of a tile in the total pixel matrix, from 1. */
  readonly tilePosition: readonly [row: number, column: number] | undefined;
  /**
   * Of a frame that has no position: the stack that it belongs to, its place in it, and its Dimension Index Values
   * (PS3.3 C.7.6.16.2.2, C.7.6.17).
   */
  readonly stackId: string | undefined;
  readonly inStackPositionNumber: number | undefined;
  readonly dimensionIndexValues: readonly number[] | undefined;
  /** Temporal Position Index or Identifier. */
  readonly temporalPosition: number | undefined;
  /** Nominal Cardiac Trigger Delay Time or Trigger Time, in milliseconds. */
  readonly triggerTime: number | undefined;
  /** Echo Time or Effective Echo Time. */
  readonly echoTimeMs: number | undefined;
  /** Diffusion b-value, in seconds per square millimetre; from private elements too. */
  readonly diffusionBValue: number | undefined;
  /** Which part of complex MR values the image shows. */
  readonly imageComponent: ImageComponent | undefined;
  /** Frame Laterality, Image Laterality or Laterality: R, L, U (unpaired) or B (both). */
  readonly laterality: string | undefined;
  /** Patient Orientation: the directions of the rows and of the columns, such as A and FR (PS3.3 C.7.6.1.1.1). */
  readonly patientOrientation: readonly [row: string, column: string] | undefined;
  /** Seconds since 1970-01-01, or since midnight where only a time of day is known. */
  readonly acquisitionTime: number | undefined;
  readonly contentTime: number | undefined;
  readonly modality: ModalityTransform;
  /** Rescale Type or Units: what the modality values are. */
  readonly unit: string | undefined;
  readonly windows: readonly VoiWindow[];
  readonly voiTables: readonly LookupTable[];
}

/** Where the pixel data element's value lies in the object. */
export interface PixelDataLocation {
  /** Offset of the value's first byte. For encapsulated data this is the Basic Offset Table's item tag. */
  readonly offset: number;
  /** Bytes, where the element says; undefined for undefined length. */
  readonly length: number | undefined;
  /** The value is in items (PS3.5 A.4), even if the transfer syntax says otherwise. */
  readonly encapsulated: boolean;
}

/** What the values of a segmentation stand for (PS3.3 C.8.20.2). */
export interface Segmentation {
  readonly type: 'BINARY' | 'FRACTIONAL' | 'LABELMAP';
  /** The value of a pixel that lies entirely in the segment. */
  readonly maximum: number;
  /** Recommended Display CIELab Value of segments, as encoded (PS3.3 C.10.7.1.1), where they have one. */
  readonly colours: ReadonlyMap<number, readonly [lightness: number, a: number, b: number]>;
}

/** An overlay group of an instance (PS3.3 C.9.2). */
export interface OverlayGroup {
  readonly rows: number;
  readonly columns: number;
  /** Row and column of the image, from 1, that the first bit lies on. */
  readonly origin: readonly [row: number, column: number];
  readonly numberOfFrames: number;
  /** The image's frame (from 1) that the first plane belongs to. */
  readonly firstFrame: number;
  /** Without `bits`: which unused bit of the stored values holds the plane, from 0. */
  readonly bitPosition: number;
  /** Planes of all frames without gaps, least significant bit first. */
  readonly bits: Uint8Array | undefined;
}

/** How one stored frame holds many slices side by side, row by row (Siemens mosaic, UIH grid). */
export interface Unfolding {
  /** Slices. */
  readonly count: number;
  /** Slices a row of the grid. */
  readonly gridColumns: number;
  /** Size of a slice in pixels. */
  readonly rows: number;
  readonly columns: number;
}

/**
 * An attribute that says YES: there are patient data in the pixels. Burned In Annotation and Recognizable Visual Features
 * (PS3.3 C.7.6.1), Specimen Label in Image (C.8.12.4).
 */
export type SaidOfPixels = 'burnedInAnnotation' | 'recognizableVisualFeatures' | 'specimenLabelInImage';

/** The header of one SOP Instance, as far as pictures need it. No patient attributes. */
export interface InstanceHeader {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly modality: string;
  readonly seriesDescription: string;
  readonly seriesNumber: number | undefined;
  /** As stored (YYYYMMDD). A date can help to find a person: it is shown only where patient attributes are asked for. */
  readonly seriesDate: string;
  readonly manufacturer: string;
  readonly manufacturerModelName: string;
  readonly bodyPartExamined: string;
  readonly protocolName: string;
  /** Milliseconds from frame to frame (Frame Time). */
  readonly frameTimeMs: number | undefined;
  /** Frames per second to show. */
  readonly recommendedDisplayFrameRate: number | undefined;
  /** Frames per second (Cine Rate). */
  readonly cineRate: number | undefined;
  /** Lossy Image Compression: whether it was ever used. undefined where the header does not say, or was not read so far. */
  readonly lossyImageCompression: boolean | undefined;
  /** Lossy Image Compression Ratio has a value for each lossy compression (PS3.3 C.7.6.1.1.5): how many; undefined as above. */
  readonly lossyCompressions: number | undefined;
  /** Burned In Annotation: whether the pixels name the patient; undefined as above. */
  readonly burnedInAnnotation: boolean | undefined;
  readonly imageType: readonly string[];
  readonly transferSyntaxUid: string;
  readonly instanceNumber: number | undefined;
  readonly numberOfFrames: number;
  /** Set where the one stored frame holds many slices. Then `numberOfFrames` and `frames` count slices. */
  readonly unfolding: Unfolding | undefined;
  /** What a reader of the picture should know of this instance. */
  readonly notes: readonly string[];
  /** undefined where the instance has no image pixel attributes, or where they have not been reached. */
  readonly pixels: PixelDescription | undefined;
  readonly pixelData: PixelDataLocation | undefined;
  /** Of a big endian data set: pixel data of 8 bits or less are bytes (OB), not words whose bytes come swapped (OW). */
  readonly pixelsAreBytes?: true;
  /** Extended Offset Table and its lengths (PS3.3 C.7.6.3.1.8): one entry a frame, in bytes. */
  readonly extendedOffsets: { readonly offsets: readonly number[]; readonly lengths: readonly number[] } | undefined;
  readonly pixelAspectRatio: readonly [vertical: number, horizontal: number] | undefined;
  readonly padding: PaddingRange | undefined;
  /** What the header says of patient data in the pixels: those of these attributes that are YES. */
  readonly saidOfPixels: readonly SaidOfPixels[];
  readonly presentationLutShape: 'IDENTITY' | 'INVERSE' | undefined;
  readonly palette: Palette | undefined;
  /** Size in pixels of the image that the frames are tiles of (whole slide microscopy). */
  readonly totalPixelMatrix: { readonly rows: number; readonly columns: number } | undefined;
  readonly segmentation: Segmentation | undefined;
  readonly overlays: readonly OverlayGroup[];
  /** One entry a frame, or a single one that holds for all. */
  readonly frames: readonly FrameAttributes[];
}
