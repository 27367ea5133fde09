import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ConcurrencyLimit, createConcurrencyLimit, type Slot } from '../../src/http/concurrency-limit.ts';

/**
 * Asks for so many slots at once and gives them back one by one, each after `passTime` was told how many were held.
 * Answers the limit after each.
 */
async function serve(
  limit: ConcurrencyLimit,
  requests: number,
  passTime: (abreast: number) => void,
): Promise<readonly number[]> {
  const limits: number[] = [];
  const active: Slot[] = [];
  for (let sent = 0; sent < requests; sent += 1) void limit.acquire(undefined).then((slot) => active.push(slot));
  for (let done = 0; done < requests; done += 1) {
    await Promise.resolve();
    await Promise.resolve();
    passTime(active.length);
    active.shift()?.release('success', 100);
    limits.push(limit.current);
  }
  return limits;
}

/** Runs rounds of a server on a clock of its own: `throughput` requests a second at the given number abreast. */
function simulate(
  maximum: number,
  throughput: (abreast: number) => number,
  requests: number,
): Promise<readonly number[]> {
  let time = 0;
  return serve(
    createConcurrencyLimit(maximum, () => time),
    requests,
    (abreast) => {
      time += 1000 / throughput(abreast);
    },
  );
}

const acquireMany = (limit: ConcurrencyLimit, count: number): Promise<Slot[]> =>
  Promise.all(Array.from({ length: count }, () => limit.acquire(undefined)));

