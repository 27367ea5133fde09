import { AccessDeniedError, MissingComponentError, type PreviewError } from '../../../base/errors.ts';
import type { FailureVerdict, HttpAttempt, HttpFailure, HttpHeaders, HttpRequest } from '../../../http/types.ts';
import { type S3Endpoint, s3ObjectUrl } from './address.ts';
import { type CredentialProvider, type CredentialSource, loadCredentialChain } from './credentials.ts';

export interface S3SessionOptions {
  readonly bucket: string;
  /** `s3://bucket`, for messages. */
  readonly location: string;
  readonly endpoint: S3Endpoint;
  readonly source: CredentialSource;
  /** Sent as x-amz-request-payer. */
  readonly requesterPays: boolean;
  readonly onWarning: (message: string) => void;
  /** For tests: stands in for `import`. */
  readonly load?: ((name: string) => Promise<unknown>) | undefined;
}

/** A request of one operation, and what to call once the operation has succeeded. */
export interface S3Operation {
  readonly request: HttpRequest;
  readonly succeeded: () => void;
}

/**
 * What is learnt while talking to one bucket, and how every request uses it: the region (from a redirect or a refusal),
 * the server's clock, fresh credentials, and whether to sign at all. Where credentials are refused the request is tried
 * once without; when that works the bucket is public and everything goes on unsigned, with a warning.
 */
export class S3Session {
  readonly #options: S3SessionOptions;
  #region: string;
  #clockOffsetMs = 0;
  #provider: CredentialProvider | undefined;
  #unsigned: boolean;
  /** Credentials have worked: a later refusal is about an object, not about them. */
  #credentialsWork = false;
  #generation = 0;

  constructor(options: S3SessionOptions) {
    this.#options = options;
    this.#region = options.endpoint.region;
    this.#unsigned = options.source.kind === 'none';
  }

  /** An operation on a key ('' for the bucket itself). */
  operation(key: string, location: string, query: Readonly<Record<string, string>> = {}): S3Operation {
    const { bucket, endpoint, requesterPays } = this.#options;
    const state: OperationState = { location, unsigned: false, refused: undefined, refreshed: false, region: '' };
    return {
      request: {
        location,
        url: () => {
          state.region = this.#region;
          return s3ObjectUrl({ ...endpoint, region: this.#region }, bucket, key, query);
        },
        headers: requesterPays ? { 'x-amz-request-payer': 'requester' } : {},
        authorize: (attempt) => this.#authorize(attempt, state),
        // Amazon redirects between regions, which needs another signature. Others redirect as web servers do.
        redirect: endpoint.endpointUrl === undefined ? 'manual' : 'follow',
        judge: (failure) => this.#judge(failure, state),
      },
      succeeded: () => this.#succeeded(state),
    };
  }

  async #authorize(attempt: HttpAttempt, state: OperationState): Promise<HttpHeaders> {
    state.signed = false;
    if (this.#unsigned || state.unsigned) return {};
    const credentials = await this.#credentials(state);
    if (credentials === undefined) return {};
    state.signed = true;
    const { signS3 } = await import('./sign.ts');
    return signS3(attempt, credentials, this.#region, new Date(Date.now() + this.#clockOffsetMs));
  }

  async #credentials(state: OperationState): Promise<Awaited<ReturnType<CredentialProvider>> | undefined> {
    const { source, location, load } = this.#options;
    if (source.kind === 'none') return undefined;
    if (source.kind === 'static') return source.credentials;
    try {
      this.#provider ??= await loadCredentialChain(source.because, location, load);
      state.generation = this.#generation;
      return await this.#provider(false);
    } catch (error) {
      // A public bucket can be read all the same; a private one will refuse, and then this is what to say.
      if (!(error instanceof MissingComponentError) && !(error instanceof AccessDeniedError)) throw error;
      state.refused ??= error;
      state.unsigned = true;
      return undefined;
    }
  }

  async #judge(failure: HttpFailure, state: OperationState): Promise<FailureVerdict | undefined> {
    // Refusals are rare, and reading them takes an XML parser.
    const { errorOfS3, readS3Failure } = await import('./failures.ts');
    const { bucket } = this.#options;
    const signed = state.signed === true;
    const found = readS3Failure(failure, state.region, Date.now());
    if (found.otherRegion !== undefined && !(signed && found.blamesCredentials && failure.status === 403)) {
      this.#region = found.otherRegion;
      return { action: 'again' };
    }
    const error = errorOfS3(failure, found.code, { location: state.location, bucket, signed });
    if (signed && found.clockOffsetMs !== undefined && !state.refreshed) {
      this.#clockOffsetMs = found.clockOffsetMs;
      state.refreshed = true;
      return { action: 'again' };
    }
    if (signed && found.isExpired && this.#provider !== undefined && !state.refreshed) {
      state.refreshed = true;
      await this.#refresh(state);
      return { action: 'again' };
    }
    if (signed && found.blamesCredentials && !(this.#credentialsWork && found.code === 'AccessDenied')) {
      state.refused = error ?? state.refused;
      state.unsigned = true;
      return { action: 'again' };
    }
    const refusedBefore = failure.status === 401 || failure.status === 403 ? state.refused : undefined;
    const final = refusedBefore ?? error;
    return final === undefined ? undefined : { action: 'throw', error: final };
  }

  /** Asks the chain for new credentials, once for all operations that met the expired ones. */
  async #refresh(state: OperationState): Promise<void> {
    if (state.generation !== this.#generation) return;
    this.#generation += 1;
    await this.#provider?.(true);
  }

  #succeeded(state: OperationState): void {
    if (state.signed === true) this.#credentialsWork = true;
    if (!state.unsigned || this.#unsigned) return;
    this.#unsigned = true;
    const reason = state.refused?.message ?? 'The credentials were refused.';
    this.#options.onWarning(
      `${this.#options.location} is public and is read without credentials, for the configured ones are of no use. ${reason}`,
    );
  }
}

interface OperationState {
  readonly location: string;
  /** The region of the last attempt. */
  region: string;
  /** The last attempt carried credentials. */
  signed?: boolean;
  /** From now on without credentials. */
  unsigned: boolean;
  /** Why credentials did not work. */
  refused: PreviewError | undefined;
  refreshed: boolean;
  generation?: number;
}
