import type { InstanceHeader } from '../../types/instance.ts';
import type { PixelDescription } from '../../types/pixels.ts';

/** A frame's bytes as stored, ready for a decoder. */
export interface FrameBytes {
  readonly bytes: Uint8Array;
  /** Bits to skip in the first byte (native frames of 1 bit a pixel). */
  readonly bitOffset: number;
  readonly description: PixelDescription;
  readonly header: InstanceHeader;
  /** Where the bytes are the whole stream of a video: which of its frames is meant, from 0. */
  readonly streamFrameIndex: number | undefined;
  /** What was noticed about the pixel data, in sentences. */
  readonly notes?: readonly string[];
}

/** Frames as they are stored: all slices of a Siemens mosaic or a UIH grid lie in one stored frame. */
export function storedFramesOf(header: InstanceHeader): number {
  return header.unfolding === undefined ? header.numberOfFrames : 1;
}

/** The stored frame that a frame lies in; both from 0. */
export function storedIndexOf(header: InstanceHeader, frameIndex: number): number {
  return header.unfolding === undefined ? frameIndex : 0;
}
