import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAzureConnection } from '../../../../src/storage/buckets/azure/credentials.ts';
import { parseAzureErrorCode, parseAzurePage } from '../../../../src/storage/buckets/azure/listing.ts';
import { azureStringToSign } from '../../../../src/storage/buckets/azure/sign.ts';
import { openAzure } from '../../../../src/storage/buckets/azure/store.ts';
import { azureBase, isAzureBlobUrl, parseAzureUrl } from '../../../../src/storage/buckets/azure/url.ts';
import { openStore } from '../../../../src/storage/open-store.ts';
import type { Store } from '../../../../src/types/storage.ts';
import { startFaultyServer } from '../../../support/faulty-server.ts';

const signature = 'c2VjcmV0LXNpZ25hdHVyZQ%3D%3D';
const sharedSignature = `sv=2020-12-06&sp=rl&se=2030-01-01T00%3A00%3A00Z&sr=c&sig=${signature}`;
const accountKey = Buffer.from('a secret key').toString('base64');

/** Statuses and codes by the start of the path, for requests of a kind. */
let refusals: {
  readonly kind: 'anonymous' | 'sas' | 'key' | 'bearer';
  readonly status: number;
  readonly code: string;
}[] = [];
let goodTokens = new Set<string>();
const bytes = new Uint8Array(1000).fill(7);

function kindOf(path: string, authorization: string | undefined): 'anonymous' | 'sas' | 'key' | 'bearer' {
  if (path.includes('sig=')) return 'sas';
  if (authorization?.startsWith('SharedKey ') === true) return 'key';
  return authorization === undefined ? 'anonymous' : 'bearer';
}

const page = `\ufeff<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://x/" ContainerName="c"><Prefix>s/</Prefix><Blobs>
<Blob><Name>s/1.dcm</Name><Properties><Content-Length>1000</Content-Length><Etag>0x8D1</Etag><BlobType>BlockBlob</BlobType></Properties></Blob>
<Blob><Name>s/folder</Name><Properties><ResourceType>directory</ResourceType><Content-Length>0</Content-Length></Properties></Blob>
</Blobs><NextMarker /></EnumerationResults>`;

const server = await startFaultyServer({
  handle: (request, response, seen) => {
    const kind = kindOf(seen.path, request.headers.authorization);
    const refusal = refusals.find((each) => each.kind === kind);
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1];
    if (refusal !== undefined || (token !== undefined && !goodTokens.has(token))) {
      const { status, code } = refusal ?? { status: 401, code: 'InvalidAuthenticationInfo' };
      response
        .writeHead(status, { 'x-ms-error-code': code })
        .end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
    } else if (seen.path.includes('comp=list')) {
      response.writeHead(200, { 'content-type': 'application/xml' }).end(page);
    } else {
      response.writeHead(206, { etag: '"0x8D1"', 'content-range': 'bytes 0-9/1000', 'content-length': 10 });
      response.end(bytes.subarray(0, 10));
    }
    return true;
  },
});
afterAll(() => server.stop());
beforeEach(() => {
  refusals = [];
  goodTokens = new Set();
});

function library(...tokens: string[]): { load: (name: string) => Promise<unknown>; asked: () => number } {
  let asked = 0;
  class DefaultAzureCredential {
    async getToken(scope: string): Promise<unknown> {
      expect(scope).toBe('https://storage.azure.com/.default');
      const token = tokens[Math.min(asked, tokens.length - 1)];
      asked += 1;
      if (token === undefined) throw Object.assign(new Error(`tenant secret`), { name: 'CredentialUnavailableError' });
      return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
    }
  }
  return { load: async () => ({ DefaultAzureCredential }), asked: () => asked };
}

interface Outcome {
  readonly seen: readonly string[];
  readonly warnings: readonly string[];
}

