import { DecodeError, MissingComponentError, type PreviewError, UnsupportedError } from '../../base/errors.ts';
import type { DecodedFrame } from '../../types/pixels.ts';
import type { FrameJob } from '../codec.ts';
import { decodeFailure } from '../decode-failure.ts';
import type { FrameCoding } from '../run-codec.ts';

/** A message to a worker. */
export type WorkerRequest =
  | { readonly kind: 'load'; readonly coding: FrameCoding; readonly highThroughput: boolean }
  | { readonly kind: 'decode'; readonly coding: FrameCoding; readonly job: FrameJob };

/** A worker's answer to the last `decode` message: it has one frame at a time. */
export type WorkerReply =
  | { readonly kind: 'frame'; readonly frame: DecodedFrame }
  | { readonly kind: 'error'; readonly error: PlainError };

/** An error as plain data: instances of classes cannot be posted to another thread. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly component: string | undefined;
  readonly cause: string | undefined;
}

/** An error in a form that can be posted. */
export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error))
    return { name: 'Error', message: String(error), component: undefined, cause: undefined };
  return {
    name: error.name,
    message: error.message,
    component: error instanceof MissingComponentError ? error.component : undefined,
    cause: error.cause instanceof Error ? error.cause.message : undefined,
  };
}

/** The error that was thrown in the worker, as an instance of this thread's classes. */
export function fromPlainError(plain: PlainError, transferSyntaxUid: string): PreviewError {
  const { name, message, component, cause } = plain;
  const options = cause === undefined ? {} : { cause: new Error(cause) };
  if (name === 'DecodeError') return new DecodeError(message, { transferSyntaxUid, ...options });
  if (name === 'UnsupportedError') return new UnsupportedError(message, options);
  if (name === 'MissingComponentError')
    return new MissingComponentError(message, { component: component ?? '', ...options });
  return decodeFailure(transferSyntaxUid, 'The decoder failed.', new Error(message));
}
