/** Does the same with all items, so many at a time. The first failure ends it. */
export async function eachOf<Item>(
  items: Iterable<Item>,
  atATime: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atATime }, lane));
}

/** Runs work on items, several at a time, and gives the results in the order of the items. */
export async function* inOrder<Item, Made>(
  items: readonly Item[],
  concurrency: number,
  make: (item: Item) => Promise<Made>,
): AsyncGenerator<{ readonly item: Item; readonly made: Made }> {
  const inWork: { readonly item: Item; readonly promise: Promise<Made> }[] = [];
  let next = 0;
  const fill = (): void => {
    while (inWork.length < concurrency && next < items.length) {
      const item = items[next++] as Item;
      const promise = make(item);
      // Handled when its turn comes.
      promise.catch(() => undefined);
      inWork.push({ item, promise });
    }
  };
  fill();
  for (let head = inWork.shift(); head !== undefined; head = inWork.shift()) {
    const made = await head.promise;
    fill();
    yield { item: head.item, made };
  }
}
