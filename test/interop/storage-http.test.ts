import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/storage/open-store.ts';
import { apacheMissing, startApache } from '../support/servers/apache.ts';
import { caddyMissing, startCaddy } from '../support/servers/caddy.ts';
import { lighttpdMissing, startLighttpd } from '../support/servers/lighttpd.ts';
import { nginxMissing, startNginx } from '../support/servers/nginx.ts';
import { makeTemporaryFolder, type RunningServer } from '../support/servers/process.ts';
import { pythonMissing, startPythonHttp } from '../support/servers/python-http.ts';
import { type ConformanceOptions, testConformance, writeConformanceFolder } from '../support/store-conformance.ts';

const folder = makeTemporaryFolder('conformance');
writeConformanceFolder(folder.path);
// Some servers run as another user.
chmodSync(folder.path, 0o755);
afterAll(() => folder.remove());

interface Case extends ConformanceOptions {
  readonly name: string;
  readonly missing: string | undefined;
  readonly start: () => Promise<RunningServer>;
  /** Requests that one listing of a folder without subfolders costs. */
  readonly listRequests: number;
}

const nginx = (index: 'html' | 'json' | 'xml' | 'dav', listRequests = 1): Case => ({
  name: `nginx ${index}`,
  missing: nginxMissing(index),
  start: () => startNginx({ folder: folder.path, index }),
  listRequests,
  listsSizes: index === 'json' || index === 'dav',
});

const cases: readonly Case[] = [
  nginx('html'),
  nginx('json'),
  nginx('xml'),
  nginx('dav', 2),
  {
    name: 'nginx that ignores ranges',
    missing: nginxMissing(),
    start: () => startNginx({ folder: folder.path, ignoreRanges: true }),
    listRequests: 1,
    listsSizes: false,
  },
  {
    name: 'Apache indexes',
    missing: apacheMissing(),
    start: () => startApache({ folder: folder.path }),
    listRequests: 1,
    listsSizes: false,
  },
  {
    name: 'Apache WebDAV',
    missing: apacheMissing(),
    start: () => startApache({ folder: folder.path, index: 'dav' }),
    listRequests: 2,
  },
  { name: 'Caddy', missing: caddyMissing(), start: () => startCaddy({ folder: folder.path }), listRequests: 1 },
  {
    name: 'lighttpd',
    missing: lighttpdMissing(),
    start: () => startLighttpd({ folder: folder.path }),
    listRequests: 1,
    listsSizes: false,
  },
  {
    name: 'python http.server',
    missing: pythonMissing(),
    start: () => startPythonHttp({ folder: folder.path }),
    listRequests: 1,
    listsSizes: false,
    tellsVersions: false,
  },
];

for (const { name, missing, start, listRequests, ...conformance } of cases) {
  if (missing !== undefined) console.log(`skipped: ${name}: ${missing}`);
  describe.skipIf(missing !== undefined)(`a folder on ${name}`, () => {
    let server: RunningServer | undefined;
    const url = (): string => server?.url ?? '';
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.stop());

    testConformance(() => openStore(`${url()}/`), conformance);

    it('costs few requests: one a listing, one an object', async () => {
      const store = await openStore(url());
      await store.list('series-b');
      expect(store.statistics.requests).toBe(listRequests);
      await store.read('series-b/a+b.dcm', { offset: 0, length: 50 });
      expect(store.statistics.requests).toBe(listRequests + 1);
      await store.close();
    });

    it('takes a single file as the root', async () => {
      const store = await openStore(`${url()}/series-a/1.dcm`);
      const objects = await store.list('');
      expect(objects.map(({ key, byteLength }) => [key, byteLength])).toEqual([['1.dcm', 20_000]]);
      expect((await store.read('1.dcm', { offset: 5, length: 5 })).bytes.length).toBe(5);
      await store.close();
      const bare = await openStore(`${url()}/series-a/deep/er/without-extension`);
      expect((await bare.list('')).map(({ key }) => key)).toEqual(['without-extension']);
      await bare.close();
    });
  });
}

const missing = nginxMissing();
describe.skipIf(missing !== undefined)('nginx', () => {
  it('with a password: it comes from the URL, and a wrong one is no access', async () => {
    const server = await startNginx({ folder: folder.path, basicAuth: { user: 'me', password: 'p@ss wörd' } });
    try {
      const withUser = (user: string): string => server.url.replace('://', `://${user}@`);
      const store = await openStore(withUser(`me:${encodeURIComponent('p@ss wörd')}`));
      expect(store.location).toBe(`${server.url}/`);
      expect((await store.list('series-a')).length).toBe(5);
      await store.close();
      const wrong = await openStore(withUser('me:other'));
      await expect(wrong.list('series-a')).rejects.toMatchObject({ code: 'access-denied' });
      await wrong.close();
    } finally {
      await server.stop();
    }
  });

  it('that compresses what it can', async () => {
    const server = await startNginx({ folder: folder.path, gzip: true });
    try {
      const store = await openStore(server.url);
      expect((await store.list('')).length).toBe(17);
      expect((await store.read('series-a/1.dcm', { offset: 0, length: Infinity })).bytes.length).toBe(20_000);
      await store.close();
    } finally {
      await server.stop();
    }
  });

  it('without listings is an error that says what is missing', async () => {
    const server = await startNginx({ folder: folder.path, index: 'none' });
    try {
      const store = await openStore(server.url);
      await expect(store.list('series-a')).rejects.toMatchObject({ code: 'access-denied' });
      await store.close();
    } finally {
      await server.stop();
    }
  });
});
