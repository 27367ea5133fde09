import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AccessDeniedError } from '../../../base/errors.ts';
import type { HttpHeaders } from '../../../http/types.ts';
import type { Access, Purpose } from '../access-session.ts';
import { callMethod, construct, loadOptional, propertyOf, withinTime } from '../optional-package.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Google's application default credentials come from. */
export type GcsCredentialSource =
  | { readonly kind: 'none' }
  /** A token that is ready to use. */
  | { readonly kind: 'token'; readonly token: string; readonly name: string }
  /** Credentials for which Google's own library must get a token. */
  | { readonly kind: 'library'; readonly name: string };

/** What is asked of the computer. Tests replace it. */
export interface Machine {
  readonly environment: Environment;
  readonly home: string;
  readonly exists: (path: string) => boolean;
  /** '' where the file cannot be read. */
  readonly read: (path: string) => string;
}

/** The computer on which this runs. */
export const thisMachine: Machine = {
  environment: process.env,
  home: homedir(),
  exists: existsSync,
  read: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  },
};

/** Variables that Google's runtimes (Cloud Run, Functions, App Engine) set, and those that name a metadata server. */
const runtimeVariables = ['K_SERVICE', 'CLOUD_RUN_JOB', 'FUNCTION_TARGET', 'GAE_SERVICE', 'GCE_METADATA_HOST'] as const;

/**
 * Finds which credentials are configured, without asking any service: a token in CLOUDSDK_AUTH_ACCESS_TOKEN or
 * GOOGLE_OAUTH_ACCESS_TOKEN, the file of GOOGLE_APPLICATION_CREDENTIALS, gcloud's own file, and the metadata server.
 * The metadata server counts only on machines that are clearly Google's: on others, asking it takes seconds to fail.
 */
export function findGcsCredentials(machine: Machine = thisMachine): GcsCredentialSource {
  const { environment } = machine;
  for (const name of ['CLOUDSDK_AUTH_ACCESS_TOKEN', 'GOOGLE_OAUTH_ACCESS_TOKEN']) {
    const token = environment[name]?.trim() ?? '';
    if (token !== '') return { kind: 'token', token, name: `the token in ${name}` };
  }
  if ((environment['GOOGLE_APPLICATION_CREDENTIALS'] ?? '') !== '') {
    return { kind: 'library', name: 'the file named in GOOGLE_APPLICATION_CREDENTIALS' };
  }
  if (machine.exists(join(gcloudFolder(machine), 'application_default_credentials.json'))) {
    return { kind: 'library', name: "gcloud's application default credentials" };
  }
  const runtime = runtimeVariables.find((name) => (environment[name] ?? '') !== '');
  const detection = environment['METADATA_SERVER_DETECTION']?.toLowerCase();
  const isGoogle =
    detection === 'assume-present' ||
    runtime !== undefined ||
    /google/i.test(machine.read('/sys/class/dmi/id/product_name'));
  return isGoogle && detection !== 'none'
    ? { kind: 'library', name: "the service account of this machine, from Google's metadata server" }
    : { kind: 'none' };
}

function gcloudFolder({ environment, home }: Machine): string {
  const named = environment['CLOUDSDK_CONFIG'] ?? '';
  if (named !== '') return named;
  const roaming = environment['APPDATA'] ?? '';
  return process.platform === 'win32' && roaming !== '' ? join(roaming, 'gcloud') : join(home, '.config', 'gcloud');
}

const libraryName = 'google-auth-library';
const scopes = {
  read: 'https://www.googleapis.com/auth/devstorage.read_only',
  write: 'https://www.googleapis.com/auth/devstorage.read_write',
} as const;

export interface GcsAccessOptions {
  readonly location: string;
  readonly purpose: Purpose;
  /** The project that pays for the requests; sent as x-goog-user-project. */
  readonly userProject: string | undefined;
  /** How long a token may take. */
  readonly timeoutMs: number;
  /** For tests: stands in for `import`. */
  readonly load?: ((name: string) => Promise<unknown>) | undefined;
}

/** The access with these credentials; undefined where none are configured. */
export function gcsAccess(source: GcsCredentialSource, options: GcsAccessOptions): Access | undefined {
  if (source.kind === 'none') return undefined;
  const project: HttpHeaders = options.userProject === undefined ? {} : { 'x-goog-user-project': options.userProject };
  if (source.kind === 'token') {
    const headers = { authorization: `Bearer ${source.token}`, ...project };
    return { name: source.name, isAnonymous: false, headers: () => headers };
  }
  const tokens = new LibraryTokens(source.name, options);
  return {
    name: source.name,
    isAnonymous: false,
    refresh: () => tokens.refresh(),
    headers: async () => ({ ...(await tokens.headers()), ...project }),
  };
}

/** Bearer tokens of Google's library, which keeps and renews them. */
class LibraryTokens {
  readonly #name: string;
  readonly #options: GcsAccessOptions;
  #client: Promise<unknown> | undefined;

  constructor(name: string, options: GcsAccessOptions) {
    this.#name = name;
    this.#options = options;
  }

  async headers(): Promise<HttpHeaders> {
    const { location, load, timeoutMs } = this.#options;
    const module = await loadOptional(libraryName, `The credentials for ${location} (${this.#name}) need`, load);
    try {
      return await withinTime(this.#ask(module), timeoutMs);
    } catch (error) {
      this.#client = undefined;
      // The library's message may quote the credentials file, so it stays out of ours. The OAuth error code says what
      // failed.
      throw new AccessDeniedError(
        `${location}: no token came for ${this.#name} (${reasonOf(error)}). ` +
          'Sign in again (gcloud auth application-default login), or correct GOOGLE_APPLICATION_CREDENTIALS.',
        { location },
      );
    }
  }

  /** Makes a new client, and with it a new token. */
  async refresh(): Promise<void> {
    this.#client = undefined;
    await this.headers();
  }

  async #ask(module: unknown): Promise<HttpHeaders> {
    // Without a project the library looks for one, which costs a request or starts gcloud. The name is not sent.
    const options = { scopes: [scopes[this.#options.purpose]], projectId: this.#options.userProject ?? 'none' };
    this.#client ??= callMethod(construct(module, 'GoogleAuth', options), 'getClient');
    const given = await callMethod(await this.#client, 'getRequestHeaders');
    const headers: Record<string, string> = {};
    for (const name of ['authorization', 'x-goog-user-project']) {
      const value = given instanceof Headers ? given.get(name) : headerOf(given, name);
      if (typeof value === 'string' && value !== '') headers[name] = value;
    }
    if (headers['authorization'] === undefined) throw new Error('no Authorization header');
    return headers;
  }
}

/** A header in a plain object: earlier versions of the library return those. */
function headerOf(headers: unknown, name: string): unknown {
  const key = typeof headers === 'object' && headers !== null ? Object.keys(headers) : [];
  return propertyOf(headers, key.find((each) => each.toLowerCase() === name) ?? name);
}

/** The part of a library's error that messages may repeat: `invalid_grant`, `ENOENT`, `no answer within 30000 ms`. */
function reasonOf(error: unknown): string {
  const data = propertyOf(propertyOf(error, 'response'), 'data');
  for (const value of [propertyOf(data, 'error'), propertyOf(error, 'code')]) {
    if (typeof value === 'string' && /^\w{1,60}$/.test(value)) return value;
  }
  const message = error instanceof Error ? error.message : '';
  return /^no (answer within \d+ ms|Authorization header)$/.test(message) ? message : 'the reason is not known';
}
