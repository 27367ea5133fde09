import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { repetitions } from '../support/repetitions.ts';
import { earlierFinds } from './corpus.ts';
import { minimise, nameOfFault } from './minimise.ts';
import { mutate } from './mutate.ts';
import { findIn } from './outcome.ts';
import type { FuzzTarget } from './target.ts';
import { codecs } from './targets/codecs.ts';
import { targets } from './targets/index.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fuzz-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Those that need the built package, or write files, are for `npm run fuzz` alone. */
const forTheRunner = ['header-index', 'idc-thread', 'whole-files'];

function targetOf(name: string): FuzzTarget {
  const target = targets.find((each) => each.name === name);
  if (target === undefined) throw new Error(`There is no target ${name}.`);
  return target;
}

describe.each(targets.filter(({ name }) => !forTheRunner.includes(name)))('$name', (target) => {
  it('gives a result or an error of the library for mutated input, and for any bytes', async () => {
    vi.stubEnv('FUZZ_WORK_FOLDER', folder);
    const seeds = await target.seeds();
    const bits = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 1,
      maxLength: 40,
    });
    const mutated = bits.map((numbers) => {
      let at = 0;
      return mutate(seeds, target.tokens ?? [], () => numbers[at++ % numbers.length] ?? 0);
    });
    const inputs = fc.oneof(
      { weight: 9, arbitrary: mutated },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    );
    const { weight = 1 } = target;
    const numRuns = weight > 10 ? repetitions(120, 4000) : repetitions(30, weight > 2 ? 1000 : 250);
    // Decoders of others may hang; in the library they run in workers, which are ended then. Here the inputs stay the same.
    const fixed = codecs.includes(target) ? { seed: 1 } : {};
    await fc.assert(
      fc.asyncProperty(inputs, async (bytes) => {
        expect(await findIn(target, bytes)).toBeUndefined();
      }),
      { numRuns, ...fixed },
    );
  });
});

describe('what did harm once', () => {
  it.each(earlierFinds)('$target: $did', async ({ target, make }) => {
    expect(await findIn(targetOf(target), make())).toBeUndefined();
  });
});

describe('the runner', () => {
  it('takes every error for a find that is of no known class', async () => {
    const throwing = (error: unknown): FuzzTarget => ({
      name: 'a',
      seeds: async () => [],
      allowed: [SyntaxError],
      run: () => {
        throw error;
      },
    });
    expect(await findIn(throwing(new SyntaxError('known')), new Uint8Array(0))).toBeUndefined();
    expect(await findIn(throwing(new TypeError('unknown')), new Uint8Array(0))).toContain('TypeError: unknown');
    expect(await findIn(throwing(7), new Uint8Array(0))).toBe('thrown: 7');
  });

  it('makes the same input of the same numbers, and changes it', async () => {
    const seeds = [new Uint8Array(100)];
    const { randomOf } = await import('./mutate.ts');
    const inputs = Array.from({ length: 50 }, (_, index) => mutate(seeds, [], randomOf(1, 'a', index)));
    const again = Array.from({ length: 50 }, (_, index) => mutate(seeds, [], randomOf(1, 'a', index)));
    expect(again).toEqual(inputs);
    expect(new Set(inputs.map((input) => Buffer.from(input).toString('hex'))).size).toBeGreaterThan(25);
    expect(seeds).toEqual([new Uint8Array(100)]);
  });

  it('makes a find as small as its fault allows, and gives one fault one name', async () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, index) => index);
    const smallest = await minimise(bytes, async (each) => each.includes(17) && each.includes(130), 1000);
    expect([...smallest]).toEqual([17, 130]);
    const stack = (line: number): string => `RangeError: offset ${line}\n    at node:x\n    at parse (a.ts:${line})`;
    expect(nameOfFault(stack(3))).toBe(nameOfFault(stack(99)));
  });
});
