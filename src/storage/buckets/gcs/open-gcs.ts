import { UsageError } from '../../../base/errors.ts';
import { createTransport } from '../../../http/transport.ts';
import type { Store } from '../../../types/storage.ts';
import type { OpenStoreOptions } from '../../open-store-options.ts';
import { unprotectedWarning } from '../../web/web-credentials.ts';
import { type Access, type AccessOperation, AccessSession } from '../access-session.ts';
import { createBucketStore } from '../bucket-store.ts';
import { listQuery, parseEndpointUrl } from '../s3/address.ts';
import { type GcsRoot, gcsEndpoint, gcsUrl, parseGcsUrl } from './address.ts';
import { findGcsCredentials, gcsAccess, type Machine, thisMachine } from './credentials.ts';

/** What tests replace. */
export interface GcsSurroundings {
  readonly machine?: Machine;
  readonly load?: (name: string) => Promise<unknown>;
}

const ANONYMOUS: Access = { name: 'no credentials', isAnonymous: true };
const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Opens `gs://bucket/prefix` over Google's XML API. Requests carry no credentials until a bucket refuses them; then
 * application default credentials are used where some are configured, unless `noSignRequest` says otherwise. An emulator
 * named in STORAGE_EMULATOR_HOST gets none. Throws a UsageError.
 */
export async function openGcs(
  url: string,
  options: OpenStoreOptions,
  surroundings: GcsSurroundings = {},
): Promise<Store> {
  const root = parseGcsUrl(url);
  const machine = surroundings.machine ?? thisMachine;
  const onWarning = options.onWarning ?? ((): void => {});
  const bucketLocation = `gs://${root.bucket}`;
  const emulator = machine.environment['STORAGE_EMULATOR_HOST'] ?? '';
  const isEmulator = options.endpointUrl === undefined && emulator !== '';
  const endpoint = options.endpointUrl === undefined ? endpointOf(emulator) : parseEndpointUrl(options.endpointUrl);
  const source = options.noSignRequest === true || isEmulator ? undefined : findGcsCredentials(machine);
  const userProject = machine.environment['GOOGLE_CLOUD_QUOTA_PROJECT'] ?? '';
  const access =
    source === undefined
      ? undefined
      : gcsAccess(source, {
          location: bucketLocation,
          userProject: userProject === '' ? undefined : userProject,
          timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
          load: surroundings.load,
        });
  const warning = access === undefined ? undefined : unprotectedWarning(endpoint);
  if (warning !== undefined) onWarning(warning);
  const session = new AccessSession({
    location: bucketLocation,
    accesses: access === undefined ? [ANONYMOUS] : [ANONYMOUS, access],
    readFailure: async (failure, location, used) =>
      (await import('./failures.ts')).readGcsFailure(failure, location, used),
    onWarning,
  });
  return createBucketStore({
    ...operationsOf(session, endpoint, root),
    bucketLocation,
    prefix: root.prefix,
    transport: createTransport(options),
    loadParser: async () => (await import('../s3/listing.ts')).parseListPage,
    listingName: "a listing of Google's XML API",
    onWarning,
  });
}

function operationsOf(
  session: AccessSession,
  endpoint: URL,
  { bucket }: GcsRoot,
): Pick<Parameters<typeof createBucketStore>[0], 'objectOperation' | 'listOperation'> {
  return {
    objectOperation: (key, location): AccessOperation => session.operation(gcsUrl(endpoint, bucket, key), location, {}),
    listOperation: (prefix, delimiter, next, location): AccessOperation =>
      session.operation(gcsUrl(endpoint, bucket, '', { ...listQuery(prefix, delimiter), ...next }), location, {}),
  };
}

/** An emulator is often named without its scheme. */
function endpointOf(text: string): URL {
  if (text === '') return gcsEndpoint;
  try {
    return parseEndpointUrl(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    throw new UsageError(
      'Expected an endpoint such as https://storage.googleapis.com or http://localhost:4443, without user name and password.',
    );
  }
}
