import { decodeName } from '../base/keys.ts';

/** What node:http needs of a URL: the host, an IPv6 address without its brackets, and the port. */
export function hostAndPort(url: URL): { readonly host: string; readonly port: number } {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

/** The value of an Authorization or Proxy-Authorization header (basic, RFC 7617). */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

/** The same for the user information of a URL; undefined where there is none. */
export function authorizationOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return basicAuthorization(decodeName(username), decodeName(password));
}
