import { UsageError } from '../base/errors.ts';

/**
 * @param name of the option
 * @param range both ends included; without `max`, or without both, there is no such end
 * @throws UsageError for anything but a whole number in this range
 */
export function wholeNumber(name: string, value: number, { min, max }: { min?: number; max?: number }): number {
  const isInRange = value >= (min ?? -Infinity) && value <= (max ?? Infinity);
  if (Number.isSafeInteger(value) && isInRange) return value;
  const range = min === undefined ? '' : max === undefined ? ` of ${min} or more` : ` from ${min} to ${max}`;
  throw new UsageError(`Expected a whole number${range} for ${name} but received ${String(value)}.`, {
    optionNames: [name],
  });
}

/** @throws UsageError for anything but a number from 0 to 1 */
export function fraction(name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new UsageError(
    `Expected a number from 0 (first image) to 1 (last image) for ${name} but received ${String(value)}.`,
    { optionNames: [name] },
  );
}
