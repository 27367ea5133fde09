import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { AccessDeniedError, NotFoundError, OutputError, StorageError, UsageError } from '../../src/base/errors.ts';
import { openGcsSink } from '../../src/storage/buckets/gcs/store.ts';
import { openS3Sink } from '../../src/storage/buckets/s3/store.ts';
import { openSink } from '../../src/storage/open-sink.ts';
import type { Sink } from '../../src/types/sink.ts';
import { type FakeS3Refusal, startFakeS3 } from '../support/fake-s3.ts';
import type { Fault, FaultyServer, SeenRequest } from '../support/faulty-server.ts';
import { randomBytes } from '../support/random.ts';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

interface Bucket {
  readonly sink: Sink;
  readonly objects: Map<string, Uint8Array>;
  readonly openUploads: Map<string, Map<number, Uint8Array>>;
  readonly server: FaultyServer;
}

const servers: FaultyServer[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) await server.stop();
});

const withoutFiles = { AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' };
const credentials = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' };

async function bucket(
  options: {
    readonly fault?: (seen: SeenRequest) => Fault | undefined;
    readonly refuse?: (method: string) => FakeS3Refusal | undefined;
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<Bucket> {
  const objects = new Map<string, Uint8Array>([['other/file', text('not below the prefix')]]);
  const openUploads = new Map<string, Map<number, Uint8Array>>();
  const { fault, refuse } = options;
  const server = await startFakeS3({
    objects,
    written: objects,
    openUploads,
    ...(fault === undefined ? {} : { fault }),
    ...(refuse === undefined ? {} : { refuse: ({ method }) => refuse(method ?? '') }),
  });
  servers.push(server);
  const environment = { ...withoutFiles, ...(options.environment ?? credentials) };
  const sink = await openS3Sink('s3://bucket/out', { endpointUrl: server.origin, retries: 5 }, environment);
  return { sink, objects, openUploads, server };
}

async function local(): Promise<Sink> {
  return openSink(mkdtempSync(join(folder, 'sink-')));
}

describe.each([
  ['a folder', local],
  ['S3', async () => (await bucket()).sink],
] as const)('a sink: %s', (_, open) => {
  it('gives back what was written, and what is there, by prefix', async () => {
    const sink = await open();
    await sink.write('parts/00002.parquet', text('two'));
    await sink.write('parts/00001.parquet', text('one'));
    await sink.write('atlas.json', text('{}'));
    await sink.write('empty', new Uint8Array(0));
    expect(await sink.list('parts/')).toEqual([
      { name: 'parts/00001.parquet', byteLength: 3 },
      { name: 'parts/00002.parquet', byteLength: 3 },
    ]);
    expect((await sink.list('parts/00001')).length).toBe(1);
    expect(await sink.list('nothing/')).toEqual([]);
    expect(Buffer.from(await sink.read('parts/00002.parquet')).toString()).toBe('two');
    expect(Buffer.from(await sink.read('parts/00002.parquet', { offset: 1, length: 2 })).toString()).toBe('wo');
    expect((await sink.read('empty')).length).toBe(0);
    await sink.close();
  });

  it('replaces and removes, and says what is not there', async () => {
    const sink = await open();
    await sink.write('a', text('first'));
    await sink.write('a', text('second'));
    expect(Buffer.from(await sink.read('a')).toString()).toBe('second');
    await sink.remove('a');
    await sink.remove('a');
    await expect(sink.read('a')).rejects.toBeInstanceOf(NotFoundError);
    await sink.close();
  });

  it('takes files of this machine', async () => {
    const sink = await open();
    const path = join(folder, 'file');
    writeFileSync(path, randomBytes(1, 100_000));
    await sink.writeFile('shards/00001.tar', path);
    expect(Buffer.from(await sink.read('shards/00001.tar')).equals(randomBytes(1, 100_000))).toBe(true);
    await sink.close();
  });
});

describe('a sink in a folder', () => {
  // Linux alone has `/proc`, where nothing can be made.
  it.skipIf(!existsSync('/proc/self'))('says that a folder cannot be made', async () => {
    const sink = await openSink('/proc/atlas');
    const failed = expect(sink.write('a/b', text('b'))).rejects;
    await failed.toMatchObject({ code: 'output', message: expect.stringContaining("'/proc/atlas/a/b'") });
  });

  it('leaves no file where writing fails, and takes away what a killed process left', async () => {
    const sink = await local();
    await sink.write('a/b', text('b'));
    await expect(sink.write('a/b/c', text('c'))).rejects.toBeInstanceOf(OutputError);
    expect(readdirSync(join(sink.location, 'a'))).toEqual(['b']);
    const second = await openSink(sink.location);
    const left = `.b.${'0'.repeat(12)}_1_${'0'.repeat(16)}.tmp`;
    writeFileSync(join(sink.location, 'a', left), 'half');
    expect(await second.list('a/')).toEqual([{ name: 'a/b', byteLength: 1 }]);
  });
});

describe('a sink in a bucket', () => {
  const path = join(folder, 'large');
  const large = randomBytes(7, 17 * 1024 * 1024 + 123);
  const refusedOnce = (
    matches: (seen: SeenRequest) => boolean,
    fault: Fault,
  ): ((seen: SeenRequest) => Fault | undefined) => {
    let isDone = false;
    return (seen) => {
      if (isDone || !matches(seen)) return undefined;
      isDone = true;
      return fault;
    };
  };

  it('writes large files in parts, signed, with the digests of their bytes', async () => {
    writeFileSync(path, large);
    const { sink, objects, openUploads, server } = await bucket();
    await sink.writeFile('large.tar', path);
    expect(Buffer.from(objects.get('out/large.tar') ?? []).equals(large)).toBe(true);
    expect(openUploads.size).toBe(0);
    const puts = server.requests.filter(({ method }) => method === 'PUT');
    expect(puts.length).toBe(2);
    for (const { headers } of puts) {
      expect(headers.authorization).toMatch(/SignedHeaders=host;x-amz-content-sha256;x-amz-date,/);
      expect(headers['x-amz-content-sha256']).not.toContain('e3b0c442');
    }
    expect(server.requests[0]?.headers['content-type']).toBe('application/x-tar');
    expect(readFileSync(path).length).toBe(large.length);
    await sink.close();
  });

  it.each([
    ['a refusal that passes', { kind: 'status', status: 503 }],
    ['a dropped connection', { kind: 'drop' }],
    ['an error of the server', { kind: 'status', status: 500 }],
  ] as const)('writes the same after %s, of every request', async (_, fault) => {
    writeFileSync(path, large);
    const hit = new Set<string>();
    const { sink, objects } = await bucket({
      fault: ({ method, path: asked }) => {
        const key = `${method} ${asked}`;
        if (hit.has(key)) return undefined;
        hit.add(key);
        return fault;
      },
    });
    await sink.writeFile('large.tar', path);
    await sink.write('small', text('small'));
    expect(Buffer.from(objects.get('out/large.tar') ?? []).equals(large)).toBe(true);
    expect(Buffer.from(objects.get('out/small') ?? []).toString()).toBe('small');
    await sink.remove('small');
    expect(objects.has('out/small')).toBe(false);
    await sink.close();
  });

  it('takes an object for written whose completion was done but not answered', async () => {
    writeFileSync(path, large);
    const { sink, objects, openUploads } = await bucket({
      fault: (seen) => {
        if (seen.method !== 'POST' || !seen.path.includes('uploadId') || openUploads.size === 0) return undefined;
        objects.set('out/large.tar', large);
        openUploads.clear();
        return { kind: 'drop' };
      },
    });
    await sink.writeFile('large.tar', path);
    expect(openUploads.size).toBe(0);
    await sink.close();
  });

  it('gives up an upload that fails, and says why', async () => {
    writeFileSync(path, large);
    const { sink, objects, openUploads } = await bucket({
      fault: ({ path: asked }) => (asked.includes('partNumber=2') ? { kind: 'status', status: 500 } : undefined),
    });
    await expect(sink.writeFile('large.tar', path)).rejects.toBeInstanceOf(StorageError);
    expect(openUploads.size).toBe(0);
    expect(objects.has('out/large.tar')).toBe(false);
    await sink.close();
  });

  it('notices a completion that failed with the status 200', async () => {
    writeFileSync(path, large);
    const { sink } = await bucket({
      fault: refusedOnce(({ method, path: asked }) => method === 'POST' && asked.includes('uploadId'), {
        kind: 'status',
        status: 200,
        text: '<Error><Code>InternalError</Code></Error>',
      }),
    });
    await expect(sink.writeFile('large.tar', path)).rejects.toThrow(/InternalError/);
    await sink.close();
  });

  it('says what permissions are missing', async () => {
    const refuse = (method: string): FakeS3Refusal | undefined =>
      method === 'PUT' ? { status: 403, code: 'AccessDenied' } : undefined;
    const signed = await bucket({ refuse });
    await expect(signed.sink.write('a', text('a'))).rejects.toThrow(
      /s3:\/\/bucket\/out\/a may not be written with these credentials \(AccessDenied\)\. They need the permissions/,
    );
    expect(signed.server.requests.length).toBe(1);
    const unsigned = await bucket({ refuse, environment: {} });
    await expect(unsigned.sink.write('a', text('a'))).rejects.toBeInstanceOf(AccessDeniedError);
    for (const { sink } of [signed, unsigned]) await sink.close();
  });

  it("writes to Google's XML API with a token, also large files", async () => {
    writeFileSync(path, large);
    const objects = new Map<string, Uint8Array>();
    const server = await startFakeS3({ objects, written: objects, openUploads: new Map() });
    servers.push(server);
    const environment = { GOOGLE_OAUTH_ACCESS_TOKEN: 'token' };
    const machine = { environment, home: '/nonexistent', exists: () => false, read: () => '' };
    const sink = await openGcsSink('gs://bucket/out', { endpointUrl: server.origin }, { machine });
    await sink.writeFile('large.tar', path);
    expect(Buffer.from(objects.get('out/large.tar') ?? []).equals(large)).toBe(true);
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer token']));
    expect(Object.keys(server.requests[1]?.headers ?? {}).filter((name) => name.startsWith('x-amz-'))).toEqual([]);
    await sink.close();
  });

  it('refuses schemes that nothing can be written to', async () => {
    await expect(openSink('https://example.org/atlas')).rejects.toBeInstanceOf(UsageError);
    await expect(openSink('')).rejects.toBeInstanceOf(UsageError);
  });
});
