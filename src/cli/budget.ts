import type { DraftBudget } from '../index.ts';
import { OptionError } from './option-error.ts';

const bytesOf: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};
const millisecondsOf: Readonly<Record<string, number>> = { MS: 1, S: 1e3 };

/** The largest values that make sense: a terabyte, a day. */
const mostBytes = 1e12;
const mostMilliseconds = 86_400_000;

/**
 * Adds what one --budget gives to those before it, for commander: bytes (500KB, 5MB, 2MiB) or a time (800ms, 1.5s).
 *
 * @throws OptionError unless the text is one of these, and where it limits what another has limited already
 */
export function addBudget(text: string, before: DraftBudget): DraftBudget {
  const [, number = '', unit = ''] = /^(\d+\.?\d*|\.\d+)([a-z]+)$/i.exec(text) ?? [];
  const byteFactor = bytesOf[unit.toUpperCase()];
  const timeFactor = millisecondsOf[unit.toUpperCase()];
  const byteLength = Math.floor(Number(number) * (byteFactor ?? Number.NaN));
  const timeMs = Number(number) * (timeFactor ?? Number.NaN);
  if (byteLength >= 1 && byteLength <= mostBytes) {
    if (before.byteLength !== undefined) throw twice('bytes');
    return { ...before, byteLength };
  }
  if (timeMs >= 1 && timeMs <= mostMilliseconds) {
    if (before.timeMs !== undefined) throw twice('a time');
    return { ...before, timeMs };
  }
  throw new OptionError(
    `Expected bytes, such as 500KB or 5MB, or a time, such as 800ms or 1.5s, for --budget but received '${text}'.`,
  );
}

function twice(what: string): OptionError {
  return new OptionError(`Expected one limit of each kind, but --budget gives ${what} twice.`);
}
