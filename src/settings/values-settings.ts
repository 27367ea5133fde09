import { UsageError } from '../base/errors.ts';
import type { AttributesOptions, FramesOptions } from '../types/options.ts';
import type { AttributesSettings, FramesSettings } from '../types/settings.ts';
import { fraction, wholeNumber } from './option-checks.ts';
import { imageWidthOf } from './settings.ts';

/* Settings of the views that give values, not pictures. */

/** @throws UsageError for a value outside its range */
export function attributesSettings(options: AttributesOptions): AttributesSettings {
  const { tags = ['*'], includePatient = false, position, sliceOffset = 0 } = options;
  return {
    tags: [...tags],
    includePatient,
    position: position === undefined ? undefined : fraction('position', position),
    sliceOffset: wholeNumber('sliceOffset', sliceOffset, {}),
  };
}

/** @throws UsageError for a value outside its range, and for positions together with a count or a range */
export function framesSettings(options: FramesOptions): FramesSettings {
  const { count, positions, range, width = 'native' } = options;
  if (positions !== undefined && (count !== undefined || range !== undefined)) {
    throw new UsageError('Expected either positions, or a count and a range, but received both.', {
      optionNames: ['positions', 'count', 'range'],
    });
  }
  const [start, end] = [fraction('range', range?.[0] ?? 0), fraction('range', range?.[1] ?? 1)];
  if (!(start <= end)) {
    throw new UsageError(`Expected a range from low to high but received ${start} to ${end}.`, {
      optionNames: ['range'],
    });
  }
  return {
    count: count === undefined ? Infinity : wholeNumber('count', count, { min: 1 }),
    positions: positions?.map((position) => fraction('positions', position)),
    range: [start, end],
    width: imageWidthOf('width', width),
  };
}
