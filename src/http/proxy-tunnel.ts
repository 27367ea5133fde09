import { request as httpRequest } from 'node:http';
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { SilenceError } from './exchange.ts';
import { authorizationOf, hostAndPort } from './url-parts.ts';

/** A proxy that did not open a tunnel. The status says why. */
export class ProxyError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(
      status === 407
        ? 'the proxy asks for a user name and password (407): put them into the proxy variable, as in http://user:password@host:port'
        : `the proxy answered CONNECT with status ${status}, expected 200`,
    );
    this.name = 'ProxyError';
    this.status = status;
  }
}

/** An https agent whose connections are tunnels (CONNECT, RFC 9110 section 9.3.6) through an http: or https: proxy. */
export class TunnelAgent extends HttpsAgent {
  readonly #proxy: URL;
  readonly #timeoutMs: number;

  constructor(proxy: URL, timeoutMs: number, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#timeoutMs = timeoutMs;
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    // Node looks at the error first, but the declared type does not allow an error without a stream.
    const done = callback as ((error: Error | null, stream?: Duplex) => void) | undefined;
    const host = options.host ?? 'localhost';
    const target = `${host.includes(':') ? `[${host}]` : host}:${options.port ?? 443}`;
    const authorization = authorizationOf(this.#proxy);
    const open = this.#proxy.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = open({
      method: 'CONNECT',
      agent: false,
      ...hostAndPort(this.#proxy),
      path: target,
      headers: {
        host: target,
        ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
      },
    });
    const timer = setTimeout(() => {
      request.destroy(new SilenceError('connect'));
    }, this.#timeoutMs);
    request.once('connect', (reply, socket) => {
      clearTimeout(timer);
      if (reply.statusCode !== 200) {
        socket.destroy();
        done?.(new ProxyError(reply.statusCode ?? 0));
        return;
      }
      done?.(null, connectTls({ ...this.options, socket, host, servername: options.servername ?? '' }));
    });
    // Some proxies answer a CONNECT that they refuse as if it were any other request.
    request.once('response', (reply) => {
      clearTimeout(timer);
      request.destroy();
      done?.(new ProxyError(reply.statusCode ?? 0));
    });
    request.once('error', (error) => {
      clearTimeout(timer);
      done?.(error);
    });
    request.end();
    return undefined;
  }
}
