import { UsageError } from '../../base/errors.ts';
import { decodeName, printableKey } from '../../base/keys.ts';

/** A folder (or file) of a web server, taken apart. */
export interface HttpRoot {
  /** The folder, its path ending with a slash; no user information, query or fragment. */
  readonly folder: URL;
  /** The query that came with it ('' or `?...`), which may be a signature: sent with every request to this origin. */
  readonly search: string;
  /** An Authorization header from user information in the URL. */
  readonly authorization: string | undefined;
  /** For messages: neither user information nor query. */
  readonly location: string;
  /** Where the URL did not end with a slash it may name a file: the file's name, and its folder. */
  readonly file: { readonly name: string; readonly folder: URL } | undefined;
}

/** Takes an http(s) URL apart. Throws a UsageError that does not repeat it, for it may carry a password. */
export function parseHttpRoot(text: string): HttpRoot {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') {
    throw new UsageError('Expected a root such as https://host/folder/; what was given is no http(s) URL.');
  }
  const { username, password, search, pathname } = url;
  const folder = new URL(url.origin);
  folder.pathname = pathname.endsWith('/') ? pathname : `${pathname}/`;
  const slash = pathname.lastIndexOf('/');
  const name = decodeName(pathname.slice(slash + 1));
  const parent = new URL(url.origin);
  parent.pathname = pathname.slice(0, slash + 1);
  return {
    folder,
    search,
    authorization:
      username === '' && password === ''
        ? undefined
        : `Basic ${Buffer.from(`${decodeName(username)}:${decodeName(password)}`, 'utf8').toString('base64')}`,
    location: `${url.origin}${printableKey(pathname)}`,
    file: name === '' ? undefined : { name, folder: parent },
  };
}
