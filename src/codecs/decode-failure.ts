import { DecodeError, MissingComponentError } from '../base/errors.ts';
import { describeTransferSyntax } from './transfer-syntaxes.ts';

/** A DecodeError that names the transfer syntax. `what` is a full sentence. */
export function decodeFailure(transferSyntaxUid: string, what: string, cause?: unknown): DecodeError {
  const message = `A frame of ${describeTransferSyntax(transferSyntaxUid)} cannot be decoded. ${what}`;
  return new DecodeError(message, cause === undefined ? { transferSyntaxUid } : { transferSyntaxUid, cause });
}

/**
 * A file that cannot be loaded says nothing of the frame: it must not be reported as broken bytes.
 *
 * @throws {MissingComponentError} `error` is Node's for a module that is not there
 */
export function throwIfModuleIsMissing(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND' && code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED')
    return;
  throw new MissingComponentError(
    'A part of dicom-series-preview, or of a package that it needs to decode this frame, is not there: install it again.',
    { component: 'decoder', cause: error },
  );
}
