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

/** Frames as they are stored: all slices of a Siemens mosaic or a UIH grid lie in one stored frame. */
export function storedFramesOf(header: InstanceHeader): number {
  return header.unfolding === undefined ? header.numberOfFrames : 1;
}

/** The stored frame that a frame lies in; both from 0. */
export function storedIndexOf(header: InstanceHeader, frameIndex: number): number {
  return header.unfolding === undefined ? frameIndex : 0;
}
