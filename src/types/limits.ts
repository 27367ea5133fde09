/**
 * What input may cost at most. Files, listings and servers are not trusted: beyond a limit there is an error that names
 * it, or a tile with a mark. Each is a whole number of 1 or more.
 */
export interface Limits {
  /** Samples of one frame: Rows x Columns x Samples per Pixel. Default 268,435,456. */
  readonly framePixels: number;
  /** Frames of a series. Default 2,000,000. */
  readonly frames: number;
  /** Bytes of one header. Default 268,435,456. */
  readonly headerBytes: number;
  /** Elements of one header, those of all sequence items included. Default 10,000,000. */
  readonly headerElements: number;
  /** Sequence items of one header. Default 1,500,000. */
  readonly headerItems: number;
  /** Bytes that are inflated of a deflated data set for its header. Default 67,108,864. */
  readonly inflatedHeaderBytes: number;
  /** Bytes that are inflated of a deflated data set for its pixels. Default 268,435,456. */
  readonly inflatedBytes: number;
  /** Bytes of one listing, or of another document of a server. Default 67,108,864. */
  readonly listingBytes: number;
  /** Objects and folders below a place. Default 1,000,000. */
  readonly listingEntries: number;
  /** Files of a zip archive. Default 1,000,000. */
  readonly zipEntries: number;
  /** Pixels of the picture. Default 268,435,456. */
  readonly outputPixels: number;
  /**
   * Bytes of pixels that one picture may hold at a time: stored and decoded frames, drawn tiles, the picture and what the
   * encoder takes. Default 4,294,967,296.
   */
  readonly pictureBytes: number;
}

/** The limits that hold where a caller names none. */
export const defaultLimits: Limits = {
  framePixels: 2 ** 28,
  frames: 2_000_000,
  headerBytes: 256 * 1024 * 1024,
  headerElements: 10_000_000,
  headerItems: 1_500_000,
  inflatedHeaderBytes: 64 * 1024 * 1024,
  inflatedBytes: 256 * 1024 * 1024,
  listingBytes: 64 * 1024 * 1024,
  listingEntries: 1_000_000,
  zipEntries: 1_000_000,
  outputPixels: 2 ** 28,
  pictureBytes: 2 ** 32,
};
