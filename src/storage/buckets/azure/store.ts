import { createTransport, defaultTimeoutMs } from '../../../http/transport.ts';
import type { HttpHeaders } from '../../../http/types.ts';
import type { Sink } from '../../../types/sink.ts';
import type { Store } from '../../../types/storage.ts';
import type { OpenStoreOptions } from '../../open-store-options.ts';
import { unprotectedWarning } from '../../web/credentials.ts';
import { AccessSession, accessesFor, type Purpose } from '../access-session.ts';
import { type BucketOptions, createBucketStore } from '../bucket-store.ts';
import { azureAccesses, parseAzureConnection } from './credentials.ts';
import { azureBase, azureListQuery, azureUrl, parseAzureUrl } from './url.ts';

/** What tests replace. */
export interface AzureSurroundings {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
  readonly exists?: (path: string) => boolean;
  readonly load?: (name: string) => Promise<unknown>;
}

/** The version of the REST API. Only versions since 2021 encode names that XML cannot hold. */
const versionHeader: HttpHeaders = { 'x-ms-version': '2021-12-02' };
const defaultSuffix = 'core.windows.net';

/**
 * Opens `az://account/container/prefix` or `https://ACCOUNT.blob.core.windows.net/container/prefix`. Accesses are
 * tried until one is accepted: a shared access signature in the URL (else what the AZURE_STORAGE_ variables say), no
 * credentials, and Entra ID. Throws a UsageError.
 */
export async function openAzure(
  url: string,
  options: OpenStoreOptions,
  surroundings: AzureSurroundings = {},
): Promise<Store> {
  return createBucketStore(azureContainer(url, options, surroundings, 'read'));
}

/** Opens `az://account/container/prefix` for writing, with the credentials that are configured. Throws a UsageError. */
export async function openAzureSink(
  url: string,
  options: OpenStoreOptions,
  surroundings: AzureSurroundings = {},
): Promise<Sink> {
  const { createBucketSink } = await import('../bucket-sink.ts');
  const { azureWriting } = await import('./blocks.ts');
  return createBucketSink(azureContainer(url, options, surroundings, 'write'), azureWriting);
}

function azureContainer(
  url: string,
  options: OpenStoreOptions,
  surroundings: AzureSurroundings,
  purpose: Purpose,
): BucketOptions {
  const root = parseAzureUrl(url);
  const { account, container, prefix } = root;
  const environment = surroundings.environment ?? process.env;
  const onWarning = options.onWarning ?? ((): void => {});
  const text = environment['AZURE_STORAGE_CONNECTION_STRING'] ?? '';
  const connection = text === '' ? undefined : parseAzureConnection(text);
  const ofAccount = connection?.account === account ? connection : undefined;
  const endpoint =
    options.endpointUrl ?? root.endpoint ?? ofAccount?.endpoint ?? environment['AZURE_STORAGE_SERVICE_ENDPOINT'];
  const base = azureBase(account, endpoint === '' ? undefined : endpoint, ofAccount?.suffix ?? defaultSuffix);
  const location = `az://${account}/${container}`;
  const { home, exists, load } = surroundings;
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  const all = azureAccesses({
    account,
    sas: root.sas,
    connection,
    environment,
    location,
    timeoutMs,
    home,
    exists,
    load,
  });
  // A signature that the user wrote into the URL is meant to be used.
  const isUnsigned = options.noSignRequest === true && root.sas === undefined;
  const accesses = accessesFor(purpose, isUnsigned ? all.filter((each) => each.isAnonymous) : all);
  const warning = accesses.some(({ isAnonymous }) => !isAnonymous) ? unprotectedWarning(new URL(base)) : undefined;
  if (warning !== undefined) onWarning(warning);
  const session = new AccessSession({ location, accesses, onWarning });
  return {
    bucketLocation: location,
    prefix,
    transport: createTransport(options),
    operation: (key, query, printable, sent) =>
      session.operation({
        ...sent,
        url: azureUrl(base, container, key, query),
        location: printable,
        headers: { ...versionHeader, ...sent?.headers },
        // Failures are rare, and reading them loads an XML parser.
        readFailure: async (failure, access) =>
          (await import('./failures.ts')).readAzureFailure(failure, printable, purpose, access),
      }),
    listQuery: azureListQuery,
    loadParser: async () => (await import('./listing.ts')).parseAzurePage,
    listingName: 'a listing of Azure (List Blobs)',
    onWarning,
    limits: options.limits,
  };
}
