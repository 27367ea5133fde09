import type { PictureViewOptions, SeriesOptions } from './options.ts';
import type { FilmFormat } from './report.ts';

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

/** Which planes through the slices of an open series are shown. */
export interface PlanesViewOptions
  extends Omit<
    PictureViewOptions,
    | ('addresses' | 'crop' | 'filter' | 'height' | 'includeLabel' | 'imageWidth' | 'overlays')
    | ('volume' | 'time' | 'bValue' | 'echo' | 'volumes')
  > {
  /**
   * Width of the widest plane in pixels (16..16384), or 'native' for pixels as large as those of the images. All planes have
   * one scale. Default 256.
   */
  readonly imageWidth?: number | 'native' | undefined;
  /**
   * Where each plane lies, from 0 to 1: the axial one from superior to inferior, the coronal one from anterior to posterior,
   * the sagittal one from right to left. Default 0.5 each, the middle of the stack.
   */
  readonly at?:
    | {
        /** From superior (0) to inferior (1). */
        readonly axial?: number | undefined;
        /** From anterior (0) to posterior (1). */
        readonly coronal?: number | undefined;
        /** From right (0) to left (1). */
        readonly sagittal?: number | undefined;
      }
    | undefined;
  /** Join the values that lie one behind the other: the greatest (MIP), the mean, or the least. Default: none, a section. */
  readonly projection?: 'max' | 'mean' | 'min' | undefined;
  /** Join only this thickness around each plane, in millimetres. Default: all. Without `projection` the mean is shown. */
  readonly slab?: number | undefined;
  /**
   * Read all slices. By default a local series is read whole, and one on a server only as far as the picture's pixels need
   * it. Default false.
   */
  readonly full?: boolean | undefined;
  /** Write on the picture what it shows. Default true. */
  readonly labels?: boolean | undefined;
  /** Pixels between planes (0..256). Default 4. */
  readonly gap?: number | undefined;
}

/** What a planes call takes. */
export interface PlanesOptions extends SeriesOptions, PlanesViewOptions {}

/** Which images of an open series a film shows, and how it runs. */
export interface FilmViewOptions
  extends Omit<PictureViewOptions, 'addresses' | 'crop' | 'format' | 'maxByteLength' | 'maxSide'> {
  /** 'webp' (default) and 'gif' are made by this package; 'mp4' and 'webm' need ffmpeg on PATH. */
  readonly format?: FilmFormat | undefined;
  /**
   * What changes from frame to frame: the place ('space'), the time at the middle place ('time'), or the frame of the instance
   * that has the most ('frames'). Default: frames where an instance has several that have no places, time where images at one
   * place differ in time, else space.
   */
  readonly along?: 'space' | 'time' | 'frames' | undefined;
  /**
   * Frames per second (0.1..60). Default: the rate that the series stores (Recommended Display Frame Rate, Cine Rate or Frame
   * Time; less where not all frames are shown), else 10.
   */
  readonly fps?: number | undefined;
  /** So many frames at most (1..2000), evenly spaced. Default 120. */
  readonly samples?: number | undefined;
  /** Start again at the end, for ever; MP4 and WebM leave that to the player. Default true. */
  readonly loop?: boolean | undefined;
  /** Run to the end and back. Default false. */
  readonly bounce?: boolean | undefined;
  /** Keep what lies at this position or after (0..1). Default 0. */
  readonly start?: number | undefined;
  /** Keep what lies at this position or before (0..1). Default 1. */
  readonly end?: number | undefined;
}

/** What a film call takes. */
export interface FilmOptions extends SeriesOptions, FilmViewOptions {}
