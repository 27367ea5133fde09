/** The plane that an orientation is nearest to. */
export type Plane = 'axial' | 'coronal' | 'sagittal';

/** What a series' slices are: one plane, straight or oblique; several; or not known. */
export type SeriesOrientation = Plane | 'oblique-axial' | 'oblique-coronal' | 'oblique-sagittal' | 'mixed' | 'none';

/** What the headers of a series tell. No patient attributes in it. */
export interface SeriesInfo {
  /** Where the series lies, without credentials. */
  readonly location: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly modality: string;
  readonly seriesDescription: string;
  /** SOP Instances, each counted once, and their frames. */
  readonly instances: number;
  readonly frames: number;
  /** As listed; null where the store tells no sizes. */
  readonly byteLength: number | null;
  readonly orientation: SeriesOrientation;
  /** What decided the order, such as 'position-along-normal'. */
  readonly orderedBy: string;
  /** Sizes of the images, the most frequent first. */
  readonly sizes: readonly { readonly rows: number; readonly columns: number; readonly frames: number }[];
  /** Pixel Spacing of the first image that has one, in millimetres; null for none. */
  readonly pixelSpacing: readonly [row: number, column: number] | null;
  /** UIDs, the most frequent first. */
  readonly transferSyntaxUids: readonly string[];
  readonly sopClassUids: readonly string[];
  /** Members of one orientation, and where they lie. */
  readonly stacks: readonly StackGeometry[];
  readonly warnings: readonly string[];
}

/** Where the members of a stack lie. */
export interface StackGeometry {
  readonly orientation: SeriesOrientation;
  readonly members: number;
  /** Different places along the normal; as many as members where there is no geometry. */
  readonly places: number;
  /** Members at the fullest place: times, echoes, b-values. 1 for a plain stack. */
  readonly volumes: number;
  /** Places that hold fewer members than the fullest. */
  readonly incompletePlaces: number;
  /** Median distance of neighbouring places; null for fewer than two. */
  readonly spacingMm: number | null;
  /** From the first place to the last; null without geometry. */
  readonly extentMm: number | null;
  /** Where neighbouring places lie further apart than the spacing by half. */
  readonly gaps: readonly StackGap[];
}

export interface StackGap {
  /** Millimetres from the first place to the one before the gap. */
  readonly afterMm: number;
  readonly widthMm: number;
}
