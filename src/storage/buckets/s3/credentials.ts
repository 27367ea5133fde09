import { AccessDeniedError, MissingComponentError } from '../../../base/errors.ts';
import type { AwsSettings } from './aws-profile.ts';
import type { S3Credentials } from './sign.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where credentials come from. */
export type CredentialSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'static'; readonly credentials: S3Credentials }
  /** Amazon's own chain (single sign-on, roles, web identity, containers, instances) is needed. */
  | { readonly kind: 'chain'; readonly because: string };

/** Gives credentials; `refresh` asks for new ones. */
export type CredentialProvider = (refresh: boolean) => Promise<S3Credentials>;

/** Settings of a profile that only Amazon's own chain can follow. */
const CHAIN_SETTINGS = [
  'role_arn',
  'credential_source',
  'credential_process',
  'login_session',
  'sso_session',
  'sso_start_url',
  'web_identity_token_file',
] as const;
/** Variables that containers and clusters are given. */
const CHAIN_VARIABLES = [
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
] as const;

function staticCredentials(
  accessKeyId: string | undefined,
  secretAccessKey: string | undefined,
  sessionToken: string | undefined,
): CredentialSource | undefined {
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  if (accessKeyId === '' || secretAccessKey === '') return undefined;
  return {
    kind: 'static',
    credentials: { accessKeyId, secretAccessKey, sessionToken: sessionToken === '' ? undefined : sessionToken },
  };
}

/**
 * Finds what is configured, without asking any service: AWS_ACCESS_KEY_ID and its companions, then the profile, then
 * what needs Amazon's chain. The instance metadata service is asked only where AWS_EC2_METADATA_DISABLED=false or
 * AWS_EC2_METADATA_SERVICE_ENDPOINT says so: elsewhere the question takes seconds to fail.
 */
export function findCredentialSource(environment: Environment, profile: AwsSettings | undefined): CredentialSource {
  const fromVariables = staticCredentials(
    environment['AWS_ACCESS_KEY_ID'],
    environment['AWS_SECRET_ACCESS_KEY'],
    environment['AWS_SESSION_TOKEN'],
  );
  if (fromVariables !== undefined) return fromVariables;
  const setting = CHAIN_SETTINGS.find((name) => (profile?.[name] ?? '') !== '');
  if (setting !== undefined) return { kind: 'chain', because: `the AWS profile has ${setting}` };
  const fromProfile = staticCredentials(
    profile?.['aws_access_key_id'],
    profile?.['aws_secret_access_key'],
    profile?.['aws_session_token'],
  );
  if (fromProfile !== undefined) return fromProfile;
  const variable = CHAIN_VARIABLES.find((name) => (environment[name] ?? '') !== '');
  if (variable !== undefined) return { kind: 'chain', because: `${variable} is set` };
  const asksInstance =
    environment['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'false' ||
    (environment['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? '') !== '';
  return asksInstance ? { kind: 'chain', because: 'the instance metadata service is configured' } : { kind: 'none' };
}

/** A process or service of the chain that takes longer has failed. */
const CHAIN_TIMEOUT_MS = 60_000;
const CHAIN_PACKAGE = '@aws-sdk/credential-provider-node';

/**
 * Loads Amazon's chain, an optional peer dependency. Throws a MissingComponentError with the command that installs it.
 * `load` stands in for `import` in tests.
 */
export async function loadCredentialChain(
  because: string,
  location: string,
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<CredentialProvider> {
  let module: unknown;
  try {
    module = await load(CHAIN_PACKAGE);
  } catch (cause) {
    throw new MissingComponentError(
      `The credentials for ${location} need Amazon's credential chain (${because}). ` +
        `Install it with: npm install ${CHAIN_PACKAGE}. For a public bucket, use --no-sign-request.`,
      { component: CHAIN_PACKAGE, cause },
    );
  }
  const provide = callable(property(module, 'defaultProvider'))?.();
  const ask = callable(provide);
  return async (refresh) => {
    let identity: unknown;
    try {
      identity = await within(CHAIN_TIMEOUT_MS, ask?.({ forceRefresh: refresh }));
    } catch (error) {
      // Its message may name accounts and files, and stays out of ours; its class says what failed.
      const kind = error instanceof Error ? error.name : 'an unknown error';
      throw new AccessDeniedError(
        `Amazon's credential chain gave no credentials for ${location} (${kind}; ${because}). ` +
          'Sign in again (such as with aws sso login), or correct the profile.',
        { location },
      );
    }
    const accessKeyId = property(identity, 'accessKeyId');
    const secretAccessKey = property(identity, 'secretAccessKey');
    const sessionToken = property(identity, 'sessionToken');
    if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string') {
      throw new AccessDeniedError(`Amazon's credential chain gave no credentials for ${location}.`, { location });
    }
    return { accessKeyId, secretAccessKey, sessionToken: typeof sessionToken === 'string' ? sessionToken : undefined };
  };
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function callable(value: unknown): ((...args: readonly unknown[]) => unknown) | undefined {
  return typeof value === 'function' ? (...args) => Reflect.apply(value, undefined, args) : undefined;
}

/** The value, or an error named TimeoutError when it takes longer. */
function within(milliseconds: number, value: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const error = new Error('no answer');
      error.name = 'TimeoutError';
      reject(error);
    }, milliseconds);
    Promise.resolve(value)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
