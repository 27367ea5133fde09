import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAzure } from '../../src/storage/buckets/azure/store.ts';
import type { Store } from '../../src/types/storage.ts';
import { type Azurite, azuriteMissing, startAzurite } from '../support/servers/azurite.ts';
import { CONFORMANCE_OBJECTS, testConformance } from '../support/store-conformance.ts';

const missing = await azuriteMissing();
if (missing !== undefined) console.log(`skipped: Azurite: ${missing}`);

const objects = [...CONFORMANCE_OBJECTS];
const later = new Date(Date.now() + 3_600_000);
const earlier = new Date(Date.now() - 3_600_000);

describe.skipIf(missing !== undefined)('Azure Blob Storage (Azurite)', () => {
  let azurite: Azurite;
  const nobody = { exists: () => false };

  beforeAll(async () => {
    azurite = await startAzurite();
    await azurite.createContainer('private');
    await azurite.createContainer('public', 'container');
    await azurite.createContainer('readable', 'blob');
    await azurite.createContainer('paged');
    for (const container of ['private', 'public', 'readable']) {
      for (const [key, bytes] of objects) await azurite.put(container, `below/${key}`, bytes);
    }
    for (let index = 0; index < 5003; index += 1) {
      await azurite.put('paged', `series/${String(index).padStart(5, '0')}.dcm`, new Uint8Array(3));
    }
  });
  afterAll(() => azurite?.stop());

  const open = (path: string, environment: Record<string, string> = {}, onWarning?: (text: string) => void) =>
    openAzure(`az://${azurite.account}/${path}`, { endpointUrl: azurite.url, onWarning }, { environment, ...nobody });
  const withStore = async <T>(opened: Promise<Store>, run: (store: Store) => Promise<T>): Promise<T> => {
    const store = await opened;
    try {
      return await run(store);
    } finally {
      await store.close();
    }
  };
  const count = async (store: Store): Promise<number> => (await store.list('')).length;

  describe('without credentials', () => testConformance(() => open('public/below')));
  describe('with the account key', () =>
    testConformance(() => open('private/below', { AZURE_STORAGE_KEY: azurite.key })));
  describe('with a shared access signature', () =>
    testConformance(() => open('private/below', { AZURE_STORAGE_SAS_TOKEN: azurite.sasFor('private', later) })));

  it('takes the account, key and endpoint from a connection string', async () => {
    const connection = `DefaultEndpointsProtocol=http;AccountName=${azurite.account};AccountKey=${azurite.key};BlobEndpoint=${azurite.url}/${azurite.account};`;
    const environment = { AZURE_STORAGE_CONNECTION_STRING: connection };
    const store = openAzure(`az://${azurite.account}/private/below`, {}, { environment, ...nobody });
    expect(await withStore(store, count)).toBe(objects.length);
  });

  it('takes a signature from the URL and shows it nowhere', async () => {
    const sas = azurite.sasFor('private', later);
    await withStore(open(`private/below?${sas}`), async (store) => {
      expect(await count(store)).toBe(objects.length);
      expect(store.location).toBe(`az://${azurite.account}/private/below`);
    });
  });

  it('asks a public container once, and a private one in vain', async () => {
    await withStore(open('public/below'), async (store) => {
      await store.list('');
      await store.read('series-a/2.dcm', { offset: 0, length: 100 });
      expect(store.statistics.requests).toBe(2);
    });
    await expect(withStore(open('private/below'), count)).rejects.toMatchObject({
      code: expect.stringMatching(/^(access-denied|not-found)$/),
      message: expect.stringContaining('AZURE_STORAGE_SAS_TOKEN'),
    });
  });

  it('says that expired or foreign credentials are refused, without showing them', async () => {
    for (const environment of [
      { AZURE_STORAGE_SAS_TOKEN: azurite.sasFor('private', earlier) },
      { AZURE_STORAGE_KEY: Buffer.from('another key').toString('base64') },
    ]) {
      const error = await withStore(open('private/below', environment), count).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({
        code: 'access-denied',
        message: expect.stringMatching(/\((AuthenticationFailed|AuthorizationFailure)\)/),
      });
      expect(String(error)).not.toMatch(/sig=|SharedKey/);
    }
  });

  it('reads one object of a container that only lets read', async () => {
    await withStore(open('readable/below/series-b/100%.dcm'), async (store) => {
      expect(await store.list('')).toMatchObject([{ key: '100%.dcm', byteLength: 100 }]);
    });
    await withStore(open('readable/below/series-a/deep/er/without-extension'), async (store) => {
      expect(await store.list('')).toMatchObject([{ key: 'without-extension', byteLength: 300 }]);
    });
  });

  it('lists more than a page holds', async () => {
    await withStore(open('paged', { AZURE_STORAGE_KEY: azurite.key }), async (store) => {
      const keys = (await store.list('series')).map(({ key }) => key);
      expect(keys.length).toBe(5003);
      expect([keys[0], keys[5002]]).toEqual(['series/00000.dcm', 'series/05002.dcm']);
      expect(store.statistics.requests).toBe(2);
      expect(await store.listFolders('', 'se')).toEqual(['series']);
    });
  });
});
