import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { AccessDeniedError, MissingComponentError, StorageError } from '../../../../src/base/errors.ts';
import { createTransport } from '../../../../src/http/transport.ts';
import type { CredentialSource } from '../../../../src/storage/buckets/s3/credentials.ts';
import { createS3Store } from '../../../../src/storage/buckets/s3/store.ts';
import type { Store } from '../../../../src/types/storage.ts';
import { type FakeS3Options, startFakeS3 } from '../../../support/fake-s3.ts';
import type { FaultyServer } from '../../../support/faulty-server.ts';
import { randomBytes } from '../../../support/random.ts';

const ends: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const allObjects = new Map([
  ['uid/1.dcm', randomBytes(1, 1000)],
  ['uid/2.dcm', randomBytes(2, 1000)],
  ['other/1.dcm', randomBytes(3, 1000)],
]);
const staticKeys: CredentialSource = {
  kind: 'static',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'TOPSECRETKEY', sessionToken: 'TOPSECRETTOKEN' },
};

interface Setup {
  readonly server: FaultyServer;
  readonly store: Store;
  readonly warnings: readonly string[];
}

async function setUp(
  options: Partial<FakeS3Options> = {},
  source: CredentialSource = staticKeys,
  more: {
    readonly prefix?: string;
    readonly requesterPays?: boolean;
    readonly load?: (name: string) => Promise<unknown>;
  } = {},
): Promise<Setup> {
  const server = await startFakeS3({ objects: allObjects, ...options });
  const warnings: string[] = [];
  const store = createS3Store({
    root: { bucket: 'bucket', prefix: more.prefix ?? '' },
    endpoint: { endpointUrl: new URL(server.origin), region: 'us-east-1' },
    source,
    requesterPays: more.requesterPays ?? false,
    onWarning: (message) => warnings.push(message),
    load: more.load,
    transport: createTransport({ environment: {}, backoffMs: 1, retries: 2, timeoutMs: 2000 }),
  });
  ends.push(
    () => server.stop(),
    () => store.close(),
  );
  return { server, store, warnings };
}

const isSigned = (request: IncomingMessage): boolean => request.headers.authorization !== undefined;
const scopeOf = (header: string | undefined): string => /Credential=([^,]+)/.exec(header ?? '')?.[1] ?? '';

