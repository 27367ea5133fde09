import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Machine } from '../../../../src/storage/buckets/gcs/credentials.ts';
import { findGcsCredentials } from '../../../../src/storage/buckets/gcs/credentials.ts';
import { openGcs } from '../../../../src/storage/buckets/gcs/store.ts';
import { openStore } from '../../../../src/storage/open-store.ts';
import type { Store } from '../../../../src/types/storage.ts';
import { startGcsServer } from '../../../support/servers/gcs-xml.ts';
import { CONFORMANCE_OBJECTS, testConformance } from '../../../support/store-conformance.ts';

const many = new Map(Array.from({ length: 2500 }, (_, index) => [`many/${index}.dcm`, new Uint8Array(2)]));
const below = new Map([...CONFORMANCE_OBJECTS].map(([key, bytes]) => [`a folder/${key}`, bytes]));
const server = await startGcsServer({
  public: { objects: new Map([...below, ...many]), access: 'read and list' },
  'only-read': { objects: below, access: 'read' },
  private: { objects: below, access: 'private' },
  'requester-pays': { objects: below, access: 'private', requesterPays: true },
});
afterAll(() => server.stop());

beforeEach(() => {
  server.tokens.clear();
  server.requests.length = 0;
});

const secretToken = 'ya29.secret-token';

function machine(environment: Record<string, string> = {}, files: Record<string, string> = {}): Machine {
  return { environment, home: '/home/somebody', exists: (path) => path in files, read: (path) => files[path] ?? '' };
}

/** Stands in for google-auth-library: hands out the tokens one by one, the last one for ever. */
function library(...tokens: (string | Error)[]): { load: (name: string) => Promise<unknown>; asked: () => number } {
  let clients = 0;
  class GoogleAuth {
    async getClient(): Promise<unknown> {
      const token = tokens[Math.min(clients, tokens.length - 1)];
      clients += 1;
      return {
        getRequestHeaders: async () => {
          if (token instanceof Error) throw token;
          return new Headers({ authorization: `Bearer ${token}` });
        },
      };
    }
  }
  return { load: async () => ({ GoogleAuth }), asked: () => clients };
}

const configured = machine({ GOOGLE_APPLICATION_CREDENTIALS: '/somewhere/key.json' });

async function using<T>(opened: Promise<Store>, run: (store: Store) => Promise<T>): Promise<T> {
  const store = await opened;
  try {
    return await run(store);
  } finally {
    await store.close();
  }
}

const open = (
  path: string,
  surroundings: Parameters<typeof openGcs>[2] = { machine: machine() },
  onWarning?: (message: string) => void,
) => openGcs(`gs://${path}`, { endpointUrl: server.origin, onWarning, retries: 0 }, surroundings);
const count = async (store: Store): Promise<number> => (await store.list('')).length;

describe('a public bucket', () => {
  testConformance(() => open('public/a folder'));
});

describe('a private bucket', () => {
  testConformance(() => {
    server.tokens.add(secretToken);
    return open('private/a folder', { machine: machine({ CLOUDSDK_AUTH_ACCESS_TOKEN: secretToken }) });
  });
});

