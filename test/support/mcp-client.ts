import { Client, type Transport } from '@modelcontextprotocol/client';
import { InMemoryTransport } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createRoots, type RootStorage } from '../../src/mcp/roots.ts';
import { SeriesPool } from '../../src/mcp/series-pool.ts';
import { createServer } from '../../src/mcp/server.ts';
import { CallCount, type Session } from '../../src/mcp/session.ts';
import { ShownPictures } from '../../src/mcp/shown-pictures.ts';

/** What a tool answered, in the parts that tests look at. */
export interface ToolAnswer {
  readonly isError: boolean;
  readonly image: Buffer | undefined;
  readonly mimeType: string | undefined;
  /** The text, which is always JSON. */
  readonly text: Readonly<Record<string, unknown>>;
  readonly rawText: string;
  readonly structuredContent: Readonly<Record<string, unknown>> | undefined;
  readonly link: string | undefined;
}

export type CallTool = (
  name: string,
  given: Record<string, unknown>,
  options?: { readonly signal?: AbortSignal },
) => Promise<ToolAnswer>;

/** A client of the protocol's makers, connected, and calls of tools through it. */
export interface ConnectedClient {
  readonly client: Client;
  readonly call: CallTool;
}

/** @param mode 'legacy' for protocol versions before 2026-07-28, as most clients speak */
export async function connectClient(
  transport: Transport,
  mode: 'legacy' | 'auto' = 'legacy',
): Promise<ConnectedClient> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  await client.connect(transport);
  const call: CallTool = async (name, given, options = {}) => {
    const { content, structuredContent, isError } = await client.callTool({ name, arguments: given }, options);
    const image = content.find((each) => each.type === 'image');
    const text = content.find((each) => each.type === 'text');
    const link = content.find((each) => each.type === 'resource_link');
    const rawText = text?.type === 'text' ? text.text : '';
    return {
      isError: isError === true,
      image: image?.type === 'image' ? Buffer.from(image.data, 'base64') : undefined,
      mimeType: image?.type === 'image' ? image.mimeType : undefined,
      text: parsed(rawText),
      rawText,
      structuredContent: structuredContent as Record<string, unknown> | undefined,
      link: link?.type === 'resource_link' ? link.uri : undefined,
    };
  };
  return { client, call };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { notJson: text };
  }
}

/** What the tools of a server work with. */
export function testSession(
  roots: readonly string[],
  storage: RootStorage = {},
): { readonly shared: Omit<Session, 'pictures'>; readonly errors: unknown[]; readonly close: () => Promise<void> } {
  const errors: unknown[] = [];
  const opened = createRoots(roots, { noCache: true, ...storage });
  const pool = new SeriesPool(opened);
  return {
    shared: { roots: opened, pool, calls: new CallCount(), onError: (error) => errors.push(error) },
    errors,
    close: async () => {
      await pool.close();
      await opened.close();
    },
  };
}

/** A server in this process, and a client of it. */
export async function serveHere(
  roots: readonly string[],
  storage: RootStorage = {},
  mode: 'legacy' | 'auto' = 'legacy',
): Promise<ConnectedClient & { readonly errors: readonly unknown[]; readonly close: () => Promise<void> }> {
  const { shared, errors, close } = testSession(roots, storage);
  const [here, there] = InMemoryTransport.createLinkedPair();
  const pictures = new ShownPictures('numbers');
  const served = serveStdio(() => createServer({ ...shared, pictures }), { transport: there });
  const connected = await connectClient(here, mode);
  return {
    ...connected,
    errors,
    close: async () => {
      await connected.client.close();
      await served.close();
      await close();
    },
  };
}
