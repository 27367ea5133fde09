import type { DecodedFrame, ModalityTransform, VoiWindow } from '../../types/pixels.ts';
import { isShort, valueRange } from '../grey.ts';
import { modalityFunction } from '../modality.ts';
import { valueStatistics } from './statistics.ts';
import { windowBetween } from './windows.ts';

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
