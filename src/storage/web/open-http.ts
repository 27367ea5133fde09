import { createTransport } from '../../http/transport.ts';
import type { Store } from '../../types/storage.ts';
import type { OpenStoreOptions } from '../open-store-options.ts';
import { parseHttpRoot } from './http-root.ts';
import { createHttpStore } from './http-store.ts';
import { unprotectedWarning, webCredentials } from './web-credentials.ts';

/**
 * Opens a folder or file of a web server, with the headers and credentials of {@link webCredentials}. Throws a UsageError
 * for what is no http(s) URL, and for headers that cannot be sent.
 */
export async function openHttp(url: string, options: OpenStoreOptions): Promise<Store> {
  const root = parseHttpRoot(url);
  const secretHeaders = webCredentials(options.headers, root.authorization, process.env);
  const onWarning = options.onWarning ?? ((): void => {});
  const warning = unprotectedWarning(root.folder);
  if (warning !== undefined && Object.keys(secretHeaders).length > 0) onWarning(warning);
  return createHttpStore({
    root: { ...root, authorization: undefined },
    secretHeaders,
    transport: createTransport(options),
    onWarning,
  });
}
