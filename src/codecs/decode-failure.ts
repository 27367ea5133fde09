import { DecodeError } from '../errors/errors.ts';
import { describeTransferSyntax } from './transfer-syntaxes.ts';

/** A DecodeError that names the transfer syntax. `what` is a full sentence. */
export function decodeFailure(transferSyntaxUid: string, what: string, cause?: unknown): DecodeError {
  const message = `A frame of ${describeTransferSyntax(transferSyntaxUid)} cannot be decoded. ${what}`;
  return new DecodeError(message, cause === undefined ? { transferSyntaxUid } : { transferSyntaxUid, cause });
}
