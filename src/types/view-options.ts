import type { PictureViewOptions, SeriesOptions } from './options.ts';

/** Which images of an open series a contrast sheet shows, and in which contrasts. */
export interface ContrastSheetViewOptions extends Omit<PictureViewOptions, 'contrast'> {
  /**
   * A column each (1..16): names of presets, 'auto', 'embedded', 'stored' (the stored window, else auto) or 'WIDTH,CENTER'.
   */
  readonly contrasts: readonly string[];
  /** The images nearest to these positions (0..1), a row each. Not together with `samples`, `start` and `end`. */
  readonly positions?: readonly number[] | undefined;
  /** So many images at most (1..1000), evenly spaced. Default 4. */
  readonly samples?: number | undefined;
  /** Keep what lies at this position or after (0..1). Default 0. */
  readonly start?: number | undefined;
  /** Keep what lies at this position or before (0..1). Default 1. */
  readonly end?: number | undefined;
  /** Write on the picture what it shows, the contrast of each tile too. Default true. */
  readonly labels?: boolean | undefined;
  /** Pixels between tiles (0..256). Default 2. */
  readonly gap?: number | undefined;
}

/** What a contrast sheet call takes; `contrasts` is required. */
export interface ContrastSheetOptions extends SeriesOptions, ContrastSheetViewOptions {}
