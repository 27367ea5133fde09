import { describe, expect, it } from 'vitest';
import { mapConcurrently } from '../../src/base/concurrently.ts';

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('mapConcurrently', () => {
  it('answers in the order of the items, at most so many at a time', async () => {
    let underWay = 0;
    let most = 0;
    const results = await mapConcurrently([5, 3, 8, 1, 9, 2], 3, undefined, async (item, _signal, index) => {
      most = Math.max(most, ++underWay);
      for (let turn = 0; turn < item; turn++) await pause();
      underWay--;
      return [item, index];
    });
    expect(results).toEqual([5, 3, 8, 1, 9, 2].map((item, index) => [item, index]));
    expect(most).toBe(3);
    expect(await mapConcurrently([], 4, undefined, async () => 1)).toEqual([]);
  });

  it('lets all items under way listen for an abort without a warning of leaks', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): number => warnings.push(warning);
    process.on('warning', note);
    const items = Array.from({ length: 64 }, (_, index) => index);
    await mapConcurrently(items, 64, undefined, async (_item, signal) => {
      signal.addEventListener('abort', () => undefined);
      await pause();
    });
    await pause();
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('ends all with the first failure, once nothing is left running', async () => {
    const ended: number[] = [];
    const work = mapConcurrently([0, 1, 2, 3, 4], 2, undefined, async (item, signal) => {
      if (item === 1) throw new Error('broken');
      while (!signal.aborted) await pause();
      ended.push(item);
    });
    await expect(work).rejects.toThrow('broken');
    expect(ended).toEqual([0]);
  });

  it('ends with the caller’s abort', async () => {
    const controller = new AbortController();
    const work = mapConcurrently([0, 1, 2], 2, controller.signal, async (_item, signal) => {
      while (!signal.aborted) await pause();
    });
    controller.abort();
    await expect(work).rejects.toMatchObject({ code: 'aborted' });
    await expect(mapConcurrently([0], 1, controller.signal, async () => 1)).rejects.toMatchObject({ code: 'aborted' });
  });
});
