import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by `vitest.config.ts`: true in the project `long`, which `npm run test:interop` runs. */
    readonly isLong: boolean;
  }
}

/**
 * How often a test repeats itself with other input: a few times in `npm test`, many times in `npm run test:interop`.
 */
export function repetitions(few: number, many: number): number {
  return inject('isLong') ? many : few;
}
