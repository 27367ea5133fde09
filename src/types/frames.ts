import type { Orientation, Vector3 } from './instance.ts';
import type { StoredValues, VoiWindow } from './pixels.ts';

/** A decoded frame of a series with its place in the patient, for programs that compute with it. */
export interface SeriesFrame {
  /** Place in the series' order, from 0. */
  readonly index: number;
  /** The same as a position, from 0 (first) to 1 (last). */
  readonly position: number;
  /** Millimetres from the first member along the slice normal; null where there is no geometry. */
  readonly positionMm: number | null;
  /** SOP Instance UID of the instance that the frame is in. */
  readonly sopInstanceUid: string;
  /** Frame of the instance, from 1. */
  readonly frameNumber: number;
  /** The object, relative to the series' location. */
  readonly key: string;
  /** Rows of these values: those stored, or fewer with a `width`. */
  readonly rows: number;
  /** Columns of these values. */
  readonly columns: number;
  /** 1: modality values (grey). 3: red, green and blue of 8 bits. */
  readonly channels: 1 | 3;
  /**
   * Row by row, channels interleaved: length = rows * columns * channels. Grey: modality values (PS3.3 C.11.1), in the type
   * of the stored values where these are the same, else Float32Array (Float64Array for values of 32 and 64 bits).
   */
  readonly values: StoredValues;
  /** What the values are, where the header says: 'HU', 'BQML', ... */
  readonly unit: string | null;
  /** Modality values between these two, ends included, are padding; null for none (PS3.3 C.7.5.1.1.2). */
  readonly padding: readonly [low: number, high: number] | null;
  /** Window Center and Width as stored (the first one), in modality values; null for none. */
  readonly window: VoiWindow | null;
  /** Millimetres between the centres of these rows, and of these columns (of a reduced frame larger than stored). */
  readonly pixelSpacing: readonly [row: number, column: number] | null;
  /** Direction cosines of a row, then of a column (PS3.3 C.7.6.2.1.1). */
  readonly imageOrientationPatient: Orientation | null;
  /** Centre of the first pixel of these values, in millimetres. */
  readonly imagePositionPatient: Vector3 | null;
  /** Referenced Segment Number of a segmentation's frame; null for everything else. */
  readonly segmentNumber: number | null;
}
