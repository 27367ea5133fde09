import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { AccessDeniedError, NotFoundError, StorageError, UsageError } from '../../../src/base/errors.ts';
import { createTransport } from '../../../src/http/transport.ts';
import { parseHttpRoot } from '../../../src/storage/web/root.ts';
import { createHttpStore } from '../../../src/storage/web/store.ts';
import type { Store } from '../../../src/types/storage.ts';
import {
  type FaultyServer,
  type FaultyServerOptions,
  type ServedObject,
  startFaultyServer,
} from '../../support/faulty-server.ts';
import { randomBytes } from '../../support/random.ts';
import { createRandomFaults } from '../../support/random-faults.ts';
import { repetitions } from '../../support/repetitions.ts';

const ends: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const objectBytes = randomBytes(1, 5000);
const page = (...hrefs: readonly string[]): ServedObject => ({
  bytes: Buffer.from(`<html><body>${hrefs.map((href) => `<a href="${href}">x</a>`).join('')}</body></html>`),
  contentType: 'text/html; charset=utf-8',
});
const file: ServedObject = { bytes: objectBytes, etag: '"1"' };

async function serve(
  objects: Readonly<Record<string, ServedObject>>,
  more: Partial<FaultyServerOptions> = {},
): Promise<FaultyServer> {
  const server = await startFaultyServer({ objects: new Map(Object.entries(objects)), ...more });
  ends.push(() => server.stop());
  return server;
}

function open(
  url: string,
  options: { readonly secretHeaders?: Readonly<Record<string, string>>; readonly timeoutMs?: number } = {},
): Store {
  const store = createHttpStore({
    root: parseHttpRoot(url),
    transport: createTransport({ environment: {}, backoffMs: 1, retries: 8, timeoutMs: options.timeoutMs ?? 2000 }),
    onWarning: () => {},
    secretHeaders: options.secretHeaders,
  });
  ends.push(() => store.close());
  return store;
}

const keysOf = async (store: Store, prefix = ''): Promise<string[]> => (await store.list(prefix)).map(({ key }) => key);

describe('listings', () => {
  it('go into folders, one request each', async () => {
    const server = await serve({ '/d/': page('a/', '1.dcm'), '/d/a/': page('b/', '2.dcm'), '/d/a/b/': page('3.dcm') });
    expect(await keysOf(open(`${server.origin}/d/`))).toEqual(['1.dcm', 'a/2.dcm', 'a/b/3.dcm']);
    expect(server.requests.length).toBe(3);
  });

  it('that lead round in a circle, or ever deeper, end in an error', async () => {
    const server = await serve(
      {},
      {
        handle: (_request, response) => {
          response.writeHead(200, { 'content-type': 'text/html' }).end('<html><a href="deeper/">x</a></html>');
          return true;
        },
      },
    );
    await expect(open(server.origin).list('')).rejects.toThrow(/levels/);
  });

  it('with too many folders end in an error', async () => {
    const many = page(...Array.from({ length: 10_001 }, (_, index) => `${index}/`));
    const server = await serve({ '/': many });
    await expect(open(server.origin).list('')).rejects.toThrow(/folders/);
    expect(server.requests.length).toBe(1);
  });

  it('that are huge are read to a limit', async () => {
    const server = await serve(
      {},
      {
        handle: (_request, response) => {
          response.writeHead(200, { 'content-type': 'text/html' });
          const chunk = Buffer.alloc(1_000_000, '<a href="x">x</a>');
          const more = (): void => {
            while (response.writable && response.write(chunk));
          };
          response.on('drain', more).on('error', () => {});
          more();
          return true;
        },
      },
    );
    await expect(open(server.origin).list('')).rejects.toThrow(/larger than/);
  }, 60_000);

  it('that are nested without end are refused at once', async () => {
    const html = `<html>${'<br>'.repeat(2000)}<a href="a.dcm">a</a>`;
    for (const [type, body, told] of [
      ['text/html', `${html}</html>`, undefined],
      ['text/html', `${html}${'<b>'.repeat(1001)}</html>`, 'HTML elements are nested more than 1000 deep'],
      ['text/xml', `<list>${'<a>'.repeat(5000)}</list>`, 'XML elements are nested more than 64 deep'],
    ] as const) {
      const server = await serve({ '/': { bytes: Buffer.from(body), contentType: type } });
      const listing = keysOf(open(`${server.origin}/`));
      if (told === undefined) expect(await listing).toEqual(['a.dcm']);
      else await expect(listing).rejects.toMatchObject({ code: 'storage', message: expect.stringContaining(told) });
    }
  });

  it('that are compressed all the same are read', async () => {
    const server = await serve(
      {},
      {
        handle: (_request, response) => {
          const body = gzipSync(page('1.dcm').bytes);
          response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(body);
          return true;
        },
      },
    );
    expect(await keysOf(open(server.origin))).toEqual(['1.dcm']);
  });

  it('without a length count only when their end is there', async () => {
    const whole = await serve({ '/': page('1.dcm', '2.dcm') }, { fault: () => ({ kind: 'unframed' }) });
    expect(await keysOf(open(whole.origin))).toEqual(['1.dcm', '2.dcm']);
    let count = 0;
    const cut = await serve(
      { '/': page('1.dcm', '2.dcm') },
      { fault: ({ method }) => (method === 'GET' && count++ === 0 ? { kind: 'unframed', short: true } : undefined) },
    );
    expect(await keysOf(open(cut.origin))).toEqual(['1.dcm', '2.dcm']);
    expect(count).toBe(2);
  });

  it('of another kind are none', async () => {
    for (const [contentType, text] of [
      ['application/json', '{"error":1}'],
      ['text/plain', 'hello'],
      ['application/xml', '<feed/>'],
    ] as const) {
      const server = await serve({ '/': { bytes: Buffer.from(text), contentType } });
      await expect(open(server.origin).list('')).rejects.toThrow(/Expected a folder listing/);
    }
  });

  it('take PROPFIND for an answer on status 207 alone', async () => {
    const methods: string[] = [];
    const server = await serve(
      {},
      {
        handle: (request, response) => {
          methods.push(request.method ?? '');
          if (request.method === 'GET') response.writeHead(403).end();
          else response.writeHead(200, { 'content-type': 'text/html' }).end('<html><a href="x.dcm">x</a></html>');
          return true;
        },
      },
    );
    await expect(open(server.origin).list('')).rejects.toBeInstanceOf(AccessDeniedError);
    expect(methods).toEqual(['GET', 'PROPFIND']);
  });
});

