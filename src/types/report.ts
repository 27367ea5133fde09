import type { VoiFunction } from './pixels.ts';

/** A picture of a series, and a report that tells where each tile came from. */
export interface Preview {
  /** The encoded picture. */
  readonly bytes: Uint8Array;
  readonly report: PreviewReport;
}

export type OutputFormat = 'webp' | 'jpeg' | 'png';

/** Where a tile's window came from. */
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
  readonly center: number;
  readonly width: number;
  readonly function: VoiFunction;
  readonly source: WindowSource;
}

/** One tile of the picture and where it came from. */
export interface TileReport {
  /** Index into the series' ordered list of frames, from 0. */
  readonly index: number;
  /** Cell in the grid, from 0. */
  readonly row: number;
  readonly column: number;
  /** Key of the object in its store. */
  readonly key: string;
  readonly sopInstanceUid: string;
  readonly instanceNumber: number | null;
  /** From 1. */
  readonly frame: number;
  /** Millimetres along the slice normal from the first instance in order; null without geometry. */
  readonly positionMm: number | null;
  /** 0 (first in order) .. 1 (last). */
  readonly position: number;
  /** `index`, `positionMm` and `position` are estimates, because a draft did not read all headers. */
  readonly estimated?: true;
  /** null for colour and for tiles that could not be shown. */
  readonly window: TileWindow | null;
  /** `overview`: the tile shows a slide's whole level, not one frame. */
  readonly shows?: 'overview';
  /** Name of the colour map that the values are shown in; absent for grey images and for images in colour. */
  readonly colourMap?: string;
  /** Why this tile shows a mark in place of the image; absent where it shows the image. */
  readonly error?: { readonly code: string; readonly message: string };
}

export interface SeriesReport {
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly modality: string;
  /** SOP Instances in the series, each counted once. An estimate in a draft that did not read all headers. */
  readonly instances: number;
  /** Frames of all instances, or an estimate as above. */
  readonly frames: number;
  /** 'axial', 'coronal', 'sagittal', 'oblique-axial', 'oblique-coronal', 'oblique-sagittal', 'mixed' or 'none'. */
  readonly orientation: string;
  /** What decided the order, such as 'position-along-normal', 'slice-location', 'instance-number', 'key'. */
  readonly orderedBy: string;
}

/** The JSON report. No patient attributes in it. */
export interface PreviewReport {
  readonly schema: 1;
  readonly series: SeriesReport;
  readonly tiles: readonly TileReport[];
  readonly output: {
    /** null until the picture is written to a file. */
    readonly path: string | null;
    readonly format: OutputFormat;
    readonly width: number;
    readonly height: number;
    readonly byteLength: number;
  };
  readonly io: { readonly requests: number; readonly headerBytes: number; readonly pixelBytes: number };
  readonly timingsMs: {
    readonly list: number;
    readonly headers: number;
    readonly pixels: number;
    readonly render: number;
    readonly encode: number;
    readonly total: number;
  };
  readonly warnings: readonly string[];
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
  /** Objects in the listing. */
  readonly listedInstances: number;
  /** Those of them whose headers were read, or were known from an earlier run. */
  readonly sampledInstances: number;
  /** What tells where the tiles lie in the whole series. */
  readonly positionsFrom: 'all-headers' | 'keys' | 'instance-numbers' | 'even-spacing' | 'sample';
  /**
   * Mean distance of a tile from where it would be without a draft, as estimated: as a fraction of the extent, and in
   * millimetres (null where positions do not go by millimetres).
   */
  readonly expectedPositionError: number;
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
  readonly budget: { readonly byteLength: number | null; readonly timeMs: number | null } | null;
}

/** Headers of a series that were kept in the header index, or not. */
export interface IndexReport {
  /** Objects whose headers an earlier run had kept, so that nothing of them was read. */
  readonly recalled: number;
  /** Whether the headers were kept for later runs. */
  readonly kept: boolean;
  /** Why they could not be kept. */
  readonly problem?: string;
}