/** Lists and reads twice; the kinds of all requests. */
async function use(
  url: string,
  surroundings: Parameters<typeof openAzure>[2],
  run: (store: Store) => Promise<unknown> = async (store) => {
    await store.list('');
    await store.read('1.dcm', { offset: 0, length: 10 });
    await store.read('1.dcm', { offset: 0, length: 10 });
  },
): Promise<Outcome> {
  const before = server.requests.length;
  const warnings: string[] = [];
  const options = { endpointUrl: server.origin, retries: 0, onWarning: (text: string) => warnings.push(text) };
  const store = await openAzure(url, options, { exists: () => false, environment: {}, ...surroundings });
  try {
    await run(store);
  } finally {
    await store.close();
  }
  const seen = server.requests.slice(before).map(({ path, headers }) => kindOf(path, headers.authorization));
  return { seen, warnings };
}

const signedIn = { AZURE_CLIENT_ID: 'somebody' };

describe('the access to a container', () => {
  it('is without credentials where none are configured', async () => {
    expect(await use('az://account/cont/s', {})).toEqual({
      seen: ['anonymous', 'anonymous', 'anonymous'],
      warnings: [],
    });
  });

  it('goes by what is configured: the URL, the connection string, the token, the key', async () => {
    const connection = `AccountName=account;AccountKey=${accountKey}`;
    for (const [url, environment, kind] of [
      [`az://account/cont/s?${sharedSignature}`, { AZURE_STORAGE_KEY: accountKey }, 'sas'],
      [
        'az://account/cont/s',
        { AZURE_STORAGE_CONNECTION_STRING: connection, AZURE_STORAGE_SAS_TOKEN: sharedSignature },
        'key',
      ],
      ['az://account/cont/s', { AZURE_STORAGE_SAS_TOKEN: `?${sharedSignature}`, AZURE_STORAGE_KEY: accountKey }, 'sas'],
      ['az://account/cont/s', { AZURE_STORAGE_KEY: accountKey, AZURE_STORAGE_ACCOUNT: 'account' }, 'key'],
    ] as const) {
      expect(await use(url, { environment })).toEqual({ seen: [kind, kind, kind], warnings: [] });
    }
  });

  it('never takes the credentials of another account along', async () => {
    for (const environment of [
      { AZURE_STORAGE_KEY: accountKey, AZURE_STORAGE_ACCOUNT: 'other' },
      { AZURE_STORAGE_SAS_TOKEN: sharedSignature, AZURE_STORAGE_ACCOUNT: 'other' },
      { AZURE_STORAGE_CONNECTION_STRING: `AccountName=other;AccountKey=${accountKey}` },
    ]) {
      expect((await use('az://account/cont/s', { environment })).seen).toEqual(['anonymous', 'anonymous', 'anonymous']);
    }
  });

  it('falls back to none where the configured one is refused and the container is public', async () => {
    refusals = [{ kind: 'sas', status: 403, code: 'AuthenticationFailed' }];
    const { seen, warnings } = await use('az://account/cont/s', {
      environment: { AZURE_STORAGE_SAS_TOKEN: sharedSignature },
    });
    expect(seen).toEqual(['sas', 'anonymous', 'anonymous', 'anonymous']);
    expect(warnings).toEqual([expect.stringMatching(/^az:\/\/account\/cont is public.*AuthenticationFailed/)]);
    expect(warnings.join()).not.toContain(signature);
  });

  it('goes on to Entra ID after one refusal, whatever a private container calls it', async () => {
    for (const [status, code] of [
      [404, 'ResourceNotFound'],
      [409, 'PublicAccessNotPermitted'],
      [401, 'NoAuthenticationInformation'],
      [403, 'AuthorizationFailure'],
    ] as const) {
      refusals = [{ kind: 'anonymous', status, code }];
      goodTokens = new Set(['token-1']);
      const { load, asked } = library('token-1');
      const { seen } = await use('az://account/cont/s', { environment: signedIn, load });
      expect(seen).toEqual(['anonymous', 'bearer', 'bearer', 'bearer']);
      expect(asked()).toBe(1);
    }
  });

  it('renews a token that is refused', async () => {
    refusals = [{ kind: 'anonymous', status: 404, code: 'ResourceNotFound' }];
    goodTokens = new Set(['token-2']);
    const { load } = library('token-1', 'token-2');
    const { seen } = await use('az://account/cont/s', { environment: signedIn, load });
    expect(seen).toEqual(['anonymous', 'bearer', 'bearer', 'bearer', 'bearer']);
  });

  it('is refused with what to do, and without secrets', async () => {
    refusals = [
      { kind: 'anonymous', status: 404, code: 'ResourceNotFound' },
      { kind: 'sas', status: 403, code: 'AuthorizationPermissionMismatch' },
    ];
    const cases: readonly (readonly [Parameters<typeof openAzure>[2], code: string, message: RegExp])[] = [
      [{}, 'not-found', /set AZURE_STORAGE_SAS_TOKEN/],
      [
        { environment: { AZURE_STORAGE_SAS_TOKEN: sharedSignature } },
        'access-denied',
        /permission to read and to list/,
      ],
      [{ environment: signedIn, load: library().load }, 'access-denied', /Entra ID \(CredentialUnavailableError\)/],
      [
        { environment: signedIn, load: () => Promise.reject(new Error('no such package')) },
        'missing-component',
        /npm install @azure\/identity/,
      ],
    ];
    for (const [surroundings, code, message] of cases) {
      const error = await use('az://account/cont/s', surroundings).catch((thrown: Error) => thrown);
      expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
      expect(`${String(error)}${JSON.stringify(error)}`).not.toMatch(/c2VjcmV0|sig=|tenant secret/);
    }
  });

  it('carries no credentials where noSignRequest says so, but for those in the URL', async () => {
    const store = await openAzure(
      'az://account/cont/s',
      { endpointUrl: server.origin, noSignRequest: true },
      { environment: { AZURE_STORAGE_KEY: accountKey } },
    );
    await store.list('');
    expect(server.requests.at(-1)?.headers.authorization).toBeUndefined();
    await store.close();
  });
});