describe('redirects', () => {
  it('of the folder: its objects are read where it has gone', async () => {
    const there = await serve({ '/new/d/': page('1.dcm'), '/new/d/1.dcm': file });
    const here = await serve(
      {},
      {
        fault: ({ path }) => ({ kind: 'redirect', location: `${there.origin}/new${path}` }),
      },
    );
    const store = open(here.origin, { secretHeaders: { authorization: 'Bearer TOPSECRET' } });
    expect(await keysOf(store, 'd')).toEqual(['d/1.dcm']);
    await store.read('d/1.dcm', { offset: 0, length: 10 });
    expect(here.requests.length).toBe(1);
    expect(here.requests[0]?.headers.authorization).toBe('Bearer TOPSECRET');
    expect(JSON.stringify(there.requests)).not.toContain('TOPSECRET');
  });

  it('to another origin take the query of the root along no further', async () => {
    const there = await serve({ '/d/': page('1.dcm'), '/d/1.dcm': file });
    const here = await serve({}, { fault: () => ({ kind: 'redirect', location: `${there.origin}/d/` }) });
    const store = open(`${here.origin}/d/?sig=TOPSECRET`);
    expect(await keysOf(store)).toEqual(['1.dcm']);
    expect((await store.read('1.dcm', { offset: 0, length: 10 })).bytes.length).toBe(10);
    expect(here.requests[0]?.path).toBe('/d/?sig=TOPSECRET');
    expect(JSON.stringify(there.requests)).not.toContain('TOPSECRET');
  });

  it('to a page for signing in are no listing', async () => {
    const server = await serve(
      { '/login': page('help.html') },
      { fault: ({ path }) => (path === '/d/' ? { kind: 'redirect', location: '/login' } : undefined) },
    );
    await expect(open(`${server.origin}/d/`).list('')).rejects.toBeInstanceOf(NotFoundError);
  });

  it('of a folder to a folder of another name are refused', async () => {
    const server = await serve(
      { '/x/': page('1.dcm') },
      { fault: ({ path }) => (path === '/d/' ? { kind: 'redirect', location: '/x/' } : undefined) },
    );
    await expect(open(server.origin).list('d')).rejects.toBeInstanceOf(StorageError);
  });
});

