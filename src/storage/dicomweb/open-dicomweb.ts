import { createTransport } from '../../http/transport.ts';
import type { Store } from '../../types/storage.ts';
import type { OpenStoreOptions } from '../open-store-options.ts';
import { unprotectedWarning, webCredentials } from '../web/web-credentials.ts';
import { parseDicomwebRoot } from './address.ts';
import { createDicomwebStore } from './store.ts';

/**
 * Opens a DICOMweb service (`dicomweb+https://host/dicom-web`), or a study, series or instance of it, with the headers
 * and credentials of {@link webCredentials}. Throws a UsageError for what is no such URL, and for headers that cannot be
 * sent.
 */
export async function openDicomweb(url: string, options: OpenStoreOptions): Promise<Store> {
  const root = parseDicomwebRoot(url);
  const secretHeaders = webCredentials(options.headers, root.authorization, process.env);
  const onWarning = options.onWarning ?? ((): void => {});
  const warning = unprotectedWarning(root.service);
  if (warning !== undefined && Object.keys(secretHeaders).length > 0) onWarning(warning);
  return createDicomwebStore({
    root,
    secretHeaders,
    transport: createTransport(options),
    onWarning,
  });
}