describe('addresses', () => {
  it('are az:// with names as written, or https:// with names encoded', () => {
    expect(parseAzureUrl('az://account/container/a b/100%/x?y')).toEqual({
      account: 'account',
      container: 'container',
      prefix: 'a b/100%/x?y',
      endpoint: undefined,
      sas: undefined,
    });
    expect(parseAzureUrl(`az://account/container/a/?${sharedSignature}`)).toMatchObject({
      prefix: 'a',
      sas: sharedSignature,
    });
    expect(parseAzureUrl(`https://account.blob.core.windows.net/container/a%20b/?${sharedSignature}`)).toEqual({
      account: 'account',
      container: 'container',
      prefix: 'a b',
      endpoint: new URL('https://account.blob.core.windows.net'),
      sas: sharedSignature,
    });
    expect(parseAzureUrl('https://account-secondary.blob.core.windows.net/$web').account).toBe('account');
  });

  it('are refused where they name no container, without a word of their query', async () => {
    for (const url of ['az://', 'az://account', 'az://account/', 'az://ACCOUNT/c', 'az://account/Bad_Name/x']) {
      await expect(openStore(`${url}?sig=hidden`)).rejects.toMatchObject({
        code: 'usage',
        message: expect.not.stringContaining('hidden'),
      });
    }
    await expect(openStore('https://account.blob.core.windows.net/?sig=hidden')).rejects.toMatchObject({
      code: 'usage',
    });
  });

  it('tell Azure from other web servers', () => {
    expect(isAzureBlobUrl('https://account.blob.core.windows.net/c')).toBe(true);
    expect(isAzureBlobUrl('https://account.z1.blob.storage.azure.net/c')).toBe(true);
    expect(isAzureBlobUrl('https://account.blob.core.windows.net.example.org/c')).toBe(false);
    expect(isAzureBlobUrl('https://example.org/account.blob.core.windows.net')).toBe(false);
  });

  it('have the account in the host, or in the path of other machines', () => {
    expect(azureBase('account', undefined, 'core.windows.net')).toBe('https://account.blob.core.windows.net');
    expect(azureBase('account', 'http://127.0.0.1:10000', '')).toBe('http://127.0.0.1:10000/account');
    expect(azureBase('account', 'http://127.0.0.1:10000/account/', '')).toBe('http://127.0.0.1:10000/account');
    expect(azureBase('account', 'https://account.blob.example.org', '')).toBe('https://account.blob.example.org');
  });
});

