import { AbortedError, NotFoundError, PreviewError, type PreviewProgress, type Series } from '../index.ts';
import type { Root, Roots } from './roots.ts';

/** An open series costs memory for its headers, and connections. */
const maxOpen = 8;
/** A series that nobody looks at is closed: what lies in a folder may change. */
const maxIdleMs = 60_000;

interface OpenSeries {
  readonly opening: Promise<Series>;
  readonly stop: AbortController;
  isOpen: boolean;
  users: number;
  usedAt: number;
}

export interface UseOptions {
  /** Tried alone; undefined for all roots, one after the other. */
  readonly root: number | undefined;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: PreviewProgress) => void) | undefined;
}

/** What work gets: an open series, and where it was found. */
export interface FoundSeries {
  readonly series: Series;
  readonly root: Root;
}

/**
 * Series that stay open for the next question about them. Calls that want the same series at a time share one opening, which
 * ends early only when all of them are cancelled.
 */
export class SeriesPool {
  readonly #roots: Roots;
  readonly #open = new Map<string, OpenSeries>();
  readonly #timer: NodeJS.Timeout;

  constructor(roots: Roots) {
    this.#roots = roots;
    this.#timer = setInterval(() => this.#closeIdle(), maxIdleMs / 2);
    this.#timer.unref();
  }

  /**
   * Works on a series, which is opened first unless it is open.
   *
   * @throws the errors of opening; what the work throws. Then the series is opened anew the next time.
   */
  async use<Result>(name: string, options: UseOptions, work: (found: FoundSeries) => Promise<Result>): Promise<Result> {
    const { all } = this.#roots;
    const roots = options.root === undefined ? all : [this.#roots.byNumber(options.root)];
    const known = roots.find((root) => this.#open.get(keyOf(root, name))?.isOpen === true);
    let missing: unknown;
    for (const root of known === undefined ? roots : [known]) {
      const key = keyOf(root, name);
      const entry = this.#open.get(key) ?? this.#opened(root, name, options);
      entry.users++;
      try {
        const series = await abortable(entry.opening, options.signal);
        return await work({ series, root });
      } catch (error) {
        const isCancelled = error instanceof AbortedError;
        if (!isCancelled && (!entry.isOpen || isSpoiling(error))) this.#forget(key, entry);
        if (entry.isOpen || !(error instanceof NotFoundError)) throw error;
        missing ??= error;
      } finally {
        entry.users--;
        entry.usedAt = Date.now();
        // Nobody waits for the opening any more.
        if (entry.users === 0 && !entry.isOpen) this.#forget(key, entry);
        if (entry.users === 0 && this.#open.get(key) !== entry) void closeEntry(entry);
        this.#closeIdle();
      }
    }
    throw missing;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#open.values()].map(closeEntry));
    this.#open.clear();
  }

  #opened(root: Root, name: string, { onProgress }: UseOptions): OpenSeries {
    const stop = new AbortController();
    const options = { ...this.#roots.storage, signal: stop.signal, onProgress };
    const opening = root.previewer.openSeries(name, options);
    const entry: OpenSeries = { opening, stop, isOpen: false, users: 0, usedAt: Date.now() };
    opening.then(
      () => {
        entry.isOpen = true;
      },
      () => undefined,
    );
    this.#open.set(keyOf(root, name), entry);
    return entry;
  }

  #forget(key: string, entry: OpenSeries): void {
    if (this.#open.get(key) === entry) this.#open.delete(key);
  }

  #closeIdle(): void {
    const idle = [...this.#open].filter(([, { users }]) => users === 0).sort(([, a], [, b]) => a.usedAt - b.usedAt);
    const tooMany = this.#open.size - maxOpen;
    for (const [index, [key, entry]] of idle.entries()) {
      if (index >= tooMany && Date.now() - entry.usedAt < maxIdleMs) continue;
      this.#open.delete(key);
      void closeEntry(entry);
    }
  }
}

/** Whether the series must be opened anew: it is not as it was, or cannot be reached. */
function isSpoiling(error: unknown): boolean {
  if (!(error instanceof PreviewError)) return true;
  return ['changed', 'not-found', 'storage', 'timeout', 'access-denied'].includes(error.code);
}

function keyOf(root: Root, name: string): string {
  return `${root.number} ${name}`;
}

/** Ends the opening, or closes what was opened. */
async function closeEntry({ opening, stop }: OpenSeries): Promise<void> {
  stop.abort();
  const series = await opening.catch(() => undefined);
  await series?.close().catch(() => undefined);
}

/** The same promise, which a signal ends for this caller alone. */
function abortable<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new AbortedError({ cause: signal.reason }));
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
