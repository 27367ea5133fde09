import type { InstanceHeader } from '../../types/instance.ts';
import { itemHeaderLength } from '../pixel-data/fragments.ts';
import { nativeFrameBits } from '../pixel-data/native-frames.ts';
import { findTransferSyntax, isVideo } from '../transfer-syntaxes.ts';

/** Up to so many frames, Number of Frames is believed: those that are missing are marked. */
export const maxUncheckedFrames = 10_000;
/** Beyond that, it is believed where the bytes hold this part of the frames: the object may be cut off. */
const minHeldPart = 1 / 4;

/**
 * The header with no more frames than its object can hold. A few bytes can claim billions of frames (Number of Frames,
 * PS3.3 C.7.6.6.1.1), and each frame costs memory.
 *
 * @param availableLength bytes from the start of the data set's buffer to its end, an upper limit of those of the pixel data
 * @param at bytes of the header at least: pixel data lie behind them
 */
export function withHeldFrames(header: InstanceHeader, availableLength: number, at: number): InstanceHeader {
  const { numberOfFrames, frames, notes, unfolding } = header;
  // The slices of an unfolded frame are no frames of their own.
  if (numberOfFrames <= maxUncheckedFrames || unfolding !== undefined) return header;
  const held = Math.max(1, maxHeldFrames(header, availableLength, at));
  if (held >= numberOfFrames * minHeldPart) return header;
  return {
    ...header,
    numberOfFrames: held,
    frames: frames.length > held ? frames.slice(0, held) : frames,
    notes: [
      ...notes,
      `Number of Frames is ${numberOfFrames} but the object can hold ${held} at most: it is damaged, and ${held === 1 ? 'one is' : `${held} are`} looked for.`,
    ],
  };
}

/** How many frames the bytes behind the header can hold at most. */
function maxHeldFrames(
  { pixelData, pixels, transferSyntaxUid }: InstanceHeader,
  availableLength: number,
  at: number,
): number {
  const behind = Math.max(0, availableLength - (pixelData?.offset ?? at));
  const length = Math.min(behind, pixelData?.length ?? behind);
  // A video is one stream; its frames have no items.
  if (isVideo(transferSyntaxUid)) return length;
  const syntax = findTransferSyntax(transferSyntaxUid);
  const isNative = syntax?.coding === 'native' && !syntax.isEncapsulatedNative;
  if (!(pixelData?.encapsulated ?? !isNative)) {
    return pixels === undefined ? length : Math.floor((length * 8) / Math.max(1, nativeFrameBits(pixels)));
  }
  // Each frame begins with an item (PS3.5 A.4).
  return Math.floor(length / itemHeaderLength);
}
