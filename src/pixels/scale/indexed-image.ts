/** An image whose values are indices into tables of display values. */
export interface IndexedImage {
  readonly width: number;
  readonly height: number;
  /** 1 where all channels come from one value; else one for each channel, interleaved by pixel. */
  readonly samplesPerPixel: 1 | 3;
  /** length = width * height * samplesPerPixel. Of signed values, their bit patterns. */
  readonly indices: Uint8Array | Uint16Array;
}

/** A table of display values for each output channel; length = 256 for indices of 8 bits, 65536 for 16 bits. */
export type DisplayTables = readonly [Uint8Array] | readonly [Uint8Array, Uint8Array, Uint8Array];
