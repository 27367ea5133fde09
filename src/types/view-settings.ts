import type { FilmFormat } from './report.ts';
import type { ContrastChoice, PictureSettings } from './settings.ts';

/** A contrast, and what the caller called it. */
export interface NamedContrast {
  readonly name: string;
  readonly choice: ContrastChoice;
}

/** Which images a contrast sheet shows, and in which contrasts. */
export interface ContrastSheetSettings extends PictureSettings {
  readonly contrasts: readonly NamedContrast[];
  /** 0..1, a row each; undefined: evenly chosen ones. */
  readonly positions: readonly number[] | undefined;
  /** Rows at most. */
  readonly samples: number;
  /** Positions, 0..1. */
  readonly start: number;
  readonly end: number;
}

/** Which planes through a stack are shown. */
export interface PlanesSettings extends PictureSettings {
  /** Where each plane lies, 0..1. */
  readonly at: Readonly<Record<'axial' | 'coronal' | 'sagittal', number>>;
  /** How values one behind the other are joined; undefined for sections. */
  readonly projection: 'max' | 'mean' | 'min' | undefined;
  /** Thickness of what is joined; Infinity for the whole stack. */
  readonly slabMm: number;
  /** Read all slices, also of a store far away. */
  readonly full: boolean;
}

/** Which images a film shows, and how it runs. */
export interface FilmSettings extends PictureSettings {
  readonly filmFormat: FilmFormat;
  /** undefined: by what the series is. */
  readonly along: 'space' | 'time' | 'frames' | undefined;
  /** undefined: the series' own rate. */
  readonly framesPerSecond: number | undefined;
  /** Frames at most. */
  readonly samples: number;
  readonly loop: boolean;
  readonly bounce: boolean;
  /** Positions, 0..1. */
  readonly start: number;
  readonly end: number;
}
