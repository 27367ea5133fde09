import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { NotFoundError, ObjectChangedError, StorageError, TimeoutError } from '../../src/base/errors.ts';
import type { TransportOptions } from '../../src/http/transport.ts';
import { createTransport } from '../../src/http/transport.ts';
import type { HttpRequest, Transport } from '../../src/http/types.ts';
import {
  type Fault,
  type FaultyServer,
  type FaultyServerOptions,
  startFaultyServer,
} from '../support/faulty-server.ts';
import { randomBytes } from '../support/random.ts';

const theObject = randomBytes(1, 300_000);
const ends: Array<() => Promise<void>> = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

interface Setup {
  readonly server: FaultyServer;
  readonly transport: Transport;
  readonly request: HttpRequest;
}

async function setUp(
  fault: FaultyServerOptions['fault'],
  options: TransportOptions = {},
  server: Partial<FaultyServerOptions> = {},
): Promise<Setup> {
  const started = await startFaultyServer({
    objects: new Map([
      ['/object', { bytes: theObject, etag: '"one"' }],
      ['/empty', { bytes: new Uint8Array(0) }],
    ]),
    ...(fault === undefined ? {} : { fault }),
    ...server,
  });
  const transport = createTransport({ timeoutMs: 400, backoffMs: 1, environment: {}, ...options });
  ends.push(
    () => transport.close(),
    () => started.stop(),
  );
  return { server: started, transport, request: { url: new URL(`${started.origin}/object`), location: 'test/object' } };
}

/** The fault for the first request only. */
function once(fault: Fault): FaultyServerOptions['fault'] {
  return (seen) => (seen.index === 0 ? fault : undefined);
}

describe('ranges from a server that works', () => {
  it('gives exactly the bytes asked for, the size and the ETag, in one request', async () => {
    const { transport, request, server } = await setUp(undefined);
    const result = await transport.readRange(request, { offset: 1000, length: 5000 });
    expect(result.bytes).toEqual(theObject.slice(1000, 6000));
    expect(result.objectByteLength).toBe(theObject.length);
    expect(result.etag).toBe('"one"');
    expect(server.requests.map(({ method, headers }) => [method, headers.range])).toEqual([['GET', 'bytes=1000-5999']]);
    expect(transport.statistics).toEqual({ requests: 1, receivedBytes: 5000 });
  });

  it('gives what there is where the object ends inside the range', async () => {
    const { transport, request } = await setUp(undefined);
    const result = await transport.readRange(request, { offset: theObject.length - 10, length: 5000 });
    expect(result.bytes).toEqual(theObject.slice(-10));
  });

  it('gives nothing for a range past the end, and the size', async () => {
    const { transport, request, server } = await setUp(undefined);
    const result = await transport.readRange(request, { offset: theObject.length, length: 10 });
    expect(result.bytes.length).toBe(0);
    expect(result.objectByteLength).toBe(theObject.length);
    expect(server.requests.length).toBe(1);
  });

  it('reads to the end with a length of Infinity, an empty object too', async () => {
    const { transport, request, server } = await setUp(undefined);
    const all = await transport.readRange(request, { offset: 0, length: Infinity });
    expect(all.bytes).toEqual(theObject);
    const empty = { ...request, url: new URL(`${server.origin}/empty`) };
    expect(await transport.readRange(empty, { offset: 0, length: Infinity })).toMatchObject({ objectByteLength: 0 });
  });

  it('asks nothing for a length of 0', async () => {
    const { transport, request, server } = await setUp(undefined);
    expect((await transport.readRange(request, { offset: 5, length: 0 })).bytes.length).toBe(0);
    expect(server.requests.length).toBe(0);
  });

  it.each([
    { offset: -1, length: 1 },
    { offset: Number.NaN, length: 1 },
    { offset: 0.5, length: 1 },
    { offset: 0, length: -1 },
    { offset: 0, length: Number.NaN },
    { offset: Infinity, length: 1 },
  ])('refuses the impossible range $offset + $length', async (range) => {
    const { transport, request, server } = await setUp(undefined);
    await expect(transport.readRange(request, range)).rejects.toBeInstanceOf(StorageError);
    expect(server.requests.length).toBe(0);
  });
});

