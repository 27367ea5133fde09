import { UsageError } from '../../base/errors.ts';
import type { HttpHeaders } from '../../http/types.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where credentials for web servers and DICOMweb come from, beside the URL and the `headers` option. */
export const webVariables = {
  user: 'DICOM_SERIES_PREVIEW_HTTP_USER',
  password: 'DICOM_SERIES_PREVIEW_HTTP_PASSWORD',
  token: 'DICOM_SERIES_PREVIEW_TOKEN',
} as const;

/** What the transport decides itself: ranges, framing and connections must be right whatever a caller wishes. */
const RESERVED = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'host',
  'if-range',
  'keep-alive',
  'proxy-authorization',
  'range',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** RFC 9110 section 5.5, as far as Node sends it: visible Latin-1, spaces and tabs. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The secret headers for a web root: those of the `headers` option; without an Authorization among them the one of the
 * URL's user information; without that DICOM_SERIES_PREVIEW_HTTP_USER and _PASSWORD (basic, RFC 7617); without these
 * DICOM_SERIES_PREVIEW_TOKEN (bearer, RFC 6750). Throws a UsageError that does not repeat a value.
 */
export function webCredentials(
  given: Readonly<Record<string, string>> | undefined,
  authorizationOfUrl: string | undefined,
  environment: Environment,
): HttpHeaders {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given ?? {})) headers[checkHeaderName(name)] = checkValue(name, value);
  if (headers['authorization'] !== undefined) return headers;
  const authorization = authorizationOfUrl ?? basicOf(environment) ?? bearerOf(environment);
  return authorization === undefined ? headers : { ...headers, authorization };
}

function basicOf(environment: Environment): string | undefined {
  const user = environment[webVariables.user] ?? '';
  const password = environment[webVariables.password] ?? '';
  if (user === '' && password === '') return undefined;
  if (user === '' || user.includes(':')) {
    throw new UsageError(
      `Expected a user name without a colon in ${webVariables.user}, for ${webVariables.password} is set, but there is none.`,
    );
  }
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

function bearerOf(environment: Environment): string | undefined {
  const token = environment[webVariables.token]?.trim() ?? '';
  if (token === '') return undefined;
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(`Expected a bearer token in ${webVariables.token}, but it holds spaces or other characters.`);
  }
  return `Bearer ${token}`;
}

function checkHeaderName(name: string): string {
  if (!TOKEN.test(name)) {
    throw new UsageError("Expected a header such as 'X-Api-Key: value', but one has no name, or an impossible one.");
  }
  const lower = name.toLowerCase();
  if (RESERVED.has(lower)) throw new UsageError(`The header ${name} cannot be set: it is this program's own to set.`);
  return lower;
}

function checkValue(name: string, value: string): string {
  if (VALUE.test(value)) return value;
  throw new UsageError(`The value of the header ${name} holds characters that HTTP does not allow.`);
}

/** What to tell the user when secrets go over the network unencrypted to another machine; undefined when they do not. */
export function unprotectedWarning(url: URL): string | undefined {
  const { hostname, protocol } = url;
  if (protocol !== 'http:' || hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)) {
    return undefined;
  }
  return `Credentials are sent to ${hostname} over http, where others on the network can read them. Use https if the server speaks it.`;
}
