import { describe, expect, it } from 'vitest';
import { AbortedError } from '../../src/base/errors.ts';
import { createTurns, type Turns } from '../../src/base/turns.ts';

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Work that begins when its turn comes, and ends when the test says so. */
interface Work {
  readonly result: Promise<string>;
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}

/** Gives work to do, and notes in `begun` when it begins. */
function give(turns: Turns, name: string, begun: string[], signal?: AbortSignal): Work {
  const { promise, resolve, reject } = withResolvers();
  const result = turns.run(async () => {
    begun.push(name);
    await promise;
    return name;
  }, signal);
  return { result, end: resolve, fail: reject };
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: Error) => void } {
  let resolve = (): void => {};
  let reject = (_error: Error): void => {};
  const promise = new Promise<void>((onDone, onFailure) => {
    resolve = onDone;
    reject = onFailure;
  });
  return { promise, resolve, reject };
}

describe('turns', () => {
  it('come in the order of the calls, so many at a time', async () => {
    const turns = createTurns(2);
    const begun: string[] = [];
    const works = ['a', 'b', 'c', 'd', 'e'].map((name) => give(turns, name, begun));
    const [a, b, c, d, e] = works;
    await pause();
    expect(begun).toEqual(['a', 'b']);
    b?.end();
    await pause();
    expect(begun).toEqual(['a', 'b', 'c']);
    c?.end();
    a?.end();
    await pause();
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
    d?.end();
    e?.end();
    expect(await Promise.all(works.map(({ result }) => result))).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('count what is under way or waits', async () => {
    const turns = createTurns(1);
    const begun: string[] = [];
    const a = give(turns, 'a', begun);
    const b = give(turns, 'b', begun);
    expect(turns.pending).toBe(2);
    a.end();
    await a.result;
    expect(turns.pending).toBe(1);
    b.end();
    await b.result;
    expect(turns.pending).toBe(0);
  });

  it('end for work that is aborted while it waits, at once and for it alone', async () => {
    const turns = createTurns(1);
    const begun: string[] = [];
    const controller = new AbortController();
    const a = give(turns, 'a', begun);
    const b = give(turns, 'b', begun, controller.signal);
    const c = give(turns, 'c', begun);
    controller.abort();
    await expect(b.result).rejects.toBeInstanceOf(AbortedError);
    expect([begun, turns.pending]).toEqual([['a'], 2]);
    a.end();
    await pause();
    expect(begun).toEqual(['a', 'c']);
    c.end();
    expect(await c.result).toBe('c');
    // The place of the aborted work is not lost either.
    const d = give(turns, 'd', begun);
    await pause();
    expect(begun).toEqual(['a', 'c', 'd']);
    d.end();
    await d.result;
  });

  it('do not come for work that is aborted before it asks', async () => {
    const turns = createTurns(1);
    const begun: string[] = [];
    await expect(give(turns, 'a', begun, AbortSignal.abort()).result).rejects.toBeInstanceOf(AbortedError);
    const b = give(turns, 'b', begun);
    b.end();
    expect(await b.result).toBe('b');
    expect([begun, turns.pending]).toEqual([['b'], 0]);
  });

  it('leave work alone once it has begun', async () => {
    const turns = createTurns(1);
    const controller = new AbortController();
    const a = give(turns, 'a', [], controller.signal);
    await pause();
    controller.abort();
    a.end();
    expect(await a.result).toBe('a');
  });

  it('pass on to the next when work fails, with its error', async () => {
    const turns = createTurns(1);
    const begun: string[] = [];
    const a = give(turns, 'a', begun);
    const b = give(turns, 'b', begun);
    a.fail(new Error('broken'));
    await expect(a.result).rejects.toThrow('broken');
    await pause();
    expect(begun).toEqual(['a', 'b']);
    b.end();
    await b.result;
    expect(turns.pending).toBe(0);
  });
});
