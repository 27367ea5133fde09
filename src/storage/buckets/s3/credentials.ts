import { AccessDeniedError } from '../../../base/errors.ts';
import { callMethod, callUnknown, loadOptional, propertyOf, withinTime } from '../optional-package.ts';
import type { AwsSettings } from './aws-profile.ts';
import type { S3Credentials } from './sign.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where credentials come from. */
export type CredentialSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'static'; readonly credentials: S3Credentials }
  /** Amazon's own chain (single sign-on, roles, web identity, containers, instances) is needed. */
  | { readonly kind: 'chain'; readonly because: string };

/** Gives credentials; with `refresh` new ones. */
export type CredentialProvider = (refresh: boolean) => Promise<S3Credentials>;

/** Settings of a profile that only Amazon's own chain understands. */
const chainSettings = [
  'role_arn',
  'credential_source',
  'credential_process',
  'login_session',
  'sso_session',
  'sso_start_url',
  'web_identity_token_file',
] as const;
/** Variables that containers and clusters set. */
const chainVariables = [
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
 * Finds which credentials are configured, without asking any service: first AWS_ACCESS_KEY_ID and its companions, then
 * the profile, then what needs Amazon's own chain. The instance metadata service is used only where
 * AWS_EC2_METADATA_DISABLED=false or AWS_EC2_METADATA_SERVICE_ENDPOINT asks for it: on other machines the question
 * takes seconds to fail.
 */
export function findCredentialSource(environment: Environment, profile: AwsSettings | undefined): CredentialSource {
  const fromVariables = staticCredentials(
    environment['AWS_ACCESS_KEY_ID'],
    environment['AWS_SECRET_ACCESS_KEY'],
    environment['AWS_SESSION_TOKEN'],
  );
  if (fromVariables !== undefined) return fromVariables;
  const setting = chainSettings.find((name) => (profile?.[name] ?? '') !== '');
  if (setting !== undefined) return { kind: 'chain', because: `the AWS profile has ${setting}` };
  const fromProfile = staticCredentials(
    profile?.['aws_access_key_id'],
    profile?.['aws_secret_access_key'],
    profile?.['aws_session_token'],
  );
  if (fromProfile !== undefined) return fromProfile;
  const variable = chainVariables.find((name) => (environment[name] ?? '') !== '');
  if (variable !== undefined) return { kind: 'chain', because: `${variable} is set` };
  const asksInstance =
    environment['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'false' ||
    (environment['AWS_EC2_METADATA_SERVICE_ENDPOINT'] ?? '') !== '';
  return asksInstance ? { kind: 'chain', because: 'the instance metadata service is configured' } : { kind: 'none' };
}

/** A process or a service of the chain that takes longer has failed. */
const chainTimeoutMs = 60_000;
const chainPackage = '@aws-sdk/credential-provider-node';

/**
 * Loads Amazon's own credential chain, an optional peer dependency. Throws a MissingComponentError with the command
 * that installs it; the provider throws AccessDeniedErrors. `load` stands in for `import` in tests.
 */
export async function loadCredentialChain(
  because: string,
  location: string,
  load?: (name: string) => Promise<unknown>,
): Promise<CredentialProvider> {
  const why = `The credentials for ${location} (${because}) need`;
  const provide = await callMethod(await loadOptional(chainPackage, why, load), 'defaultProvider');
  return async (refresh) => {
    let identity: unknown;
    try {
      identity = await withinTime(callUnknown(provide, { forceRefresh: refresh }), chainTimeoutMs);
    } catch (error) {
      // The chain's message may name accounts and files, so it stays out of ours. Its class says what failed.
      const kind = error instanceof Error ? error.name : 'an unknown error';
      throw new AccessDeniedError(
        `Amazon's credential chain gave no credentials for ${location} (${kind}; ${because}). ` +
          'Sign in again (such as with aws sso login), or correct the profile.',
        { location },
      );
    }
    const accessKeyId = propertyOf(identity, 'accessKeyId');
    const secretAccessKey = propertyOf(identity, 'secretAccessKey');
    const sessionToken = propertyOf(identity, 'sessionToken');
    if (typeof accessKeyId !== 'string' || typeof secretAccessKey !== 'string') {
      throw new AccessDeniedError(`Amazon's credential chain gave no credentials for ${location}.`, { location });
    }
    return { accessKeyId, secretAccessKey, sessionToken: typeof sessionToken === 'string' ? sessionToken : undefined };
  };
}
