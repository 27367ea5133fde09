import { AbortedError } from './errors.ts';

/**
 * The callbacks of each signal. A signal gets one listener, however many requests wait on it: Node warns of a leak from
 * eleven listeners on, and it takes time to add and remove thousands.
 */
const callbacksOf = new WeakMap<AbortSignal, Set<(error: AbortedError) => void>>();

/**
 * Calls back once when the signal is aborted; at once when it has been aborted before. Returns a function that removes
 * the callback. Call it as soon as the abort no longer matters.
 */
export function onAbort(signal: AbortSignal | undefined, callback: (error: AbortedError) => void): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    callback(new AbortedError({ cause: signal.reason }));
    return () => {};
  }
  let callbacks = callbacksOf.get(signal);
  if (callbacks === undefined) {
    const created = new Set<(error: AbortedError) => void>();
    callbacksOf.set(signal, created);
    signal.addEventListener(
      'abort',
      () => {
        const error = new AbortedError({ cause: signal.reason });
        for (const each of [...created]) each(error);
        created.clear();
      },
      { once: true },
    );
    callbacks = created;
  }
  const own = callbacks;
  own.add(callback);
  return () => {
    own.delete(callback);
  };
}

/** Waits. An abort ends the wait with an AbortedError. */
export function delay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let release = (): void => {};
    const timer = setTimeout(() => {
      release();
      resolve();
    }, milliseconds);
    release = onAbort(signal, (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** The result of the promise. When the signal is aborted before, throws an AbortedError and waits no longer. */
export function abortable<T>(value: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const release = onAbort(signal, reject);
    Promise.resolve(value).then(resolve, reject).finally(release);
  });
}

/** The signal of one operation. It is aborted with one of several other signals, until `end` is called. */
export interface AbortScope {
  readonly signal: AbortSignal;
  end(): void;
}

/**
 * Opens the scopes of operations. Each is aborted with the operation's own signal and with `closing`. Operations that
 * have the same signal at the same time share one scope.
 */
export function createAbortScopes(closing: AbortSignal): { open(signal: AbortSignal | undefined): AbortScope } {
  const shared = new Map<AbortSignal | undefined, { readonly scope: AbortScope; users: number }>();
  return {
    open(signal): AbortScope {
      const entry = shared.get(signal) ?? { scope: openAbortScope([signal, closing]), users: 0 };
      shared.set(signal, entry);
      entry.users += 1;
      return {
        signal: entry.scope.signal,
        end(): void {
          entry.users -= 1;
          if (entry.users > 0) return;
          entry.scope.end();
          shared.delete(signal);
        },
      };
    },
  };
}

/** Opens a scope that is aborted as soon as one of the signals is. */
export function openAbortScope(signals: readonly (AbortSignal | undefined)[]): AbortScope {
  const controller = new AbortController();
  const releases = signals.map((signal) => onAbort(signal, (error) => controller.abort(error.cause)));
  return {
    signal: controller.signal,
    end(): void {
      for (const release of releases) release();
    },
  };
}
