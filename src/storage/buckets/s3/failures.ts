import { AccessDeniedError, NotFoundError, type PreviewError, StorageError } from '../../../base/errors.ts';
import type { HttpFailure } from '../../../http/types.ts';
import { isRegionName } from './address.ts';
import { parseS3Error, type S3Error } from './listing.ts';

/** Codes that blame the credentials (or what was signed with them), not the request. */
const CREDENTIAL_CODES = new Set([
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
const EXPIRED_CODES = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);

/** What an S3 failure means, beyond its status. */
export interface S3Failure extends S3Error {
  /** The bucket lies in this other region. */
  readonly otherRegion: string | undefined;
  /** The credentials are refused; without them the request may pass. */
  readonly blamesCredentials: boolean;
  /** New temporary credentials may pass. */
  readonly isExpired: boolean;
  /** Milliseconds that the server's clock is ahead of ours, where it refuses for that. */
  readonly clockOffsetMs: number | undefined;
}

/** Reads an S3 failure. `region` is the one that was asked. */
export function readS3Failure(failure: HttpFailure, region: string, now: number): S3Failure {
  const error = parseS3Error(failure.text);
  const { status, headers } = failure;
  const endpoint = error.endpoint ?? headers['location'] ?? '';
  const named = [
    headers['x-amz-bucket-region'],
    error.region,
    /\bs3[.-](?:dualstack\.)?([a-z]{2}[a-z0-9-]*-\d)\.amazonaws\.com/.exec(endpoint)?.[1],
  ].find(isRegionName);
  const canMove = (status >= 300 && status < 400) || status === 400 || status === 403;
  const serverTime = Date.parse(headers['date'] ?? '');
  return {
    ...error,
    otherRegion: canMove && named !== region ? named : undefined,
    blamesCredentials: CREDENTIAL_CODES.has(error.code) || ((status === 401 || status === 403) && error.code === ''),
    isExpired: EXPIRED_CODES.has(error.code),
    clockOffsetMs: error.code === 'RequestTimeTooSkewed' && !Number.isNaN(serverTime) ? serverTime - now : undefined,
  };
}

/**
 * The error for an S3 failure that nothing helps against, or undefined where the status says enough.
 * `signed`: the request carried credentials.
 */
export function errorOfS3(
  failure: HttpFailure,
  code: string,
  context: { readonly location: string; readonly bucket: string; readonly signed: boolean },
): PreviewError | undefined {
  const { location, bucket, signed } = context;
  const { status } = failure;
  switch (code) {
    case 'NoSuchBucket':
      return new NotFoundError(`The bucket ${bucket} does not exist. Check its name, and the endpoint.`, { location });
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
  if (status === 401 || status === 403) return accessDenied(location, code, signed);
  if (status < 300 || status >= 400) return undefined;
  return new StorageError(
    `${location} answered with a redirect (${status}) that does not say to which region. Give the bucket's region, or the endpoint.`,
    { location, status },
  );
}

function accessDenied(location: string, code: string, signed: boolean): AccessDeniedError {
  const named = code === '' ? '' : ` (${code})`;
  return new AccessDeniedError(
    signed
      ? `${location} may not be read with these credentials${named}. Check the bucket's permissions; for a bucket whose ` +
          'requester pays, set AWS_REQUEST_PAYER=requester; for a public one, use --no-sign-request.'
      : `${location} may not be read without credentials${named}. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ` +
          'AWS_PROFILE; or check the name, for some stores also refuse what does not exist.',
    { location },
  );
}
