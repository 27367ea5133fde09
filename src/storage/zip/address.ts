import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { decodeName } from '../../base/keys.ts';

/** An archive: its folder (a local path, or a URL with the secrets that it had) and its name there. */
export interface ZipAddress {
  readonly folder: string;
  readonly name: string;
}

const zipName = /\.zip$/i;

/** The archive that a URL names: one whose path ends with `.zip`. undefined for other URLs. */
export function zipOfUrl(text: string): ZipAddress | undefined {
  if (/^https?:/i.test(text)) return zipOfHttp(text);
  // Only az:// may have a query, a signature. In other schemes a question mark is part of a name.
  const query = /^az:/i.test(text) ? (/\?[^?]*\bsig=[^?]*$/.exec(text)?.[0] ?? '') : '';
  const path = text.slice(0, text.length - query.length);
  const match = /^([a-z][a-z0-9+.-]*:\/\/[^/]+(?:\/.*)?)\/([^/]+)$/is.exec(path);
  const [, folder = '', name = ''] = match ?? [];
  // In az://account/container the second name is a container, not an archive.
  const isFolder = !/^az:/i.test(text) || /^az:\/\/[^/]+\/./i.test(folder);
  return zipName.test(name) && isFolder ? { folder: `${folder}${query}`, name } : undefined;
}

function zipOfHttp(text: string): ZipAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const slash = url.pathname.lastIndexOf('/');
  const name = decodeName(url.pathname.slice(slash + 1));
  if (!zipName.test(name) || name.includes('/')) return undefined;
  url.pathname = url.pathname.slice(0, slash + 1);
  url.hash = '';
  return { folder: url.href, name };
}

/** The archive that a local path names; undefined for other paths, and for a folder that is called `x.zip`. */
export function zipOfPath(path: string): ZipAddress | undefined {
  if (!zipName.test(path)) return undefined;
  try {
    return statSync(path).isFile() ? { folder: dirname(path), name: basename(path) } : undefined;
  } catch {
    // The local store will say what is wrong with the path.
    return undefined;
  }
}
