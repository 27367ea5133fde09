import type { Connections } from './connections.ts';

/**
 * Connections that stores share, one after the other or at a time: made by the first that needs any, kept alive between
 * them. To a host far away opening one takes as long as two or three requests.
 */
export class SharedConnections {
  #connections: Connections | undefined;

  /** Makes them where there are none yet. */
  get(create: () => Connections): Connections {
    this.#connections ??= create();
    return this.#connections;
  }

  /** Ends all of them, idle or not. */
  close(): void {
    this.#connections?.destroy();
    this.#connections = undefined;
  }
}
