import type { Store } from '../types/storage.ts';
import { parseHttpRoot } from './http-root.ts';
import { createHttpStore } from './http-store.ts';
import type { OpenStoreOptions } from './open-store.ts';
import { createTransport } from './transport.ts';

/** Opens a folder or file of a web server. Throws a UsageError for what is no http(s) URL. */
export async function openHttp(url: string, options: OpenStoreOptions): Promise<Store> {
  return createHttpStore({
    root: parseHttpRoot(url),
    transport: createTransport(options),
    onWarning: options.onWarning ?? ((): void => {}),
  });
}
