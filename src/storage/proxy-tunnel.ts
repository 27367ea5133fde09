import type * as http from 'node:http';
import type * as https from 'node:https';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import type * as tls from 'node:tls';
import { SilenceError } from './exchange.ts';
import { proxyAuthorization } from './proxy-settings.ts';

/** A proxy that did not open the tunnel; the status says why. */
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

/** Where a tunnel leads. */
interface TunnelEnd {
  readonly host: string;
  readonly port: number;
}

/**
 * A TLS connection to `end` in a tunnel (CONNECT, RFC 9110 section 9.3.6) through an http: or https: proxy. It comes before
 * its handshake is done. Throws ProxyError, SilenceError where the proxy is silent, or Node's own error.
 */
export function openTunnel(proxy: URL, end: TunnelEnd, timeoutMs: number): Promise<tls.TLSSocket> {
  // Loaded late: few runs have a proxy.
  const require = createRequire(import.meta.url);
  const { request: httpRequest }: typeof http = require('node:http');
  const { request: httpsRequest }: typeof https = require('node:https');
  const { connect }: typeof tls = require('node:tls');
  const { host, port } = end;
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const authorization = proxyAuthorization(proxy);
  const secure = proxy.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)({
      method: 'CONNECT',
      agent: false,
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port === '' ? (secure ? 443 : 80) : Number(proxy.port),
      path: target,
      headers: {
        host: target,
        ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
      },
    });
    const timer = setTimeout(() => request.destroy(new SilenceError('connect')), timeoutMs);
    request.once('connect', (reply, socket) => {
      clearTimeout(timer);
      if (reply.statusCode !== 200) {
        socket.destroy();
        reject(new ProxyError(reply.statusCode ?? 0));
        return;
      }
      resolve(connect({ socket, host, servername: isIP(host) === 0 ? host : '', ALPNProtocols: ['http/1.1'] }));
    });
    // Some proxies answer a refused CONNECT as if it were any request.
    request.once('response', (reply) => {
      clearTimeout(timer);
      request.destroy();
      reject(new ProxyError(reply.statusCode ?? 0));
    });
    request.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    request.end();
  });
}
