import type { Connections } from './connections.ts';

/**
 * Connections that stores share, one after the other or at the same time. The first store that needs connections makes
 * them, and they are kept alive between stores. Opening one to a host far away takes as long as two or three requests.
 *
 * This is a file of its own, so that a previewer can hold it without loading HTTP.
 */
export class SharedConnections {
  #connections: Connections | undefined;

  /** The connections, made by `create` where there are none yet. */
  get(create: () => Connections): Connections {
    this.#connections ??= create();
    return this.#connections;
  }

  /** Ends all of them, also those in use. */
  close(): void {
    this.#connections?.destroy();
    this.#connections = undefined;
  }
}
