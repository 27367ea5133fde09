import { createRequire } from 'node:module';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import type * as tls from 'node:tls';
import { type ConnectionOwner, HttpConnection } from './http-connection.ts';
import { createNameLookup } from './name-lookup.ts';
import { findProxy, proxyAuthorization } from './proxy-settings.ts';
import { openTunnel } from './proxy-tunnel.ts';

/** A request with the connection that it goes out on. */
export interface OutgoingRequest {
  readonly connection: HttpConnection;
  /** Request line and headers, to be completed by those of a body. */
  readonly head: string;
  /** The connection has carried a request before. */
  readonly reused: boolean;
}

/** Opens requests on kept-alive connections, through the proxy where one is set for the URL. */
export interface Connections {
  /** Throws an error with a code of its own for a header that cannot be sent. */
  open(method: string, url: URL, headers: Readonly<Record<string, string>>): OutgoingRequest;
  /** Ends all connections, idle or not. */
  destroy(): void;
}

/** What a socket needs of a URL: its IPv6 brackets taken off. */
function addressOf(url: URL): { readonly host: string; readonly port: number } {
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host, port };
}

/**
 * HTTP/1.1 on node:net and node:tls: half the CPU a request of node:http, which is itself cheaper than any client library,
 * and NODE_EXTRA_CA_CERTS is honoured as all of Node's TLS does. What no client does (checking what came) is in the layers
 * above. `connectTimeoutMs` bounds the handshake with a proxy.
 */
export function createConnections(
  maximum: number,
  environment: Readonly<Record<string, string | undefined>>,
  connectTimeoutMs: number,
): Connections {
  const pool = new ConnectionPool(maximum, createNameLookup());

  // Variables of the environment are slow to read, and origins are few.
  const proxies = new Map<string, URL | undefined>();
  const proxyOf = (url: URL): URL | undefined => {
    const origin = `${url.protocol}//${url.host}`;
    if (!proxies.has(origin)) proxies.set(origin, findProxy(url, environment));
    return proxies.get(origin);
  };

  return {
    open(method, url, headers): OutgoingRequest {
      const path = `${url.pathname}${url.search}`;
      const proxy = proxyOf(url);
      if (proxy === undefined) {
        const head = requestHead(method, path, { host: url.host, ...headers });
        return pool.take(`${url.protocol}//${url.host}`, head, (connection) => pool.connect(connection, url));
      }
      if (url.protocol === 'https:') {
        const head = requestHead(method, path, { host: url.host, ...headers });
        return pool.take(`${proxy.href} ${url.host}`, head, (connection) => {
          openTunnel(proxy, addressOf(url), connectTimeoutMs).then(
            (socket) => connection.attach(socket, 'secureConnect', false),
            (error: unknown) => connection.fail(error),
          );
        });
      }
      const authorization = proxyAuthorization(proxy);
      const head = requestHead(method, `${url.origin}${path}`, {
        host: url.host,
        ...headers,
        ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
      });
      return pool.take(proxy.href, head, (connection) => pool.connect(connection, proxy));
    },
    destroy: () => pool.destroy(),
  };
}

const HEADER_NAME = /^[!#$%&'*+\-.^`|~\w]+$/;
/** Neither controls, which would begin another header, nor what Latin-1 does not have. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

function requestHead(method: string, target: string, headers: Readonly<Record<string, string>>): string {
  let head = `${method} ${target} HTTP/1.1\r\n`;
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (!HEADER_NAME.test(name) || !HEADER_VALUE.test(value)) {
      throw Object.assign(new Error(`the header '${name}' cannot be sent`), { code: 'ERR_INVALID_CHAR' });
    }
    head += `${name}: ${value}\r\n`;
  }
  return `${head}connection: keep-alive\r\n`;
}

class ConnectionPool implements ConnectionOwner {
  readonly #maximum: number;
  readonly #lookup: LookupFunction;
  readonly #all = new Set<HttpConnection>();
  /** By where they lead; the one that was used last is used first. */
  readonly #idle = new Map<string, HttpConnection[]>();
  readonly #keys = new Map<HttpConnection, string>();
  /** TLS sessions by origin: the next connection's handshake is shorter. */
  readonly #sessions = new Map<string, Buffer>();

  constructor(maximum: number, lookup: LookupFunction) {
    this.#maximum = maximum;
    this.#lookup = lookup;
  }

  /** An idle connection, or a new one that `open` gives its socket. */
  take(key: string, head: string, open: (connection: HttpConnection) => void): OutgoingRequest {
    const idle = this.#idle.get(key);
    for (let known = idle?.pop(); known !== undefined; known = idle?.pop()) {
      if (known.isUsable(performance.now())) return { connection: known, head, reused: true };
      known.destroy();
    }
    const connection = new HttpConnection(this);
    this.#all.add(connection);
    this.#keys.set(connection, key);
    open(connection);
    return { connection, head, reused: false };
  }

  connect(connection: HttpConnection, url: URL): void {
    const { host, port } = addressOf(url);
    const options = { host, port, lookup: this.#lookup, noDelay: true, keepAlive: true, onread: connection.onread };
    if (url.protocol !== 'https:') {
      connection.attach(connectTcp(options), 'connect', true);
      return;
    }
    // Loaded for servers that need it: TLS takes longer than a hundred requests.
    const { connect: connectTls }: typeof tls = createRequire(import.meta.url)('node:tls');
    const session = this.#sessions.get(url.host);
    const socket: Socket = connectTls({
      ...options,
      servername: isIP(host) === 0 ? host : '',
      ALPNProtocols: ['http/1.1'],
      ...(session === undefined ? {} : { session }),
    }).on('session', (latest: Buffer) => this.#sessions.set(url.host, latest));
    connection.attach(socket, 'secureConnect', true);
  }

  idle(connection: HttpConnection): void {
    const key = this.#keys.get(connection) ?? '';
    const idle = this.#idle.get(key);
    if (idle === undefined) this.#idle.set(key, [connection]);
    else if (idle.length < this.#maximum) idle.push(connection);
    else connection.destroy();
  }

  closed(connection: HttpConnection): void {
    const idle = this.#idle.get(this.#keys.get(connection) ?? '');
    const index = idle?.indexOf(connection) ?? -1;
    if (index >= 0) idle?.splice(index, 1);
    this.#keys.delete(connection);
    this.#all.delete(connection);
  }

  destroy(): void {
    for (const connection of [...this.#all]) connection.destroy();
  }
}
