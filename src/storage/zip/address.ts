import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { decodeName } from '../../base/keys.ts';

/** An archive: the folder it lies in (a URL or a local path, with what secrets the URL carried) and its name there. */
export interface ZipAddress {
  readonly folder: string;
  readonly name: string;
}

const ZIP_NAME = /\.zip$/i;

/** The archive that a URL names, or undefined when it names none: its path ends with `.zip`. */
export function zipOfUrl(text: string): ZipAddress | undefined {
  if (/^https?:/i.test(text)) return zipOfHttp(text);
  // A query may follow in az:// alone, where it is a signature; elsewhere a question mark is part of a name.
  const query = /^az:/i.test(text) ? (/\?[^?]*\bsig=[^?]*$/.exec(text)?.[0] ?? '') : '';
  const path = text.slice(0, text.length - query.length);
  const match = /^([a-z][a-z0-9+.-]*:\/\/[^/]+(?:\/.*)?)\/([^/]+)$/is.exec(path);
  const [, folder = '', name = ''] = match ?? [];
  // A container lies below the account.
  const isFolder = !/^az:/i.test(text) || /^az:\/\/[^/]+\/./i.test(folder);
  return ZIP_NAME.test(name) && isFolder ? { folder: `${folder}${query}`, name } : undefined;
}

function zipOfHttp(text: string): ZipAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const slash = url.pathname.lastIndexOf('/');
  const name = decodeName(url.pathname.slice(slash + 1));
  if (!ZIP_NAME.test(name) || name.includes('/')) return undefined;
  url.pathname = url.pathname.slice(0, slash + 1);
  url.hash = '';
  return { folder: url.href, name };
}

/** The archive that a local path names, or undefined: a folder may be called `x.zip` too. */
export function zipOfPath(path: string): ZipAddress | undefined {
  if (!ZIP_NAME.test(path)) return undefined;
  try {
    return statSync(path).isFile() ? { folder: dirname(path), name: basename(path) } : undefined;
  } catch {
    // The local store says what is wrong with it.
    return undefined;
  }
}
