import type { Store } from '../types/storage.ts';
import { readAwsProfile } from './aws-profile.ts';
import type { OpenStoreOptions } from './open-store.ts';
import { parseEndpointUrl, parseS3Url } from './s3-address.ts';
import { type CredentialSource, findCredentialSource } from './s3-credentials.ts';
import { createS3Store } from './s3-store.ts';
import { createTransport } from './transport.ts';

/** Buckets of the Imaging Data Commons: public, so that nobody's credentials are looked for on their account. */
const PUBLIC_BUCKETS = new Set(['idc-open-data', 'idc-open-data-two', 'idc-open-data-cr']);

/**
 * Opens `s3://bucket/prefix`, with endpoint, region and credentials from the options, the AWS_ variables and the AWS
 * profile, in this order. Requests are unsigned where no credentials are configured, where `noSignRequest` says so, and
 * for the public buckets of the Imaging Data Commons on Amazon. Throws a UsageError.
 */
export async function openS3(url: string, options: OpenStoreOptions): Promise<Store> {
  const root = parseS3Url(url);
  const environment = process.env;
  const given = options.endpointUrl ?? environment['AWS_ENDPOINT_URL_S3'] ?? environment['AWS_ENDPOINT_URL'];
  const isPublic = options.noSignRequest === true || (given === undefined && PUBLIC_BUCKETS.has(root.bucket));
  const profile = isPublic ? undefined : readAwsProfile(environment);
  const endpoint = given ?? profile?.['endpoint_url'];
  const source: CredentialSource = isPublic ? { kind: 'none' } : findCredentialSource(environment, profile);
  return createS3Store({
    root,
    endpoint: {
      endpointUrl: endpoint === undefined || endpoint === '' ? undefined : parseEndpointUrl(endpoint),
      region:
        options.region ??
        environment['AWS_REGION'] ??
        environment['AWS_DEFAULT_REGION'] ??
        profile?.['region'] ??
        'us-east-1',
    },
    source,
    requesterPays: environment['AWS_REQUEST_PAYER'] === 'requester',
    onWarning: options.onWarning ?? ((): void => {}),
    transport: createTransport(options),
  });
}
