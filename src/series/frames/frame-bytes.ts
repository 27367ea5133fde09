import type { InstanceHeader } from '../../types/instance.ts';
import type { PixelDescription } from '../../types/pixels.ts';

/** A frame's bytes as stored, ready for a decoder. */
export interface FrameBytes {
  readonly bytes: Uint8Array;
  /** Bits to leave out of the first byte (1-bit native frames). */
  readonly bitOffset: number;
  readonly description: PixelDescription;
  readonly header: InstanceHeader;
  /** The bytes are a video's whole stream: the frame with this index is meant. */
  readonly streamFrameIndex: number | undefined;
}
