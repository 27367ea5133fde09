/// <reference lib="esnext.disposable" preserve="true" />
import type { HeaderIndexRow } from '../header-index/columns.ts';
import type { AttributeRows } from '../types/attributes.ts';
import type { SeriesFrame } from '../types/frames.ts';
import type { AttributesOptions, FramesOptions, ImageViewOptions, MosaicViewOptions } from '../types/options.ts';
import type { Preview } from '../types/report.ts';
import type { SeriesInfo } from '../types/series-info.ts';
import type { ContrastSheetViewOptions, FilmViewOptions, PlanesViewOptions } from '../types/view-options.ts';

/**
 * An open series: listed, its headers read and put in order. Any number of views can be made of it, one after the other or
 * at a time; each reads only the pixel data that it shows.
 *
 * @example
 * ```ts
 * const series = await previewer.openSeries('./CT');
 * console.log(series.info.modality, series.info.instances);
 * const lungs = await series.mosaic({ contrast: 'lung' });
 * for await (const frame of series.frames({ count: 9 })) console.log(frame.rows, frame.columns, frame.values);
 * await series.close();
 * ```
 */
export interface Series {
  /** What the headers tell, without patient attributes. */
  readonly info: SeriesInfo;
  /**
   * A tiled mosaic: images evenly spaced over the order.
   *
   * @throws UsageError for options that make no sense, and the errors of reading, decoding and encoding
   */
  mosaic(options?: MosaicViewOptions): Promise<Preview>;
  /**
   * One image: the one nearest to a position.
   *
   * @throws UsageError for options that make no sense, and the errors of reading, decoding and encoding
   */
  image(options: ImageViewOptions): Promise<Preview>;
  /**
   * The same images in several contrasts: a row an image, a column a contrast. Each image is read and decoded once.
   *
   * @throws UsageError for options that make no sense, and the errors of reading, decoding and encoding
   */
  contrastSheet(options: ContrastSheetViewOptions): Promise<Preview>;
  /**
   * Axial, coronal and sagittal planes through the slices, side by side, with true proportions. Memory does not grow with
   * the number of slices.
   *
   * @throws UsageError for options that make no sense, UnsupportedError where there are not enough parallel slices, and the
   * errors of reading, decoding and encoding
   */
  planes(options?: PlanesViewOptions): Promise<Preview>;
  /**
   * A film: the images one after the other, along the places, the time, or the frames of an instance.
   *
   * @throws UsageError for options that make no sense, MissingComponentError for MP4 and WebM where there is no ffmpeg, and the
   * errors of reading, decoding and encoding
   */
  film(options?: FilmViewOptions): Promise<Preview>;
  /** What the header pass found, one row a frame, without patient attributes. */
  headers(): readonly HeaderIndexRow[];
  /**
   * Attributes of the instances, in the series' order. Their headers are read whole, up to the pixel data.
   *
   * @throws UsageError for options that make no sense, and the errors of reading
   */
  attributes(options?: AttributesOptions): Promise<AttributeRows>;
  /**
   * Decoded frames with their geometry, one after the other in the series' order; a few are read ahead. Label and overview
   * images of slides are not among them.
   *
   * @throws UsageError for options that make no sense; at a frame that cannot be read or decoded, its error
   */
  frames(options?: FramesOptions): AsyncIterable<SeriesFrame>;
  /** Ends the connections of this series. Views under way end with an AbortedError. */
  close(): Promise<void>;
  /** As {@link Series.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