describe('ranges from a server that fails once', () => {
  const faults: readonly Fault[] = [
    { kind: 'status', status: 503 },
    { kind: 'status', status: 503, headers: { 'retry-after': '0' } },
    { kind: 'status', status: 429, headers: { 'retry-after': new Date().toUTCString() } },
    { kind: 'status', status: 408 },
    { kind: 'status', status: 500 },
    { kind: 'drop' },
    { kind: 'drop-in-body' },
    { kind: 'drop-in-body', after: 0 },
    { kind: 'short-chunked' },
    { kind: 'broken-chunked' },
    { kind: 'long-chunked' },
    { kind: 'unframed', short: true },
    { kind: 'content-range', value: undefined },
    { kind: 'content-range', value: 'bytes 0-4999/300000' },
    { kind: 'content-range', value: 'bytes 1000-5998/300000' },
    { kind: 'content-range', value: 'bytes 1000-5999/2000' },
    { kind: 'content-range', value: 'bytes 1000-6999/300000' },
    { kind: 'shifted', by: 1 },
    { kind: 'shifted', by: -1000 },
    { kind: 'piece', length: 100 },
    { kind: 'trickle', everyMs: 20 },
    { kind: 'silence' },
    { kind: 'silence-in-body' },
    { kind: 'garbage' },
  ];
  it.each(faults.map((fault) => ({ name: JSON.stringify(fault), fault })))('recovers from $name', async ({ fault }) => {
    const { transport, request, server } = await setUp(once(fault));
    const result = await transport.readRange(request, { offset: 1000, length: 5000 }, { etag: '"one"' });
    expect(result.bytes).toEqual(theObject.slice(1000, 6000));
    expect(server.requests.length).toBe(2);
  });

  it('goes on at the byte where a body broke', async () => {
    const { transport, request, server } = await setUp(once({ kind: 'drop-in-body', after: 100_000 }));
    const result = await transport.readRange(request, { offset: 10, length: 200_000 });
    expect(result.bytes).toEqual(theObject.slice(10, 200_010));
    const resumed = Number(/^bytes=(\d+)-200009$/.exec(server.requests[1]?.headers.range ?? '')?.[1]);
    expect(resumed).toBeGreaterThan(10);
    expect(resumed).toBeLessThanOrEqual(100_010);
    expect(transport.statistics.receivedBytes).toBe(200_000);
  });

  it('arrives although every connection breaks, as long as each brings enough', async () => {
    const { transport, request, server } = await setUp(() => ({ kind: 'drop-in-body', after: 70_000 }), { retries: 1 });
    const result = await transport.readRange(request, { offset: 0, length: 280_000 });
    expect(result.bytes).toEqual(theObject.slice(0, 280_000));
    expect(server.requests.length).toBeGreaterThanOrEqual(4);
  });
});

describe('a server that ignores ranges', () => {
  it.each([{ chunked: false }, { chunked: true }])(
    'gives the part wanted and stops reading (chunked: $chunked)',
    async ({ chunked }) => {
      const large = randomBytes(2, 4_000_000);
      const { transport, request } = await setUp(
        () => ({ kind: 'ignore-range', chunked }),
        {},
        { objects: new Map([['/object', { bytes: large }]]) },
      );
      const result = await transport.readRange(request, { offset: 70_000, length: 5000 });
      expect(result.bytes).toEqual(large.slice(70_000, 75_000));
      expect(result.objectByteLength).toBe(chunked ? undefined : large.length);
      expect(transport.statistics.receivedBytes).toBeLessThan(1_000_000);
    },
  );

  it('knows the end of the object by its length or its last chunk', async () => {
    for (const chunked of [false, true]) {
      const { transport, request } = await setUp(() => ({ kind: 'ignore-range', chunked }));
      const result = await transport.readRange(request, { offset: theObject.length - 5, length: 100 });
      expect(result.bytes).toEqual(theObject.slice(-5));
      expect(result.objectByteLength).toBe(theObject.length);
      const past = await transport.readRange(request, { offset: theObject.length + 5, length: 100 });
      expect(past.bytes.length).toBe(0);
      expect(past.objectByteLength).toBe(theObject.length);
    }
  });

  it('goes on after a broken body by reading from the start again', async () => {
    const { transport, request, server } = await setUp((seen) =>
      seen.index === 0 ? { kind: 'drop-in-body', after: 1500 } : { kind: 'ignore-range' },
    );
    const result = await transport.readRange(request, { offset: 1000, length: 5000 });
    expect(result.bytes).toEqual(theObject.slice(1000, 6000));
    expect(server.requests.length).toBe(2);
  });

  it('refuses a body whose end cannot be told from a broken line', async () => {
    const { transport, request } = await setUp(
      () => ({ kind: 'unframed' }),
      { retries: 1 },
      {
        objects: new Map([['/object', { bytes: theObject }]]),
        handle: (incoming) => {
          delete incoming.headers.range;
          return false;
        },
      },
    );
    expect((await transport.readRange(request, { offset: 1, length: 10 })).bytes).toEqual(theObject.slice(1, 11));
    await expect(transport.readRange(request, { offset: 0, length: Infinity })).rejects.toThrow(/how long it is/);
  });
});

