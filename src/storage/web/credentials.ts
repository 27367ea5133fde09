import { UsageError } from '../../base/errors.ts';
import type { HttpHeaders } from '../../http/types.ts';
import { basicAuthorization } from '../../http/url-parts.ts';
import type { OpenStoreOptions } from '../open-store-options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables with credentials for web servers and DICOMweb. The URL and the `headers` option go before them. */
export const webVariables = {
  user: 'DICOM_SERIES_PREVIEW_HTTP_USER',
  password: 'DICOM_SERIES_PREVIEW_HTTP_PASSWORD',
  token: 'DICOM_SERIES_PREVIEW_TOKEN',
} as const;

/** Headers that only the transport may set, because ranges, framing and connections depend on them. */
const reservedHeaders = new Set([
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

/** A header's name: a token (RFC 9110 section 5.6.2). */
const headerName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** A header's value (RFC 9110 section 5.5) as far as Node sends it: visible Latin-1, spaces and tabs. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The secret headers for a web server, by {@link webCredentials} with the variables of the environment. Warns when they
 * are sent unencrypted to another machine.
 */
export function secretHeadersFor(
  server: URL,
  authorizationOfUrl: string | undefined,
  { headers, onWarning }: Pick<OpenStoreOptions, 'headers' | 'onWarning'>,
): HttpHeaders {
  const secret = webCredentials(headers, authorizationOfUrl, process.env);
  const warning = unprotectedWarning(server);
  if (warning !== undefined && Object.keys(secret).length > 0) onWarning?.(warning);
  return secret;
}

/**
 * The secret headers for a web server. They are those of the `headers` option, and an Authorization: the first one
 * found in the `headers` option, in the URL's user information, in DICOM_SERIES_PREVIEW_HTTP_USER and _PASSWORD (basic,
 * RFC 7617), and in DICOM_SERIES_PREVIEW_TOKEN (bearer, RFC 6750). Throws a UsageError that does not repeat a value.
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
      `Expected a user name without a colon in ${webVariables.user}, because ${webVariables.password} is set, but there is none.`,
    );
  }
  return basicAuthorization(user, password);
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
  if (!headerName.test(name)) {
    throw new UsageError("Expected a header such as 'X-Api-Key: value', but one has no name, or an impossible one.");
  }
  const lower = name.toLowerCase();
  if (reservedHeaders.has(lower))
    throw new UsageError(`The header ${name} cannot be set: this program sets it itself.`);
  return lower;
}

function checkValue(name: string, value: string): string {
  if (headerValue.test(value)) return value;
  throw new UsageError(`The value of the header ${name} holds characters that HTTP does not allow.`);
}

/** A warning for secrets that go unencrypted over the network to another machine; undefined when they do not. */
export function unprotectedWarning(url: URL): string | undefined {
  const { hostname, protocol } = url;
  if (protocol !== 'http:' || hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname)) {
    return undefined;
  }
  return `Credentials are sent to ${hostname} over http, where others on the network can read them. Use https if the server speaks it.`;
}
