import { describe, expect, it } from 'vitest';
import { createByteTurns } from '../../src/base/byte-turns.ts';
import { AbortedError } from '../../src/base/errors.ts';

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turns of bytes', () => {
  it('come in the order of the calls, as soon as so many bytes are free', async () => {
    const turns = createByteTurns(10);
    const entered: string[] = [];
    const enter = async (name: string, byteLength: number): Promise<() => void> => {
      const give = await turns.take(byteLength, undefined);
      entered.push(name);
      return give;
    };
    const [a, b, c, d] = [enter('a', 6), enter('b', 4), enter('c', 7), enter('d', 1)];
    await pause();
    // d would fit as soon as b is done, but c came first.
    expect(entered).toEqual(['a', 'b']);
    (await b)();
    await pause();
    expect(entered).toEqual(['a', 'b']);
    (await a)();
    await pause();
    expect(entered).toEqual(['a', 'b', 'c', 'd']);
    (await c)();
    (await d)();
  });

  it('are given alone to who asks for more than there is', async () => {
    const turns = createByteTurns(10);
    const first = await turns.take(1, undefined);
    let isIn = false;
    const large = turns.take(11, undefined).then((give) => {
      isIn = true;
      return give;
    });
    await pause();
    expect(isIn).toBe(false);
    first();
    (await large)();
    // Given back twice, it counts once.
    first();
    const whole = await turns.take(10, undefined);
    whole();
  });

  it('let those go on who stood behind one that was aborted', async () => {
    const turns = createByteTurns(10);
    const first = await turns.take(5, undefined);
    const leaving = new AbortController();
    const large = turns.take(10, leaving.signal);
    const small = turns.take(5, undefined);
    leaving.abort();
    await expect(large).rejects.toThrow(AbortedError);
    (await small)();
    first();
    await expect(turns.take(1, leaving.signal)).rejects.toThrow(AbortedError);
  });
});
