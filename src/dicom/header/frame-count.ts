import type { InstanceHeader } from '../../types/instance.ts';
import { itemHeaderLength } from '../pixel-data/item-header.ts';
import { nativeFrameBits } from '../pixel-data/native-frames.ts';
import { findTransferSyntax, isVideo } from '../transfer-syntaxes.ts';
import type { HeaderNotes } from './header-notes.ts';

/** Up to so many frames, Number of Frames is believed: those that are missing are marked. */
export const maxUncheckedFrames = 10_000;
/** Beyond that, it is believed where the bytes hold this part of the frames: the object may be cut off. */
const minHeldPart = 1 / 4;

/** What tells how many frames an object can hold. */
export interface FrameSpace extends Pick<InstanceHeader, 'pixelData' | 'pixels' | 'transferSyntaxUid'> {
  /** Bytes from the start of the data set's buffer to the object's end, at most; undefined where nobody knows. */
  readonly availableLength: number | undefined;
  /** Bytes of the header, at least: pixel data lie behind them. */
  readonly headerLength: number;
}

/**
 * As many frames as the header claims, but no more than the object can hold. A few bytes can claim billions of frames
 * (Number of Frames, PS3.3 C.7.6.6.1.1), and each frame costs memory.
 *
 * @param notes gets a note where the claim is not believed
 */
export function heldFrames(claimed: number, space: FrameSpace, notes: HeaderNotes): number {
  if (claimed <= maxUncheckedFrames || space.availableLength === undefined) return claimed;
  const held = Math.max(1, maxHeldFrames(space, space.availableLength));
  if (held >= claimed * minHeldPart) return claimed;
  notes.add(
    `Number of Frames is ${claimed} but the object can hold ${held} at most: it is damaged, and ${held === 1 ? 'one is' : `${held} are`} looked for.`,
  );
  return held;
}

/** How many frames the bytes behind the header can hold at most. */
function maxHeldFrames(
  { pixelData, pixels, transferSyntaxUid, headerLength }: FrameSpace,
  availableLength: number,
): number {
  const behind = Math.max(0, availableLength - (pixelData?.offset ?? headerLength));
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
