import type { PrivacyRisk } from '../types/series-info.ts';
import { printable, printableLines } from './printable.ts';

/**
 * The base of all errors that this package throws on purpose.
 *
 * `code` is stable and meant for programs. `message` is meant for people: it says what was expected, what came and what
 * to do. No message has a credential, a signed URL or a patient attribute in it.
 *
 * @example
 * ```ts
 * try {
 *   await createMosaic('./CT');
 * } catch (error) {
 *   if (!(error instanceof PreviewError)) throw error;
 *   console.error(error.code, error.message);
 * }
 * ```
 */
export abstract class PreviewError extends Error {
  /** A stable word for programs, such as `not-found`. */
  abstract readonly code: PreviewErrorCode;
  /** What there was to warn of before the error, in sentences, such as files that were left out; empty for nothing. */
  readonly warnings: readonly string[] = [];

  constructor(message: string, options?: { readonly cause?: unknown }) {
    // Names of files, values of headers and words of servers may stand in it.
    super(printableLines(message), options);
    this.name = new.target.name;
  }
}

/** Every `code` that an error of this package can have. */
export type PreviewErrorCode =
  | 'usage'
  | 'not-found'
  | 'ambiguous'
  | 'access-denied'
  | 'storage'
  | 'timeout'
  | 'changed'
  | 'not-dicom'
  | 'invalid-dicom'
  | 'unsupported'
  | 'missing-component'
  | 'decode'
  | 'privacy'
  | 'output'
  | 'aborted';

/**
 * Options or names that make no sense, alone or together: an unknown option, an unknown preset, an empty range, a path trick
 * in a UID. Thrown before anything is read, where that is possible.
 *
 * @example
 * ```ts
 * const told = error instanceof UsageError ? `Mend the call: ${error.message}` : error.message;
 * ```
 */
export class UsageError extends PreviewError {
  readonly code = 'usage';
  /** The options that the message names, such as 'tileWidth'; empty where it names none. */
  readonly optionNames: readonly string[];
  constructor(message: string, options?: { readonly optionNames?: readonly string[]; readonly cause?: unknown }) {
    super(message, options);
    this.optionNames = options?.optionNames ?? [];
  }
}

/**
 * There is nothing at the place that was named.
 *
 * @example
 * ```ts
 * if (error instanceof NotFoundError) console.error(`Nothing is at ${error.location}.`);
 * ```
 */
export class NotFoundError extends PreviewError {
  readonly code = 'not-found';
  /** The place: printable, without credentials. */
  readonly location: string;
  constructor(message: string, options: { readonly location: string; readonly cause?: unknown }) {
    super(message, options);
    this.location = printable(options.location);
  }
}

/**
 * A name fits several series: the caller must choose one.
 *
 * @example
 * ```ts
 * if (error instanceof AmbiguousError) console.error(`${error.count} series:`, ...error.candidates);
 * ```
 */
export class AmbiguousError extends PreviewError {
  readonly code = 'ambiguous';
  /** The first of the names or UIDs that it fits. */
  readonly candidates: readonly string[];
  /** How many it fits in all. */
  readonly count: number;
  constructor(message: string, options: { readonly candidates: readonly string[]; readonly count: number }) {
    super(message);
    this.candidates = options.candidates;
    this.count = options.count;
  }
}

/**
 * The store refuses access (HTTP 401 or 403, EACCES).
 *
 * @example
 * ```ts
 * if (error instanceof AccessDeniedError) console.error(`No access to ${error.location}: check the credentials.`);
 * ```
 */
export class AccessDeniedError extends PreviewError {
  readonly code = 'access-denied';
  /** What was asked for: a printable location without credentials. */
  readonly location: string;
  constructor(message: string, options: { readonly location: string; readonly cause?: unknown }) {
    super(message, options);
    this.location = printable(options.location);
  }
}

/**
 * The store gave no reply, or none that can be used, after all retries.
 *
 * @example
 * ```ts
 * const isBusy = error instanceof StorageError && (error.status === 429 || error.status === 503);
 * ```
 */
export class StorageError extends PreviewError {
  readonly code = 'storage';
  /** What was asked for: a printable location without credentials. */
  readonly location: string;
  /** The HTTP status of the last reply, if there was one. */
  readonly status: number | undefined;
  constructor(
    message: string,
    options: { readonly location: string; readonly status?: number | undefined; readonly cause?: unknown },
  ) {
    super(message, options);
    this.location = printable(options.location);
    this.status = options.status;
  }
}

/**
 * A store or a decoder did not answer within its time limit.
 *
 * @example
 * ```ts
 * if (error instanceof TimeoutError) console.error(`No answer within ${error.timeoutMs} ms.`);
 * ```
 */
