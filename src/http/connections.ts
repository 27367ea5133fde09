import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { createNameLookup } from './name-lookup.ts';
import { findProxy, proxyAuthorization } from './proxy-settings.ts';
import { TunnelAgent } from './proxy-tunnel.ts';

/** Opens requests on kept-alive connections, through the proxy where one is set for the URL. */
export interface Connections {
  open(method: string, url: URL, headers: Readonly<Record<string, string>>): ClientRequest;
  /** Ends all connections, idle or not. */
  destroy(): void;
}

/** user:password@ aside, which URL keeps apart: what node:http needs of a URL, its IPv6 brackets taken off. */
function address(url: URL): { readonly host: string; readonly port: number } {
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host, port };
}

/**
 * node:http, not a client library: it loads in a sixth of the time, takes two thirds of the CPU a request, and honours
 * NODE_EXTRA_CA_CERTS as all of Node's TLS does. What it lacks (proxies) is here; what no client does (checking what
 * came) is in the layers above. `connectTimeoutMs` bounds the handshake with a proxy.
 */
export function createConnections(
  maximum: number,
  environment: Readonly<Record<string, string | undefined>>,
  connectTimeoutMs: number,
): Connections {
  const settings = { keepAlive: true, maxFreeSockets: maximum, lookup: createNameLookup() };
  const http = new HttpAgent(settings);
  const https = new HttpsAgent(settings);
  const tunnels = new Map<string, TunnelAgent>();

  // Variables of the environment are slow to read, and origins are few.
  const proxies = new Map<string, URL | undefined>();
  const proxyOf = (url: URL): URL | undefined => {
    const origin = `${url.protocol}//${url.host}`;
    if (!proxies.has(origin)) proxies.set(origin, findProxy(url, environment));
    return proxies.get(origin);
  };

  const tunnelFor = (proxy: URL): TunnelAgent => {
    const known = tunnels.get(proxy.href);
    if (known !== undefined) return known;
    const created = new TunnelAgent(proxy, connectTimeoutMs, settings);
    tunnels.set(proxy.href, created);
    return created;
  };

  return {
    open(method, url, headers): ClientRequest {
      const secure = url.protocol === 'https:';
      const path = `${url.pathname}${url.search}`;
      const direct: RequestOptions = { method, ...address(url), path, headers: { host: url.host, ...headers } };
      const proxy = proxyOf(url);
      if (proxy === undefined) {
        return secure ? httpsRequest({ ...direct, agent: https }) : httpRequest({ ...direct, agent: http });
      }
      if (secure) return httpsRequest({ ...direct, agent: tunnelFor(proxy) });
      const authorization = proxyAuthorization(proxy);
      const forward: RequestOptions = {
        ...direct,
        ...address(proxy),
        path: `${url.origin}${path}`,
        headers: {
          host: url.host,
          ...headers,
          ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
        },
      };
      return proxy.protocol === 'https:'
        ? httpsRequest({ ...forward, agent: https })
        : httpRequest({ ...forward, agent: http });
    },
    destroy(): void {
      http.destroy();
      https.destroy();
      for (const tunnel of tunnels.values()) tunnel.destroy();
    },
  };
}
