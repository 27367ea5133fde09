import type { EdgeLetters } from './instance.ts';
import type { VoiFunction } from './pixels.ts';
import type { PrivacyRisk, StackGap, VolumeInfo, VolumeLabel } from './series-info.ts';

/** A picture of a series, and a report that tells where each tile came from. */
export interface Preview {
  /** The encoded picture. */
  readonly bytes: Uint8Array;
  /** What each tile shows, what was read, and what there is to warn of. */
  readonly report: PreviewReport;
}

/** How a picture is encoded. */
export type OutputFormat = 'webp' | 'jpeg' | 'png' | 'avif' | 'tiff';

/** How a film is encoded. */
export type FilmFormat = 'webp' | 'gif' | 'mp4' | 'webm';

/** How a film runs. */
export interface FilmReport {
  /** What changes from frame to frame: the place, the time, or the frame of one instance. */
  readonly along: 'space' | 'time' | 'frames';
  /** Frames shown, each way of a film that bounces counted. */
  readonly frames: number;
  /** Frames a second. */
  readonly framesPerSecond: number;
  /** It starts again at its end, for ever. MP4 and WebM leave that to the player. */
  readonly loop: boolean;
  /** It runs to its end and back. */
  readonly bounce: boolean;
}

/**
 * Where a tile's window came from: its own instance; the median of the series' windows, where they differ; the values
 * shown (`auto`), also because the stored window would show nothing (`auto-fallback`); a VOI LUT; a preset; the numbers
 * that the caller gave (`option`); or the whole range of the values.
 */
export type WindowSource =
  | 'instance'
  | 'series-median'
  | 'auto'
  | 'auto-fallback'
  | 'voi-lut'
  | 'preset'
  | 'option'
  | 'full-range';

/** The window (in modality values) a tile was drawn with. */
export interface TileWindow {
  /** Window Center. */
  readonly center: number;
  /** Window Width. */
  readonly width: number;
  /** VOI LUT Function (PS3.3 C.11.2.1.3). */
  readonly function: VoiFunction;
  /** Where the window came from. */
  readonly source: WindowSource;
}

/** One tile of the picture and where it came from. */
export interface TileReport {
  /** Index into the series' ordered list of frames, from 0. */
  readonly index: number;
  /** Column and row in letters and digits, such as 'C4': column C, row 4. */
  readonly address: string;
  /** Row of the grid, from 0. */
  readonly row: number;
  /** Column of the grid, from 0. */
  readonly column: number;
  /** Key of the object in its store; control characters in it are shown, as in `\u{1b}`. */
  readonly key: string;
  /** SOP Instance UID. */
  readonly sopInstanceUid: string;
  /** Instance Number; null where the header has none. */
  readonly instanceNumber: number | null;
  /** Frame of the instance, from 1. */
  readonly frame: number;
  /** Millimetres along the slice normal from the first instance in order; null without geometry. */
  readonly positionMm: number | null;
  /** 0 (first in order) .. 1 (last). */
  readonly position: number;
  /** `index`, `positionMm` and `position` are estimates, because a draft did not read all headers. */
  readonly estimated?: true;
  /** The volume that the image belongs to; absent where the series does not repeat places. */
  readonly volume?: VolumeLabel;
  /** null for colour and for tiles that could not be shown. */
  readonly window: TileWindow | null;
  /** The contrast of the tile, as the caller named it; absent where the picture was asked for with one contrast. */
  readonly contrast?: string;
  /** `overview`: the tile shows a slide's whole level, not one frame. */
  readonly shows?: 'overview';
  /** Name of the colour map that the values are shown in; absent for grey images and for images in colour. */
  readonly colourMap?: string;
  /** Nothing is to be seen: next to all pixels of the tile have one grey. Absent for others. */
  readonly blank?: true;
  /**
   * More than 30 % of the tile's pixels are white, by a window that may be too narrow or too low. Absent for others, and for
   * images in colour.
   */
  readonly clipped?: true;
  /** Why this tile shows a mark and not an image; absent where it shows the image. */
  readonly error?: {
    /** As of the package's errors. */
    readonly code: string;
    /** In a sentence. */
    readonly message: string;
  };
}

