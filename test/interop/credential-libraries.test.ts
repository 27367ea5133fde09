import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openAzure } from '../../src/storage/buckets/azure/store.ts';
import { openGcs } from '../../src/storage/buckets/gcs/store.ts';
import { startGcsServer } from '../support/servers/gcs-xml.ts';
import { makeTemporaryFolder } from '../support/servers/process.ts';

/** The optional peers, in a folder of their own that is kept between runs. */
const FOLDER = join(tmpdir(), 'dicom-series-preview-credential-libraries');
const libraries: Readonly<Record<string, { readonly version: string; readonly entry: string }>> = {
  'google-auth-library': { version: '10', entry: 'build/src/index.js' },
  '@azure/identity': { version: '4.11.2', entry: 'dist/esm/index.js' },
};

function entryOf(name: string): string {
  return join(FOLDER, 'node_modules', name, libraries[name]?.entry ?? '');
}

async function missing(name: string): Promise<string | undefined> {
  if (existsSync(entryOf(name))) return undefined;
  mkdirSync(FOLDER, { recursive: true });
  const args = ['install', `${name}@${libraries[name]?.version}`, '--prefix', FOLDER, '--no-audit', '--no-fund'];
  try {
    await promisify(execFile)('npm', args, { timeout: 170_000, shell: process.platform === 'win32' });
  } catch {
    return `${name} could not be installed with npm`;
  }
  return existsSync(entryOf(name)) ? undefined : `${name} is not where npm should have put it`;
}

const load = (name: string): Promise<unknown> => import(/* @vite-ignore */ pathToFileURL(entryOf(name)).href);
const withoutGoogle = await missing('google-auth-library');
const withoutAzure = await missing('@azure/identity');
for (const why of [withoutGoogle, withoutAzure]) if (why !== undefined) console.log(`skipped: ${why}`);

const folder = makeTemporaryFolder('credentials');
afterAll(() => folder.remove());
afterEach(() => vi.unstubAllEnvs());

/** A service that gives out a token for everything. */
async function startTokenServer(
  token: string,
): Promise<{ readonly url: string; readonly asked: string[]; stop(): Promise<void> }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    request.resume();
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const body = {
      access_token: token,
      token_type: 'Bearer',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      expires_in: 3600,
      expires_on: String(expires),
      resource: 'https://storage.azure.com',
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, asked, stop };
}

describe.skipIf(withoutGoogle !== undefined)('google-auth-library', () => {
  it('turns application default credentials into a token, for a private bucket alone', async () => {
    const tokens = await startTokenServer('a-google-token');
    const objects = new Map([['a/1.dcm', new Uint8Array(5)]]);
    const server = await startGcsServer({
      private: { objects, access: 'private' },
      public: { objects, access: 'read and list' },
    });
    server.tokens.add('a-google-token');
    const subject = join(folder.path, 'subject.txt');
    writeFileSync(subject, 'a-subject-token');
    const file = join(folder.path, 'credentials.json');
    writeFileSync(
      file,
      JSON.stringify({
        type: 'external_account',
        audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        token_url: `${tokens.url}/token`,
        credential_source: { file: subject },
      }),
    );
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', file);
    for (const [bucket, requests, asked] of [
      ['public', 2, 0],
      ['private', 3, 1],
    ] as const) {
      const store = await openGcs(`gs://${bucket}/a`, { endpointUrl: server.origin, retries: 0 }, { load });
      expect((await store.list('')).length).toBe(1);
      await store.read('1.dcm', { offset: 0, length: 2 });
      expect([store.statistics.requests, tokens.asked.length]).toEqual([requests, asked]);
      await store.close();
    }
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(folder.path, 'missing.json'));
    const store = await openGcs('gs://private/a', { endpointUrl: server.origin, retries: 0 }, { load });
    await expect(store.list('')).rejects.toMatchObject({ code: 'access-denied' });
    await store.close();
    await server.stop();
    await tokens.stop();
  });
});

describe.skipIf(withoutAzure !== undefined)('@azure/identity', () => {
  it('turns a managed identity into a token, for a container that refuses requests without one', async () => {
    const tokens = await startTokenServer('an-entra-token');
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      const { authorization } = request.headers;
      seen.push(authorization);
      if (authorization !== 'Bearer an-entra-token') {
        response.writeHead(404, { 'x-ms-error-code': 'ResourceNotFound' }).end();
        return;
      }
      response.end(
        '<EnumerationResults><Blobs><Blob><Name>a/1.dcm</Name><Properties/></Blob></Blobs><NextMarker/></EnumerationResults>',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    vi.stubEnv('IDENTITY_ENDPOINT', `${tokens.url}/msi/token`);
    vi.stubEnv('IDENTITY_HEADER', 'a-header');
    const store = await openAzure(
      'az://account/container/a',
      { endpointUrl: `http://127.0.0.1:${port}`, retries: 0 },
      { load },
    );
    expect(await store.list('')).toMatchObject([{ key: '1.dcm' }]);
    expect(await store.list('')).toMatchObject([{ key: '1.dcm' }]);
    expect(seen).toEqual([undefined, 'Bearer an-entra-token', 'Bearer an-entra-token']);
    expect(tokens.asked.length).toBe(1);
    await store.close();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
    await tokens.stop();
  });
});
