import type { LookupTable, VoiWindow } from '../../types/pixels.ts';
import { lookUp } from '../modality.ts';

/** Modality value -> its place in the display range, 0 (black) .. 1 (white). */
export type DisplayFraction = (modalityValue: number) => number;

/**
 * Applies Window Center and Width as the standard says, with an output range of 0..1.
 *
 * - LINEAR (PS3.3 C.11.2.1.2.1): `(x - (c - 0.5)) / (w - 1) + 0.5`, from `c - 0.5 - (w-1)/2` (0 up to there) to
 *   `c - 0.5 + (w-1)/2` (1 above). A width of 1 is a threshold: 0 up to c - 0.5, 1 above.
 * - LINEAR_EXACT (C.11.2.1.3.2): `(x - c) / w + 0.5`, from `c - w/2` to `c + w/2`.
 * - SIGMOID (C.11.2.1.3.1): `1 / (1 + exp(-4 (x - c) / w))`.
 *
 * The window must be a usable one, see {@link usableWindow}.
 */
export function windowFraction(window: VoiWindow): DisplayFraction {
  if (window.function === 'SIGMOID') {
    const { center, width } = window;
    return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  }
  const { low, high, middle, span } = windowRamp(window);
  return (value) => (value <= low ? 0 : value > high ? 1 : (value - middle) / span + 0.5);
}

/** The straight part of LINEAR and LINEAR_EXACT: 0 up to `low`, 1 above `high`, `(x - middle) / span + 0.5` between. */
export function windowRamp({ center, width, function: name }: VoiWindow): {
  readonly low: number;
  readonly high: number;
  readonly middle: number;
  readonly span: number;
} {
  const [middle, span] = name === 'LINEAR' ? [center - 0.5, width - 1] : [center, width];
  return { low: middle - span / 2, high: middle + span / 2, middle, span };
}

/** Outside these modality values the displayed byte does not change any more. */
export function windowReach(window: VoiWindow): readonly [low: number, high: number] {
  // A sigmoid gives byte 0 or 255 where |x - c| > ln(509) / 4 * w = 1.56 w.
  const reach = window.function === 'SIGMOID' ? window.width * 1.6 : window.width / 2 + 1;
  return [window.center - reach, window.center + reach];
}

/** Greater numbers in a window would overflow where its ends, or those of several windows, are computed. */
const maxWindowNumber = Number.MAX_VALUE / 4;

/**
 * The window in a form that can be applied; undefined where its numbers are not finite or absurdly great, or its width
 * is 0 or less (PS3.3 C.11.2.1.2.1 asks for 1 or more for LINEAR; C.11.2.1.3 for more than 0). A LINEAR width between 0
 * and 1 only makes sense for values that are less than 1 apart: it becomes LINEAR_EXACT.
 */
export function usableWindow(window: VoiWindow): VoiWindow | undefined {
  const { center, width } = window;
  // A NaN fails both.
  if (!(Math.abs(center) <= maxWindowNumber && width > 0 && width <= maxWindowNumber)) return undefined;
  return window.function === 'LINEAR' && width < 1 ? { ...window, function: 'LINEAR_EXACT' } : window;
}

/**
 * One window for many: from the median of their lower bounds (c - w/2) to the median of their upper bounds (c + w/2),
 * with the function that most of them have (LINEAR where there is no most).
 *
 * @param windows one or more usable windows
 */
export function medianWindow(windows: readonly VoiWindow[]): VoiWindow {
  const low = median(windows.map(({ center, width }) => center - width / 2));
  const high = median(windows.map(({ center, width }) => center + width / 2));
  return { center: (low + high) / 2, width: high - low, function: commonFunction(windows) };
}

/**
 * The window that shows `low` black and `high` (above `low`) white. Its numbers are finite, however great these two
 * are.
 */
export function windowBetween(low: number, high: number): VoiWindow {
  const [first, last] = [finite(low), finite(high)];
  // Halves are added, because the sum may overflow; they are exact.
  return { center: first / 2 + last / 2, width: finite(last - first), function: 'LINEAR_EXACT' };
}

function finite(value: number): number {
  return Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
}

export function sameWindow(one: VoiWindow, other: VoiWindow): boolean {
  return one.center === other.center && one.width === other.width && one.function === other.function;
}

function commonFunction(windows: readonly VoiWindow[]): VoiWindow['function'] {
  const count = (name: VoiWindow['function']): number => windows.filter((window) => window.function === name).length;
  const ranked = (['LINEAR', 'LINEAR_EXACT', 'SIGMOID'] as const).toSorted((one, other) => count(other) - count(one));
  return ranked[0] ?? 'LINEAR';
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** What makes display values of modality values: a window or a VOI LUT, never both (PS3.3 C.11.2.1.2). */
export type Voi =
  | { readonly kind: 'window'; readonly window: VoiWindow }
  | { readonly kind: 'table'; readonly table: LookupTable };

/** Modality value -> 0 (black) .. 1 (white), before any inversion. */
export function voiFraction(voi: Voi): DisplayFraction {
  if (voi.kind === 'window') return windowFraction(voi.window);
  const { table } = voi;
  const max = 2 ** table.bits - 1;
  return (value) => Math.min(lookUp(table, value) / max, 1);
}

/** Outside these modality values the displayed byte does not change any more. */
export function voiReach(voi: Voi): readonly [low: number, high: number] {
  if (voi.kind === 'window') return windowReach(voi.window);
  return [voi.table.firstMapped - 1, voi.table.firstMapped + voi.table.entries.length];
}
