import type { DecodedFrame, ModalityTransform, VoiWindow } from '../../types/pixels.ts';
import { modalityFunction } from '../modality.ts';
import { isShort, valueRange } from '../short-values.ts';
import { type ShortFrame, shortValuesInOrder } from './value-counts.ts';
import { type MeasuredFrame, valuesInOrder } from './value-ranks.ts';
import { windowBetween } from './voi.ts';

/** What is known of the modality values of several frames, without padding and without values that are not finite. */
export interface ValueStatistics {
  /** How many values there are. */
  readonly count: number;
  readonly minimum: number;
  readonly maximum: number;
  /** The values below which the lower and the upper share of all values lie. */
  readonly low: number;
  readonly high: number;
}

/**
 * Exact percentiles of the modality values of all frames together. Between two ranks the value is interpolated, as the
 * default method of NumPy does. Integers of at most 16 bits are counted in one pass, other values in up to five passes
 * of bounded memory.
 *
 * @param shares the lower and the upper share, 0..1
 * @returns undefined where there are no values
 */
export function valueStatistics(
  frames: readonly MeasuredFrame[],
  shares: readonly [low: number, high: number] = [0.02, 0.98],
): ValueStatistics | undefined {
  const ordered = frames.every(hasShortValues) ? shortValuesInOrder(frames) : valuesInOrder(frames);
  const { count } = ordered;
  if (count === 0) return undefined;
  const positions = shares.map((share) => share * (count - 1));
  const ranks = positions.flatMap((position) => [Math.floor(position), Math.ceil(position)]);
  const [minimum = 0, maximum = 0, ...values] = ordered.at([0, count - 1, ...ranks]);
  const [low = 0, high = 0] = positions.map((position, index) => {
    const below = values[2 * index] ?? 0;
    const above = values[2 * index + 1] ?? 0;
    const share = position - Math.floor(position);
    // The difference of the greatest doubles overflows.
    const between = below + (above - below) * share;
    return Number.isFinite(between) ? between : below * (1 - share) + above * share;
  });
  return { count, minimum, maximum, low, high };
}

/** Values as far from 0 as this are no measurements where all others are `maxMeasured` or nearer. */
const minFillValue = 1e15;
const maxMeasured = 1e9;

/** A window for the values, and what to tell about it. */
export interface AutoWindow {
  readonly window: VoiWindow;
  readonly warning?: string;
}

/**
 * The `auto` window: the 2nd percentile is black, the 98th white. It comes from all frames together, so that tiles can
 * be compared.
 *
 * Where both percentiles are the same value (a small object before an even background), the window spans all values.
 * Where there is only one value, it is shown mid-grey, so that it does not look like a missing tile. Fill values are left
 * out, with a warning. undefined where there are no values.
 */
export function autoWindow(frames: readonly MeasuredFrame[]): AutoWindow | undefined {
  const statistics = valueStatistics(frames);
  if (statistics === undefined) return undefined;
  const measured = withoutFillValues(frames, statistics);
  if (measured === undefined) return { window: spannedWindow(statistics) };
  const left = statistics.count - measured.count;
  const warning = `${left} of ${statistics.count} values ${left === 1 ? 'lies' : 'lie'} beyond ${minFillValue.toExponential()}, and no other beyond ${maxMeasured.toExponential()}: ${left === 1 ? 'it is taken for a fill value' : 'they are taken for fill values'} and left out of the window.`;
  return { window: spannedWindow(measured), warning };
}

/**
 * Programs that make maps mark pixels without a value with an absurd number (1e30, the greatest float) where NaN or Float
 * Pixel Padding Value is meant. A window that reaches up to these shows nothing of the rest.
 *
 * @returns the statistics without them; undefined where there are none, or the window does not reach up to them
 */
function withoutFillValues(frames: readonly MeasuredFrame[], all: ValueStatistics): ValueStatistics | undefined {
  const { low, high, minimum, maximum } = all;
  const ends = low < high ? [low, high] : [minimum, maximum];
  if (!ends.some((end) => Math.abs(end) >= minFillValue)) return undefined;
  const rest = valueStatistics(frames.map((frame) => ({ ...frame, limit: minFillValue })));
  if (rest === undefined || !(rest.minimum < rest.maximum)) return undefined;
  return Math.max(-rest.minimum, rest.maximum) <= maxMeasured ? rest : undefined;
}

function spannedWindow({ low, high, minimum, maximum }: ValueStatistics): VoiWindow {
  if (low < high) return windowBetween(low, high);
  if (minimum < maximum) return windowBetween(minimum, maximum);
  return oneValueWindow(minimum);
}

/**
 * The window that shows all values that a frame can hold. For integers of at most 16 bits, Bits Stored says which these
 * are, so 8-bit values are displayed as they are. For others the window goes from the least to the greatest value of
 * the frame.
 */
export function fullRangeWindow(frame: DecodedFrame, bitsStored: number, modality: ModalityTransform): VoiWindow {
  if (!isShort(frame.values)) {
    const found = valueStatistics([{ values: frame.values, modality, padding: undefined }]);
    const { minimum, maximum } = found ?? { minimum: 0, maximum: 1 };
    return minimum < maximum ? windowBetween(minimum, maximum) : oneValueWindow(minimum);
  }
  if (modality.kind === 'table') return windowBetween(0, 2 ** modality.table.bits - 1);
  const span = 2 ** bitsStored;
  const lowest = valueRange(frame.values).min < 0 ? -span / 2 : 0;
  const toModality = modalityFunction(modality);
  const ends = [toModality(lowest), toModality(lowest + span - 1)];
  return windowBetween(Math.min(...ends), Math.max(...ends));
}

/** Shows the value mid-grey. */
function oneValueWindow(value: number): VoiWindow {
  return { center: value, width: 1, function: 'LINEAR_EXACT' };
}

function hasShortValues(frame: MeasuredFrame): frame is ShortFrame {
  return isShort(frame.values);
}