describe('requests', () => {
  it('are signed for region and service, with the session token, and each attempt anew', async () => {
    let count = 0;
    const { server, store } = await setUp({
      refuse: () => (count++ === 0 ? { status: 503, code: 'SlowDown' } : undefined),
    });
    await store.read('uid/1.dcm', { offset: 0, length: 10 });
    expect(server.requests.length).toBe(2);
    for (const { headers } of server.requests) {
      expect(scopeOf(headers.authorization)).toMatch(/^AKIDEXAMPLE\/\d{8}\/us-east-1\/s3\/aws4_request$/);
      expect(headers['x-amz-security-token']).toBe('TOPSECRETTOKEN');
      expect(headers.authorization).toMatch(/SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,/);
    }
  });

  it('are not signed without credentials', async () => {
    const { server, store } = await setUp({}, { kind: 'none' });
    await store.list('uid');
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('say that the requester pays where that is configured, and sign it', async () => {
    const { server, store } = await setUp({}, staticKeys, { requesterPays: true });
    await store.list('uid');
    expect(server.requests[0]?.headers['x-amz-request-payer']).toBe('requester');
    expect(server.requests[0]?.headers.authorization).toContain('x-amz-request-payer');
  });
});

describe('listings', () => {
  it('of many pages are gathered', async () => {
    const objects = new Map(Array.from({ length: 25 }, (_, index) => [`uid/${index}`, new Uint8Array(1)]));
    const { server, store } = await setUp({ objects, pageSize: 10 });
    expect((await store.list('uid')).length).toBe(25);
    expect(server.requests.length).toBe(3);
  });

  it.each(['uid', 'uid//deep', '/uid'])('hold keys with empty names, below %s too', async (prefix) => {
    const names = ['uid//deep/0.dcm', 'uid//deep//1.dcm', '/uid/2.dcm'];
    const objects = new Map(names.map((name, index) => [name, Uint8Array.of(index)]));
    const below = names.filter((name) => name.startsWith(`${prefix}/`));
    for (const [root, folder] of [
      ['', prefix],
      [prefix, ''],
    ] as const) {
      const { store, warnings } = await setUp({ objects }, staticKeys, { prefix: root });
      const keys = (await store.list(folder)).map(({ key }) => key);
      expect(keys.map((key) => (root === '' ? key : `${root}/${key}`)).sort()).toEqual([...below].sort());
      for (const key of keys) {
        const { bytes } = await store.read(key, { offset: 0, length: 1 });
        expect(names[bytes[0] ?? 9]).toBe(root === '' ? key : `${root}/${key}`);
      }
      expect(warnings).toEqual([]);
    }
  });

  it('keep odd names, pass over marks of folders, and leave out what cannot be asked for', async () => {
    const names = ['uid/', 'uid/a b+c%41.dcm', 'uid/é&<>.dcm', 'uid/../../escape', 'uid//double', 'uid/./x'];
    const objects = new Map(names.map((name) => [name, new Uint8Array(1)]));
    const { store, warnings } = await setUp({ objects });
    expect((await store.list('uid')).map(({ key }) => key)).toEqual([
      'uid//double',
      'uid/a b+c%41.dcm',
      'uid/é&<>.dcm',
    ]);
    expect(warnings).toEqual([expect.stringMatching(/^2 objects .* were left out/)]);
  });

  it('that slip in what was not asked for are cut down', async () => {
    const page =
      '<ListBucketResult><Contents><Key>other/1.dcm</Key></Contents><Contents><Key>uid/1.dcm</Key></Contents></ListBucketResult>';
    const { store } = await setUp({ listing: () => page });
    expect((await store.list('uid')).map(({ key }) => key)).toEqual(['uid/1.dcm']);
  });

  it('that are cut off are asked for again', async () => {
    let count = 0;
    const { store, server } = await setUp({
      listing: () => (count++ === 0 ? '<ListBucketResult><Contents><Key>uid/1.dcm</Key></Contents>' : undefined),
    });
    expect((await store.list('uid')).length).toBe(2);
    expect(server.requests.length).toBe(2);
  });

  it.each([
    [
      'goes on without saying where',
      '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>',
      /listing of S3/,
    ],
    [
      'goes round in circles',
      '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>',
      /in circles/,
    ],
    ['is HTML', '<html><body>Welcome</body></html>', /listing of S3/],
    ['is empty', '', /listing of S3/],
  ])('that %s are an error', async (_name, page, expected) => {
    const { store } = await setUp({ listing: () => page });
    await expect(store.list('uid')).rejects.toThrow(expected);
  });

  it('do not fill the memory', async () => {
    const { store } = await setUp({ listing: () => `<ListBucketResult>${' '.repeat(17_000_000)}</ListBucketResult>` });
    await expect(store.list('uid')).rejects.toThrow(/larger than/);
  });
});

describe('regions', () => {
  it.each([
    { status: 400, code: 'AuthorizationHeaderMalformed', region: 'eu-central-1' },
    { status: 301, code: 'PermanentRedirect', headers: { 'x-amz-bucket-region': 'eu-central-1' } },
    { status: 307, code: 'TemporaryRedirect', headers: { 'x-amz-bucket-region': 'eu-central-1' } },
  ])('are taken from a reply $status $code, and remembered', async (refusal) => {
    const { server, store } = await setUp({
      refuse: ({ headers }) => (scopeOf(headers.authorization).includes('/eu-central-1/') ? undefined : refusal),
    });
    await store.list('uid');
    await store.read('uid/1.dcm', { offset: 0, length: 1 });
    expect(server.requests.length).toBe(3);
  });

  it('that send us round and round are an error', async () => {
    let count = 0;
    const { server, store } = await setUp({
      refuse: () => ({
        status: 301,
        code: 'PermanentRedirect',
        headers: { 'x-amz-bucket-region': `eu-west-${++count}` },
      }),
    });
    await expect(store.list('uid')).rejects.toBeInstanceOf(StorageError);
    expect(server.requests.length).toBeLessThan(10);
  });

  it('that are no names of regions are not believed', async () => {
    const { store } = await setUp({
      refuse: () => ({ status: 301, code: 'PermanentRedirect', headers: { 'x-amz-bucket-region': 'evil.example/' } }),
    });
    await expect(store.list('uid')).rejects.toThrow(/does not say to which region/);
  });
});

describe('credentials that are refused', () => {
  it.each(['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'AccessDenied', 'ExpiredToken', 'InvalidToken'])(
    'with %s, on a public bucket: unsigned from then on, with one warning',
    async (code) => {
      const status = code === 'ExpiredToken' || code === 'InvalidToken' ? 400 : 403;
      const { server, store, warnings } = await setUp({
        refuse: (request) => (isSigned(request) ? { status, code } : undefined),
      });
      expect((await store.list('uid')).length).toBe(2);
      await store.read('uid/1.dcm', { offset: 0, length: 1 });
      expect(server.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([true, false, false]);
      expect(warnings.length).toBe(1);
      expect(warnings[0]).toContain(code);
    },
  );

  it('on a private bucket: the first refusal is what counts', async () => {
    const { store, warnings } = await setUp({
      refuse: (request) => ({ status: 403, code: isSigned(request) ? 'InvalidAccessKeyId' : 'AccessDenied' }),
    });
    await expect(store.list('uid')).rejects.toThrow(/InvalidAccessKeyId/);
    expect(warnings).toEqual([]);
  });

  it('for one object only, after they have worked: no access to it, and everything stays signed', async () => {
    const { server, store } = await setUp({
      refuse: ({ url }) => (url?.includes('1.dcm') === true ? { status: 403, code: 'AccessDenied' } : undefined),
    });
    await store.list('uid');
    await expect(store.read('uid/1.dcm', { offset: 0, length: 1 })).rejects.toBeInstanceOf(AccessDeniedError);
    await store.read('uid/2.dcm', { offset: 0, length: 1 });
    expect(server.requests.every(({ headers }) => headers.authorization !== undefined)).toBe(true);
  });

  it('for the listing only: they are tried for an object that is not public', async () => {
    const { server, store } = await setUp({
      refuse: (request) => {
        const isListing = request.url?.includes('list-type') === true;
        return isListing === isSigned(request) ? { status: 403, code: 'AccessDenied' } : undefined;
      },
    });
    await store.list('uid');
    await store.read('uid/1.dcm', { offset: 0, length: 1 });
    await store.read('uid/2.dcm', { offset: 0, length: 1 });
    expect(server.requests.map(({ headers }) => headers.authorization !== undefined)).toEqual([
      true,
      false,
      false,
      true,
      true,
    ]);
  });

  it('for good, with no new ones to be had: unsigned where the bucket is public', async () => {
    const provide = async ({ forceRefresh }: { readonly forceRefresh: boolean }): Promise<unknown> => {
      if (forceRefresh) throw new Error('the session of /home/me has ended');
      return { accessKeyId: 'old', secretAccessKey: 'x' };
    };
    const { store, warnings } = await setUp(
      { refuse: (request) => (isSigned(request) ? { status: 400, code: 'ExpiredToken' } : undefined) },
      { kind: 'chain', because: 'the AWS profile has sso_session' },
      { load: async () => ({ defaultProvider: () => provide }) },
    );
    expect((await store.list('uid')).length).toBe(2);
    expect(warnings).toEqual([expect.stringMatching(/is public .* gave no credentials for s3:\/\/bucket/)]);
    expect(warnings.join()).not.toContain('/home/me');
  });

  it('because the clock is wrong: signed again by the time of the server', async () => {
    const serverTime = new Date(Date.now() + 7_200_000);
    const { server, store } = await setUp({
      refuse: ({ headers }) => {
        const day = String(headers['x-amz-date']);
        const iso = day.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, '$1-$2-$3:$4:');
        if (Math.abs(Date.parse(iso) - serverTime.getTime()) < 600_000) return undefined;
        return { status: 403, code: 'RequestTimeTooSkewed', headers: { date: serverTime.toUTCString() } };
      },
    });
    expect((await store.list('uid')).length).toBe(2);
    expect(server.requests.length).toBe(2);
  });

  it("because they have expired: Amazon's chain is asked for new ones, once", async () => {
    let current = 'old';
    const asked: boolean[] = [];
    const provide = async ({ forceRefresh }: { readonly forceRefresh: boolean }): Promise<unknown> => {
      asked.push(forceRefresh);
      if (forceRefresh) current = 'new';
      return { accessKeyId: current, secretAccessKey: 'x' };
    };
    const { store, warnings } = await setUp(
      {
        refuse: ({ headers }) =>
          scopeOf(headers.authorization).startsWith('new/') ? undefined : { status: 400, code: 'ExpiredToken' },
      },
      { kind: 'chain', because: 'the AWS profile has sso_session' },
      { load: async () => ({ defaultProvider: () => provide }) },
    );
    await Promise.all([store.list('uid'), store.list('other'), store.list('uid')]);
    expect(asked.filter((refresh) => refresh).length).toBe(1);
    expect(warnings).toEqual([]);
  });

  it("because Amazon's chain is not installed: unsigned where the bucket is public, else the command to install it", async () => {
    const chain: CredentialSource = { kind: 'chain', because: 'the AWS profile has sso_session' };
    const load = (): Promise<unknown> => Promise.reject(new Error('not found'));
    const open = await setUp({}, chain, { load });
    expect((await open.store.list('uid')).length).toBe(2);
    expect(open.warnings.length).toBe(1);
    const closed = await setUp({ refuse: () => ({ status: 403, code: 'AccessDenied' }) }, chain, { load });
    await expect(closed.store.list('uid')).rejects.toBeInstanceOf(MissingComponentError);
  });
});

describe('what messages tell', () => {
  it('never a credential', async () => {
    for (const code of [
      'AccessDenied',
      'SignatureDoesNotMatch',
      'InternalError',
      'NoSuchBucket',
      'RequestTimeTooSkewed',
      undefined,
    ]) {
      for (const status of [301, 400, 403, 404, 500]) {
        const { store, warnings } = await setUp({
          refuse: () => ({ status, ...(code === undefined ? {} : { code }), headers: { 'x-echo': 'TOPSECRETKEY' } }),
        });
        const error: unknown = await store.list('uid').catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(Error);
        const told = JSON.stringify([
          String(error),
          error,
          warnings,
          error instanceof Error ? [error.stack, error.cause] : [],
        ]);
        expect(told).not.toMatch(/TOPSECRET|AKIDEXAMPLE|Signature=/);
      }
    }
  });

  it.each([
    [404, 'NoSuchBucket', 'not-found', /bucket bucket does not exist/],
    [404, 'NoSuchKey', 'not-found', /no object/],
    [403, 'InvalidObjectState', 'storage', /archived/],
    [403, undefined, 'access-denied', /may not be read/],
    [500, 'InternalError', 'storage', /500/],
  ] as const)('%i %s', async (status, code, expected, message) => {
    const { store } = await setUp(
      { refuse: () => ({ status, ...(code === undefined ? {} : { code }) }) },
      { kind: 'none' },
    );
    const error = store.read('uid/1.dcm', { offset: 0, length: 1 });
    await expect(error).rejects.toMatchObject({ code: expected });
    await expect(error).rejects.toThrow(message);
  });
});

describe('the root', () => {
  it('may be a prefix, or one object', async () => {
    const below = await setUp({}, staticKeys, { prefix: 'uid' });
    expect(below.store.location).toBe('s3://bucket/uid');
    expect((await below.store.list('')).map(({ key }) => key)).toEqual(['1.dcm', '2.dcm']);
    const single = await setUp({}, staticKeys, { prefix: 'uid/2.dcm' });
    expect((await single.store.list('')).map(({ key }) => key)).toEqual(['2.dcm']);
    const { bytes } = await single.store.read('2.dcm', { offset: 0, length: 1000 });
    expect(bytes).toEqual(allObjects.get('uid/2.dcm'));
  });
});
