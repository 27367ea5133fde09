import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/base/errors.ts';
import { openS3 } from '../../../../src/storage/buckets/s3/store.ts';
import type { Store } from '../../../../src/types/storage.ts';
import { startFakeS3 } from '../../../support/fake-s3.ts';
import type { FaultyServer } from '../../../support/faulty-server.ts';
import { makeTemporaryFolder } from '../../../support/servers/process.ts';

const folder = makeTemporaryFolder('open-s3');
afterAll(() => folder.remove());
const ends: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const withoutFiles = { AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' };
const keysOfEnvironment = { AWS_ACCESS_KEY_ID: 'fromenv', AWS_SECRET_ACCESS_KEY: 'x' };

async function fake(): Promise<FaultyServer> {
  const server = await startFakeS3({ objects: new Map([['uid/1.dcm', new Uint8Array(10)]]) });
  ends.push(() => server.stop());
  return server;
}

/** The scope (`key/date/region/...`) of the first request that the store sends, '' where it is unsigned. */
async function scopeOfFirst(server: FaultyServer, opening: Promise<Store>): Promise<string> {
  const store = await opening;
  ends.push(() => store.close());
  await store.list('uid');
  return /Credential=([^,]+)/.exec(server.requests[0]?.headers.authorization ?? '')?.[1] ?? '';
}

describe('what an S3 store is opened with', () => {
  it('the endpoint: the option first, then AWS_ENDPOINT_URL_S3, then AWS_ENDPOINT_URL', async () => {
    const [server, other] = [await fake(), await fake()];
    const cases = [
      [{ endpointUrl: server.origin }, { AWS_ENDPOINT_URL_S3: other.origin }],
      [{}, { AWS_ENDPOINT_URL_S3: server.origin, AWS_ENDPOINT_URL: other.origin }],
      [{}, { AWS_ENDPOINT_URL: server.origin, AWS_ENDPOINT_URL_S3: '' }],
    ] as const;
    for (const [options, environment] of cases) {
      const store = await openS3('s3://bucket', options, { ...withoutFiles, ...environment });
      expect((await store.list('uid')).length).toBe(1);
      await store.close();
    }
    expect(other.requests.length).toBe(0);
  });

  it('the region: the option first, then AWS_REGION, AWS_DEFAULT_REGION, the profile, us-east-1', async () => {
    const config = join(folder.path, 'config');
    writeFileSync(config, '[default]\nregion = from-profile-1\n');
    const cases = [
      [{ region: 'option-1' }, { AWS_REGION: 'env-1' }, 'option-1'],
      [{}, { AWS_REGION: 'env-1', AWS_DEFAULT_REGION: 'env-2' }, 'env-1'],
      [{}, { AWS_REGION: '', AWS_DEFAULT_REGION: 'env-2', AWS_CONFIG_FILE: config }, 'env-2'],
      [{}, { AWS_CONFIG_FILE: config }, 'from-profile-1'],
      [{}, {}, 'us-east-1'],
      [{}, { AWS_REGION: 'aws-global' }, 'us-east-1'],
    ] as const;
    for (const [options, environment, region] of cases) {
      const server = await fake();
      const settings = { ...withoutFiles, ...keysOfEnvironment, AWS_ENDPOINT_URL: server.origin, ...environment };
      expect(await scopeOfFirst(server, openS3('s3://bucket', options, settings))).toContain(`/${region}/s3/`);
    }
  });

  it('credentials of the profile, endpoint too', async () => {
    const server = await fake();
    const config = join(folder.path, 'config2');
    const credentials = join(folder.path, 'credentials2');
    writeFileSync(config, `[profile lab]\nendpoint_url = ${server.origin}\n`);
    writeFileSync(credentials, '[lab]\naws_access_key_id = fromprofile\naws_secret_access_key = y\n');
    const environment = { AWS_PROFILE: 'lab', AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials };
    expect(await scopeOfFirst(server, openS3('s3://bucket', {}, environment))).toMatch(/^fromprofile\//);
  });

  it('no credentials where told so', async () => {
    const server = await fake();
    const environment = { ...withoutFiles, ...keysOfEnvironment, AWS_ENDPOINT_URL: server.origin };
    expect(await scopeOfFirst(server, openS3('s3://bucket', { noSignRequest: true }, environment))).toBe('');
  });

  it('nothing of AWS_PROFILE for the public buckets of the Imaging Data Commons', async () => {
    const environment = { ...withoutFiles, AWS_PROFILE: 'missing' };
    await expect(openS3('s3://another-bucket', {}, environment)).rejects.toBeInstanceOf(UsageError);
    const store = await openS3('s3://idc-open-data', {}, environment);
    await store.close();
  });

  it.each(['evil.example/', 'a b', ''])('no region %j', async (region) => {
    await expect(openS3('s3://bucket', { region }, withoutFiles)).rejects.toBeInstanceOf(UsageError);
  });

  it('requester pays', async () => {
    const server = await fake();
    const environment = { ...withoutFiles, AWS_ENDPOINT_URL: server.origin, AWS_REQUEST_PAYER: 'requester' };
    await scopeOfFirst(server, openS3('s3://bucket', {}, environment));
    expect(server.requests[0]?.headers['x-amz-request-payer']).toBe('requester');
  });
});
