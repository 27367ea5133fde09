import { hasBigEndianPixels } from '../dicom/transfer-syntaxes.ts';
import type { FrameBytes } from '../series/frames/frame-bytes.ts';
import type { OverlayGroup } from '../types/instance.ts';
import type { OverlayPlane } from '../types/pixels.ts';

/** The overlay planes that belong to one frame (from 0) of an instance (PS3.3 C.9.2.1). */
export function frameOverlays(stored: FrameBytes, frameIndex: number): readonly OverlayPlane[] {
  return stored.header.overlays.flatMap((group): readonly OverlayPlane[] => {
    const { rows, columns, origin } = group;
    if (group.bits === undefined) {
      const bits = embeddedBits(stored, group);
      return bits === undefined ? [] : [{ rows, columns, origin, bits, bitOffset: 0 }];
    }
    // A single plane over many frames belongs to all of them.
    const plane = group.numberOfFrames === 1 ? 0 : frameIndex + 1 - group.firstFrame;
    if (plane < 0 || plane >= group.numberOfFrames) return [];
    return [{ rows, columns, origin, bits: group.bits, bitOffset: plane * rows * columns }];
  });
}

/** A plane in unused bits of native stored values (retired), one bit a pixel; undefined where there are none. */
function embeddedBits({ bytes, description, header }: FrameBytes, group: OverlayGroup): Uint8Array | undefined {
  const { bitsAllocated, samplesPerPixel, rows, columns, bitsStored, highBit } = description;
  const lies = group.bitPosition > highBit || group.bitPosition <= highBit - bitsStored;
  const isNative = header.pixelData?.encapsulated === false;
  if (!isNative || !lies || samplesPerPixel !== 1 || (bitsAllocated !== 8 && bitsAllocated !== 16)) return undefined;
  if (group.rows !== rows || group.columns !== columns) return undefined;
  const bigEndian = hasBigEndianPixels(header.transferSyntaxUid);
  const size = bitsAllocated / 8;
  const bits = new Uint8Array(Math.ceil((rows * columns) / 8));
  for (let pixel = 0; pixel < rows * columns; pixel++) {
    const place = group.bitPosition >> 3;
    const byte = bytes[pixel * size + (bigEndian ? size - 1 - place : place)] ?? 0;
    if (((byte >> (group.bitPosition & 7)) & 1) === 1) bits[pixel >> 3] = (bits[pixel >> 3] ?? 0) | (1 << (pixel & 7));
  }
  return bits;
}
