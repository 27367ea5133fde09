import { UsageError } from '../../../base/errors.ts';
import { decodeName, encodeKey, encodeName, encodeQuery } from '../../../base/keys.ts';
import { endpointBase, parseEndpointUrl } from '../url.ts';

/** Where an Azure URL points. */
export interface AzureRoot {
  readonly account: string;
  readonly container: string;
  /** Decoded, without slashes at its end; '' for the whole container. */
  readonly prefix: string;
  /** `https://ACCOUNT.blob.core.windows.net` where the URL itself named the host. */
  readonly endpoint: URL | undefined;
  /** A shared access signature from the URL's query, without `?`: a secret. */
  readonly sas: string | undefined;
}

/** Blob hosts of Azure's public and national clouds, also of an account's second region and with DNS zones. */
const blobHost =
  /^([a-z0-9]{3,24})(?:-secondary)?\.(?:z\d{1,3}\.)?blob\.(?:core\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net|cloudapi\.de)|storage\.azure\.net)$/;

/** Whether an http(s) URL names a place in Azure Blob Storage. */
export function isAzureBlobUrl(url: string): boolean {
  return URL.canParse(url) && blobHost.test(new URL(url).hostname);
}

/**
 * Parses `az://account/container/prefix` (names as written) or `https://ACCOUNT.blob.core.windows.net/container/prefix`
 * (percent-encoded), each with or without a shared access signature as its query. Throws a UsageError that does not
 * repeat the query.
 */
export function parseAzureUrl(text: string): AzureRoot {
  return /^https?:/i.test(text) ? parseHttps(text) : parseAz(text);
}

function parseAz(text: string): AzureRoot {
  const [, rest = ''] = /^az:\/\/(.*)$/is.exec(text) ?? [];
  // A question mark may be part of a name. Only a query holds a signature.
  const query = /\?([^?]*\bsig=[^?]*)$/.exec(rest);
  const path = query === null ? rest : rest.slice(0, query.index);
  const [account = '', container = '', ...names] = path.split('/');
  return checkRoot({ account, container, prefix: names.join('/'), endpoint: undefined, sas: query?.[1] });
}

function parseHttps(text: string): AzureRoot {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const account = blobHost.exec(url?.hostname ?? '')?.[1];
  if (url === undefined || account === undefined || url.username !== '' || url.password !== '') {
    throw new UsageError(
      'Expected a root such as https://account.blob.core.windows.net/container/prefix, without user name and password.',
    );
  }
  const [container = '', ...names] = url.pathname.replace(/^\/+/, '').split('/').map(decodeName);
  const sas = url.search.replace(/^\?/, '');
  return checkRoot({
    account,
    container,
    prefix: names.join('/'),
    endpoint: new URL(url.origin),
    sas: sas === '' ? undefined : sas,
  });
}

function checkRoot(root: AzureRoot): AzureRoot {
  const { account, container, prefix } = root;
  if (!/^[a-z0-9]{3,24}$/.test(account)) {
    throw new UsageError(
      `Expected a root such as az://account/container/prefix; '${account}' cannot be the name of a storage account.`,
    );
  }
  if (!/^(\$(root|web|logs)|[a-z0-9][a-z0-9-]{1,61}[a-z0-9])$/.test(container)) {
    throw new UsageError(
      `Expected a container after the storage account, as in az://${account}/container/prefix, but '${container}' cannot be the name of one.`,
    );
  }
  return { ...root, prefix: prefix.replace(/\/+$/, '') };
}

/**
 * The base URL of an account's blobs, without a slash at its end. On Azure the account is in the host name; on another
 * machine (Azurite, a private one) it is the first name of the path.
 */
export function azureBase(account: string, endpoint: string | URL | undefined, suffix: string): string {
  if (endpoint === undefined) return `https://${account}.blob.${suffix}`;
  const url = typeof endpoint === 'string' ? parseEndpointUrl(endpoint) : endpoint;
  const start = endpointBase(url);
  const isNamed =
    start.slice(url.origin.length).endsWith(`/${account}`) ||
    new RegExp(`^${account}(-secondary)?\\.`).test(url.hostname);
  return isNamed ? start : `${start}/${account}`;
}

/** The URL of a key ('' for the container), with a query. */
export function azureUrl(
  base: string,
  container: string,
  key: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const path = key === '' ? '' : `/${encodeKey(key)}`;
  return new URL(`${base}/${encodeName(container)}${path}${encodeQuery(query)}`);
}

/** The query of List Blobs for what begins with `prefix`; with a delimiter, for one level of it. */
export function azureListQuery(prefix: string, delimiter: '/' | undefined): Readonly<Record<string, string>> {
  const query = { restype: 'container', comp: 'list', prefix };
  return delimiter === undefined ? query : { ...query, delimiter };
}