describe('replies that end the read', () => {
  it.each([
    [404, NotFoundError],
    [410, NotFoundError],
    [412, ObjectChangedError],
    [400, StorageError],
    [501, StorageError],
    [304, StorageError],
    [204, StorageError],
  ] as const)('status %i is final', async (status, type) => {
    const { transport, request, server } = await setUp(() => ({ kind: 'status', status }));
    await expect(transport.readRange(request, { offset: 0, length: 10 })).rejects.toBeInstanceOf(type);
    expect(server.requests.length).toBe(1);
  });

  it.each([401, 403])('status %i is no access', async (status) => {
    const { transport, request } = await setUp(() => ({ kind: 'status', status }));
    await expect(transport.readRange(request, { offset: 0, length: 10 })).rejects.toMatchObject({
      code: 'access-denied',
    });
  });

  it('gives up after the retries, and says which status came', async () => {
    const { transport, request, server } = await setUp(() => ({ kind: 'status', status: 503 }), { retries: 3 });
    await expect(transport.readRange(request, { offset: 0, length: 10 })).rejects.toMatchObject({
      code: 'storage',
      status: 503,
    });
    expect(server.requests.length).toBe(4);
  });

  it('does not wait longer than a minute for a Retry-After', async () => {
    const fault: Fault = { kind: 'status', status: 503, headers: { 'retry-after': '3600' } };
    const { transport, request, server } = await setUp(() => fault);
    await expect(transport.readRange(request, { offset: 0, length: 10 })).rejects.toThrow(/3600 s/);
    expect(server.requests.length).toBe(1);
  });

  it.each([{ kind: 'silence' }, { kind: 'silence-in-body' }, { kind: 'trickle', everyMs: 20 }] as const)(
    'ends in a TimeoutError after $kind at every attempt',
    async (fault) => {
      const { transport, request } = await setUp(() => fault, { retries: 1, timeoutMs: 60 });
      await expect(transport.readRange(request, { offset: 0, length: 200_000 })).rejects.toBeInstanceOf(TimeoutError);
    },
  );

  it('takes ranges out of the whole where parts come encoded, and asks for the whole at once the next time', async () => {
    const { transport, request, server } = await setUp(() => ({ kind: 'gzip' }), { retries: 0 });
    const first = await transport.readRange(request, { offset: 1000, length: 10 });
    expect(first.bytes).toEqual(theObject.slice(1000, 1010));
    expect(first.objectByteLength).toBe(theObject.length);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual(['bytes=1000-1009', undefined]);
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
    const last = await transport.readRange(request, { offset: theObject.length - 5, length: 10 });
    expect(last.bytes).toEqual(theObject.slice(-5));
    const beyond = await transport.readRange(request, { offset: theObject.length + 5, length: 10 });
    expect([beyond.bytes.length, beyond.objectByteLength]).toEqual([0, theObject.length]);
    expect(server.requests.slice(2).map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['aws-chunked', (bytes: Uint8Array) => Buffer.from(bytes)],
  ])('decodes an answer with the whole, as %s', async (encoding, encode) => {
    const body = encode(theObject);
    const handle = (_: IncomingMessage, response: ServerResponse): boolean => {
      const headers = { 'content-encoding': encoding, 'content-length': body.length, etag: '"one-gzip"' };
      response.writeHead(200, headers).end(body);
      return true;
    };
    const { transport, request, server } = await setUp(undefined, {}, { handle });
    const { bytes, objectByteLength } = await transport.readRange(
      request,
      { offset: 7, length: 9 },
      { etag: encoding === 'aws-chunked' ? undefined : 'one' },
    );
    expect([bytes, objectByteLength]).toEqual([theObject.slice(7, 16), theObject.length]);
    expect(server.requests.length).toBe(1);
  });

  it('refuses what is encoded and damaged, or cut off', async () => {
    const body = gzipSync(theObject);
    for (const [sent, length] of [
      [body.fill(7, 5000, 5100), body.length],
      [body.subarray(0, 1000), undefined],
    ] as const) {
      const handle = (_: IncomingMessage, response: ServerResponse): boolean => {
        response.writeHead(200, {
          'content-encoding': 'gzip',
          ...(length === undefined ? {} : { 'content-length': length }),
        });
        response.end(sent);
        return true;
      };
      const { transport, request } = await setUp(undefined, { retries: 1 }, { handle });
      await expect(transport.readRange(request, { offset: 7, length: 9 })).rejects.toMatchObject({ code: 'storage' });
    }
  });

  it('refuses a wrong Content-Range at every attempt', async () => {
    const { transport, request, server } = await setUp(() => ({ kind: 'shifted', by: 3 }), { retries: 2 });
    await expect(transport.readRange(request, { offset: 100, length: 10 })).rejects.toThrow(
      /bytes 103-112 where 100-109/,
    );
    expect(server.requests.length).toBe(3);
  });
});

describe('an object that changes', () => {
  it('between two passes', async () => {
    const { transport, request } = await setUp(undefined);
    await expect(transport.readRange(request, { offset: 0, length: 10 }, { etag: '"two"' })).rejects.toBeInstanceOf(
      ObjectChangedError,
    );
  });

  it.each(['"one"', 'W/"one"', 'one'])('is the same as %s', async (etag) => {
    const { transport, request } = await setUp(undefined);
    expect((await transport.readRange(request, { offset: 0, length: 10 }, { etag })).bytes.length).toBe(10);
  });

  it('between the pieces of one read', async () => {
    const { transport, request } = await setUp((seen) =>
      seen.index === 0 ? { kind: 'drop-in-body', after: 1000 } : { kind: 'etag', etag: '"other"' },
    );
    await expect(transport.readRange(request, { offset: 0, length: 5000 })).rejects.toBeInstanceOf(ObjectChangedError);
  });

  it('in size only', async () => {
    const { transport, request } = await setUp(
      (seen) =>
        seen.index === 0
          ? { kind: 'drop-in-body', after: 1000 }
          : { kind: 'content-range', value: 'bytes 1000-4999/5000' },
      {},
      { objects: new Map([['/object', { bytes: theObject }]]) },
    );
    await expect(transport.readRange(request, { offset: 0, length: 5000 })).rejects.toBeInstanceOf(ObjectChangedError);
  });
});

describe('status 416', () => {
  it.each([
    { name: 'no size given', headers: {}, requests: 2 },
    { name: 'the size given', headers: { 'content-range': `bytes */${theObject.length}` }, requests: 1 },
  ])('past the end is the end ($name)', async ({ headers, requests }) => {
    const { transport, request, server } = await setUp(once({ kind: 'status', status: 416, headers }), {
      concurrency: 1,
    });
    const result = await transport.readRange(request, { offset: theObject.length + 1, length: 10 });
    expect(result.bytes.length).toBe(0);
    expect(result.objectByteLength).toBe(theObject.length);
    expect(server.requests.length).toBe(requests);
  });

  it.each([{}, { 'content-range': `bytes */${theObject.length}` }])(
    'inside the object is a failure like others (%j)',
    async (headers) => {
      const { transport, request } = await setUp(once({ kind: 'status', status: 416, headers }));
      const result = await transport.readRange(request, { offset: 100, length: 10 });
      expect(result.bytes).toEqual(theObject.slice(100, 110));
    },
  );
});
