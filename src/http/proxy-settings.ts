import { BlockList, isIP } from 'node:net';
import { StorageError } from '../base/errors.ts';
import { hostAndPort } from './url-parts.ts';

type Environment = Readonly<Record<string, string | undefined>>;

function variable(environment: Environment, name: string): string | undefined {
  const value = environment[name] ?? environment[name.toUpperCase()];
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

/** Whether a host, given as an IP address, is in a network such as 10.0.0.0/8 or fd00::/8. */
function liesInNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const family = isIP(address);
  if (family === 0 || family !== isIP(host) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, Number(bits), type);
  return list.check(host, type);
}

/** Whether NO_PROXY (names, `.suffix`, `*.suffix`, `host:port`, addresses, networks, `*`) excludes the URL. */
export function isExceptedFromProxy(url: URL, noProxy: string): boolean {
  const { host, port: ownPort } = hostAndPort(url);
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (entry.includes('/')) return liesInNetwork(host, entry);
      const bare = entry.replace(/^\[|\]$/g, '');
      if (isIP(bare) !== 0) return bare === host;
      const [, name = '', port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
      if (port !== undefined && Number(port) !== ownPort) return false;
      const suffix = name.replace(/^\*?\./, '');
      return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`));
    });
}

/**
 * The proxy for a URL, by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY (in lower case first); undefined for none.
 * Throws a StorageError when the variable does not hold an http: or https: URL. The error does not repeat the value,
 * because it may carry a password.
 */
export function findProxy(url: URL, environment: Environment): URL | undefined {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const value = variable(environment, name) ?? variable(environment, 'all_proxy');
  if (value === undefined) return undefined;
  const noProxy = variable(environment, 'no_proxy');
  if (noProxy !== undefined && isExceptedFromProxy(url, noProxy)) return undefined;
  const text = value.includes('://') ? value : `http://${value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy === undefined || (proxy.protocol !== 'http:' && proxy.protocol !== 'https:')) {
    throw new StorageError(
      `Expected an http:// or https:// URL in ${name.toUpperCase()}, but it holds something else. ` +
        'Correct the variable, or exclude this host with NO_PROXY.',
      { location: url.origin },
    );
  }
  return proxy;
}
