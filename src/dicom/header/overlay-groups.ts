import type { OverlayGroup } from '../../types/instance.ts';
import { swapPairs } from '../elements/byte-views.ts';
import type { DataSet } from '../elements/data-set.ts';

/** The groups of overlay planes, 6000 to 601E, as tags whose element is 0. */
export const overlayGroups: readonly number[] = Array.from(
  { length: 16 },
  (_, index) => 0x6000_0000 + index * 0x2_0000,
);

/** Elements of an Overlay Plane module (PS3.3 C.9.2), within their group. */
export const overlayElements = {
  rows: 0x10,
  columns: 0x11,
  numberOfFrames: 0x15,
  origin: 0x50,
  imageFrameOrigin: 0x51,
  bitsAllocated: 0x100,
  bitPosition: 0x102,
  data: 0x3000,
} as const;

/**
 * Reads the overlay groups of an instance, 6000 to 601E. `bits` is undefined for planes without data of their own:
 * these lie in unused bits of the pixel data (retired, PS3.3-2004).
 */
export function readOverlays(dataSet: DataSet): readonly OverlayGroup[] {
  if (!dataSet.hasOverlays) return [];
  return overlayGroups.flatMap((group) => {
    const rows = dataSet.uint16(group + overlayElements.rows);
    const columns = dataSet.uint16(group + overlayElements.columns);
    if (rows === undefined || columns === undefined || rows === 0 || columns === 0) return [];
    const [row = 1, column = 1] = dataSet.uint16s(group + overlayElements.origin, true);
    const bits = dataSet.valueBytes(group + overlayElements.data);
    return [
      {
        rows,
        columns,
        origin: [row, column] as const,
        numberOfFrames: dataSet.integer(group + overlayElements.numberOfFrames) ?? 1,
        firstFrame: dataSet.uint16(group + overlayElements.imageFrameOrigin) ?? 1,
        bitPosition: dataSet.uint16(group + overlayElements.bitPosition) ?? 0,
        // Overlay Data are words (OW). A copy, since the header's buffer may be used again.
        bits: bits === undefined ? undefined : dataSet.bigEndian ? swapPairs(bits) : new Uint8Array(bits),
      },
    ];
  });
}