describe('secrets', () => {
  it('in the URL go to the server and nowhere else', async () => {
    const server = await serve({ '/d/?sig=TOPSECRET': page('1.dcm'), '/d/1.dcm?sig=TOPSECRET': file });
    const url = `${server.origin.replace('://', '://user:TOPSECRET@')}/d/?sig=TOPSECRET`;
    const store = open(url);
    expect(store.location).toBe(`${server.origin}/d/`);
    expect(await keysOf(store)).toEqual(['1.dcm']);
    expect((await store.read('1.dcm', { offset: 0, length: 5000 })).bytes).toEqual(objectBytes);
    const authorization = `Basic ${Buffer.from('user:TOPSECRET').toString('base64')}`;
    expect(server.requests.every(({ headers }) => headers.authorization === authorization)).toBe(true);
    for (const fail of [
      () => store.read('2.dcm', { offset: 0, length: 1 }),
      () => store.list('nothing'),
      () => store.read('../x', { offset: 0, length: 1 }),
    ]) {
      const error: unknown = await fail().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      const told = JSON.stringify([
        String(error),
        error,
        error instanceof Error ? [error.stack, String(error.cause)] : [],
      ]);
      expect(told).not.toContain('TOPSECRET');
      expect(told).not.toContain(authorization);
    }
  });
});

describe('roots', () => {
  it.each([
    ['https://host/a/b', 'https://host/a/b', 'https://host/a/b/'],
    ['https://host', 'https://host/', 'https://host/'],
    ['https://user:pw@host:8443/a%20b/?q=1#x', 'https://host:8443/a%20b/', 'https://host:8443/a%20b/'],
  ])('%s', (url, location, folder) => {
    const root = parseHttpRoot(url);
    expect([root.location, root.folder.href]).toEqual([location, folder]);
  });

  it.each(['https://', 'http://[', 'ftp://host/', 'nonsense'])('%s is refused', (url) => {
    expect(() => parseHttpRoot(url)).toThrow(UsageError);
  });
});

describe('public buckets behind a web address', () => {
  const listing = (query: URLSearchParams): string => {
    const prefix = query.get('prefix') ?? '';
    const keys = ['root/uid/1.dcm', 'root/uid/2.dcm'].filter((key) => key.startsWith(prefix));
    return `<ListBucketResult><IsTruncated>false</IsTruncated>${keys.map((key) => `<Contents><Key>${key}</Key><Size>5000</Size></Contents>`).join('')}</ListBucketResult>`;
  };
  const bucketAt =
    (top: string): NonNullable<FaultyServerOptions['handle']> =>
    (request, response) => {
      const url = new URL(request.url ?? '', 'http://host');
      const xml = { 'content-type': 'application/xml' };
      if (url.pathname === top && request.method === 'GET' && url.searchParams.has('list-type')) {
        response.writeHead(200, xml).end(listing(url.searchParams));
      } else if (url.pathname.endsWith('.dcm')) return false;
      else response.writeHead(404, xml).end('<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code></Error>');
      return true;
    };

  it.each([
    ['its host', '/', '/root'],
    ['the first name of its path', '/bucket', '/bucket/root'],
  ])('are found by %s and listed', async (_name, top, root) => {
    const path = `${root}/uid/1.dcm`;
    const server = await serve({ [path]: file }, { handle: bucketAt(top) });
    const store = open(`${server.origin}${root}`);
    expect(await keysOf(store, 'uid')).toEqual(['uid/1.dcm', 'uid/2.dcm']);
    expect((await store.read('uid/1.dcm', { offset: 0, length: 10 })).bytes.length).toBe(10);
    await expect(store.list('nothing')).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('with 20 % of all requests broken at random', () => {
  const seeds = repetitions(10, 100);

  it(`a folder is listed and read as if nothing had happened, over ${seeds} seeds`, async () => {
    const objects: Record<string, ServedObject> = {
      '/': page('a/', 'b/'),
      '/a/': page('1.dcm', '2.dcm'),
      '/b/': page('3.dcm'),
    };
    for (const [index, path] of ['/a/1.dcm', '/a/2.dcm', '/b/3.dcm'].entries()) {
      objects[path] = { bytes: randomBytes(index, 9000), etag: `"${index}"` };
    }
    let fault: FaultyServerOptions['fault'];
    const server = await serve(objects, { fault: (seen) => fault?.(seen) });
    for (let seed = 0; seed < seeds; seed += 1) {
      fault = createRandomFaults(seed, 0.2);
      const store = open(server.origin, { timeoutMs: 100 });
      expect(await keysOf(store), `seed ${seed}`).toEqual(['a/1.dcm', 'a/2.dcm', 'b/3.dcm']);
      for (const [index, key] of ['a/1.dcm', 'a/2.dcm', 'b/3.dcm'].entries()) {
        const { bytes } = await store.read(key, { offset: 100, length: 5000 }, { etag: `"${index}"` });
        expect(Buffer.from(bytes).equals(randomBytes(index, 9000).subarray(100, 5100)), `seed ${seed}`).toBe(true);
      }
      await store.close();
    }
  }, 120_000);
});
