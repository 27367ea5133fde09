import type { SharedConnections } from '../http/shared-connections.ts';
import type { StorageSettings } from '../types/settings.ts';

/** How to reach a store. A file of its own, because every backend needs it and open-store.ts imports every backend. */
export interface OpenStoreOptions extends Partial<StorageSettings> {
  /** Called with what was left out, and with what was done in another way than configured. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** How many requests are under way at first. For few requests in all, finding the best number would take longer. */
  readonly startConcurrency?: number | undefined;
  /** Connections shared with other stores. Without them, the store opens its own and closes them in the end. */
  readonly connections?: SharedConnections | undefined;
}
