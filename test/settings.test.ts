import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/base/errors.ts';
import { storageSettings } from '../src/settings.ts';

describe('settings of stores', () => {
  it('fill in the defaults', () => {
    expect(storageSettings({})).toMatchObject({
      concurrency: 128,
      timeoutMs: 30_000,
      retries: 5,
      noSignRequest: false,
    });
  });

  it.each([
    { concurrency: 0 },
    { concurrency: 1.5 },
    { concurrency: 5000 },
    { timeoutMs: 0 },
    { retries: -1 },
    { retries: Number.NaN },
  ])('refuses %j', (options) => {
    expect(() => storageSettings(options)).toThrow(UsageError);
  });
});
