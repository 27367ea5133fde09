import type { SharedConnections } from '../http/shared-connections.ts';
import type { StorageSettings } from '../types/settings.ts';

/** How to reach a store, and what opening one may be told besides. */
export interface OpenStoreOptions extends Partial<StorageSettings> {
  /** Told of what was left out or done otherwise than configured. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Requests under way at first, where so few are to come that finding the best number would take longer. */
  readonly startConcurrency?: number | undefined;
  /** Connections of stores before this one and after it; without them a store opens its own, and ends them. */
  readonly connections?: SharedConnections | undefined;
}
