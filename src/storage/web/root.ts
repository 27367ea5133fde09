import { UsageError } from '../../base/errors.ts';
import { decodeName, printableKey } from '../../base/keys.ts';
import { authorizationOf } from '../../http/url-parts.ts';

/** The URL of a folder or a file on a web server, taken apart. */
export interface HttpRoot {
  /** The folder; its path ends with a slash. Without user information, query and fragment. */
  readonly folder: URL;
  /** The URL's query ('' or `?...`). It may be a signature, so it is sent with every request to this origin. */
  readonly search: string;
  /** The Authorization header for the user information in the URL. */
  readonly authorization: string | undefined;
  /** For messages: without user information and query. */
  readonly location: string;
  /** A URL that does not end with a slash may name a file: its name and its folder. */
  readonly file: { readonly name: string; readonly folder: URL } | undefined;
}

/** Takes an http(s) URL apart. Throws a UsageError that does not repeat the URL, because it may carry a password. */
export function parseHttpRoot(text: string): HttpRoot {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.hostname === '') {
    throw new UsageError(
      'Expected a root such as https://host/folder/, but received something that is not an http(s) URL.',
    );
  }
  const { search, pathname } = url;
  const folder = new URL(url.origin);
  folder.pathname = pathname.endsWith('/') ? pathname : `${pathname}/`;
  const slash = pathname.lastIndexOf('/');
  const name = decodeName(pathname.slice(slash + 1));
  const parent = new URL(url.origin);
  parent.pathname = pathname.slice(0, slash + 1);
  return {
    folder,
    search,
    authorization: authorizationOf(url),
    location: `${url.origin}${printableKey(pathname)}`,
    file: name === '' ? undefined : { name, folder: parent },
  };
}
