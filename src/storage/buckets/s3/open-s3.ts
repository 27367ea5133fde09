import { createTransport } from '../../../http/transport.ts';
import type { Store } from '../../../types/storage.ts';
import type { OpenStoreOptions } from '../../open-store-options.ts';
import { parseEndpointUrl, parseS3Url, s3ObjectUrl } from './address.ts';
import { type AwsSettings, readAwsProfile } from './aws-profile.ts';
import { findCredentialSource } from './credentials.ts';
import { createS3Store } from './store.ts';

/** Buckets of the Imaging Data Commons: public, so that nobody's credentials are looked for on their account. */
const PUBLIC_BUCKETS = new Set(['idc-open-data', 'idc-open-data-two', 'idc-open-data-cr']);
const PUBLIC_REGION = 'us-east-1';

type Environment = Readonly<Record<string, string | undefined>>;

/** A variable or setting that is there and not empty. */
function filled(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

/**
 * Opens `s3://bucket/prefix`, with endpoint, region and credentials from the options, the AWS_ variables and the AWS
 * profile, in this order. Requests are unsigned where no credentials are configured, where `noSignRequest` says so, and
 * for the public buckets of the Imaging Data Commons on Amazon. Throws a UsageError.
 */
export async function openS3(
  url: string,
  options: OpenStoreOptions,
  environment: Environment = process.env,
): Promise<Store> {
  const root = parseS3Url(url);
  const given =
    options.endpointUrl ?? filled(environment['AWS_ENDPOINT_URL_S3']) ?? filled(environment['AWS_ENDPOINT_URL']);
  const isPublic = given === undefined && PUBLIC_BUCKETS.has(root.bucket);
  const profile = isPublic ? undefined : readAwsProfile(environment);
  const endpoint = given ?? filled(profile?.['endpoint_url']);
  const unsigned = isPublic || options.noSignRequest === true;
  const endpointUrl = endpoint === undefined ? undefined : parseEndpointUrl(endpoint);
  const region = options.region ?? (isPublic ? PUBLIC_REGION : regionOf(environment, profile));
  // Seen at once, not at the first request.
  s3ObjectUrl({ endpointUrl, region }, root.bucket, '');
  return createS3Store({
    root,
    endpoint: {
      endpointUrl,
      region,
    },
    source: unsigned ? { kind: 'none' } : findCredentialSource(environment, profile),
    requesterPays: environment['AWS_REQUEST_PAYER'] === 'requester',
    onWarning: options.onWarning ?? ((): void => {}),
    transport: createTransport(options),
  });
}

function regionOf(environment: Environment, profile: AwsSettings | undefined): string {
  const region =
    filled(environment['AWS_REGION']) ?? filled(environment['AWS_DEFAULT_REGION']) ?? filled(profile?.['region']);
  // 'aws-global' is what some tools write for none in particular.
  return region === undefined || region === 'aws-global' ? PUBLIC_REGION : region;
}
