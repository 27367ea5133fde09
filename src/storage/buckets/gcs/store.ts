import { AccessDeniedError, NotFoundError, UsageError } from '../../../base/errors.ts';
import { encodeKey, encodeName, encodeQuery } from '../../../base/keys.ts';
import { createTransport, defaultTimeoutMs } from '../../../http/transport.ts';
import type { HttpFailure } from '../../../http/types.ts';
import type { Sink } from '../../../types/sink.ts';
import type { Store } from '../../../types/storage.ts';
import type { OpenStoreOptions } from '../../open-store-options.ts';
import { unprotectedWarning } from '../../web/credentials.ts';
import {
  type Access,
  type AccessFailure,
  AccessSession,
  accessesFor,
  anonymousAccess,
  type Purpose,
} from '../access-session.ts';
import { type BucketOptions, createBucketStore } from '../bucket-store.ts';
import { listQuery } from '../s3/url.ts';
import { endpointBase, parseBucketUrl, parseEndpointUrl } from '../url.ts';
import { findGcsCredentials, gcsAccess, type Machine, thisMachine } from './credentials.ts';

/** What tests replace. */
export interface GcsSurroundings {
  readonly machine?: Machine;
  readonly load?: (name: string) => Promise<unknown>;
}

/**
 * Opens `gs://bucket/prefix` over Google's XML API. Requests carry no credentials until a bucket refuses them; then
 * application default credentials are used where some are configured, unless `noSignRequest` forbids it. An emulator
 * named in STORAGE_EMULATOR_HOST gets none. Throws a UsageError.
 */
export async function openGcs(
  url: string,
  options: OpenStoreOptions,
  surroundings: GcsSurroundings = {},
): Promise<Store> {
  return createBucketStore(gcsBucket(url, options, surroundings, 'read'));
}

/** Opens `gs://bucket/prefix` for writing, with the credentials that are configured. Throws a UsageError. */
export async function openGcsSink(
  url: string,
  options: OpenStoreOptions,
  surroundings: GcsSurroundings = {},
): Promise<Sink> {
  const { createBucketSink } = await import('../bucket-sink.ts');
  // Google's XML API takes large objects as Amazon does.
  const { s3Writing } = await import('../s3/multipart.ts');
  return createBucketSink(gcsBucket(url, options, surroundings, 'write'), s3Writing);
}

function gcsBucket(
  url: string,
  options: OpenStoreOptions,
  surroundings: GcsSurroundings,
  purpose: Purpose,
): BucketOptions {
  const { bucket, prefix } = parseBucketUrl('gs', url);
  const machine = surroundings.machine ?? thisMachine;
  const onWarning = options.onWarning ?? ((): void => {});
  const bucketLocation = `gs://${bucket}`;
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
          purpose,
          userProject: userProject === '' ? undefined : userProject,
          timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
          load: surroundings.load,
        });
  const warning = access === undefined ? undefined : unprotectedWarning(endpoint);
  if (warning !== undefined) onWarning(warning);
  const session = new AccessSession({
    location: bucketLocation,
    accesses: accessesFor(purpose, access === undefined ? [anonymousAccess] : [anonymousAccess, access]),
    onWarning,
  });
  return {
    bucketLocation,
    prefix,
    transport: createTransport(options),
    operation: (key, query, location, sent) =>
      session.operation({
        ...sent,
        url: gcsUrl(endpoint, bucket, key, query),
        location,
        readFailure: (failure, used) => readFailure(failure, location, purpose, used),
      }),
    listQuery,
    loadParser: async () => (await import('../s3/listing.ts')).parseListPage,
    listingName: "a listing of Google's XML API",
    onWarning,
    limits: options.limits,
  };
}

/** An emulator is often named without its scheme. */
function endpointOf(text: string): URL {
  if (text === '') return new URL('https://storage.googleapis.com');
  try {
    return parseEndpointUrl(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    throw new UsageError(
      'Expected an endpoint such as https://storage.googleapis.com or http://localhost:4443, without user name and password.',
    );
  }
}

/** The URL of a key ('' for the bucket), path style, with a query. */
function gcsUrl(endpoint: URL, bucket: string, key: string, query: Readonly<Record<string, string>>): URL {
  const path = key === '' ? '' : `/${encodeKey(key)}`;
  return new URL(`${endpointBase(endpoint)}/${encodeName(bucket)}${path}${encodeQuery(query)}`);
}

/** Reads a failure of Google's XML API. Its error documents are those of S3. */
async function readFailure(
  failure: HttpFailure,
  location: string,
  purpose: Purpose,
  access: Access,
): Promise<AccessFailure> {
  // Failures are rare, and reading them loads an XML parser.
  const { parseS3Error } = await import('../s3/listing.ts');
  const { code } = parseS3Error(failure.text);
  const { status } = failure;
  // A bucket whose requester pays answers with 400 when the request names no project.
  const wantsProject = status === 400 && code === 'UserProjectMissing';
  if (status !== 401 && status !== 403 && !wantsProject) return { remedy: 'none', error: missing(code, location) };
  const isExpired = status === 401 && !access.isAnonymous;
  return {
    remedy: isExpired ? 'new credentials' : 'another access',
    error: denied(location, code, wantsProject, purpose, access),
  };
}

function missing(code: string, location: string): NotFoundError | undefined {
  if (code === 'NoSuchBucket') {
    return new NotFoundError(`There is no bucket at ${location}. Check its name.`, { location });
  }
  return code === 'NoSuchKey' ? new NotFoundError(`There is no object ${location}.`, { location }) : undefined;
}

function denied(
  location: string,
  code: string,
  wantsProject: boolean,
  purpose: Purpose,
  access: Access,
): AccessDeniedError {
  if (wantsProject) {
    return new AccessDeniedError(
      `${location}: whoever reads this bucket pays for it. Name your project in GOOGLE_CLOUD_QUOTA_PROJECT, with ` +
        'credentials of an account that may use it.',
      { location },
    );
  }
  const named = /^\w{1,60}$/.test(code) ? ` (${code})` : '';
  if (purpose === 'write') {
    const whose = access.isAnonymous ? 'without credentials' : `with ${access.name}`;
    return new AccessDeniedError(
      `${location} may not be written ${whose}${named}. It needs an account with the role Storage Object User: set ` +
        'GOOGLE_APPLICATION_CREDENTIALS, or sign in with gcloud auth application-default login.',
      { location },
    );
  }
  return new AccessDeniedError(
    access.isAnonymous
      ? `${location} may not be read without credentials${named}. Set GOOGLE_APPLICATION_CREDENTIALS, or sign in with ` +
          'gcloud auth application-default login. Or check the name: the store gives the same answer for what does not exist.'
      : `${location} may not be read with ${access.name}${named}. Check the account's permissions on the bucket.`,
    { location },
  );
}
