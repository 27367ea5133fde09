import { request } from 'node:http';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Listening, serveHttp } from '../../src/mcp/http.ts';
import { ctSeries } from '../support/dicom/index.js';
import { type ConnectedClient, connectClient, testSession } from '../support/mcp-client.ts';
import { seriesFolders } from '../support/series-folders.ts';

const token = 'a-token-for-tests-only';
const folders = seriesFolders('mcp-http');
let session: ReturnType<typeof testSession>;
let listening: Listening;

beforeAll(async () => {
  folders.write('CT', ctSeries({ instances: 9, rows: 32 }));
  session = testSession([folders.root]);
  listening = await serveHttp(session.shared, {
    host: '127.0.0.1',
    port: 0,
    token,
    allowedHosts: ['pictures.example'],
  });
});
afterAll(async () => {
  await listening.close();
  await session.close();
  folders.remove();
});

function connect(mode: 'legacy' | 'auto'): Promise<ConnectedClient> {
  const headers = { Authorization: `Bearer ${token}` };
  return connectClient(new StreamableHTTPClientTransport(new URL(listening.url), { requestInit: { headers } }), mode);
}

interface Reply {
  readonly status: number | undefined;
  readonly body: string;
}

/** A bare request, whose headers may be anything. */
function post(headers: Record<string, string>, body: string, path = '/mcp'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, listening.url), { method: 'POST', headers, agent: false }, (reply) => {
      let text = '';
      reply.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
      });
      reply.on('end', () => resolve({ status: reply.statusCode, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const initialize = JSON.stringify({
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'bare', version: '1' } },
});
const usual = {
  ...{ 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' },
  Authorization: `Bearer ${token}`,
};

describe.each(['legacy', 'auto'] as const)('over HTTP, protocol %s', (mode) => {
  it('lists and calls tools, and reads the full size', async () => {
    const { client, call } = await connect(mode);
    expect((await client.listTools()).tools).toHaveLength(7);
    expect((await call('list_series', {})).text['series']).toMatchObject([
      { series: expect.any(String), instances: 9 },
    ]);
    const mosaic = await call('view_mosaic', { series: 'CT' });
    expect(await sharp(mosaic.image).metadata()).toMatchObject({ format: 'jpeg' });
    const image = await call('view_image', { tile: `B2 of ${String(mosaic.text['picture'])}` });
    expect(image.isError).toBe(false);
    const { contents } = await client.readResource({ uri: mosaic.link ?? '' });
    expect(contents).toHaveLength(1);
    await client.close();
  });

  it('keeps the pictures of clients apart', async () => {
    const [one, two] = [await connect(mode), await connect(mode)];
    const first = await one.call('view_mosaic', { series: 'CT' });
    const second = await two.call('view_mosaic', { series: 'CT' });
    if (mode === 'legacy') {
      expect([first.text['picture'], second.text['picture']]).toEqual(['mosaic 1', 'mosaic 1']);
      await one.call('view_mosaic', { series: 'CT' });
      expect(await two.call('view_image', { tile: 'A1 of mosaic 2' })).toMatchObject({ isError: true });
    } else {
      expect(first.text['picture']).toMatch(/^mosaic [a-z2-9]{8}$/);
      expect(await two.call('view_image', { tile: 'A1' })).toMatchObject({ isError: true });
    }
    await one.client.close();
    await two.client.close();
  });

  it('answers 20 calls at a time', async () => {
    const { client, call } = await connect(mode);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => call('view_image', { series: 'CT', position: index / 19 })),
    );
    expect(answers.every(({ image, isError }) => image !== undefined && !isError)).toBe(true);
    await client.close();
  });
});

describe('the door', () => {
  it('lets in who names the server and has the token', async () => {
    expect(await post(usual, initialize)).toMatchObject({ status: 200, body: expect.stringContaining('DICOM') });
    expect(await post({ ...usual, Host: 'pictures.example' }, initialize)).toMatchObject({ status: 200 });
    expect(await post({ ...usual, Origin: 'http://localhost:3000' }, initialize)).toMatchObject({ status: 200 });
  });

  it.each([
    ['no token', 401, { ...usual, Authorization: '' }],
    ['another token', 401, { ...usual, Authorization: `Bearer ${token}x` }],
    ['another host, which points here', 403, { ...usual, Host: 'evil.example:80' }],
    ['the page of another origin', 403, { ...usual, Origin: 'http://evil.example' }],
    ['a page without an origin', 403, { ...usual, Origin: 'null' }],
    ['a session that nobody opened', 404, { ...usual, 'Mcp-Session-Id': 'x' }],
    ['another type', 415, { ...usual, 'Content-Type': 'text/plain' }],
  ])('refuses %s', async (_, status, headers) => {
    const body = status === 404 ? JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' }) : initialize;
    expect(await post(headers, body)).toMatchObject({ status });
  });

  it('refuses other paths, long bodies, and what is no JSON', async () => {
    expect(await post(usual, initialize, '/')).toMatchObject({ status: 404 });
    expect(await post(usual, ' '.repeat(300_000))).toMatchObject({ status: 413 });
    expect(await post(usual, '{"jsonrpc":')).toMatchObject({ status: 400 });
  });

  it('cannot be where another one is', async () => {
    const port = Number(new URL(listening.url).port);
    const second = serveHttp(session.shared, { host: '127.0.0.1', port, token, allowedHosts: [] });
    await expect(second).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('--port') });
  });

  it('never repeats the token', async () => {
    for (const headers of [
      usual,
      { ...usual, Host: 'evil.example' },
      { ...usual, Authorization: `Bearer ${token}x` },
    ]) {
      expect((await post(headers, initialize)).body).not.toContain(token);
    }
  });

  it('ends a session where there are too many, and goes on', async () => {
    for (let count = 0; count < 40; count++) await post(usual, initialize);
    expect(await post(usual, initialize)).toMatchObject({ status: 200 });
  });
});
