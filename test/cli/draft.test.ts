import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { DraftReport } from '../../src/index.ts';
import { fakeContext, fakeReport } from './fake-library.ts';

async function draftOf(...args: string[]): Promise<object> {
  const context = fakeContext();
  expect([await run(['mosaic', 'u', 'a.webp', ...args], context), context.err()]).toEqual([0, expect.any(String)]);
  const { draft, budget } = { draft: undefined, budget: undefined, ...context.calls[0]?.options };
  return { draft, budget };
}

describe('--draft and --budget', () => {
  it.each([
    [[], undefined, undefined],
    [['--draft'], true, undefined],
    [['--budget', '5MB'], undefined, { byteLength: 5_000_000 }],
    [['--budget', '500KB'], undefined, { byteLength: 500_000 }],
    [['--budget', '500kb', '--draft'], true, { byteLength: 500_000 }],
    [['--budget=2MiB'], undefined, { byteLength: 2_097_152 }],
    [['--budget', '1.5GB'], undefined, { byteLength: 1_500_000_000 }],
    [['--budget', '8192B'], undefined, { byteLength: 8192 }],
    [['--budget', '800ms'], undefined, { timeMs: 800 }],
    [['--budget', '1.5s'], undefined, { timeMs: 1500 }],
    [['--budget', '.5S'], undefined, { timeMs: 500 }],
    [['--budget', '5MB', '--budget', '800ms'], undefined, { byteLength: 5_000_000, timeMs: 800 }],
  ])('%j', async (args, draft, budget) => {
    expect(await draftOf(...args)).toEqual({ draft, budget });
  });

  it.each(['5', 'MB', '5 MB', '-5MB', '5m', '5min', '1e6B', 'NaNms', '5MBs', '2TB', ''])(
    "refuses '%s'",
    async (budget) => {
      const context = fakeContext();
      expect(await run(['mosaic', 'u', 'a.webp', '--budget', budget], context)).toBe(2);
      expect(context.err()).toContain(
        `Expected bytes, such as 500KB or 5MB, or a time, such as 800ms or 1.5s, for --budget but received '${budget}'.`,
      );
      expect(context.calls).toEqual([]);
    },
  );

  it.each([
    ['0MB', 'Expected a --budget of 1 byte or more but received 0.'],
    ['0s', 'Expected a --budget of more than 0 milliseconds but received 0.'],
  ])("refuses '%s', which nothing fits into", async (budget, message) => {
    const context = fakeContext();
    expect(await run(['mosaic', 'u', 'a.webp', '--budget', budget], context)).toBe(2);
    expect(context.err()).toContain(message);
    expect(context.calls).toEqual([]);
  });

  it('refuses two limits of a kind, and drafts of one image', async () => {
    const context = fakeContext();
    expect(await run(['mosaic', 'u', 'a.webp', '--budget', '5MB', '--budget', '6MB'], context)).toBe(2);
    expect(context.err()).toContain('Expected one limit of each kind, but --budget gives bytes twice.');
    expect(await run(['mosaic', 'u', 'a.webp', '--budget', '1s', '--budget', '6ms'], context)).toBe(2);
    expect(context.err()).toContain('--budget gives a time twice.');
    expect(await run(['get-image', 'u', 'a.webp', '--position', '0', '--draft'], context)).toBe(2);
    expect(context.err()).toContain('--draft makes no sense here: get-image shows the very instance at a position.');
  });
});

const draft: DraftReport = {
  outcome: 'draft',
  reason: 'A sample of the headers tells where the tiles lie.',
  listedInstances: 1000,
  sampledInstances: 80,
  positionsFrom: 'even-spacing',
  expectedPositionError: 0.0112,
  expectedPositionErrorMm: 6.7,
  extentMm: 600,
  beyondSampleMm: [7, 7],
  skipped: { headers: 920, tiles: 0 },
  budget: null,
};

describe('what is said of a draft', () => {
  it('that it is one, in the summary and in the details', async () => {
    const context = fakeContext({ report: fakeReport({ draft, warnings: ['This is a draft.'] }) });
    expect(await run(['mosaic', 'u', 'a.webp', '--draft', '--verbose'], context)).toBe(0);
    expect(context.err()).toContain('warning: This is a draft.');
    expect(context.err()).toMatch(/a\.webp: 256 x 128 webp DRAFT, .*2 of about 2 instances/);
    expect(context.err()).toContain(
      'Draft came out draft: A sample of the headers tells where the tiles lie. 80 of 1000 objects known, places from even-spacing, expected error 1.12 % of the extent',
    );
  });

  it('that it came out exact, where it did', async () => {
    const exact: DraftReport = { ...draft, outcome: 'exact', sampledInstances: 1000, positionsFrom: 'all-headers' };
    const context = fakeContext({ report: fakeReport({ draft: exact }) });
    expect(await run(['mosaic', 'u', 'a.webp', '--draft'], context)).toBe(0);
    expect(context.err()).not.toContain('DRAFT');
    expect(context.err()).toContain('2 of 2 instances');
  });
});
