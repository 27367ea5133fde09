import type { ImageComponent } from './instance.ts';

/** The plane that an orientation is nearest to. */
export type Plane = 'axial' | 'coronal' | 'sagittal';

/** What a series' slices are: one plane, straight or oblique; several; or not known. */
export type SeriesOrientation = Plane | 'oblique-axial' | 'oblique-coronal' | 'oblique-sagittal' | 'mixed' | 'none';

/** What the headers of a series tell, in short. No patient attributes in it. */
export interface SeriesInfo {
  /** Where the series lies, without credentials. */
  readonly location: string;
  /** Series Instance UID; '' where the headers have none. */
  readonly seriesInstanceUid: string;
  /** Study Instance UID; '' where the headers have none. */
  readonly studyInstanceUid: string;
  /** Modality (0008,0060), such as 'CT'; '' where the headers have none. */
  readonly modality: string;
  /** Series Description (0008,103E); '' where the headers have none. */
  readonly seriesDescription: string;
  /** Series Number (0020,0011); null for none. */
  readonly seriesNumber: number | null;
  /** Series Date (0008,0021) as stored; only where the series was opened with `includePatient`. */
  readonly seriesDate?: string;
  /** Manufacturer (0008,0070), Manufacturer's Model Name (0008,1090); '' where the headers have none. */
  readonly manufacturer: string;
  /** Manufacturer's Model Name (0008,1090); '' for none. */
  readonly manufacturerModelName: string;
  /** Body Part Examined (0018,0015), Protocol Name (0018,1030); '' where the headers have none. */
  readonly bodyPartExamined: string;
  /** Protocol Name (0018,1030); '' for none. */
  readonly protocolName: string;
  /** SOP Instances, each counted once. */
  readonly instances: number;
  /** Frames of all instances. */
  readonly frames: number;
  /** Bytes of all objects as listed; null where the store tells no sizes. */
  readonly byteLength: number | null;
  /** The plane of the slices. */
  readonly orientation: SeriesOrientation;
  /** What decided the order, such as 'position-along-normal'. */
  readonly orderedBy: string;
  /** Sizes of the images, the most frequent first. */
  readonly sizes: readonly {
    /** Rows (0028,0010). */
    readonly rows: number;
    /** Columns (0028,0011). */
    readonly columns: number;
    /** Frames that have this size. */
    readonly frames: number;
  }[];
  /** Pixel Spacing of the first image that has one, in millimetres; null for none. */
  readonly pixelSpacing: readonly [row: number, column: number] | null;
  /** Millimetres that the first image with a spacing covers from top to bottom and from left to right; null for none. */
  readonly imageExtentMm: readonly [height: number, width: number] | null;
  /** Frames per second: Recommended Display Frame Rate, Cine Rate, or from Frame Time; null where the headers have none. */
  readonly frameRate: number | null;
  /** The stored windows, the most frequent first, ten at most. */
  readonly windows: readonly {
    /** Window Center (0028,1050). */
    readonly center: number;
    /** Window Width (0028,1051). */
    readonly width: number;
    /** Images that have it as their first. */
    readonly images: number;
  }[];
  /** Different windows among them all. */
  readonly differentWindows: number;
  /** Images whose header was not read as far as its window. */
  readonly unknownWindows: number;
  /** Transfer Syntax UIDs, the most frequent first. */
  readonly transferSyntaxUids: readonly string[];
  /** SOP Class UIDs, the most frequent first. */
  readonly sopClassUids: readonly string[];
  /** Images of one orientation each, and where they lie. */
  readonly stacks: readonly StackGeometry[];
  /**
   * Why pictures of the series may tell who the patient is, as far as the headers that were read say; empty for nothing.
   * Labels of slides count, although pictures leave them out.
   */
  readonly privacy: readonly PrivacyRisk[];
  /** What whoever checks a series wants to know of. */
  readonly flags: readonly SeriesFlag[];
  /** What else there is in the series, in sentences; nothing is wrong. */
  readonly notes: readonly string[];
  /** What listing and headers have to say, in sentences. */
  readonly warnings: readonly string[];
}

