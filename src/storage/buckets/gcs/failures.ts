import { AccessDeniedError, NotFoundError } from '../../../base/errors.ts';
import type { HttpFailure } from '../../../http/types.ts';
import type { Access, AccessFailure } from '../access-session.ts';
import { parseS3Error } from '../s3/listing.ts';

/** Reads a failure of Google's XML API, whose error documents are S3's. */
export function readGcsFailure(failure: HttpFailure, location: string, access: Access): AccessFailure {
  const { code } = parseS3Error(failure.text);
  const { status } = failure;
  // A bucket whose requester pays answers 400 to who names no project.
  const wantsProject = status === 400 && code === 'UserProjectMissing';
  const isRefused = status === 401 || status === 403 || wantsProject;
  return {
    isRefused,
    isExpired: status === 401 && !access.isAnonymous,
    error: isRefused ? denied(location, code, wantsProject, access) : missing(code, location),
  };
}

function missing(code: string, location: string): NotFoundError | undefined {
  if (code === 'NoSuchBucket') {
    return new NotFoundError(`There is no bucket at ${location}. Check its name.`, { location });
  }
  return code === 'NoSuchKey' ? new NotFoundError(`There is no object ${location}.`, { location }) : undefined;
}

function denied(location: string, code: string, wantsProject: boolean, access: Access): AccessDeniedError {
  if (wantsProject) {
    return new AccessDeniedError(
      `${location}: whoever reads this bucket pays for it. Name your project in GOOGLE_CLOUD_QUOTA_PROJECT, with ` +
        'credentials of an account that may use it.',
      { location },
    );
  }
  const named = /^\w{1,60}$/.test(code) ? ` (${code})` : '';
  return new AccessDeniedError(
    access.isAnonymous
      ? `${location} may not be read without credentials${named}. Set GOOGLE_APPLICATION_CREDENTIALS, or sign in with ` +
          'gcloud auth application-default login; or check the name, for what does not exist is refused like this too.'
      : `${location} may not be read with ${access.name}${named}. Check the account's permissions on the bucket.`,
    { location },
  );
}
