import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../../src/storage/open-store.ts';
import type { OpenStoreOptions } from '../../../src/storage/open-store-options.ts';
import { unprotectedWarning, webCredentials } from '../../../src/storage/web/credentials.ts';
import { startFaultyServer } from '../../support/faulty-server.ts';

const environment = {
  DICOM_SERIES_PREVIEW_HTTP_USER: 'ann',
  DICOM_SERIES_PREVIEW_HTTP_PASSWORD: 'pass:word',
  DICOM_SERIES_PREVIEW_TOKEN: 'a-token',
};
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('webCredentials', () => {
  it('goes by --header, then the URL, then user and password, then the token', () => {
    const given = { Authorization: 'Digest x', 'X-Api-Key': 'k' };
    expect(webCredentials(given, 'Basic eA==', environment)).toEqual({ authorization: 'Digest x', 'x-api-key': 'k' });
    expect(webCredentials({ 'X-Api-Key': 'k' }, 'Basic eA==', environment)).toEqual({
      authorization: 'Basic eA==',
      'x-api-key': 'k',
    });
    expect(webCredentials({}, undefined, environment)).toEqual({ authorization: basic('ann:pass:word') });
    const { DICOM_SERIES_PREVIEW_TOKEN } = environment;
    expect(webCredentials(undefined, undefined, { DICOM_SERIES_PREVIEW_TOKEN })).toEqual({
      authorization: 'Bearer a-token',
    });
    expect(webCredentials(undefined, undefined, {})).toEqual({});
  });

  it.each([
    [{ '': 'secret' }],
    [{ 'a b': 'secret' }],
    [{ 'X-A': 'secret\r\nX-B: 1' }],
    [{ 'X-A': 'secret\u2028' }],
    [{ Host: 'secret' }],
    [{ Range: 'secret' }],
    [{ 'Transfer-Encoding': 'secret' }],
  ])('refuses headers that cannot be sent, without their value: %j', (headers) => {
    expect(() => webCredentials(headers, undefined, {})).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.not.stringContaining('secret') }),
    );
  });

  it('refuses half of what it needs', () => {
    expect(() => webCredentials({}, undefined, { DICOM_SERIES_PREVIEW_HTTP_PASSWORD: 'secret' })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.not.stringContaining('secret') }),
    );
    expect(() => webCredentials({}, undefined, { DICOM_SERIES_PREVIEW_TOKEN: 'secret token' })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.not.stringContaining('secret') }),
    );
  });

  it('warns where secrets travel unprotected to another machine', () => {
    expect(unprotectedWarning(new URL('http://pacs.example.org/x'))).toContain('pacs.example.org');
    for (const url of ['https://pacs.example.org/', 'http://localhost:8042/', 'http://127.0.0.1/', 'http://[::1]/']) {
      expect(unprotectedWarning(new URL(url))).toBeUndefined();
    }
  });
});

describe('a web server that wants credentials', async () => {
  const bytes = new Uint8Array(2000).fill(3);
  const want = basic('ann:pass:word');
  const elsewhere = await startFaultyServer({ objects: new Map([['/moved/1.dcm', { bytes }]]) });
  const server = await startFaultyServer({
    objects: new Map([['/series/1.dcm', { bytes }]]),
    fault: ({ headers, path }) => {
      if (headers.authorization !== want && headers['x-api-key'] !== 'key') return { kind: 'status', status: 401 };
      if (path === '/moved/1.dcm') return { kind: 'redirect', location: `${elsewhere.origin}/moved/1.dcm` };
      return undefined;
    },
    handle: (_request, response, { path }) => {
      if (path !== '/series/') return false;
      response.writeHead(200, { 'content-type': 'text/html' }).end('<a href="1.dcm">1.dcm</a>');
      return true;
    },
  });
  afterAll(async () => {
    await server.stop();
    await elsewhere.stop();
  });
  afterEach(() => vi.unstubAllEnvs());

  const list = async (url: string, options: OpenStoreOptions = {}): Promise<readonly string[]> => {
    const store = await openStore(url, { retries: 0, ...options });
    try {
      return (await store.list('')).map(({ key }) => key);
    } finally {
      await store.close();
    }
  };

  it('is told apart from others by an error that says which variables and which option to set', async () => {
    const store = await openStore(`${server.origin}/series/`, { retries: 0 });
    const told = /DICOM_SERIES_PREVIEW_HTTP_USER .*DICOM_SERIES_PREVIEW_TOKEN.*--header/;
    await expect(store.read('1.dcm', { offset: 0, length: 9 })).rejects.toThrow(told);
    await store.close();
  });

  it('gets them from the URL, the headers or the environment', async () => {
    const plain = `${server.origin}/series/`;
    const withUser = plain.replace('//', '//ann:pass%3Aword@');
    expect(await list(withUser)).toEqual(['1.dcm']);
    expect(await list(plain, { headers: { 'X-API-Key': 'key' } })).toEqual(['1.dcm']);
    await expect(list(plain)).rejects.toMatchObject({ code: 'access-denied' });
    await expect(list(withUser.replace('word', 'w%6frd%zz'))).rejects.toMatchObject({ code: 'access-denied' });
    vi.stubEnv('DICOM_SERIES_PREVIEW_HTTP_USER', 'ann');
    vi.stubEnv('DICOM_SERIES_PREVIEW_HTTP_PASSWORD', 'pass:word');
    expect(await list(plain)).toEqual(['1.dcm']);
  });

  it('is the only one that gets them', async () => {
    const headers = { Authorization: want, 'X-Api-Key': 'key', Cookie: 'session=secret' };
    const store = await openStore(`${server.origin}/moved/`, { retries: 0, headers });
    expect((await store.read('1.dcm', { offset: 0, length: 10 })).bytes).toEqual(bytes.slice(0, 10));
    await store.close();
    const [request] = elsewhere.requests;
    expect(request?.path).toBe('/moved/1.dcm');
    expect(JSON.stringify(request?.headers)).not.toMatch(/authorization|api-key|cookie|secret/i);
  });
});
