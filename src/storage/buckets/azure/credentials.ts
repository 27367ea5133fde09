import { UsageError } from '../../../base/errors.ts';
import { type Access, anonymousAccess } from '../access-session.ts';
import { type EntraOptions, entraAccess, hasEntraId } from './entra.ts';
import { signAzure } from './sign.ts';

/** What AZURE_STORAGE_CONNECTION_STRING says. */
export interface AzureConnection {
  readonly account: string;
  readonly key: string | undefined;
  readonly sas: string | undefined;
  readonly endpoint: string | undefined;
  readonly suffix: string | undefined;
}

/** Azurite's account and key. They are no secret: Microsoft documents them, and they are the same on every computer. */
const developmentStorage = {
  account: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
  endpoint: 'http://127.0.0.1:10000/devstoreaccount1',
} as const;

/** Parses a connection string (`Name=value;...`). Throws a UsageError that repeats nothing of it. */
export function parseAzureConnection(text: string): AzureConnection {
  const settings = new Map<string, string>();
  for (const part of text.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0) settings.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
  if (settings.get('usedevelopmentstorage')?.toLowerCase() === 'true') {
    return { ...developmentStorage, sas: undefined, suffix: undefined };
  }
  const endpoint = settings.get('blobendpoint');
  const account = settings.get('accountname') ?? accountOf(endpoint);
  if (account === undefined) {
    throw new UsageError(
      'Expected AZURE_STORAGE_CONNECTION_STRING to name an account (AccountName=...;AccountKey=... or BlobEndpoint=...;SharedAccessSignature=...).',
    );
  }
  return {
    account,
    key: settings.get('accountkey'),
    sas: settings.get('sharedaccesssignature')?.replace(/^\?/, ''),
    endpoint,
    suffix: settings.get('endpointsuffix'),
  };
}

function accountOf(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || !URL.canParse(endpoint)) return undefined;
  return /^([a-z0-9]{3,24})\./.exec(new URL(endpoint).hostname)?.[1];
}

export interface AzureAccessOptions extends EntraOptions {
  readonly account: string;
  /** From the URL's query; it goes before all others. */
  readonly sas: string | undefined;
  readonly connection: AzureConnection | undefined;
}

/**
 * The accesses to an account, in the order in which they are tried: what is configured and costs no request (a shared
 * access signature, a key), then no credentials, then Entra ID where somebody seems to be signed in. Credentials of the
 * environment that are for another account are never used.
 */
export function azureAccesses(options: AzureAccessOptions): readonly Access[] {
  const configured = configuredAccess(options);
  const entra = hasEntraId(options) ? [entraAccess(options)] : [];
  return configured === undefined ? [anonymousAccess, ...entra] : [configured, anonymousAccess, ...entra];
}

function configuredAccess({ account, sas, connection, environment }: AzureAccessOptions): Access | undefined {
  if (sas !== undefined) return sasAccess(sas, "the URL's shared access signature");
  if (connection !== undefined && connection.account === account) {
    if (connection.key !== undefined) {
      return keyAccess(account, connection.key, 'the key in AZURE_STORAGE_CONNECTION_STRING');
    }
    if (connection.sas !== undefined) {
      return sasAccess(connection.sas, 'the shared access signature in AZURE_STORAGE_CONNECTION_STRING');
    }
  }
  const named = environment['AZURE_STORAGE_ACCOUNT'] ?? '';
  if (named !== '' && named !== account) return undefined;
  const token = (environment['AZURE_STORAGE_SAS_TOKEN'] ?? '').trim().replace(/^\?/, '');
  if (token !== '') return sasAccess(token, 'the shared access signature in AZURE_STORAGE_SAS_TOKEN');
  const key = (environment['AZURE_STORAGE_KEY'] ?? environment['AZURE_STORAGE_ACCOUNT_KEY'] ?? '').trim();
  return key === '' ? undefined : keyAccess(account, key, 'the key in AZURE_STORAGE_KEY');
}

function sasAccess(sas: string, name: string): Access {
  if (!/\bsig=/.test(sas) || /[\s#]/.test(sas)) {
    throw new UsageError(`Expected ${name} to be a query that holds sig=..., but it is none.`);
  }
  return { name, isAnonymous: false, search: sas };
}

function keyAccess(account: string, key: string, name: string): Access {
  if (!/^[A-Za-z0-9+/]{4,}={0,2}$/.test(key)) throw new UsageError(`Expected ${name} to be Base64, but it is not.`);
  return { name, isAnonymous: false, headers: (attempt) => signAzure(attempt, account, key, new Date()) };
}
