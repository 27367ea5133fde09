import { createHash } from 'node:crypto';
import { createTransport } from '../../../http/transport.ts';
import type { Transport } from '../../../http/types.ts';
import type { Limits } from '../../../types/limits.ts';
import type { Sink } from '../../../types/sink.ts';
import type { Store } from '../../../types/storage.ts';
import type { OpenStoreOptions } from '../../open-store-options.ts';
import {
  type Access,
  type AccessOperation,
  AccessSession,
  accessesFor,
  anonymousAccess,
  type Purpose,
} from '../access-session.ts';
import { type BucketOptions, createBucketStore, type SentToBucket } from '../bucket-store.ts';
import { type BucketRoot, parseBucketUrl, parseEndpointUrl } from '../url.ts';
import { type AwsSettings, readAwsProfile } from './aws-profile.ts';
import {
  type CredentialProvider,
  type CredentialSource,
  findCredentialSource,
  loadCredentialChain,
} from './credentials.ts';
import { listQuery, type S3Endpoint, s3ObjectUrl } from './url.ts';

/** Buckets of the Imaging Data Commons. They are public, so no credentials are looked for. */
const publicBuckets = new Set(['idc-open-data', 'idc-open-data-two', 'idc-open-data-cr']);
const defaultRegion = 'us-east-1';

type Environment = Readonly<Record<string, string | undefined>>;

/** A variable or setting that is there and not empty. */
function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

/**
 * Opens `s3://bucket/prefix`. Endpoint, region and credentials come from the options, then from the AWS_ variables,
 * then from the AWS profile. Requests are unsigned where no credentials are configured, where `noSignRequest` says so,
 * and for the public buckets of the Imaging Data Commons on Amazon. Throws a UsageError.
 */
export async function openS3(
  url: string,
  options: OpenStoreOptions,
  environment: Environment = process.env,
): Promise<Store> {
  return createS3Store(s3Options(url, options, environment, 'read'));
}

/** Opens `s3://bucket/prefix` for writing, with endpoint, region and credentials as {@link openS3}. Throws a UsageError. */
export async function openS3Sink(
  url: string,
  options: OpenStoreOptions,
  environment: Environment = process.env,
): Promise<Sink> {
  const { createBucketSink } = await import('../bucket-sink.ts');
  const { s3Writing } = await import('./multipart.ts');
  return createBucketSink(s3Bucket(s3Options(url, options, environment, 'write')), s3Writing);
}

function s3Options(url: string, options: OpenStoreOptions, environment: Environment, purpose: Purpose): S3StoreOptions {
  const root = parseBucketUrl('s3', url);
  const given =
    options.endpointUrl ?? filled(environment['AWS_ENDPOINT_URL_S3']) ?? filled(environment['AWS_ENDPOINT_URL']);
  const isPublic = purpose === 'read' && given === undefined && publicBuckets.has(root.bucket);
  const profile = isPublic ? undefined : readAwsProfile(environment);
  const endpointText = given ?? filled(profile?.['endpoint_url']);
  const endpoint: S3Endpoint = {
    endpointUrl: endpointText === undefined ? undefined : parseEndpointUrl(endpointText),
    region: options.region ?? (isPublic ? defaultRegion : regionOf(environment, profile)),
  };
  // A wrong region is an error now, not at the first request.
  s3ObjectUrl(endpoint, root.bucket, '');
  const isUnsigned = isPublic || options.noSignRequest === true;
  return {
    root,
    purpose,
    endpoint,
    source: isUnsigned ? { kind: 'none' } : findCredentialSource(environment, profile),
    requesterPays: environment['AWS_REQUEST_PAYER'] === 'requester',
    onWarning: options.onWarning ?? ((): void => {}),
    transport: createTransport(options),
    limits: options.limits,
  };
}

function regionOf(environment: Environment, profile: AwsSettings | undefined): string {
  const region =
    filled(environment['AWS_REGION']) ?? filled(environment['AWS_DEFAULT_REGION']) ?? filled(profile?.['region']);
  // Some tools write 'aws-global' for "no region in particular".
  return region === undefined || region === 'aws-global' ? defaultRegion : region;
}