describe('the concurrency limit', () => {
  it('starts at 64, or lower where less is allowed', () => {
    expect(createConcurrencyLimit(128).current).toBe(64);
    expect(createConcurrencyLimit(5).current).toBe(5);
  });

  it('starts where it is told to, as far as that is allowed', () => {
    expect(createConcurrencyLimit(64, undefined, 64).current).toBe(64);
    expect(createConcurrencyLimit(8, undefined, 64).current).toBe(8);
  });

  it('doubles in its first round reply by reply, while callers wait', async () => {
    const limit = createConcurrencyLimit(128, undefined, 4);
    const slots = await acquireMany(limit, 4);
    for (let count = 0; count < 20; count += 1) void limit.acquire(undefined);
    const limits = slots.map((slot) => {
      slot.release('success', 1);
      return limit.current;
    });
    expect(limits).toEqual([5, 6, 7, 8]);
    const unused = createConcurrencyLimit(128, undefined, 4);
    (await unused.acquire(undefined)).release('success', 1);
    expect(unused.current).toBe(4);
  });

  it('grows no further at once after congestion in the first round', async () => {
    const limit = createConcurrencyLimit(128, undefined, 4);
    const [first, second, third] = await acquireMany(limit, 4);
    for (let count = 0; count < 20; count += 1) void limit.acquire(undefined);
    first?.release('success', 1);
    second?.release('congestion', 0);
    third?.release('success', 1);
    expect(limit.current).toBe(2);
  });

  describe('where no reply comes for a while', () => {
    afterEach(() => {
      vi.useRealTimers();
    });

    /** A limit of 4 with 20 callers, 14 of which wait, after an earlier request has ended. */
    const waitFor = async (milliseconds: number, whileWaiting: (slots: readonly Slot[]) => void): Promise<number> => {
      vi.useFakeTimers();
      const limit = createConcurrencyLimit(10, undefined, 4);
      (await limit.acquire(undefined)).release('success', 1);
      const slots = await acquireMany(limit, 4);
      for (let count = 0; count < 20; count += 1) void limit.acquire(undefined);
      whileWaiting(slots);
      vi.advanceTimersByTime(milliseconds);
      return limit.current;
    };

    it('sends as many requests again, once', async () => {
      expect(await waitFor(5, () => undefined)).toBe(4);
      expect(await waitFor(10, () => undefined)).toBe(8);
      expect(await waitFor(1000, () => undefined)).toBe(8);
    });

    it('sends no more where one request has ended, well or not', async () => {
      expect(await waitFor(10, ([slot]) => slot?.release('success', 1))).toBe(6);
      expect(await waitFor(10, ([slot]) => slot?.release('congestion', 0))).toBe(2);
      expect(await waitFor(10, ([slot]) => slot?.release('unaccepted', 0))).toBe(1);
    });

    it('sends none beyond the maximum, and none where nobody waits', async () => {
      vi.useFakeTimers();
      const limit = createConcurrencyLimit(6, undefined, 4);
      await acquireMany(limit, 4);
      vi.advanceTimersByTime(20);
      expect(limit.current).toBe(4);
      void limit.acquire(undefined);
      vi.advanceTimersByTime(20);
      expect(limit.current).toBe(6);
    });
  });

  it('grows to the maximum while that helps', async () => {
    const limits = await simulate(200, (abreast) => abreast * 20, 900);
    expect(limits[0]).toBe(65);
    expect(limits.at(-1)).toBe(200);
    expect(Math.max(...limits)).toBe(200);
  });

  it('steps back and stays where more does not help', async () => {
    const limits = await simulate(256, (abreast) => Math.min(abreast, 40) * 20, 4000);
    expect(Math.max(...limits)).toBeLessThanOrEqual(128);
    expect(limits.filter((each) => each <= 64).length).toBeGreaterThan(limits.length / 2);
  });

  it('steps back from its maximum too', async () => {
    const limits = await simulate(128, (abreast) => Math.min(abreast, 40) * 20, 1000);
    expect(Math.max(...limits)).toBe(128);
    expect(limits.filter((each) => each === 64).length).toBeGreaterThan(limits.length / 2);
  });

  it('halves on congestion, once for all that were sent before', async () => {
    const limit = createConcurrencyLimit(64, undefined, 32);
    const slots = await acquireMany(limit, 32);
    for (const slot of slots) slot.release('congestion', 0);
    expect(limit.current).toBe(16);
    const [next] = await acquireMany(limit, 1);
    next?.release('congestion', 0);
    expect(limit.current).toBe(8);
  });

  it('falls to a quarter where connections are not accepted, and then stays, the longer the oftener', async () => {
    let time = 0;
    const limit = createConcurrencyLimit(128, () => time, 64);
    const roundsUntilGrowth = async (): Promise<number> => {
      const before = limit.current;
      const limits = await serve(limit, 10_000, (abreast) => {
        time += 100 / abreast;
      });
      return limits.findIndex((each) => each > before) / before;
    };
    for (const slot of await acquireMany(limit, 64)) slot.release('unaccepted', 0);
    expect(limit.current).toBe(16);
    const first = await roundsUntilGrowth();
    expect(first).toBeGreaterThanOrEqual(8);
    while (limit.current > 16) (await limit.acquire(undefined)).release('unaccepted', 0);
    expect(await roundsUntilGrowth()).toBeGreaterThan(1.9 * first);
  });

  it('never falls below one, and grows again by an eighth a round', async () => {
    let time = 0;
    const limit = createConcurrencyLimit(16, () => time, 8);
    for (let count = 0; count < 10; count += 1) (await limit.acquire(undefined)).release('congestion', 0);
    expect(limit.current).toBe(1);
    const limits = await serve(limit, 200, (abreast) => {
      time += 100 / abreast;
    });
    expect([...new Set(limits)]).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15, 16]);
  });

  it('serves in turn, and an abort gives up the place in the row', async () => {
    const limit = createConcurrencyLimit(1);
    const held = await limit.acquire(undefined);
    const controller = new AbortController();
    const aborted = limit.acquire(controller.signal);
    const next = limit.acquire(undefined);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
    held.release('success', 0);
    const slot = await next;
    slot.release('success', 0);
    slot.release('success', 0);
    expect((await acquireMany(limit, 1)).length).toBe(1);
  });
});
