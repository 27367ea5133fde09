import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { type HttpSettings, serveHttp } from './http.ts';
import { createRoots, type RootStorage } from './roots.ts';
import { SeriesPool } from './series-pool.ts';
import { createServer } from './server.ts';
import { CallCount, type Session } from './session.ts';
import { ShownPictures } from './shown-pictures.ts';

/** What a server may read, and how clients reach it. */
export interface McpOptions {
  /** What alone may be read; none for the Imaging Data Commons. */
  readonly roots: readonly string[];
  readonly storage: RootStorage;
  /** Serve over HTTP, with a new token where none is given; undefined: over standard input and output. */
  readonly http?: (Omit<HttpSettings, 'token'> & { readonly token?: string | undefined }) | undefined;
  /** Standard input, whose end is the end of the server. */
  readonly stdin: Readable;
  /** Ends the server. */
  readonly signal: AbortSignal;
  /** Told what somebody who starts the server wants to know, in lines. */
  readonly log: (line: string) => void;
}

/**
 * Serves the Model Context Protocol until the client goes away, or the signal ends it.
 *
 * @throws UsageError for roots that cannot be, and the errors of listening
 */
export async function serveMcp({ roots: locations, storage, http, stdin, signal, log }: McpOptions): Promise<void> {
  const roots = createRoots(locations, storage);
  const pool = new SeriesPool(roots);
  const onError = (error: unknown): void => log(error instanceof Error ? error.message : String(error));
  const shared: Omit<Session, 'pictures'> = { roots, pool, calls: new CallCount(), onError };
  try {
    if (http === undefined) await overStdio({ ...shared, pictures: new ShownPictures('numbers') }, stdin, signal);
    else await overHttp(shared, http, signal, log);
  } finally {
    await pool.close();
    await roots.close();
  }
}

async function overStdio(session: Session, stdin: Readable, signal: AbortSignal): Promise<void> {
  const handle = serveStdio(() => createServer(session), { onerror: session.onError });
  await ended(stdin, signal);
  await handle.close();
}

async function overHttp(
  shared: Omit<Session, 'pictures'>,
  { token: given, ...where }: NonNullable<McpOptions['http']>,
  signal: AbortSignal,
  log: McpOptions['log'],
): Promise<void> {
  const token = given ?? randomBytes(24).toString('base64url');
  const listening = await serveHttp(shared, { ...where, token });
  log(`Serving MCP at ${listening.url}`);
  const shown = given === undefined ? token : 'with the token that was given';
  log(`Clients send the header Authorization: Bearer ${shown}`);
  if (!signal.aborted) await once(signal, 'abort');
  await listening.close();
}

/** Waits for the end of input, or of everything. */
function ended(stdin: Readable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || stdin.readableEnded || stdin.destroyed) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
    stdin.once('end', resolve).once('close', resolve);
  });
}
