import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Transport } from '../../src/storage/http-types.ts';
import { createTransport } from '../../src/storage/transport.ts';
import { startFaultyServer } from '../support/faulty-server.ts';

const ends: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface RawServer {
  readonly origin: string;
  /** Requests as they came, by connection. */
  readonly seen: readonly string[][];
}

/** A server that answers each request on a connection with what `answer` says. */
async function serveRaw(answer: (request: string, index: number, socket: Socket) => void): Promise<RawServer> {
  const seen: string[][] = [];
  const sockets = new Set<Socket>();
  let index = 0;
  const server = createServer((socket) => {
    const own: string[] = [];
    seen.push(own);
    sockets.add(socket);
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end);
        text = text.slice(end + 4);
        own.push(request);
        answer(request, index++, socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function connect(retries = 0): Transport {
  const transport = createTransport({ timeoutMs: 2000, backoffMs: 1, retries, environment: {} });
  ends.push(() => transport.close());
  return transport;
}

const get = async (transport: Transport, origin: string, headers: Record<string, string> = {}): Promise<string> => {
  const { bytes } = await transport.fetchDocument({ url: new URL(`${origin}/x?y=%20z`), location: 'x', headers });
  return Buffer.from(bytes).toString('latin1');
};
const ok = (body: string, ...headers: readonly string[]): string =>
  [`HTTP/1.1 200 OK`, `content-length: ${body.length}`, ...headers, '', body].join('\r\n');

describe('connections', () => {
  it('send what HTTP/1.1 asks for', async () => {
    const server = await serveRaw((_, __, socket) => socket.write(ok('hello')));
    expect(await get(connect(), server.origin, { 'x-key': 'ü' })).toBe('hello');
    const [line, ...headers] = (server.seen[0]?.[0] ?? '').split('\r\n');
    expect(line).toBe('GET /x?y=%20z HTTP/1.1');
    expect(headers[0]).toBe(`host: ${new URL(server.origin).host}`);
    expect(headers).toContain('connection: keep-alive');
    expect(headers).toContain('x-key: ü');
    expect(headers.filter((header) => header.startsWith('content-length'))).toEqual([]);
  });

  it('send a body with its length', async () => {
    const server = await startFaultyServer({ handle: (_request, response) => Boolean(response.end('done')) });
    ends.push(() => server.stop());
    const url = new URL(`${server.origin}/x`);
    await connect().fetchDocument({ url, location: 'x', method: 'PROPFIND', body: '<ä/>' });
    expect(server.requests[0]?.headers['content-length']).toBe('5');
    expect(server.requests[0]?.method).toBe('PROPFIND');
  });

  it.each([
    ['a line break', { 'x-key': 'a\r\nhost: evil' }],
    ['a character beyond Latin-1', { 'x-key': '漢' }],
    ['a name that is none', { 'x key': 'a' }],
  ])('send no header with %s', async (_, headers) => {
    const server = await serveRaw((__, ___, socket) => socket.write(ok('hello')));
    await expect(get(connect(5), server.origin, headers)).rejects.toThrow(/could not be sent/);
    expect(server.seen).toEqual([]);
  });

  it('are used again, one request after the other', async () => {
    const server = await serveRaw((_, index, socket) => socket.write(ok(`${index}`)));
    const transport = connect();
    for (let index = 0; index < 5; index++) expect(await get(transport, server.origin)).toBe(`${index}`);
    expect(server.seen.map((requests) => requests.length)).toEqual([5]);
  });

  it.each([
    ['the server closes them', ['connection: close']],
    ['the server will have closed them', ['keep-alive: timeout=1']],
  ])('are not used again where %s', async (_, headers) => {
    const server = await serveRaw((__, index, socket) => socket.write(ok(`${index}`, ...headers)));
    const transport = connect();
    expect(await get(transport, server.origin)).toBe('0');
    expect(await get(transport, server.origin)).toBe('1');
    expect(server.seen.map((requests) => requests.length)).toEqual([1, 1]);
  });

  it('on which more comes than was asked for are not used again', async () => {
    const server = await serveRaw((_, index, socket) => socket.write(`${ok(`${index}`)}${ok('spoof')}`));
    const transport = connect();
    expect(await get(transport, server.origin)).toBe('0');
    expect(await get(transport, server.origin)).toBe('1');
    expect(server.seen).toHaveLength(2);
  });

  it('on which something comes while they are idle are not used again', async () => {
    const server = await serveRaw((_, index, socket) => {
      socket.write(ok(`${index}`));
      if (index === 0) setTimeout(() => socket.write(ok('spoof')), 10);
    });
    const transport = connect();
    expect(await get(transport, server.origin)).toBe('0');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await get(transport, server.origin)).toBe('1');
    expect(server.seen).toHaveLength(2);
  });

  it('that end in the middle of a head or a body are an error, and of an unframed body its end', async () => {
    const texts = ['HTTP/1.1 200 OK\r\ncontent-le', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello'];
    for (const text of texts) {
      const server = await serveRaw((_, __, socket) => socket.end(text));
      await expect(get(connect(), server.origin)).rejects.toThrow(/no usable reply|broke in the middle/);
    }
    const server = await serveRaw((_, __, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
    expect(await get(connect(), server.origin)).toBe('hello');
  });

  it('reset in an unframed body are an error: nobody knows whether it was whole', async () => {
    const server = await serveRaw((_, __, socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nhello', () => setTimeout(() => socket.resetAndDestroy(), 20));
    });
    await expect(get(connect(), server.origin)).rejects.toThrow(/broke in the middle/);
  });

  it('carry replies that come byte by byte, and large ones', async () => {
    const body = 'x'.repeat(300_000);
    const slow = await serveRaw(async (_, __, socket) => {
      for (const character of ok('hello')) {
        socket.write(character);
        await new Promise(setImmediate);
      }
    });
    expect(await get(connect(), slow.origin)).toBe('hello');
    const large = await serveRaw((_, __, socket) => socket.write(ok(body)));
    const transport = connect();
    expect((await get(transport, large.origin)) === body).toBe(true);
    expect((await get(transport, large.origin)) === body).toBe(true);
    expect(large.seen).toHaveLength(1);
  });
});
