import type { OverlayGroup } from '../../types/instance.ts';
import { swapPairs } from '../elements/byte-views.ts';
import type { DataSet } from '../elements/data-set.ts';

const firstGroup = 0x6000_0000;
const groups = 16;
/** Element numbers of the Overlay Plane module (PS3.3 C.9.2), which are the same in every group. */
const element = {
  rows: 0x10,
  columns: 0x11,
  numberOfFrames: 0x15,
  origin: 0x50,
  imageFrameOrigin: 0x51,
  bitPosition: 0x102,
  data: 0x3000,
} as const;

/**
 * Reads the overlay groups of an instance, 6000 to 601E. `bits` is undefined for planes without data of their own:
 * these lie in unused bits of the pixel data (retired, PS3.3-2004).
 */
export function readOverlays(dataSet: DataSet): readonly OverlayGroup[] {
  if (!dataSet.hasOverlays) return [];
  return Array.from({ length: groups }, (_, index) => firstGroup + index * 0x2_0000).flatMap((group) => {
    const rows = dataSet.uint16(group + element.rows);
    const columns = dataSet.uint16(group + element.columns);
    if (rows === undefined || columns === undefined || rows === 0 || columns === 0) return [];
    const [row = 1, column = 1] = dataSet.uint16s(group + element.origin, true);
    const bits = dataSet.valueBytes(group + element.data);
    return [
      {
        rows,
        columns,
        origin: [row, column] as const,
        numberOfFrames: dataSet.integer(group + element.numberOfFrames) ?? 1,
        firstFrame: dataSet.uint16(group + element.imageFrameOrigin) ?? 1,
        bitPosition: dataSet.uint16(group + element.bitPosition) ?? 0,
        // Overlay Data are words (OW). A copy, since the header's buffer may be used again.
        bits: bits === undefined ? undefined : dataSet.bigEndian ? swapPairs(bits) : new Uint8Array(bits),
      },
    ];
  });
}