/** The series that a picture was made of. */
export interface SeriesReport {
  /** Series Instance UID; '' where the headers have none. */
  readonly seriesInstanceUid: string;
  /** Study Instance UID; '' where the headers have none. */
  readonly studyInstanceUid: string;
  /** Modality (0008,0060), such as 'CT'; '' where the headers have none. */
  readonly modality: string;
  /** SOP Instances in the series, each counted once. An estimate in a draft that did not read all headers. */
  readonly instances: number;
  /** Frames of all instances, or an estimate as above. */
  readonly frames: number;
  /** 'axial', 'coronal', 'sagittal', 'oblique-axial', 'oblique-coronal', 'oblique-sagittal', 'mixed' or 'none'. */
  readonly orientation: string;
  /** What decided the order, such as 'position-along-normal', 'slice-location', 'instance-number', 'key'. */
  readonly orderedBy: string;
  /** The volumes of a series that repeats places; absent for others, and in a draft. */
  readonly volumes?: readonly VolumeInfo[];
}

/** An object that was listed and could not be read. */
export interface UnreadableReport {
  /** Key of the object in its store; control characters in it are shown. */
  readonly key: string;
  /** Why. */
  readonly error: {
    /** As of the package's errors. */
    readonly code: string;
    /** In a sentence. */
    readonly message: string;
  };
}

/** The cells of a picture, one a tile, in pixels. */
export interface GridReport {
  /** Cells a row. */
  readonly columns: number;
  /** Rows of cells. */
  readonly rows: number;
  /** Of the first cell. */
  readonly left: number;
  /** Of the first cell. */
  readonly top: number;
  /** Of each cell. */
  readonly cellWidth: number;
  /** Of each cell. */
  readonly cellHeight: number;
  /** Between neighbouring cells. */
  readonly gap: number;
}

/** One plane through a stack of slices, as the picture shows it. */
export interface PlaneReport {
  /** The plane of the patient that it is nearest to. */
  readonly plane: 'axial' | 'coronal' | 'sagittal';
  /** It lies along the stack's own axes, which are turned by more than 2.5 degrees against the patient's. */
  readonly oblique: boolean;
  /** Where it lies in the picture, in pixels. */
  readonly left: number;
  /** Pixels from the top of the picture. */
  readonly top: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Where it lies in the stack: 0 (superior, anterior, or right) .. 1. */
  readonly position: number;
  /** The same in millimetres from position 0. */
  readonly positionMm: number;
  /** What lies towards its edges: R, L, A, P, H, F. */
  readonly letters: EdgeLetters;
  /** The image that this plane shows as it is (not joined with others); null for planes across the images. */
  readonly image: Pick<TileReport, 'index' | 'key' | 'sopInstanceUid' | 'instanceNumber' | 'frame'> | null;
}

/** Planes through a stack of slices, and what they were made of. */
export interface PlanesReport {
  /** From left to right. */
  readonly shown: readonly PlaneReport[];
  /** How values one behind the other were joined; null where each plane is a section. */
  readonly projection: 'max' | 'mean' | 'min' | null;
  /** Thickness of what was joined, in millimetres; null for the whole stack, and for sections. */
  readonly slabMm: number | null;
  /** Millimetres of a pixel of the picture. */
  readonly pixelMm: number;
  /** The window of all planes. */
  readonly window: TileWindow | null;
  /** Slices of the stack, one a place. */
  readonly slices: number;
  /** How many of them were read. */
  readonly slicesRead: number;
  /** How many of those could not be shown, so that there is a gap in their place. */
  readonly slicesFailed: number;
  /** Median distance of neighbouring slices in millimetres. */
  readonly spacingMm: number;
  /** How far the stack leans (gantry tilt): the angle between its slices' normal and the line through their corners. */
  readonly tiltDegrees: number;
  /** Where slices are missing: millimetres from the first slice, and how wide. */
  readonly gaps: readonly StackGap[];
}

