import type { DraftBudget } from '../index.ts';

/** Text on the command line that no option takes. It is no UsageError of the library, which is not loaded by then. */
export class OptionError extends Error {
  readonly code = 'usage';
  override readonly name = 'OptionError';
}

/**
 * The whole number that a text stands for; undefined for an option that was not given. The library checks its range.
 *
 * @param option as the user writes it, such as `--quality`
 * @throws OptionError for other text
 */
export function wholeNumber(option: string, text: string): number;
export function wholeNumber(option: string, text: string | undefined): number | undefined;
export function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new OptionError(`Expected a whole number for ${option} but received '${text}'.`);
}

/**
 * The number that a text stands for. Only plain decimals: what else Number() takes ('', '0x10', '1e9') is a mistake.
 *
 * @param option as the user writes it, such as `--start`
 * @throws OptionError for other text
 */
export function decimal(option: string, text: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text)) return Number(text);
  throw new OptionError(`Expected a number, such as 0.5, for ${option} but received '${text}'.`);
}

/** What the library takes at most: a day. */
const maxSeconds = 24 * 3600;

/**
 * The milliseconds that a text in seconds stands for. Its range is checked here: the library would tell it in milliseconds.
 *
 * @throws OptionError for other text, and for a time that the library does not take
 */
export function secondsAsMs(option: string, text: string): number {
  const timeMs = Math.round(decimal(option, text) * 1_000);
  if (timeMs >= 1 && timeMs <= maxSeconds * 1_000) return timeMs;
  throw new OptionError(
    `Expected seconds, from 0.001 to ${maxSeconds}, for ${option} but received '${text}'. The default is 30.`,
  );
}

/** @throws OptionError unless the text is 'native' or a whole number */
export function imageWidth(option: string, text: string): number | 'native' {
  if (text.toLowerCase() === 'native') return 'native';
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new OptionError(`Expected 'native' or a whole number for ${option} but received '${text}'.`);
}

/**
 * Adds the header that one --header gives to those before it, for commander.
 *
 * @throws OptionError, which does not repeat the value, unless the text is `Name: value`
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

/**
 * Adds the limit that one --safety-limit names to those before it, for commander. The library knows the names.
 *
 * @throws OptionError unless the text is `NAME=NUMBER`, and for a name that was given before
 */
export function addLimit(text: string, before: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const [, name = '', value = ''] = /^\s*([^\s=]+)\s*=\s*(\d+)\s*$/.exec(text) ?? [];
  if (value === '') {
    throw new OptionError(`Expected NAME=NUMBER, such as frames=100, for --safety-limit but received '${text}'.`);
  }
  if (Object.hasOwn(before, name)) {
    throw new OptionError(`Expected each limit once, but --safety-limit gives ${name} twice.`);
  }
  return { ...before, [name]: Number(value) };
}

const bytesOf: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};
/**
 * The bytes that a text such as 500KB or 2GiB stands for, or a plain number of bytes from 1000 on, such as 40000: with a smaller one,
 * somebody forgot the unit.
 *
 * @throws OptionError for other text
 */
export function byteLength(option: string, text: string): number {
  if (/^[1-9]\d{3,}$/.test(text)) return Number(text);
  const [, number = '', unit = ''] = /^(\d+\.?\d*|\.\d+)([a-z]+)$/i.exec(text) ?? [];
  const factor = bytesOf[unit.toUpperCase()];
  if (factor !== undefined) return Math.floor(Number(number) * factor);
  throw new OptionError(`Expected bytes, such as 500MB, 2GB or 40000, for ${option} but received '${text}'.`);
}

const millisecondsOf: Readonly<Record<string, number>> = { MS: 1, S: 1e3 };

/**
 * Adds the limit that one --budget gives to those before it, for commander: bytes (500KB, 5MB, 2MiB) or a time (800ms,
 * 1.5s).
 *
 * @throws OptionError for other text, and for a second limit of the same kind
 */
export function addBudget(text: string, before: DraftBudget): DraftBudget {
  const [, number = '', unit = ''] = /^(\d+\.?\d*|\.\d+)([a-z]+)$/i.exec(text) ?? [];
  const byteFactor = bytesOf[unit.toUpperCase()];
  const timeFactor = millisecondsOf[unit.toUpperCase()];
  if (byteFactor !== undefined) {
    if (before.byteLength !== undefined) throw secondLimit('bytes');
    return { ...before, byteLength: Math.floor(Number(number) * byteFactor) };
  }
  if (timeFactor !== undefined) {
    if (before.timeMs !== undefined) throw secondLimit('a time');
    return { ...before, timeMs: Number(number) * timeFactor };
  }
  throw new OptionError(
    `Expected bytes, such as 500KB or 5MB, or a time, such as 800ms or 1.5s, for --budget but received '${text}'.`,
  );
}

function secondLimit(what: string): OptionError {
  return new OptionError(`Expected one limit of each kind, but --budget gives ${what} twice.`);
}
