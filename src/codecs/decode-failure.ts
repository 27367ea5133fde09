import { DecodeError, MissingComponentError } from '../base/errors.ts';
import { describeTransferSyntax } from '../dicom/transfer-syntaxes.ts';

/** A DecodeError that names the transfer syntax. `what` is a full sentence. */
export function decodeFailure(transferSyntaxUid: string, what: string, cause?: unknown): DecodeError {
  const message = `A frame of ${describeTransferSyntax(transferSyntaxUid)} cannot be decoded. ${what}`;
  return new DecodeError(message, cause === undefined ? { transferSyntaxUid } : { transferSyntaxUid, cause });
}

/**
 * A module that cannot be loaded says nothing about the frame: the frame must not be reported as broken.
 *
 * @throws {MissingComponentError} `error` is the one that Node throws for a missing module
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
