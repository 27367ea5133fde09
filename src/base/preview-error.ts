/**
 * The base of every error this package throws on purpose.
 *
 * `code` is stable and meant for programs; `message` is meant for people and says what was expected, what came and
 * what to do. No message ever carries a credential, a signed URL or a patient attribute.
 */
export abstract class PreviewError extends Error {
  /** A stable word for programs, such as `not-found`. */
  abstract readonly code: PreviewErrorCode;

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Every `code` that an error of this package can carry. */
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
