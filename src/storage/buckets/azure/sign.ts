import { createHmac } from 'node:crypto';
import type { HttpAttempt, HttpHeaders } from '../../../http/types.ts';

/** The headers whose values are signed, in this order. Their names are not signed. */
const signedHeaders = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
] as const;

/**
 * The string that Shared Key signs (Azure Storage REST, "Authorize with Shared Key", versions from 2015-02-21 on): the
 * method, some headers, the x-ms- headers, and the account with the URL's path and query.
 *
 * @param headers names in lower case, x-ms-date and x-ms-version among them
 */
export function azureStringToSign(method: string, url: URL, headers: HttpHeaders, account: string): string {
  const values = signedHeaders.map((name) => {
    const value = headers[name] ?? '';
    return name === 'content-length' && value === '0' ? '' : value;
  });
  const own = Object.keys(headers)
    .filter((name) => name.startsWith('x-ms-'))
    .sort()
    .map((name) => `${name}:${(headers[name] ?? '').replace(/\s+/g, ' ').trim()}`);
  return [method.toUpperCase(), ...values, ...own, resourceOf(url, account)].join('\n');
}

/** The canonicalized resource: the path as it is sent; the query decoded, its names in lower case and sorted. */
function resourceOf(url: URL, account: string): string {
  const query = new Map<string, string[]>();
  for (const [name, value] of url.searchParams) {
    const lower = name.toLowerCase();
    query.set(lower, [...(query.get(lower) ?? []), value]);
  }
  const lines = [...query.keys()].sort().map((name) => `${name}:${(query.get(name) ?? []).sort().join(',')}`);
  return [`/${account}${url.pathname}`, ...lines].join('\n');
}

/** The headers that sign a request without a body with an account's key (Base64): x-ms-date and Authorization. */
export function signAzure(attempt: HttpAttempt, account: string, key: string, time: Date): HttpHeaders {
  const headers = { ...attempt.headers, 'x-ms-date': time.toUTCString() };
  const text = azureStringToSign(attempt.method, attempt.url, headers, account);
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest('base64');
  return { 'x-ms-date': headers['x-ms-date'], authorization: `SharedKey ${account}:${signature}` };
}
