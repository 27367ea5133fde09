/**
 * The base of all errors that this package throws on purpose.
 *
 * `code` is stable and meant for programs. `message` is meant for people: it says what was expected, what came and what
 * to do. No message has a credential, a signed URL or a patient attribute in it.
 */
export abstract class PreviewError extends Error {
  /** A stable word for programs, such as `not-found`. */
  abstract readonly code: PreviewErrorCode;

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
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
  | 'output'
  | 'aborted';

/** Options or names that make no sense, alone or together: an unknown preset, an empty range, a path trick in a UID. */
export class UsageError extends PreviewError {
  readonly code = 'usage';
  /** The options that the message names, such as 'tileWidth'; empty where it names none. */
  readonly optionNames: readonly string[];
  constructor(message: string, options?: { readonly optionNames?: readonly string[]; readonly cause?: unknown }) {
    super(message, options);
    this.optionNames = options?.optionNames ?? [];
  }
}

/** There is nothing at the place that was named. */
export class NotFoundError extends PreviewError {
  readonly code = 'not-found';
  /** The place: printable, without credentials. */
  readonly location: string;
  constructor(message: string, options: { readonly location: string; readonly cause?: unknown }) {
    super(message, options);
    this.location = options.location;
  }
}

/** A name fits several series: the caller must choose one. */
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

/** The store refuses access (HTTP 401 or 403, EACCES). */
export class AccessDeniedError extends PreviewError {
  readonly code = 'access-denied';
  readonly location: string;
  constructor(message: string, options: { readonly location: string; readonly cause?: unknown }) {
    super(message, options);
    this.location = options.location;
  }
}

/** The store gave no reply, or none that can be used, after all retries. */
export class StorageError extends PreviewError {
  readonly code = 'storage';
  readonly location: string;
  /** The HTTP status of the last reply, if there was one. */
  readonly status: number | undefined;
  constructor(
    message: string,
    options: { readonly location: string; readonly status?: number | undefined; readonly cause?: unknown },
  ) {
    super(message, options);
    this.location = options.location;
    this.status = options.status;
  }
}

/** A store or a decoder did not answer within its time limit. */
export class TimeoutError extends PreviewError {
  readonly code = 'timeout';
  readonly timeoutMs: number;
  constructor(message: string, options: { readonly timeoutMs: number; readonly cause?: unknown }) {
    super(message, options);
    this.timeoutMs = options.timeoutMs;
  }
}

/** An object was replaced between two reads of it, so its bytes do not belong together. */
export class ObjectChangedError extends PreviewError {
  readonly code = 'changed';
  readonly location: string;
  constructor(message: string, options: { readonly location: string }) {
    super(message);
    this.location = options.location;
  }
}

/** The bytes are not DICOM at all. */
export class NotDicomError extends PreviewError {
  readonly code = 'not-dicom';
}

/** The DICOM data are broken: truncated, contradictory, or with impossible values. */
export class InvalidDicomError extends PreviewError {
  readonly code = 'invalid-dicom';
}

/** The data are valid, but this package cannot show them. */
export class UnsupportedError extends PreviewError {
  readonly code = 'unsupported';
}

/** This package could show the data if an optional component were installed. The message says how to get it. */
export class MissingComponentError extends PreviewError {
  readonly code = 'missing-component';
  /** The package or program that is missing. */
  readonly component: string;
  constructor(message: string, options: { readonly component: string; readonly cause?: unknown }) {
    super(message, options);
    this.component = options.component;
  }
}

/** A decoder refused the compressed bytes of a frame, or what it made of them cannot be right. */
export class DecodeError extends PreviewError {
  readonly code = 'decode';
  readonly transferSyntaxUid: string;
  constructor(message: string, options: { readonly transferSyntaxUid: string; readonly cause?: unknown }) {
    super(message, options);
    this.transferSyntaxUid = options.transferSyntaxUid;
  }
}

/** The picture could not be encoded or written. */
export class OutputError extends PreviewError {
  readonly code = 'output';
}

/** The caller's AbortSignal ended the work. */
export class AbortedError extends PreviewError {
  readonly code = 'aborted';
  constructor(options?: { readonly cause?: unknown }) {
    super('The work was aborted by the caller.', options);
  }
}

/** Throws an {@link AbortedError} when the signal has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AbortedError({ cause: signal.reason });
}
