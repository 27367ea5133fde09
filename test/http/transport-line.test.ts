import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { AbortedError, AccessDeniedError, NotFoundError, StorageError, TimeoutError } from '../../src/base/errors.ts';
import type { TransportOptions } from '../../src/http/transport.ts';
import { createTransport } from '../../src/http/transport.ts';
import type { Transport } from '../../src/http/types.ts';
import { type FaultyServer, type FaultyServerOptions, startFaultyServer } from '../support/faulty-server.ts';
import { startProxyServer } from '../support/proxy-server.ts';
import { randomBytes } from '../support/random.ts';
import { createSelfSigned } from '../support/self-signed-certificate.ts';

const ends: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const theObject = randomBytes(1, 100_000);

async function serve(options: Partial<FaultyServerOptions> = {}): Promise<FaultyServer> {
  const server = await startFaultyServer({
    objects: new Map([['/object', { bytes: theObject, etag: '"one"' }]]),
    ...options,
  });
  ends.push(() => server.stop());
  return server;
}

function connect(options: TransportOptions = {}): Transport {
  const transport = createTransport({ timeoutMs: 2000, backoffMs: 1, environment: {}, ...options });
  ends.push(() => transport.close());
  return transport;
}

const read = (transport: Transport, url: string, signal?: AbortSignal): Promise<Uint8Array> =>
  transport
    .readRange({ url: new URL(url), location: 'the object' }, { offset: 10, length: 100 }, { signal })
    .then(({ bytes }) => bytes);

describe('redirects', () => {
  it('are followed, with the range', async () => {
    const server = await serve({
      fault: ({ path }) => (path === '/old' ? { kind: 'redirect', location: '/object', status: 307 } : undefined),
    });
    expect(await read(connect(), `${server.origin}/old`)).toEqual(theObject.slice(10, 110));
  });

  it('that never end are an error', async () => {
    const server = await serve({ fault: () => ({ kind: 'redirect', location: '/again' }) });
    await expect(read(connect(), `${server.origin}/object`)).rejects.toThrow(/redirected more than 5 times/);
    expect(server.requests.length).toBe(6);
  });

  it.each(['ftp://host/x', 'http://[', 'file:///etc/passwd'])('to %s are refused', async (location) => {
    const server = await serve({ fault: () => ({ kind: 'redirect', location }) });
    await expect(read(connect(), `${server.origin}/object`)).rejects.toThrow(/no http\(s\) URL/);
  });

  it('take no secret to another origin', async () => {
    const other = await serve();
    const server = await serve({ fault: () => ({ kind: 'redirect', location: `${other.origin}/object` }) });
    const request = {
      url: new URL(`${server.origin}/object`),
      location: 'x',
      authorize: () => ({ authorization: 'Bearer secret', 'x-api-key': 'secret' }),
    };
    await connect().readRange(request, { offset: 0, length: 10 });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer secret');
    expect(JSON.stringify(other.requests)).not.toContain('secret');
  });

  it('are left to the backend where it asks for that', async () => {
    const server = await serve({ fault: () => ({ kind: 'redirect', location: '/object' }) });
    const request = { url: new URL(`${server.origin}/x`), location: 'x', redirect: 'manual' as const };
    await expect(connect().readRange(request, { offset: 0, length: 10 })).rejects.toMatchObject({ status: 302 });
  });
});

