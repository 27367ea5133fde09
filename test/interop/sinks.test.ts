import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AtlasRow } from '../../src/atlas/manifest.ts';
import { rowsOfPart } from '../../src/atlas/part-file.ts';
import { NotFoundError } from '../../src/base/errors.ts';
import { openSink } from '../../src/index.ts';
import type { Sink } from '../../src/types/sink.ts';
import { atlas } from '../support/atlas-command.ts';
import { ctSeries, writeSeriesFolder } from '../support/dicom/index.js';
import { randomBytes } from '../support/random.ts';
import { type Azurite, azuriteMissing, startAzurite } from '../support/servers/azurite.ts';
import { type CephServer, cephMissing, startCeph } from '../support/servers/ceph.ts';
import { createS3Client } from '../support/servers/s3-client.ts';

const cephIsMissing = cephMissing();
const azuriteIsMissing = await azuriteMissing();
for (const missing of [cephIsMissing, azuriteIsMissing]) if (missing !== undefined) console.log(`skipped: ${missing}`);

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
const archive = join(folder, 'archive');
const seriesCount = 5;
beforeAll(() => {
  for (let index = 0; index < seriesCount; index++) {
    const series = ctSeries({ seed: index, instances: 3, rows: 16, windows: [{ center: 40, width: 400 }] });
    writeSeriesFolder(join(archive, `series${index}`), series);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.unstubAllEnvs();
});

/** What each place must do, whoever keeps it. */
function testPlace(place: () => { readonly url: string; readonly env: Readonly<Record<string, string>> }): void {
  const open = (): Promise<Sink> => {
    const { url, env } = place();
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    return openSink(url);
  };

  it('gives back what was written, whole and in parts', async () => {
    const sink = await open();
    const large = randomBytes(3, 37 * 1024 * 1024 + 5);
    const path = join(folder, 'large');
    writeFileSync(path, large);
    await sink.writeFile('shards/00001.tar', path);
    await sink.write('shards/00000.tar', randomBytes(4, 1000));
    await sink.write('empty.json', new Uint8Array(0));
    expect(await sink.list('shards/')).toEqual([
      { name: 'shards/00000.tar', byteLength: 1000 },
      { name: 'shards/00001.tar', byteLength: large.length },
    ]);
    expect(Buffer.from(await sink.read('shards/00001.tar')).equals(large)).toBe(true);
    const range = await sink.read('shards/00001.tar', { offset: 17_000_000, length: 1000 });
    expect(Buffer.from(range).equals(large.subarray(17_000_000, 17_001_000))).toBe(true);
    for (const { name } of await sink.list('')) await sink.remove(name);
    expect(await sink.list('')).toEqual([]);
    await expect(sink.read('shards/00000.tar')).rejects.toBeInstanceOf(NotFoundError);
    await sink.close();
  });

  it('holds an atlas, which another run goes on with', async () => {
    const { url, env } = place();
    const out = `${url}/atlas`;
    const small = ['--image-width', '16', '--tile-width', '2', '--format', 'png', '--chunk-size', '2'];
    const half = await atlas(['build', archive, out, ...small, '--shard', '1/2'], env);
    expect(half.err).not.toContain('error');
    const whole = await atlas(['build', archive, out, ...small], env);
    expect(whole).toMatchObject({ status: 0 });
    const again = await atlas(['build', archive, out, ...small], env);
    expect(again.err).toContain(`${seriesCount} series, 0 made now`);
    expect((await atlas(['status', out], env)).out).toContain('Chunks    3 of 3');
    const sink = await open();
    const rows: readonly AtlasRow[] = await rowsOfPart(await sink.read('atlas/manifest.parquet'));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(seriesCount);
    for (const { shard, offset, length } of rows) {
      if (shard === null || offset === null || length === null) throw new Error('Expected a picture.');
      const picture = await sink.read(`atlas/${shard}`, { offset, length });
      expect(Buffer.from(picture.subarray(0, 4)).toString('latin1')).toBe('\x89PNG');
    }
    await sink.close();
  });
}

describe.skipIf(cephIsMissing !== undefined)('a sink on Ceph', () => {
  let server: CephServer | undefined;
  beforeAll(async () => {
    server = await startCeph();
    await createS3Client(server.url, server).createBucket('previews');
  });
  afterAll(() => server?.stop());
  const env = (): Record<string, string> => ({
    AWS_ENDPOINT_URL_S3: server?.url ?? '',
    AWS_ACCESS_KEY_ID: server?.accessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: server?.secretAccessKey ?? '',
  });

  testPlace(() => ({ url: 's3://previews/below here', env: env() }));

  it('says that a bucket is not there, and that a key is wrong', async () => {
    const small = ['--limit', '1'];
    expect(await atlas(['build', archive, 's3://nowhere/out', ...small], env())).toMatchObject({
      status: 3,
      err: expect.stringContaining('The bucket nowhere does not exist'),
    });
    const wrong = { ...env(), AWS_SECRET_ACCESS_KEY: 'wrong' };
    expect(await atlas(['build', archive, 's3://previews/out', ...small], wrong)).toMatchObject({
      status: 3,
      err: expect.stringContaining('SignatureDoesNotMatch'),
    });
  });
});

describe.skipIf(azuriteIsMissing !== undefined)('a sink on Azurite', () => {
  let azurite: Azurite | undefined;
  beforeAll(async () => {
    azurite = await startAzurite();
    await azurite.createContainer('previews');
  });
  afterAll(() => azurite?.stop());

  describe('with the key of the account', () => {
    testPlace(() => ({
      url: `az://${azurite?.account}/previews/below`,
      env: { AZURE_STORAGE_SERVICE_ENDPOINT: azurite?.url ?? '', AZURE_STORAGE_KEY: azurite?.key ?? '' },
    }));
  });

  describe('with a shared access signature', () => {
    testPlace(() => ({
      url: `az://${azurite?.account}/previews/signed`,
      env: {
        AZURE_STORAGE_SERVICE_ENDPOINT: azurite?.url ?? '',
        AZURE_STORAGE_SAS_TOKEN: azurite?.sasFor('previews', new Date(Date.now() + 3_600_000), 'racwdl') ?? '',
      },
    }));
  });

  it('says what a signature lacks that may only read', async () => {
    const env = {
      AZURE_STORAGE_SERVICE_ENDPOINT: azurite?.url ?? '',
      AZURE_STORAGE_SAS_TOKEN: azurite?.sasFor('previews', new Date(Date.now() + 3_600_000)) ?? '',
    };
    const out = `az://${azurite?.account}/previews/other`;
    const run = await atlas(['build', archive, out, '--limit', '1'], env);
    expect(run).toMatchObject({ status: 3, err: expect.stringContaining('may not be written with the shared access') });
    expect(run.err).not.toContain('sig=');
  });
});
