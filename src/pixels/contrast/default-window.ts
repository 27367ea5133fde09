import type { VoiWindow } from '../../types/pixels.ts';
import { identity, sameModality } from '../modality.ts';
import { fullRange, type GreyFrame, measured, pooledAuto, type SourcedVoi, showsNothing } from './grey-frame.ts';
import { valueStatistics } from './statistics.ts';
import { medianWindow, sameWindow, windowBetween } from './voi.ts';

/** Modalities whose 8-bit values are meant for display as they are. */
const DISPLAY_VALUES = new Set(['US', 'IVUS', 'ES', 'XC', 'GM', 'SM', 'OP']);

/** What the frames of a group are drawn with where nobody asked for a contrast, and what to tell about it. */
export interface DefaultWindows {
  readonly chosen: readonly SourcedVoi[];
  readonly warnings: readonly string[];
}

/**
 * The stored window; where it differs, one for all, from the median of the bounds; frames without one take part in it.
 * VOI LUTs stay each frame's own. Without any stored view, or where the stored ones would show nothing, from the values.
 *
 * @param frames With modality values of one unit.
 * @param modality Modality (0008,0060).
 * @param asked Whether the caller picked the stored view by its index: then it is kept, whatever it shows.
 */
export function defaultWindows(frames: readonly GreyFrame[], modality: string, asked: boolean): DefaultWindows {
  const common = commonWindow(frames.flatMap(({ view }) => (view?.kind === 'window' ? [view.window] : [])));
  const without = frames.filter(({ view }) => view === undefined);
  // Frames without a window in a group without any: pooled, in the order of `without`.
  const fromValues = common === undefined ? windowsFromValues(without, modality) : [];
  const chosen = frames.map((frame): SourcedVoi => {
    const { view } = frame;
    if (view?.kind === 'table') return { voi: view, source: 'voi-lut' };
    if (common === undefined) return fromValues[without.indexOf(frame)] ?? fullRange(frame);
    const own = view !== undefined && sameWindow(view.window, common);
    return { voi: { kind: 'window', window: common }, source: own ? 'instance' : 'series-median' };
  });
  if (!chosen.some(isStored) || !showsNothing(frames, chosen)) return { chosen, warnings: [] };
  if (asked) return { chosen, warnings: [`The stored window shows ${NOTHING}`] };
  const warning = `The stored window would show ${NOTHING} The window was chosen from the values instead.`;
  return { chosen: pooledAuto(frames, 'auto-fallback'), warnings: [warning] };
}

/** How the warnings name it. */
export const NOTHING = 'nothing: more than 99 % of the values come out black, or white.';

function isStored({ source }: SourcedVoi): boolean {
  return source === 'instance' || source === 'series-median' || source === 'voi-lut';
}

function commonWindow(windows: readonly VoiWindow[]): VoiWindow | undefined {
  const [first] = windows;
  if (first === undefined || windows.every((window) => sameWindow(window, first))) return first;
  return medianWindow(windows);
}

/**
 * Without any stored window: ultrasound and visible light of 8 bits without rescale are display values already; doses run
 * from 0 to their maximum; everything else is `auto`. PET and NM are shown white on black as `auto` makes them: a reader
 * may know them black on white, but the tiles stay comparable with those of other tools.
 */
function windowsFromValues(frames: readonly GreyFrame[], modality: string): readonly SourcedVoi[] {
  if (frames.length === 0) return [];
  if (DISPLAY_VALUES.has(modality) && frames.every(holdsDisplayValues)) {
    const chosen = frames.map(fullRange);
    if (!showsNothing(frames, chosen)) return chosen;
  }
  if (modality === 'RTDOSE') {
    const maximum = valueStatistics(frames.map(measured))?.maximum ?? 0;
    const window = windowBetween(0, maximum);
    if (maximum > 0) return frames.map(() => ({ voi: { kind: 'window', window }, source: 'full-range' }));
  }
  return pooledAuto(frames, 'auto');
}

function holdsDisplayValues({ shown, modality }: GreyFrame): boolean {
  return shown.frame.values instanceof Uint8Array && shown.bitsStored === 8 && sameModality(modality, identity);
}