/**
 * - `few-instances`: fewer than ten images, of a modality that makes stacks (CT, MR, PT).
 * - `localizer`: Image Type or Series Description says so.
 * - `mixed-orientation`: stacks of several orientations.
 * - `no-position`: images without a place; they are in the order of numbers.
 * - `gaps`: neighbouring places that lie further apart, by half or more, than is usual nearby.
 * - `irregular-spacing`: distances that differ from the spacing by more than a tenth, gaps apart.
 * - `several-volumes`: most places hold several images (times, echoes, b-values).
 * - `repeated-places`: some places, fewer than half, hold several images.
 * - `missing-places`: volumes that lack images at places where others have one.
 * - `mixed-sizes`: images of several sizes; `mixed-transfer-syntaxes` and `mixed-sop-classes` likewise.
 * - `lossy-compression`: Lossy Image Compression (0028,2110), where it was read, or a lossy transfer syntax.
 * - `lossy-twice`: Lossy Image Compression Ratio (0028,2112), where it was read, tells of several lossy compressions.
 * - `burned-in-annotation`: Burned In Annotation (0028,0301) says YES, where it was read. NO is not to be relied on.
 * - `no-pixel-data`: the images have no pixels that could be shown.
 */
export type SeriesFlag =
  | 'few-instances'
  | 'localizer'
  | 'mixed-orientation'
  | 'no-position'
  | 'gaps'
  | 'irregular-spacing'
  | 'several-volumes'
  | 'repeated-places'
  | 'missing-places'
  | 'mixed-sizes'
  | 'mixed-transfer-syntaxes'
  | 'mixed-sop-classes'
  | 'lossy-compression'
  | 'lossy-twice'
  | 'burned-in-annotation'
  | 'no-pixel-data';

/** Where the members of a stack lie: the images (instances, or frames of them) of one orientation. */
export interface StackGeometry {
  /** The plane of the stack. */
  readonly orientation: SeriesOrientation;
  /** Images in the stack. */
  readonly members: number;
  /** Different places along the normal; as many as members where there is no geometry. */
  readonly places: number;
  /** The images split so that each volume has one at a place: times, echoes, b-values. One for a plain stack. */
  readonly volumes: readonly VolumeInfo[];
  /** Places that hold more than one image. */
  readonly repeatedPlaces: number;
  /** Places that hold fewer images than the fullest. */
  readonly incompletePlaces: number;
  /** Median distance of neighbouring places in millimetres; null for fewer than two. */
  readonly spacingMm: number | null;
  /** The least and the greatest of these distances, gaps apart; null as above. */
  readonly spacingRangeMm: readonly [least: number, greatest: number] | null;
  /** Millimetres from the first place to the last; null without geometry. */
  readonly extentMm: number | null;
  /** Where neighbouring places lie further apart than the spacing by half. */
  readonly gaps: readonly StackGap[];
}

/** A volume (images of a stack that lie at different places), and what tells it apart. What is the same in all is absent. */
export interface VolumeLabel {
  /** From 1, as the option `volume` takes it; counted through all stacks of the series. */
  readonly number: number;
  /** Which one in time, from 1, among the volumes that agree in all else. */
  readonly time?: number;
  /** Temporal Position Identifier (0020,0100) or Index (0020,9128). */
  readonly temporalPosition?: number;
  /** Trigger Time (0018,1060) or Nominal Cardiac Trigger Delay Time (0020,9153), in milliseconds. */
  readonly triggerTimeMs?: number;
  /** Echo Time (0018,0081) or Effective Echo Time (0018,9082), in milliseconds. */
  readonly echoTimeMs?: number;
  /** Diffusion b-value (0018,9087) or a private one, in seconds per square millimetre. */
  readonly diffusionBValue?: number;
  /** Complex Image Component (0008,9208), or what Image Type says of it. */
  readonly imageComponent?: ImageComponent;
  /** Image Type (0008,0008), its values joined by a backslash. */
  readonly imageType?: string;
}

/** What there is of a volume. */
export interface VolumeInfo extends VolumeLabel {
  /** How many images there are in it. */
  readonly images: number;
  /** Places of the stack where it has none. */
  readonly missingPlaces: number;
}

/** A place in a stack where something is missing. */
export interface StackGap {
  /** Millimetres from the first place to the one before the gap. */
  readonly afterMm: number;
  /** Millimetres from the place before the gap to the one after it. */
  readonly widthMm: number;
}

/**
 * What in the pixels may tell who the patient is: Burned In Annotation is YES; Recognizable Visual Features is YES; the label
 * of a slide; a Secondary Capture; a screen capture (by Image Type, or a modality that no device has); ultrasound; a photograph.
 */
export type PrivacyRiskKind =
  | 'burned-in-annotation'
  | 'recognizable-features'
  | 'slide-label'
  | 'secondary-capture'
  | 'screen-capture'
  | 'ultrasound'
  | 'photograph';

/** A reason why images may tell who the patient is, as far as their headers say. */
export interface PrivacyRisk {
  /** The reason. */
  readonly kind: PrivacyRiskKind;
  /** SOP Instances that it holds for. */
  readonly instances: number;
}
