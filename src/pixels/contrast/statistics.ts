import type { DecodedFrame, ModalityTransform, VoiWindow } from '../../types/pixels.ts';
import { modalityFunction } from '../modality.ts';
import { isShort, valueRange } from '../short-values.ts';
import { type ShortFrame, shortValuesInOrder } from './value-counts.ts';
import { type MeasuredFrame, valuesInOrder } from './value-ranks.ts';
import { windowBetween } from './voi.ts';

/** Modality values over several frames, padding and what is not a finite number left out. */
export interface ValueStatistics {
  /** How many values. */
  readonly count: number;
  readonly minimum: number;
  readonly maximum: number;
  /** The value that the share `low` of all values lies below, and that for `high`. */
  readonly low: number;
  readonly high: number;
}

/**
 * Exact percentiles of the frames' pooled modality values; between two ranks the value is interpolated (as numpy's
 * default method does). Integer values of at most 16 bits are counted once; others in up to five bounded passes.
 *
 * @param shares Lower and upper share, 0..1. Default 0.02 and 0.98.
 * @returns undefined where no value counts.
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
    return below + (above - below) * (position - Math.floor(position));
  });
  return { count, minimum, maximum, low, high };
}

/**
 * The `auto` window: the 2nd percentile black, the 98th white, pooled over the frames so that tiles can be compared.
 *
 * Where both percentiles are one value (a small object before an even background) it spans all values; where there is
 * just one value, that value is shown mid-grey, which can be told from a missing tile. undefined where no value counts.
 */
export function autoWindow(frames: readonly MeasuredFrame[]): VoiWindow | undefined {
  const statistics = valueStatistics(frames);
  if (statistics === undefined) return undefined;
  const { low, high, minimum, maximum } = statistics;
  if (low < high) return windowBetween(low, high);
  if (minimum < maximum) return windowBetween(minimum, maximum);
  return { center: minimum, width: 1, function: 'LINEAR_EXACT' };
}

/**
 * The window that shows everything the stored values can hold: for integers of at most 16 bits by Bits Stored, so that
 * 8-bit values are displayed as they are; for others from the least to the greatest value there is.
 */
export function fullRangeWindow(frame: DecodedFrame, bitsStored: number, modality: ModalityTransform): VoiWindow {
  if (!isShort(frame.values)) {
    const found = valueStatistics([{ values: frame.values, modality, padding: undefined }]);
    const { minimum, maximum } = found ?? { minimum: 0, maximum: 1 };
    return minimum < maximum ? windowBetween(minimum, maximum) : windowBetween(minimum - 0.5, minimum + 0.5);
  }
  if (modality.kind === 'table') return windowBetween(0, 2 ** modality.table.bits - 1);
  const span = 2 ** bitsStored;
  const lowest = valueRange(frame.values).lowest < 0 ? -span / 2 : 0;
  const toModality = modalityFunction(modality);
  const ends = [toModality(lowest), toModality(lowest + span - 1)];
  return windowBetween(Math.min(...ends), Math.max(...ends));
}

function hasShortValues(frame: MeasuredFrame): frame is ShortFrame {
  return isShort(frame.values);
}
