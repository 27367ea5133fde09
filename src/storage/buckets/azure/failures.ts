import { AccessDeniedError, NotFoundError, type PreviewError, StorageError } from '../../../base/errors.ts';
import type { HttpFailure } from '../../../http/types.ts';
import type { Access, AccessFailure, Purpose } from '../access-session.ts';
import { parseAzureErrorCode } from './listing.ts';

/** Codes for objects that are archived and must be made readable first. */
const archivedCodes = new Set(['BlobArchived', 'BlobBeingRehydrated']);

/** Reads a failure of Azure Blob Storage. */
export function readAzureFailure(
  failure: HttpFailure,
  location: string,
  purpose: Purpose,
  access: Access,
): AccessFailure {
  const code = parseAzureErrorCode(failure.text, failure.headers['x-ms-error-code']);
  const { status } = failure;
  // What was sent arrived damaged.
  if (code === 'Md5Mismatch') return { remedy: 'ask again', error: undefined };
  // Without credentials, Azure says of a private container that it does not exist, and of a private account that it
  // conflicts.
  const isHidden = access.isAnonymous && status === 404 && (code === 'ResourceNotFound' || code === '');
  const isRefused = status === 401 || status === 403 || code === 'PublicAccessNotPermitted' || isHidden;
  if (!isRefused) return { remedy: 'none', error: errorOf(status, code, location) };
  const isExpired = status === 401 && !access.isAnonymous;
  return {
    remedy: isExpired ? 'new credentials' : 'another access',
    error: refused(location, code, purpose, access, isHidden),
  };
}

function errorOf(status: number, code: string, location: string): PreviewError | undefined {
  if (code === 'ContainerNotFound') {
    return new NotFoundError(`There is no container at ${location}. Check its name and that of the account.`, {
      location,
    });
  }
  if (code === 'BlobNotFound') return new NotFoundError(`There is no object ${location}.`, { location });
  if (!archivedCodes.has(code)) return undefined;
  return new StorageError(`${location} is archived (${code}) and must be made readable before it is read.`, {
    location,
    status,
  });
}

function refused(location: string, code: string, purpose: Purpose, access: Access, isHidden: boolean): PreviewError {
  const named = code === '' ? '' : ` (${code})`;
  if (purpose === 'write') {
    const whose = access.isAnonymous ? 'without credentials' : `with ${access.name}`;
    return new AccessDeniedError(
      `${location} may not be written ${whose}${named}. It takes a key of the account, a shared access signature that may ` +
        'read, write, delete and list, or the role Storage Blob Data Contributor (az login).',
      { location },
    );
  }
  if (isHidden) {
    return new NotFoundError(
      `Nothing is at ${location} that may be read without credentials${named}: check the names, or set ` +
        'AZURE_STORAGE_SAS_TOKEN, AZURE_STORAGE_KEY or AZURE_STORAGE_CONNECTION_STRING, or sign in with az login.',
      { location },
    );
  }
  if (access.isAnonymous) {
    return new AccessDeniedError(
      `${location} may not be read without credentials${named}. Set AZURE_STORAGE_SAS_TOKEN, AZURE_STORAGE_KEY or ` +
        'AZURE_STORAGE_CONNECTION_STRING, or sign in with az login.',
      { location },
    );
  }
  return new AccessDeniedError(`${location} may not be read with ${access.name}${named}. ${adviceFor(code)}`, {
    location,
  });
}

function adviceFor(code: string): string {
  if (code === 'AuthenticationFailed') {
    return "Is it whole, has it expired, is it for this account, and is this computer's clock right?";
  }
  if (code === 'AuthorizationPermissionMismatch' || code === 'AuthorizationResourceTypeMismatch') {
    return 'It needs the permission to read and to list (for Entra ID: the role Storage Blob Data Reader).';
  }
  return "Check its permissions, and the account's firewall.";
}