describe('documents', () => {
  const get = (transport: Transport, server: FaultyServer, maxByteLength?: number): Promise<Uint8Array> =>
    transport
      .fetchDocument(
        { url: new URL(`${server.origin}/object`), location: 'x' },
        maxByteLength === undefined ? {} : { maxByteLength },
      )
      .then(({ bytes }) => bytes);

  it.each(['drop', 'drop-in-body', 'broken-chunked', 'garbage'] as const)(
    'are asked for again after %s',
    async (kind) => {
      const server = await serve({ fault: ({ index }) => (index === 0 ? { kind } : undefined) });
      expect(Buffer.from(await get(connect(), server)).equals(theObject)).toBe(true);
      expect(server.requests.length).toBe(2);
    },
  );

  it('are decoded where a server encodes them all the same', async () => {
    const server = await serve({ fault: () => ({ kind: 'gzip' }) });
    expect(Buffer.from(await get(connect(), server)).equals(theObject)).toBe(true);
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('larger than the limit are refused, encoded or not', async () => {
    const server = await serve();
    await expect(get(connect(), server, 50_000)).rejects.toThrow(/larger than 50000 bytes/);
    const bomb = await serve({
      handle: (_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000)));
        return true;
      },
    });
    await expect(get(connect(), bomb, 50_000)).rejects.toThrow(/more than 50000 bytes/);
  });

  it('do not wait for an endless error page', async () => {
    const server = await serve({
      handle: (_request, response) => {
        response.writeHead(404);
        const timer = setInterval(() => response.write('x'.repeat(50_000)), 1);
        response.once('close', () => clearInterval(timer));
        return true;
      },
    });
    await expect(get(connect(), server)).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('judgement of failures', () => {
  it('again: asks for the URL and the secrets anew, four times at most', async () => {
    const server = await serve({
      fault: ({ path }) => (path === '/object' ? undefined : { kind: 'status', status: 400 }),
    });
    let path = '/a';
    const request = {
      url: () => new URL(`${server.origin}${path}`),
      location: 'x',
      judge: () => {
        path = '/object';
        return { action: 'again' as const };
      },
    };
    expect((await connect().readRange(request, { offset: 0, length: 1 })).bytes.length).toBe(1);
    const stubborn = { ...request, url: () => new URL(`${server.origin}/never`) };
    await expect(connect({ retries: 0 }).readRange(stubborn, { offset: 0, length: 1 })).rejects.toMatchObject({
      status: 400,
    });
    expect(server.requests.length).toBe(2 + 5);
  });

  it('sees the text of the reply', async () => {
    const server = await serve({ fault: () => ({ kind: 'status', status: 403, text: '<Code>Odd</Code>' }) });
    const texts: string[] = [];
    const request = {
      url: new URL(`${server.origin}/object`),
      location: 'x',
      judge: ({ text }: { readonly text: string }) => {
        texts.push(text);
        return undefined;
      },
    };
    await expect(connect().readRange(request, { offset: 0, length: 1 })).rejects.toBeInstanceOf(AccessDeniedError);
    expect(texts).toEqual(['<Code>Odd</Code>']);
  });
});

describe('an abort', () => {
  it.each(['silence', 'silence-in-body'] as const)(
    'ends a wait in %s at once, and the connection with it',
    async (kind) => {
      const server = await serve({ fault: () => ({ kind }) });
      const controller = new AbortController();
      const pending = read(connect({ timeoutMs: 60_000 }), `${server.origin}/object`, controller.signal);
      setTimeout(() => controller.abort(new Error('enough')), 50);
      await expect(pending).rejects.toBeInstanceOf(AbortedError);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(server.openConnections()).toBe(0);
    },
  );

  it('ends a wait between attempts and a wait for a turn', async () => {
    const server = await serve({ fault: () => ({ kind: 'status', status: 503, headers: { 'retry-after': '30' } }) });
    const controller = new AbortController();
    const transport = connect({ concurrency: 1 });
    const pending = Array.from({ length: 3 }, () => read(transport, `${server.origin}/object`, controller.signal));
    setTimeout(() => controller.abort(), 100);
    for (const each of await Promise.allSettled(pending)) {
      expect(each.status === 'rejected' && each.reason).toBeInstanceOf(AbortedError);
    }
  });

  it('by close ends what is under way and leaves nothing behind', async () => {
    const server = await serve({ fault: () => ({ kind: 'silence' }) });
    const transport = connect();
    const pending = read(transport, `${server.origin}/object`);
    setTimeout(() => transport.close(), 50);
    await expect(pending).rejects.toBeInstanceOf(AbortedError);
    await expect(read(transport, `${server.origin}/object`)).rejects.toBeInstanceOf(AbortedError);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.openConnections()).toBe(0);
  });

  it('of one read leaves the others alone', async () => {
    const server = await serve({ delayMs: 50 });
    const controller = new AbortController();
    const transport = connect();
    const aborted = read(transport, `${server.origin}/object`, controller.signal);
    const other = read(transport, `${server.origin}/object`);
    controller.abort();
    await expect(aborted).rejects.toBeInstanceOf(AbortedError);
    expect((await other).length).toBe(100);
  });
});

describe('many requests', () => {
  it('keep to the limit, and use connections again', async () => {
    const server = await serve({ delayMs: 5 });
    const transport = connect({ concurrency: 6 });
    await Promise.all(Array.from({ length: 100 }, () => read(transport, `${server.origin}/object`)));
    expect(server.mostAbreast).toBe(6);
    expect(server.openConnections()).toBe(6);
    expect(transport.statistics).toEqual({ requests: 100, receivedBytes: 10_000 });
  });

  it('become fewer when the server has too much to do', async () => {
    let abreast = 0;
    let refused = 0;
    const server = await serve({
      handle: (_request, response) => {
        abreast += 1;
        response.once('close', () => {
          abreast -= 1;
        });
        if (abreast > 4) {
          refused += 1;
          response.writeHead(503).end();
          return true;
        }
        const headers = { 'content-range': `bytes 10-109/${theObject.length}`, 'content-length': 100 };
        setTimeout(() => response.writeHead(206, headers).end(theObject.subarray(10, 110)), 5);
        return true;
      },
    });
    // Without pauses, so that only the falling limit helps: pauses that double would be long on a busy machine.
    const transport = connect({ retries: 50, backoffMs: 0 });
    const all = await Promise.all(Array.from({ length: 200 }, () => read(transport, `${server.origin}/object`)));
    expect(all.every((bytes) => bytes.length === 100)).toBe(true);
    // Up to 124 of those that are sent before the first reply. Where the limit does not fall, hundreds are refused.
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(180);
  });

  it('recover when a server has closed idle connections', async () => {
    const server = await serve();
    const transport = connect({ retries: 0 });
    await Promise.all(Array.from({ length: 3 }, () => read(transport, `${server.origin}/object`)));
    let drops = 0;
    const closing = await serve({
      fault: ({ index }) => {
        if (index !== 1) return undefined;
        drops += 1;
        return { kind: 'drop' };
      },
    });
    // The second request goes out on the kept connection, which ends: that costs no attempt.
    await read(transport, `${closing.origin}/object`);
    expect((await read(transport, `${closing.origin}/object`)).length).toBe(100);
    expect(drops).toBe(1);
  });
});

describe('lines that do not come up', () => {
  it('nobody listening', async () => {
    const server = await serve();
    await server.stop();
    await expect(read(connect({ retries: 1 }), `${server.origin}/object`)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('a host name that does not exist', async () => {
    await expect(read(connect(), 'http://no-such-host.invalid/object')).rejects.toBeInstanceOf(StorageError);
  });

  it('a certificate that nobody trusts ends at once, and the message names the remedy', async () => {
    const server = await serve({ tls: createSelfSigned() });
    const transport = connect();
    await expect(read(transport, `${server.origin}/object`)).rejects.toThrow(/NODE_EXTRA_CA_CERTS/);
    expect(transport.statistics.requests).toBe(1);
  });

  it('https to a server that speaks http', async () => {
    const server = await serve();
    await expect(read(connect(), `${server.origin.replace('http:', 'https:')}/object`)).rejects.toThrow(/https/);
  });

  it('a TLS handshake that is never answered', async () => {
    const silent = createTcpServer((socket) => ends.push(async () => void socket.destroy()));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const transport = connect({ timeoutMs: 100, retries: 0 });
    await expect(read(transport, `https://127.0.0.1:${port}/object`)).rejects.toThrow(/no connection within 100 ms/);
    silent.close();
  });

  it('headers that never end', async () => {
    const endless = createTcpServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x-more: yes\r\n'), 10);
      socket.on('error', () => {});
      socket.once('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
    const { port } = endless.address() as AddressInfo;
    const transport = connect({ timeoutMs: 200, retries: 0 });
    await expect(read(transport, `http://127.0.0.1:${port}/object`)).rejects.toBeInstanceOf(TimeoutError);
    await transport.close();
    await new Promise((resolve) => endless.close(resolve));
  });
});

describe('proxies', () => {
  it('carry http requests, with their password', async () => {
    const server = await serve();
    const proxy = await startProxyServer();
    ends.push(() => proxy.stop());
    const environment = { HTTP_PROXY: proxy.origin.replace('://', '://user:pass%40word@') };
    expect(await read(connect({ environment }), `${server.origin}/object`)).toEqual(theObject.slice(10, 110));
    const authorization = `Basic ${Buffer.from('user:pass@word').toString('base64')}`;
    expect(proxy.seen).toEqual([{ line: `GET ${server.origin}/object`, authorization }]);
    expect(server.requests[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  it('carry https through a tunnel, whose certificate is checked all the same', async () => {
    const server = await serve({ tls: createSelfSigned() });
    const proxy = await startProxyServer();
    ends.push(() => proxy.stop());
    const transport = connect({ environment: { https_proxy: proxy.origin } });
    await expect(read(transport, `${server.origin}/object`)).rejects.toThrow(/NODE_EXTRA_CA_CERTS/);
    expect(proxy.seen.map(({ line }) => line)).toEqual([`CONNECT ${new URL(server.origin).host}`]);
  });

  it('that refuse or are silent end in an error without their password', async () => {
    for (const [refuse, expected] of [
      [407, /user name and password/],
      [403, /status 403/],
      ['silence', /no connection/],
    ] as const) {
      const proxy = await startProxyServer(refuse);
      ends.push(() => proxy.stop());
      const environment = { https_proxy: proxy.origin.replace('://', '://user:topsecret@') };
      const transport = connect({ environment, timeoutMs: 200, retries: 0 });
      const error = await read(transport, 'https://example.invalid/object').catch((thrown: unknown) => thrown);
      expect(String(error)).toMatch(expected);
      expect(JSON.stringify([String(error), error])).not.toContain('topsecret');
    }
  });

  it('are passed by for NO_PROXY', async () => {
    const server = await serve();
    const environment = { http_proxy: 'http://127.0.0.1:1', no_proxy: '127.0.0.0/8' };
    expect((await read(connect({ environment }), `${server.origin}/object`)).length).toBe(100);
  });
});