describe('credentials', () => {
  it('cost nothing, and are not looked at, where a bucket is public', async () => {
    const { load, asked } = library(secretToken);
    server.tokens.add(secretToken);
    await using(open('public/a folder', { machine: configured, load }), async (store) => {
      await store.list('');
      await store.read('series-a/2.dcm', { offset: 0, length: 10 });
    });
    expect(server.requests.map(({ token, status }) => [token, status])).toEqual([
      [undefined, 200],
      [undefined, 206],
    ]);
    expect(asked()).toBe(0);
  });

  it('are used after one refusal, and from then on', async () => {
    const { load, asked } = library(secretToken);
    server.tokens.add(secretToken);
    await using(open('private/a folder', { machine: configured, load }), async (store) => {
      expect(await count(store)).toBe(CONFORMANCE_OBJECTS.size);
      await store.read('series-a/2.dcm', { offset: 0, length: 10 });
      await store.read('series-a/1.dcm', { offset: 0, length: 10 });
    });
    expect(server.requests.map(({ token, status }) => [token, status])).toEqual([
      [undefined, 403],
      [secretToken, 200],
      [secretToken, 206],
      [secretToken, 206],
    ]);
    expect(asked()).toBe(1);
  });

  it('are asked for anew when they have expired, once for all requests', async () => {
    const { load, asked } = library('ya29.first', 'ya29.second');
    server.tokens.add('ya29.first');
    await using(open('private/a folder', { machine: configured, load }), async (store) => {
      await store.list('');
      server.tokens.delete('ya29.first');
      server.tokens.add('ya29.second');
      await Promise.all(Array.from({ length: 20 }, () => store.read('series-a/2.dcm', { offset: 0, length: 10 })));
    });
    expect(asked()).toBe(2);
  });

  it('that have expired for good give way where a bucket may be read without them', async () => {
    const { load } = library(
      'ya29.first',
      Object.assign(new Error(secretToken), { response: { data: { error: 'invalid_grant' } } }),
    );
    server.tokens.add('ya29.first');
    const warnings: string[] = [];
    await using(
      open('only-read/a folder', { machine: configured, load }, (text) => warnings.push(text)),
      async (store) => {
        await store.list('');
        server.tokens.clear();
        for (let index = 0; index < 3; index += 1) await store.read('series-a/2.dcm', { offset: 0, length: 10 });
      },
    );
    expect(warnings).toEqual([expect.stringMatching(/^gs:\/\/only-read is public .*\(invalid_grant\)/)]);
    expect(server.requests.map(({ token, status }) => [token === undefined, status])).toEqual([
      [true, 403],
      [false, 200],
      [false, 401],
      [true, 206],
      [true, 206],
      [true, 206],
    ]);
    expect(warnings.join()).not.toContain('ya29');
  });

  it('are not sent where noSignRequest says so, nor to an emulator', async () => {
    const token = machine({ CLOUDSDK_AUTH_ACCESS_TOKEN: secretToken });
    server.tokens.add(secretToken);
    const unsigned = openGcs('gs://private', { endpointUrl: server.origin, noSignRequest: true }, { machine: token });
    await expect(using(unsigned, count)).rejects.toMatchObject({ code: 'access-denied' });
    const emulator = machine({
      CLOUDSDK_AUTH_ACCESS_TOKEN: secretToken,
      STORAGE_EMULATOR_HOST: new URL(server.origin).host,
    });
    await expect(using(openGcs('gs://private', {}, { machine: emulator }), count)).rejects.toMatchObject({
      code: 'access-denied',
    });
    expect(await using(openGcs('gs://public/a folder', {}, { machine: emulator }), count)).toBe(
      CONFORMANCE_OBJECTS.size,
    );
    expect(server.requests.some(({ token: sent }) => sent !== undefined)).toBe(false);
  });

  it('need a package, which the error names', async () => {
    const load = (): Promise<unknown> => Promise.reject(new Error('Cannot find package'));
    await expect(using(open('private', { machine: configured, load }), count)).rejects.toMatchObject({
      code: 'missing-component',
      component: 'google-auth-library',
      message: expect.stringContaining('npm install google-auth-library'),
    });
    // Nobody who reads public buckets needs it.
    expect(await using(open('public/a folder', { machine: configured, load }), count)).toBe(CONFORMANCE_OBJECTS.size);
  });

  it('that are refused are named, and not shown', async () => {
    for (const [load, reason] of [
      [library('ya29.foreign').load, 'GOOGLE_APPLICATION_CREDENTIALS (AuthenticationRequired)'],
      [library(Object.assign(new Error(`bad key ${secretToken}`), { code: 'ENOENT' })).load, '(ENOENT)'],
      [library(new Error(`bad key ${secretToken}`)).load, '(the reason is not known)'],
    ] as const) {
      const error = await using(open('private', { machine: configured, load }), count).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code: 'access-denied', message: expect.stringContaining(reason) });
      expect(`${String(error)}${JSON.stringify(error)}`).not.toMatch(/ya29|bad key/);
    }
  });

  it('may name the project that pays', async () => {
    const withoutProject = open('requester-pays/a folder', {
      machine: machine({ GOOGLE_OAUTH_ACCESS_TOKEN: secretToken }),
    });
    server.tokens.add(secretToken);
    await expect(using(withoutProject, count)).rejects.toMatchObject({
      code: 'access-denied',
      message: expect.stringContaining('GOOGLE_CLOUD_QUOTA_PROJECT'),
    });
    const environment = { GOOGLE_OAUTH_ACCESS_TOKEN: secretToken, GOOGLE_CLOUD_QUOTA_PROJECT: 'my-project' };
    const withProject = open('requester-pays/a folder', { machine: machine(environment) });
    expect(await using(withProject, count)).toBe(CONFORMANCE_OBJECTS.size);
  });

  it('are found without asking any service', () => {
    const adc = '/home/somebody/.config/gcloud/application_default_credentials.json';
    expect(findGcsCredentials(machine())).toEqual({ kind: 'none' });
    expect(findGcsCredentials(machine({}, { [adc]: '{}' }))).toMatchObject({ kind: 'library', name: /gcloud/ });
    expect(findGcsCredentials(machine({ CLOUDSDK_CONFIG: '/x' }, { [adc]: '{}' }))).toEqual({ kind: 'none' });
    expect(findGcsCredentials(machine({ K_SERVICE: 'x' }))).toMatchObject({ name: /metadata server/ });
    const bios = { '/sys/class/dmi/id/product_name': 'Google Compute Engine\n' };
    expect(findGcsCredentials(machine({}, bios))).toMatchObject({ name: /metadata server/ });
    expect(findGcsCredentials(machine({ METADATA_SERVER_DETECTION: 'none' }, bios))).toEqual({ kind: 'none' });
  });
});

describe('listings and names', () => {
  it('come in pages', async () => {
    await using(open('public'), async (store) => {
      expect((await store.list('many')).length).toBe(2500);
      expect(store.statistics.requests).toBe(3);
      expect(await store.listFolders('', 'a')).toEqual(['a folder']);
    });
  });

  it('may be of one object, whose bucket need not be listed', async () => {
    await using(open('only-read/a folder/series-b/100%.dcm'), async (store) => {
      expect(await store.list('')).toMatchObject([{ key: '100%.dcm', byteLength: 100 }]);
      expect(server.requests.length).toBe(1);
    });
    await using(open('only-read/a folder/series-a/deep/er/without-extension'), async (store) => {
      expect(await store.list('')).toMatchObject([{ key: 'without-extension', byteLength: 300 }]);
    });
  });

  it('that are wrong are explained', async () => {
    await expect(using(open('no-such-bucket'), count)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('no bucket'),
    });
    for (const url of ['gs://', 'gs:///x', 'gs://UPPER/x', 'gs://a']) {
      await expect(openStore(url)).rejects.toMatchObject({ code: 'usage' });
    }
  });
});
