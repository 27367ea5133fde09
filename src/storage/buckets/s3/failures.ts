import { AccessDeniedError, NotFoundError, type PreviewError, StorageError } from '../../../base/errors.ts';
import type { HttpFailure } from '../../../http/types.ts';
import type { AccessFailure, Purpose } from '../access-session.ts';
import { parseS3Error, type S3Error } from './listing.ts';
import { isRegionName } from './url.ts';

/** Codes that blame the credentials, or what was signed with them, and not the request. */
const credentialCodes = new Set([
  'AccessDenied',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidSecurity',
  'InvalidToken',
  'NotSignedUp',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
]);
const brokenBodyCodes = new Set(['RequestTimeout', 'BadDigest', 'XAmzContentSHA256Mismatch']);
const expiredCodes = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);

/** What an S3 failure means. With the remedy 'ask again' it tells one of two things that were not known. */
export interface S3Failure extends AccessFailure {
  /** The region in which the bucket lies. */
  readonly region?: string;
  /** How many milliseconds the server's clock is ahead of ours. */
  readonly clockOffsetMs?: number;
}

/** The request that failed. */
export interface FailedRequest {
  readonly location: string;
  readonly purpose: Purpose;
  readonly bucket: string;
  /** The region that it was sent to, or signed for. */
  readonly region: string;
  readonly isSigned: boolean;
  /** The store accepted this access before. */
  readonly hasWorked: boolean;
}

/** Reads an S3 failure. `now` is the time in milliseconds. */
export function readS3Failure(failure: HttpFailure, request: FailedRequest, now: number): S3Failure {
  const { status, headers } = failure;
  const document = parseS3Error(failure.text);
  const { code } = document;
  const error = errorOf(failure, code, request);
  const blamesCredentials = credentialCodes.has(code) || ((status === 401 || status === 403) && code === '');
  const region = otherRegion(failure, document, request.region);
  if (region !== undefined && !(request.isSigned && blamesCredentials && status === 403)) {
    return { remedy: 'ask again', error, region };
  }
  // What was sent did not arrive, or arrived damaged.
  if (brokenBodyCodes.has(code)) return { remedy: 'ask again', error };
  if (!request.isSigned) return { remedy: error instanceof AccessDeniedError ? 'another access' : 'none', error };
  const serverTime = Date.parse(headers['date'] ?? '');
  if (code === 'RequestTimeTooSkewed' && !Number.isNaN(serverTime)) {
    return { remedy: 'ask again', error, clockOffsetMs: serverTime - now };
  }
  if (expiredCodes.has(code)) return { remedy: 'new credentials', error };
  // Credentials that have worked are good: such a refusal is about this object.
  const isOfObject = request.hasWorked && code === 'AccessDenied';
  return { remedy: blamesCredentials && !isOfObject ? 'another access' : 'none', error };
}

/** The region that a reply names, where it is another one than was asked. */
function otherRegion(
  { status, headers }: HttpFailure,
  { region, endpoint }: S3Error,
  asked: string,
): string | undefined {
  if (!((status >= 300 && status < 400) || status === 400 || status === 403)) return undefined;
  const address = endpoint ?? headers['location'] ?? '';
  const named = [
    headers['x-amz-bucket-region'],
    region,
    /\bs3[.-](?:dualstack\.)?([a-z]{2}[a-z0-9-]*-\d)\.amazonaws\.com/.exec(address)?.[1],
  ].find(isRegionName);
  return named === asked ? undefined : named;
}

/** The error for a failure that nothing helps against; undefined where the status says enough. */
function errorOf(
  { status }: HttpFailure,
  code: string,
  { location, purpose, bucket, isSigned }: FailedRequest,
): PreviewError | undefined {
  switch (code) {
    case 'NoSuchBucket':
      return new NotFoundError(`The bucket ${bucket} does not exist. Check its name and the endpoint.`, { location });
    case 'NoSuchKey':
      return new NotFoundError(`There is no object ${location}.`, { location });
    case 'InvalidAccessKeyId':
      return new AccessDeniedError(
        `${location}: the store does not know the access key (InvalidAccessKeyId). Check the credentials and the endpoint.`,
        { location },
      );
    case 'SignatureDoesNotMatch':
      return new AccessDeniedError(
        `${location}: the secret key does not fit the access key (SignatureDoesNotMatch). Check the credentials.`,
        { location },
      );
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'TokenRefreshRequired':
    case 'InvalidToken':
      return new AccessDeniedError(`${location}: the session has expired (${code}). Sign in again.`, { location });
    case 'RequestTimeTooSkewed':
      return new AccessDeniedError(`${location}: this computer's clock is wrong (RequestTimeTooSkewed). Set it.`, {
        location,
      });
    case 'InvalidObjectState':
      return new StorageError(`${location} is archived (InvalidObjectState) and must be restored before it is read.`, {
        location,
        status,
      });
    default:
  }
  if (status === 401 || status === 403) return accessDenied(location, code, isSigned, purpose);
  if (status < 300 || status >= 400) return undefined;
  return new StorageError(
    `${location} answered with a redirect (${status}) that does not say to which region. Give the bucket's region, or the endpoint.`,
    { location, status },
  );
}

function accessDenied(location: string, code: string, isSigned: boolean, purpose: Purpose): AccessDeniedError {
  const named = code === '' ? '' : ` (${code})`;
  if (purpose === 'write') {
    const whose = isSigned ? 'with these credentials' : 'without credentials';
    const advice = isSigned
      ? 'They need the permissions to list the bucket and to get, put and delete its objects.'
      : 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.';
    return new AccessDeniedError(`${location} may not be written ${whose}${named}. ${advice}`, { location });
  }
  return new AccessDeniedError(
    isSigned
      ? `${location} may not be read with these credentials${named}. Check the bucket's permissions; for a bucket whose ` +
          'requester pays, set AWS_REQUEST_PAYER=requester; for a public one, use --no-sign-request.'
      : `${location} may not be read without credentials${named}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ` +
          'AWS_PROFILE; or check the name, for some stores also refuse what does not exist.',
    { location },
  );
}
