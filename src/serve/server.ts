import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { OutputError } from '../index.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  readonly onListening: (url: string) => void;
  /** Ends the server: what is in work is finished, within `graceMs`. */
  readonly signal: AbortSignal;
  readonly graceMs: number;
}

/**
 * Serves until the signal says so. Resolves when the last connection has ended.
 *
 * @throws OutputError where nothing can listen at this address
 */
export async function listen(app: Hono, { host, port, onListening, signal, graceMs }: ListenOptions): Promise<void> {
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new OutputError(`Nothing can listen at ${host}, port ${port}: choose others.`, { cause }));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  onListening(`http://${host.includes(':') ? `[${host}]` : host}:${boundPort}/`);
  await new Promise<void>((resolve) => {
    const stop = (): void => {
      // Connections that wait for another request end at once, others after their reply.
      server.close(() => resolve());
      const cut = (): void => {
        if ('closeAllConnections' in server) server.closeAllConnections();
      };
      setTimeout(cut, graceMs).unref();
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
