import { AccessDeniedError, NotFoundError, PreviewError, StorageError } from '../../base/errors.ts';

/** What an error of node:fs becomes: NotFoundError, AccessDeniedError or StorageError; others are handed through. */
export function errorOfFile(error: unknown, location: string): unknown {
  if (error instanceof PreviewError || !(error instanceof Error) || !('code' in error)) return error;
  const options = { location, cause: error };
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new NotFoundError(`There is no file or folder ${location}.`, options);
    case 'EACCES':
    case 'EPERM':
      return new AccessDeniedError(`${location} may not be read: check its permissions.`, options);
    case 'EISDIR':
      return new StorageError(`${location} is a folder; a file was expected.`, options);
    case 'EMFILE':
    case 'ENFILE':
      return new StorageError(`${location}: too many files are open (raise the limit with ulimit -n).`, options);
    default:
      return new StorageError(`${location} could not be read (${String(error.code)}).`, options);
  }
}
