import type { DecodedFrame, LookupTable, ModalityTransform, PaddingRange, VoiWindow } from '../../types/pixels.ts';
import type { WindowSource } from '../../types/report.ts';
import { hasContrast } from './has-contrast.ts';
import { greyFault } from './shown-greys.ts';
import { autoWindow, fullRangeWindow } from './statistics.ts';
import type { MeasuredFrame } from './value-ranks.ts';
import type { Voi } from './voi.ts';

/** A frame to show, and what its header says about contrast. */
export interface ShownFrame {
  readonly frame: DecodedFrame;
  /** Bits Stored (0028,0101). */
  readonly bitsStored: number;
  readonly modality: ModalityTransform;
  readonly windows: readonly VoiWindow[];
  readonly voiTables: readonly LookupTable[];
  readonly padding: PaddingRange | undefined;
  /** The unit of the modality values, where the header tells it: Rescale Type (0028,1054) or Units (0054,1001). */
  readonly unit?: string | undefined;
  /** Frames of different kinds (a b-value, an echo) share no window, although they have one unit. */
  readonly kind?: string | undefined;
}

/** A grey frame, the transform that it is displayed with, and its own stored window or VOI LUT. */
export interface GreyFrame {
  readonly shown: ShownFrame;
  readonly modality: ModalityTransform;
  readonly view: Voi | undefined;
}

/** What a frame is drawn with, and where that comes from. */
export interface SourcedVoi {
  readonly voi: Voi;
  readonly source: WindowSource;
}

export function measured({ shown, modality }: GreyFrame): MeasuredFrame {
  return { values: shown.frame.values, modality, padding: shown.padding };
}

/**
 * One window for all frames, from the values of all of them; the full range where all values are padding.
 *
 * @param warnings gets what is to be told of the window
 */
export function pooledAuto(
  frames: readonly GreyFrame[],
  source: WindowSource,
  warnings: string[],
): readonly SourcedVoi[] {
  const auto = autoWindow(frames.map(measured));
  if (auto === undefined) return frames.map(fullRange);
  const { window, warning } = auto;
  if (warning !== undefined) warnings.push(warning);
  return frames.map(() => ({ voi: { kind: 'window', window }, source }));
}

/** The window that shows all values that the frame can hold. */
export function fullRange({ shown, modality }: GreyFrame): SourcedVoi {
  const window = fullRangeWindow(shown.frame, shown.bitsStored, modality);
  return { voi: { kind: 'window', window }, source: 'full-range' };
}

/**
 * What the picture would show, in words that follow 'shows', where that is nothing or nearly nothing: nearly all values
 * black or white, or in a few neighbouring greys although they have contrast. undefined where the picture is fine.
 */
export function shownFault(frames: readonly GreyFrame[], chosen: readonly SourcedVoi[]): string | undefined {
  const windowed = frames.flatMap((frame, index) => {
    const voi = chosen[index]?.voi;
    return voi === undefined ? [] : [{ frame: measured(frame), rowLength: frame.shown.frame.columns, voi }];
  });
  const fault = greyFault(windowed);
  if (fault === undefined) return undefined;
  if (fault.kind !== 'sliver') return 'nothing: more than 99 % of the values come out black, or white.';
  if (!hasContrast(windowed.map(({ frame }) => frame))) return undefined;
  const greys = fault.greys === 1 ? 'one' : `only ${fault.greys}`;
  return `nearly nothing: the values come out in ${greys} of 256 greys.`;
}