describe('connection strings', () => {
  it('name an account, its key or signature, and where it is', () => {
    expect(
      parseAzureConnection(
        `DefaultEndpointsProtocol=https;AccountName=a1b;AccountKey=${accountKey};EndpointSuffix=x.y`,
      ),
    ).toEqual({
      account: 'a1b',
      key: accountKey,
      sas: undefined,
      endpoint: undefined,
      suffix: 'x.y',
    });
    expect(
      parseAzureConnection(`BlobEndpoint=https://a1b.blob.x.y/;SharedAccessSignature=${sharedSignature}`),
    ).toMatchObject({
      account: 'a1b',
      sas: sharedSignature,
    });
    expect(parseAzureConnection('UseDevelopmentStorage=true')).toMatchObject({ account: 'devstoreaccount1' });
    expect(() => parseAzureConnection('AccountKey=secret')).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.not.stringContaining('secret') }),
    );
  });
});

describe('the string to sign', () => {
  it('is that of the documentation', () => {
    // "Authorize with Shared Key", the example of Get Container Metadata.
    const url = new URL(
      'https://myaccount.blob.core.windows.net/mycontainer?comp=metadata&restype=container&timeout=20',
    );
    const headers = { 'x-ms-version': '2015-02-21', 'x-ms-date': 'Fri, 26 Jun 2015 23:39:12 GMT' };
    expect(azureStringToSign('GET', url, headers, 'myaccount')).toBe(
      'GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20',
    );
  });

  it('keeps the path as it is sent, and decodes the query', () => {
    const url = new URL('http://127.0.0.1:10000/account/c/a%20b?Prefix=a%2Fb&comp=list');
    const text = azureStringToSign('get', url, { range: 'bytes=0-9', 'x-ms-date': 'x', accept: '*/*' }, 'account');
    expect(text).toBe(
      'GET\n\n\n\n\n\n\n\n\n\n\nbytes=0-9\nx-ms-date:x\n/account/account/c/a%20b\ncomp:list\nprefix:a/b',
    );
  });
});

describe('listings', () => {
  it('give objects, folders and the next page', () => {
    expect(parseAzurePage(page)).toEqual({
      objects: [{ key: 's/1.dcm', byteLength: 1000, etag: '0x8D1' }],
      prefixes: [],
      next: undefined,
    });
    const more =
      '<EnumerationResults><Blobs><Blob><Name Encoded="true">a%01%2F%26.dcm</Name><Properties/></Blob>' +
      '<BlobPrefix><Name>x &amp; y/</Name></BlobPrefix></Blobs><NextMarker>2!abc</NextMarker></EnumerationResults>';
    expect(parseAzurePage(more)).toEqual({
      objects: [{ key: 'a\u0001/&.dcm', byteLength: undefined, etag: undefined }],
      prefixes: ['x & y/'],
      next: { marker: '2!abc' },
    });
  });

  it('that are none, or cut, are not taken', () => {
    expect(parseAzurePage('<html></html>')).toBeUndefined();
    for (let length = 1; length < page.trimEnd().length; length += 7) {
      expect(parseAzurePage(page.slice(0, length)), `${length}`).toBeUndefined();
    }
  });

  it('have error codes in the header or the text', () => {
    expect(parseAzureErrorCode('', 'BlobNotFound')).toBe('BlobNotFound');
    expect(parseAzureErrorCode('<?xml?><Error><Code>X1</Code></Error>', undefined)).toBe('X1');
    expect(parseAzureErrorCode('<Error><Code>a\u001b[31m</Code></Error>', undefined)).toBe('');
    expect(parseAzureErrorCode('<Error', undefined)).toBe('');
  });
});
