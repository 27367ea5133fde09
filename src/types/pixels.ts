/** The Image Pixel attributes (PS3.3 C.7.6.3) that say how a frame's stored values lie in its bytes. */
export interface PixelDescription {
  readonly rows: number;
  readonly columns: number;
  /** 1 or 3 (4 in retired images). */
  readonly samplesPerPixel: number;
  /** As stored: 'MONOCHROME1', 'MONOCHROME2', 'PALETTE COLOR', 'RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_RCT', ... */
  readonly photometricInterpretation: string;
  /** 0: colour by pixel; 1: colour by plane. */
  readonly planarConfiguration: 0 | 1;
  /** 1, 8, 16, 32 or 64. */
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  /** 0: unsigned; 1: two's complement. */
  readonly pixelRepresentation: 0 | 1;
  /** Pixel Data (7FE0,0010), Float Pixel Data (7FE0,0008) or Double Float Pixel Data (7FE0,0009). */
  readonly kind: 'integer' | 'float' | 'double';
}

/**
 * Stored values of a frame, shifted by High Bit and sign-extended. Those of native and RLE frames are masked to Bits
 * Stored; those of other compressed frames may lie somewhat beyond it.
 */
export type StoredValues =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** A frame as a decoder gives it. */
export interface DecodedFrame {
  /** Size of the decoded frame: smaller than described where it was decoded at reduced resolution. */
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  /** Interleaved by pixel, row by row: length = rows * columns * samplesPerPixel. */
  readonly values: StoredValues;
  /**
   * What the values are after decoding: 'MONOCHROME1', 'MONOCHROME2', 'PALETTE COLOR', 'RGB' or 'YBR_FULL'. It is 'RGB'
   * where the decoder has converted colour, even if the header says otherwise; 'YBR_FULL_422' has become 'YBR_FULL'.
   */
  readonly photometricInterpretation: string;
  /** What the decoder noticed, in sentences: the picture may not be what its header says. */
  readonly notes?: readonly string[];
  /** Set where the frame is cut off and the rest of it is background: says what is missing. */
  readonly incomplete?: string;
}

/** VOI LUT Function: how a window maps values to greys (PS3.3 C.11.2.1.3). */
export type VoiFunction = 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';

/** Window Center and Width (PS3.3 C.11.2.1.2), in modality values. */
export interface VoiWindow {
  /** Window Center. */
  readonly center: number;
  /** Window Width. */
  readonly width: number;
  /** LINEAR where the header names none. */
  readonly function: VoiFunction;
}

/** A Modality or VOI LUT (PS3.3 C.11.1, C.11.2). */
export interface LookupTable {
  /**
   * The input value of the first entry. Values below it take the first entry, values beyond the last one the last
   * entry.
   */
  readonly firstMapped: number;
  /** Bits of an entry (8..16): the greatest possible output is 2^bits - 1. */
  readonly bits: number;
  readonly entries: Uint16Array;
}

/** Palette Color Lookup Tables (PS3.3 C.7.6.3.1.5), segments expanded: three tables of one length. */
export interface Palette {
  readonly firstMapped: number;
  /** Bits of an entry: 8 or 16. */
  readonly bits: number;
  readonly red: Uint16Array;
  readonly green: Uint16Array;
  readonly blue: Uint16Array;
  /** It colours only some values of a grey image (Pixel Presentation COLOR or MIXED, PS3.3 C.8.16.2.1.1.2). */
  readonly supplemental?: true;
}

/** Stored value -> modality value (PS3.3 C.11.1). */
export type ModalityTransform =
  | { readonly kind: 'linear'; readonly slope: number; readonly intercept: number }
  | { readonly kind: 'table'; readonly table: LookupTable };

/** Pixel Padding Value and Range Limit (PS3.3 C.7.5.1.1.2), in stored values, both ends included. */
export interface PaddingRange {
  readonly low: number;
  readonly high: number;
}

/** 8-bit display values: 1 channel (grey) or 3 (RGB), interleaved, row by row. */
export interface DisplayImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** An overlay plane (60xx) of one frame (PS3.3 C.9.2): one bit a pixel, set where the overlay is drawn. */
export interface OverlayPlane {
  readonly rows: number;
  readonly columns: number;
  /** Row and column of the image, from 1, that the plane's first bit lies on; may be outside the image. */
  readonly origin: readonly [row: number, column: number];
  /** Row by row without gaps between rows, the least significant bit of a byte first. */
  readonly bits: Uint8Array;
  /** Where in `bits` this frame's plane starts, in bits: frames of multi-frame overlays need not start at a byte. */
  readonly bitOffset: number;
}
