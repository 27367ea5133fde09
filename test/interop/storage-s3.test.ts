import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AccessDeniedError, NotFoundError } from '../../src/base/errors.ts';
import { openStore } from '../../src/storage/open-store.ts';
import type { OpenStoreOptions } from '../../src/storage/open-store-options.ts';
import type { Store } from '../../src/types/storage.ts';
import { randomBytes } from '../support/random.ts';
import { type CephServer, cephMissing, startCeph } from '../support/servers/ceph.ts';
import { createS3Client, type S3Client } from '../support/servers/s3-client.ts';
import { CONFORMANCE_OBJECTS, testConformance } from '../support/store-conformance.ts';

const missing = cephMissing();
if (missing !== undefined) console.log(`skipped: S3 on Ceph: ${missing}`);

describe.skipIf(missing !== undefined)('S3 on Ceph', () => {
  let server: CephServer | undefined;
  let client: S3Client | undefined;
  const many = Array.from({ length: 2345 }, (_, index) => `many/${String(index).padStart(5, '0')}.dcm`);

  beforeAll(async () => {
    server = await startCeph();
    client = createS3Client(server.url, server);
    await client.createBucket('private');
    await client.createBucket('public', 'public-read');
    await client.createBucket('with.dots');
    for (const [key, bytes] of CONFORMANCE_OBJECTS) {
      await client.putObject('private', key, bytes);
      await client.putObject('public', `root/folder/${key}`, bytes, 'public-read');
      await client.putObject('with.dots', key, bytes);
    }
    const left = [...many];
    const put = async (): Promise<void> => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) {
        await client?.putObject('public', key, new Uint8Array(1), 'public-read');
      }
    };
    await Promise.all(Array.from({ length: 16 }, put));
  });
  afterAll(() => server?.stop());

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  const signIn = (overrides: { readonly id?: string; readonly secret?: string } = {}): void => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', overrides.id ?? server?.accessKeyId ?? '');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', overrides.secret ?? server?.secretAccessKey ?? '');
  };
  const signOut = (): void => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE']) {
      vi.stubEnv(name, undefined);
    }
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/nonexistent');
  };
  const open = (url: string, options: OpenStoreOptions = {}): Promise<Store> =>
    openStore(url, { endpointUrl: server?.url ?? '', ...options });

  describe('signed, the root a whole bucket', () => {
    testConformance(() => {
      signIn();
      return open('s3://private');
    });
  });

  describe('signed, a bucket with dots in its name', () => {
    testConformance(() => {
      signIn();
      return open('s3://with.dots/');
    });
  });

  describe('anonymous, the root a folder of a public bucket', () => {
    testConformance(() => {
      signOut();
      return open('s3://public/root/folder');
    });
  });

  describe('a public bucket as a web folder', () => {
    testConformance(() => openStore(`${server?.url}/public/root/folder/`));
    it('lists the top of the bucket too, page by page', async () => {
      const store = await openStore(`${server?.url}/public`);
      expect((await store.list('many')).length).toBe(many.length);
      expect(await store.listFolders('', '')).toEqual(['many', 'root']);
      await store.close();
    });
  });

  it('gives every key of a listing that comes in pages, in one request a page', async () => {
    signOut();
    const store = await open('s3://public');
    const objects = await store.list('many');
    expect(objects.map(({ key }) => key)).toEqual(many);
    expect(store.statistics.requests).toBe(3);
    await store.close();
  });

  it('takes the endpoint from the variables', async () => {
    signIn();
    vi.stubEnv('AWS_ENDPOINT_URL', server?.url);
    const store = await openStore('s3://private');
    expect((await store.list('series-a')).length).toBe(5);
    await store.close();
  });

  it('takes one object as the root', async () => {
    signIn();
    const store = await open('s3://private/series-b/100%.dcm');
    expect((await store.list('')).map(({ key }) => key)).toEqual(['100%.dcm']);
    const { bytes } = await store.read('100%.dcm', { offset: 0, length: 200 });
    expect(bytes).toEqual(CONFORMANCE_OBJECTS.get('series-b/100%.dcm'));
    await store.close();
  });

  it('goes on without credentials where they are refused and the bucket is public', async () => {
    for (const wrong of [{ id: 'unknown' }, { secret: 'wrong' }]) {
      signIn(wrong);
      const warnings: string[] = [];
      const store = await open('s3://public/root/folder', { onWarning: (message) => warnings.push(message) });
      expect((await store.list('series-a')).length).toBe(5);
      expect((await store.read('series-a/2.dcm', { offset: 0, length: 10 })).bytes.length).toBe(10);
      expect(warnings.length).toBe(1);
      expect(warnings[0]).toMatch(/s3:\/\/public is public/);
      expect(warnings.join()).not.toContain(server?.secretAccessKey ?? '');
      await store.close();
      vi.unstubAllEnvs();
    }
  });

  it('says why where nothing helps', async () => {
    signIn({ secret: 'wrong' });
    const wrong = await open('s3://private');
    await expect(wrong.list('series-a')).rejects.toThrow(/SignatureDoesNotMatch/);
    await wrong.close();
    signOut();
    const anonymous = await open('s3://private');
    await expect(anonymous.list('series-a')).rejects.toBeInstanceOf(AccessDeniedError);
    await anonymous.close();
    signIn();
    const nowhere = await open('s3://nowhere');
    await expect(nowhere.list('series-a')).rejects.toThrow(/bucket nowhere does not exist/);
    await nowhere.close();
    const unsigned = await open('s3://private', { noSignRequest: true });
    await expect(unsigned.list('series-a')).rejects.toThrow(/without credentials/);
    await unsigned.close();
  });

  it('notices an object that was replaced between two reads', async () => {
    signIn();
    await client?.putObject('private', 'changing.dcm', randomBytes(1, 1000));
    const store = await open('s3://private');
    const { etag } = await store.read('changing.dcm', { offset: 0, length: 10 });
    await client?.putObject('private', 'changing.dcm', randomBytes(2, 1000));
    await expect(store.read('changing.dcm', { offset: 10, length: 10 }, { etag })).rejects.toMatchObject({
      code: 'changed',
    });
    await store.close();
  });

  it('says that an object or a folder is not there', async () => {
    signIn();
    const store = await open('s3://private/series-a');
    await expect(store.list('nothing')).rejects.toBeInstanceOf(NotFoundError);
    await expect(store.read('nothing.dcm', { offset: 0, length: 1 })).rejects.toBeInstanceOf(NotFoundError);
    await store.close();
  });
});
