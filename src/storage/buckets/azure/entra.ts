import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AccessDeniedError } from '../../../base/errors.ts';
import type { Access } from '../access-session.ts';
import { callMethod, construct, loadOptional, propertyOf, withinTime } from '../optional-package.ts';

export interface EntraOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** For messages. */
  readonly location: string;
  /** How long a token may take. */
  readonly timeoutMs: number;
  /** For tests. */
  readonly home?: string | undefined;
  readonly exists?: ((path: string) => boolean) | undefined;
  readonly load?: ((name: string) => Promise<unknown>) | undefined;
}

/** Variables that service principals, workloads and managed identities have. */
const entraVariables = [
  'AZURE_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_FEDERATED_TOKEN_FILE',
  'IDENTITY_ENDPOINT',
  'MSI_ENDPOINT',
] as const;

/** Whether somebody seems to be signed in to Entra ID: by a variable, or with az login. No service is asked. */
export function hasEntraId({ environment, home = homedir(), exists = existsSync }: EntraOptions): boolean {
  if (entraVariables.some((name) => (environment[name] ?? '') !== '')) return true;
  const named = environment['AZURE_CONFIG_DIR'] ?? '';
  const folder = named === '' ? join(home, '.azure') : named;
  return exists(join(folder, 'azureProfile.json'));
}

const libraryName = '@azure/identity';
const scope = 'https://storage.azure.com/.default';
/** A token is renewed this long before it ends, so that it does not end while a request is on its way. */
const renewBeforeMs = 2 * 60_000;

interface Token {
  readonly text: string;
  readonly expires: number;
}

/** The access with a token of Entra ID, which @azure/identity fetches in one of many ways. */
export function entraAccess(options: EntraOptions): Access {
  const { location, load, timeoutMs } = options;
  let credential: unknown;
  let known: Token | undefined;
  let asking: Promise<Token> | undefined;

  const ask = async (): Promise<Token> => {
    const module = await loadOptional(libraryName, `The credentials for ${location} (Entra ID) need`, load);
    try {
      credential ??= construct(module, 'DefaultAzureCredential');
      const given = await withinTime(callMethod(credential, 'getToken', scope), timeoutMs);
      const text = propertyOf(given, 'token');
      const expires = propertyOf(given, 'expiresOnTimestamp');
      if (typeof text !== 'string' || text === '') throw new Error('no token');
      known = { text, expires: typeof expires === 'number' ? expires : Date.now() + 10 * 60_000 };
      return known;
    } catch (error) {
      // The library's message lists accounts, tenants and commands, so it stays out of ours.
      const kind = error instanceof Error && /^\w{1,60}$/.test(error.name) ? error.name : 'an unknown error';
      throw new AccessDeniedError(
        `${location}: no token came from Entra ID (${kind}). Sign in again (az login), or correct the AZURE_ variables.`,
        { location },
      );
    }
  };
  /** The token. It is asked for once, however many requests wait for it. */
  const current = async (): Promise<Token> => {
    if (known !== undefined && known.expires - Date.now() > renewBeforeMs) return known;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  return {
    name: 'the account signed in to Entra ID',
    isAnonymous: false,
    refresh: async () => {
      known = undefined;
      await current();
    },
    headers: async () => ({ authorization: `Bearer ${(await current()).text}` }),
  };
}
