import { setImmediate } from 'node:timers/promises';

/**
 * Runs `work` on all items, `count` at a time, and gives the results as they come. The first error ends everything; so
 * does a reader that leaves the loop. Then the signal that `work` received is aborted. A slow list holds no result back.
 */
export async function* asTheyCome<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  count: number,
  work: (item: Item, leaving: AbortSignal) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const ask = async (): Promise<{ readonly asked: IteratorResult<Item, unknown> }> => ({
    asked: await iterator.next(),
  });
  const underWay = new Map<number, Promise<{ readonly id: number; readonly result: Result }>>();
  const leaving = new AbortController();
  let asking: ReturnType<typeof ask> | undefined;
  let isEnd = false;
  let nextId = 0;
  try {
    for (;;) {
      if (!isEnd && underWay.size < count) asking ??= ask();
      if (asking === undefined && underWay.size === 0) return;
      const first = await Promise.race([...(asking === undefined ? [] : [asking]), ...underWay.values()]);
      if ('result' in first) {
        underWay.delete(first.id);
        yield first.result;
        continue;
      }
      asking = undefined;
      const { done, value } = first.asked;
      if (done === true) isEnd = true;
      else {
        const id = nextId++;
        const running = work(value, leaving.signal).then((result) => ({ id, result }));
        // The first error is thrown where results are waited for. Others must not end the process.
        running.catch(() => undefined);
        underWay.set(id, running);
      }
    }
  } finally {
    leaving.abort(new Error('nobody waits for the results any more'));
    const returning = Promise.resolve(iterator.return?.());
    returning.catch(() => undefined);
    asking?.catch(() => undefined);
    // A list that has been asked may never answer: it is given a moment only.
    await (asking === undefined ? returning : Promise.race([returning, setImmediate()]));
  }
}