export interface S3StoreOptions {
  readonly root: BucketRoot;
  /** Default: to read. */
  readonly purpose?: Purpose | undefined;
  readonly endpoint: S3Endpoint;
  readonly source: CredentialSource;
  /** Sent as x-amz-request-payer. */
  readonly requesterPays: boolean;
  readonly transport: Transport;
  readonly onWarning: (message: string) => void;
  /** What a listing may hold. */
  readonly limits?: Limits | undefined;
  /** For tests: stands in for `import`. */
  readonly load?: ((name: string) => Promise<unknown>) | undefined;
}

/** What replies have told about the store. All later requests use it. */
interface Learnt {
  region: string;
  /** How many milliseconds the server's clock is ahead of ours. */
  clockOffsetMs: number;
}

/** A bucket of Amazon S3 or of a store that speaks like it, or what lies below a prefix of it, or a single object. */
export function createS3Store(options: S3StoreOptions): Store {
  return createBucketStore(s3Bucket(options));
}

function s3Bucket(options: S3StoreOptions): BucketOptions {
  const { purpose = 'read', root, endpoint, source, transport, onWarning } = options;
  const location = `s3://${root.bucket}`;
  const learnt: Learnt = { region: endpoint.region, clockOffsetMs: 0 };
  const signed = source.kind === 'none' ? [] : [signedAccess(source, location, learnt, options.load)];
  const accesses = accessesFor(purpose, [...signed, anonymousAccess]);
  const session = new AccessSession({ location, accesses, onWarning });
  return {
    bucketLocation: location,
    prefix: root.prefix,
    transport,
    operation: (key, query, printable, sent) =>
      startOperation(session, options, learnt, { key, query, printable, sent }),
    listQuery,
    loadParser: async () => (await import('./listing.ts')).parseListPage,
    listingName: 'a listing of S3 (ListObjectsV2)',
    onWarning,
    limits: options.limits,
  };
}

function signedAccess(
  source: Exclude<CredentialSource, { readonly kind: 'none' }>,
  location: string,
  learnt: Learnt,
  load: ((name: string) => Promise<unknown>) | undefined,
): Access {
  let chain: CredentialProvider | undefined;
  const provide: CredentialProvider = async (refresh) => {
    if (source.kind === 'static') return source.credentials;
    chain ??= await loadCredentialChain(source.because, location, load);
    return chain(refresh);
  };
  return {
    name: 'the AWS credentials',
    isAnonymous: false,
    headers: async (attempt) => {
      const credentials = await provide(false);
      const { signS3 } = await import('./sign.ts');
      return signS3(attempt, credentials, learnt.region, new Date(Date.now() + learnt.clockOffsetMs));
    },
    refresh:
      source.kind === 'static'
        ? undefined
        : async () => {
            await provide(true);
          },
  };
}

function startOperation(
  session: AccessSession,
  { root: { bucket }, endpoint, requesterPays, purpose = 'read' }: S3StoreOptions,
  learnt: Learnt,
  asked: {
    readonly key: string;
    readonly query: Readonly<Record<string, string>>;
    readonly printable: string;
    readonly sent: SentToBucket | undefined;
  },
): AccessOperation {
  const { key, query, printable: location, sent } = asked;
  // Other operations may learn another region while a reply is on its way.
  let askedRegion = learnt.region;
  let hasSetClock = false;
  return session.operation({
    location,
    ...sent,
    url: () => {
      askedRegion = learnt.region;
      return s3ObjectUrl({ ...endpoint, region: askedRegion }, bucket, key, query);
    },
    headers: {
      ...(requesterPays ? { 'x-amz-request-payer': 'requester' } : {}),
      ...sent?.headers,
      ...(sent?.body === undefined ? {} : { 'x-amz-content-sha256': sha256Of(sent.body) }),
    },
    // Amazon redirects to other regions, where another signature is needed. Other stores redirect as web servers do.
    redirect: endpoint.endpointUrl === undefined ? 'manual' : 'follow',
    readFailure: async (failure, access, hasWorked) => {
      // Failures are rare, and reading them loads an XML parser.
      const { readS3Failure } = await import('./failures.ts');
      const request = { location, purpose, bucket, region: askedRegion, isSigned: !access.isAnonymous, hasWorked };
      const found = readS3Failure(failure, request, Date.now());
      learnt.region = found.region ?? learnt.region;
      if (found.clockOffsetMs === undefined) return found;
      if (hasSetClock) return { ...found, remedy: 'none' };
      hasSetClock = true;
      learnt.clockOffsetMs = found.clockOffsetMs;
      return found;
    },
  });
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
