import { UsageError } from '../base/errors.ts';
import type { PictureViewOptions } from '../types/options.ts';
import type { VolumeChoice } from '../types/settings.ts';
import { wholeNumber } from './option-checks.ts';

/**
 * Which volumes a picture shows; undefined for all images in their order.
 *
 * @throws UsageError for a value outside its range
 */
export function volumeChoice(options: PictureViewOptions): VolumeChoice | undefined {
  const { volume, time, bValue, echo, volumes } = options;
  const isOne = [volume, time, bValue, echo].some((each) => each !== undefined);
  if (volumes !== undefined && volumes !== 'first' && volumes !== 'all') {
    throw new UsageError(`Expected 'first' or 'all' for volumes but received '${String(volumes)}'.`, {
      optionNames: ['volumes'],
    });
  }
  if (!isOne && volumes !== 'first') return undefined;
  return {
    volume: volume === undefined ? undefined : wholeNumber('volume', volume, { min: 1 }),
    time: time === undefined ? undefined : wholeNumber('time', time, { min: 1 }),
    bValue: bValue === undefined ? undefined : notNegative('bValue', bValue),
    echo: echo === undefined ? undefined : notNegative('echo', echo),
    volumes: volumes ?? 'first',
  };
}

function notNegative(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new UsageError(`Expected a number of 0 or more for ${name} but received ${String(value)}.`, {
    optionNames: [name],
  });
}