/** The JSON report. No patient attributes in it. */
export interface PreviewReport {
  /** Version of this shape. */
  readonly schema: 1;
  /** The series that the picture was made of. */
  readonly series: SeriesReport;
  /** One entry a tile, in the order of the picture: row by row. */
  readonly tiles: readonly TileReport[];
  /** Of a picture of planes, which has no tiles; absent for others. */
  readonly planes?: PlanesReport;
  /** Of a film, whose tiles are its frames in their order; absent for others. */
  readonly film?: FilmReport;
  /** The encoded picture. */
  readonly output: {
    /** null until the picture is written to a file. */
    readonly path: string | null;
    /** How it is encoded. */
    readonly format: OutputFormat | FilmFormat | 'html';
    /** Pixels. */
    readonly width: number;
    /** Pixels. */
    readonly height: number;
    /** Bytes of the encoded picture. */
    readonly byteLength: number;
    /** The quality that it was encoded with; only where the bytes were limited (`maxByteLength`), which may lower it. */
    readonly quality?: number;
    /** Where the tiles lie in the picture, in pixels. */
    readonly grid: GridReport;
  };
  /** What was read. */
  readonly io: {
    /** Requests to the store, retries included; on a local disk, reads. */
    readonly requests: number;
    /** Bytes read for headers. */
    readonly headerBytes: number;
    /** Bytes read for pixel data. */
    readonly pixelBytes: number;
  };
  /** Milliseconds of each stage. */
  readonly timingsMs: {
    /** Finding and listing the series. */
    readonly list: number;
    /** Reading headers and putting them in order. */
    readonly headers: number;
    /** Reading and decoding frames. */
    readonly pixels: number;
    /** Drawing the tiles. */
    readonly render: number;
    /** Encoding the picture. */
    readonly encode: number;
    /** The sum of all stages. */
    readonly total: number;
  };
  /** What a reader of the picture should know, in sentences. */
  readonly warnings: readonly string[];
  /** Why the picture may tell who the patient is; absent where no header says so. `warnings` has it in one sentence. */
  readonly privacy?: readonly PrivacyRisk[];
  /** What else there is in the series, in sentences; absent for nothing. Nothing is wrong with the picture. */
  readonly notes?: readonly string[];
  /**
   * Objects that were listed and could not be read, so that the series may hold more images than these; absent where all
   * could be read.
   */
  readonly unreadable?: readonly UnreadableReport[];
  /** What the header index did; absent where it has no part in this series. */
  readonly index?: IndexReport;
  /** How a draft came out; absent where none was asked for. */
  readonly draft?: DraftReport;
}

/** What a draft has read, and how far its tiles may be from where they should be. */
export interface DraftReport {
  /** `exact`: all headers were read and all tiles are there, as without a draft; `reason` says why. */
  readonly outcome: 'draft' | 'exact';
  /** Why the draft is as it is, in a sentence. */
  readonly reason: string;
  /** Objects that the listing has. */
  readonly listedInstances: number;
  /** Those of them whose headers were read, or were known from an earlier run. */
  readonly sampledInstances: number;
  /** What tells where the tiles lie in the whole series. */
  readonly positionsFrom: 'all-headers' | 'keys' | 'instance-numbers' | 'even-spacing' | 'sample';
  /** How far a tile lies from where it would be without a draft, in the mean, as a fraction of the extent (0..1). */
  readonly expectedPositionError: number;
  /** The same in millimetres; null where positions do not go by millimetres. */
  readonly expectedPositionErrorMm: number | null;
  /** From the first to the last instance of the series; null where positions do not go by millimetres. */
  readonly extentMm: number | null;
  /** How far the series probably reaches before the first and after the last instance that was read. */
  readonly beyondSampleMm: readonly [before: number, after: number] | null;
  /** What was left out. */
  readonly skipped: {
    /** Headers that were not read. */
    readonly headers: number;
    /** Tiles for which the budget was too small. */
    readonly tiles: number;
  };
  /** The limits that were given; null for none. */
  readonly budget: {
    /** Bytes; null for any number. */
    readonly byteLength: number | null;
    /** Milliseconds; null for any time. */
    readonly timeMs: number | null;
  } | null;
}

/** Headers of a series that were kept in the header index, or not. */
export interface IndexReport {
  /** Objects that were known from an earlier run, so that nothing was read of them. */
  readonly recalled: number;
  /** Whether the headers were kept for later runs. */
  readonly kept: boolean;
  /** Why they could not be kept. */
  readonly problem?: string;
}
