import type { SharedConnections } from '../http/shared-connections.ts';
import type { StorageOptions } from '../types/options.ts';

/** What opening a store may be told beyond the options of a picture. */
export interface OpenStoreOptions extends StorageOptions {
  /** Told of what was left out or done otherwise than configured. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Requests under way at first, where so few are to come that finding the best number would take longer. */
  readonly startConcurrency?: number | undefined;
  /** Connections of stores before this one and after it; without them a store opens its own, and ends them. */
  readonly connections?: SharedConnections | undefined;
}
