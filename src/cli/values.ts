import { OptionError } from './option-error.ts';

/** The value of an option as a number. Only plain decimals: what else Number() takes ('', '0x10', '1e9') is a slip. */
function decimal(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
}

/**
 * @param option As the user writes it, such as `--quality`.
 * @throws OptionError unless the text is a whole number within the range, both ends included.
 */
export function wholeNumber(option: string, text: string, minimum: number, maximum: number): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= minimum && value <= maximum) return value;
  throw new OptionError(`Expected a whole number from ${minimum} to ${maximum} for ${option} but received '${text}'.`);
}

/** @throws OptionError unless the text is a whole number, which may be negative. */
export function anyWholeNumber(option: string, text: string): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new OptionError(`Expected a whole number, such as 3 or -3, for ${option} but received '${text}'.`);
}

/** @throws OptionError unless the text is a number within the range, both ends included. */
export function numberBetween(option: string, text: string, minimum: number, maximum: number): number {
  const value = decimal(text);
  if (value >= minimum && value <= maximum) return value;
  throw new OptionError(`Expected a number from ${minimum} to ${maximum} for ${option} but received '${text}'.`);
}

/** @throws OptionError unless the text is 'native' or a whole number of pixels from 1 to 16384. */
export function imageWidth(option: string, text: string): number | 'native' {
  if (text.toLowerCase() === 'native') return 'native';
  const value = /^\+?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= 16_384) return value;
  throw new OptionError(`Expected 'native' or a whole number from 1 to 16384 for ${option} but received '${text}'.`);
}

/**
 * Gathers what a repeated --header gives into an object, for commander.
 *
 * @throws OptionError, which does not repeat the value, unless the text is `Name: value`.
 */
export function addHeader(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const match = /^([^\s:]+)\s*:\s*(.*?)\s*$/.exec(text);
  if (match === null) throw new OptionError("Expected 'Name: value' for --header, such as 'X-Api-Key: secret'.");
  const [, name = '', value = ''] = match;
  if (Object.keys(before).some((other) => other.toLowerCase() === name.toLowerCase())) {
    throw new OptionError(`Expected each header once, but --header gives ${name} twice.`);
  }
  return { ...before, [name]: value };
}