export class TimeoutError extends PreviewError {
  readonly code = 'timeout';
  /** The limit in milliseconds. */
  readonly timeoutMs: number;
  constructor(message: string, options: { readonly timeoutMs: number; readonly cause?: unknown }) {
    super(message, options);
    this.timeoutMs = options.timeoutMs;
  }
}

/**
 * An object was replaced between two reads of it, so its bytes do not belong together. A second try may find it at rest.
 *
 * @example
 * ```ts
 * if (error instanceof ObjectChangedError) console.error(`${error.location} is being written: try again later.`);
 * ```
 */
export class ObjectChangedError extends PreviewError {
  readonly code = 'changed';
  /** The object: a printable location without credentials. */
  readonly location: string;
  constructor(message: string, options: { readonly location: string }) {
    super(message);
    this.location = printable(options.location);
  }
}

/**
 * The bytes are not DICOM at all.
 *
 * @example
 * ```ts
 * if (error instanceof NotDicomError) console.error('Nothing in there is DICOM.');
 * ```
 */
export class NotDicomError extends PreviewError {
  readonly code = 'not-dicom';
}

/**
 * The DICOM data are broken: truncated, contradictory, or with impossible values.
 *
 * @example
 * ```ts
 * if (error instanceof InvalidDicomError) console.error(`Damaged: ${error.message}`);
 * ```
 */
export class InvalidDicomError extends PreviewError {
  readonly code = 'invalid-dicom';
}

/**
 * The data are valid, but this package cannot show them: a transfer syntax without a decoder, an object without pixels.
 *
 * @example
 * ```ts
 * if (error instanceof UnsupportedError) console.error(`Not shown: ${error.message}`);
 * ```
 */
export class UnsupportedError extends PreviewError {
  readonly code = 'unsupported';
}

/**
 * This package could show or reach the data if an optional component were installed. The message says how to get it.
 *
 * @example
 * ```ts
 * if (error instanceof MissingComponentError) console.error(`Install ${error.component}.`);
 * ```
 */
export class MissingComponentError extends PreviewError {
  readonly code = 'missing-component';
  /** The package or program that is missing. */
  readonly component: string;
  constructor(message: string, options: { readonly component: string; readonly cause?: unknown }) {
    super(message, options);
    this.component = options.component;
  }
}

/**
 * A decoder refused the compressed bytes of a frame, or what it made of them cannot be right.
 *
 * @example
 * ```ts
 * if (error instanceof DecodeError) console.error(`Transfer syntax ${error.transferSyntaxUid}: ${error.message}`);
 * ```
 */
export class DecodeError extends PreviewError {
  readonly code = 'decode';
  /** What the frame is encoded in (PS3.6 A.1). */
  readonly transferSyntaxUid: string;
  constructor(message: string, options: { readonly transferSyntaxUid: string; readonly cause?: unknown }) {
    super(message, options);
    this.transferSyntaxUid = options.transferSyntaxUid;
  }
}

/**
 * The pixels may tell who the patient is, and strict privacy was asked for: no picture was made.
 *
 * @example
 * ```ts
 * if (error instanceof PrivacyError) console.error(...error.risks.map(({ kind }) => kind));
 * ```
 */
export class PrivacyError extends PreviewError {
  readonly code = 'privacy';
  /** Why, as in the report of a picture. */
  readonly risks: readonly PrivacyRisk[];
  constructor(message: string, options: { readonly risks: readonly PrivacyRisk[] }) {
    super(message);
    this.risks = options.risks;
  }
}

/**
 * The picture could not be encoded, or a file could not be written.
 *
 * @example
 * ```ts
 * if (error instanceof OutputError) process.exitCode = 1;
 * ```
 */
export class OutputError extends PreviewError {
  readonly code = 'output';
}

/**
 * The caller's AbortSignal ended the work, or the previewer or series was closed. `cause` holds the signal's reason.
 *
 * @example
 * ```ts
 * const isWanted = !(error instanceof AbortedError);
 * ```
 */
export class AbortedError extends PreviewError {
  readonly code = 'aborted';
  constructor(options?: { readonly cause?: unknown }) {
    super('The work was aborted by the caller.', options);
  }
}

/**
 * Does nothing as long as the signal has not been aborted. Between two steps of longer work it ends that work early.
 *
 * @throws AbortedError when the signal has been aborted
 * @example
 * ```ts
 * for (const uid of uids) {
 *   throwIfAborted(signal);
 *   await createMosaic(uid, { signal });
 * }
 * ```
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AbortedError({ cause: signal.reason });
}
