import type { Limits } from '../types/limits.ts';

const opening = 'Raise the limit with the option limits.';

/** The last sentence of an error about a limit: which option raises it. */
export function limitHint(name: keyof Limits): string {
  return `${opening}${name} (--safety-limit ${name}=NUMBER) if you trust where it comes from.`;
}

/** Whether an error's message is about a limit, so that another limit may change it. */
export function isAboutLimit(message: string): boolean {
  return message.includes(opening);
}
