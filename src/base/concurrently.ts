import { setMaxListeners } from 'node:events';
import { AbortedError, throwIfAborted } from './errors.ts';

/**
 * Runs `work` on all items, at most `limit` at a time. The first failure ends everything: the signal that `work`
 * receives is aborted, and the failure is thrown when no work is left running.
 *
 * @returns the results in the order of the items
 * @throws the first failure; AbortedError where the signal was aborted
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  signal: AbortSignal | undefined,
  work: (item: Item, signal: AbortSignal, index: number) => Promise<Result>,
): Promise<Result[]> {
  throwIfAborted(signal);
  const controller = new AbortController();
  // Each item under way may listen to the signal. Node takes more than ten listeners for a leak, and would warn.
  setMaxListeners(0, controller.signal);
  const abort = (): void => controller.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const results: Result[] = new Array(items.length);
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (next < items.length && failure === undefined) {
      const index = next++;
      const item = items[index] as Item;
      try {
        throwIfAborted(signal);
        results[index] = await work(item, controller.signal, index);
      } catch (error) {
        failure ??= { error };
        controller.abort(error);
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, Math.min(limit, items.length)) }, lane));
  } finally {
    signal?.removeEventListener('abort', abort);
  }
  if (signal?.aborted === true) throw new AbortedError({ cause: signal.reason });
  if (failure !== undefined) throw failure.error;
  return results;
}
