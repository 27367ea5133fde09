import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFarStore } from '../../bench/far-store.js';

let folder = '';
let base = '';
let store: ReturnType<typeof createFarStore>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'far-store-'));
  mkdirSync(join(folder, 'bucket', 'a series'), { recursive: true });
  for (const name of ['b', 'a&', 'c'])
    writeFileSync(join(folder, 'bucket', 'a series', `${name}.dcm`), `body of ${name}`);
  writeFileSync(join(folder, 'bucket', 'large.bin'), Buffer.alloc(700_001, 'x'));
  store = createFarStore({ folder, firstByteDelayMs: 1, bytesPerSecond: 1e9 });
  await new Promise<void>((resolve) => store.server.listen(0, '127.0.0.1', resolve));
  const address = store.server.address();
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
});

afterEach(async () => {
  store.server.closeAllConnections();
  await new Promise((resolve) => store.server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const range = (value: string): RequestInit => ({ headers: { Range: value } });

describe('the far store', () => {
  it('gives whole objects and ranges, and counts each with its bytes', async () => {
    expect(await (await fetch(`${base}/bucket/a%20series/b.dcm`)).text()).toBe('body of b');
    const part = await fetch(`${base}/bucket/a%20series/b.dcm`, range('bytes=5-6'));
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 5-6/9', 'of']);
    expect(await (await fetch(`${base}/bucket/a%20series/b.dcm`, range('bytes=8-100'))).text()).toBe('b');
    expect(await (await fetch(`${base}/bucket/a%20series/b.dcm`, range('bytes=-4'))).text()).toBe('of b');
    expect(store.statistics()).toMatchObject({ requests: 4, ranges: 3, listings: 0, bodyBytes: 9 + 2 + 1 + 4 });
    expect(store.requests()[1]).toEqual({ method: 'GET', url: '/bucket/a%20series/b.dcm', range: 'bytes=5-6' });
  });

  it('refuses what is not there, not satisfiable, outside or not a read', async () => {
    const status = async (path: string, init?: RequestInit): Promise<number> =>
      (await fetch(`${base}${path}`, init)).status;
    expect(await status('/bucket/none.dcm')).toBe(404);
    expect(await status('/bucket/a%20series')).toBe(404);
    expect(await status('/bucket/large.bin', range('bytes=700001-'))).toBe(416);
    expect(await status('/bucket/%2e%2e%2f%2e%2e%2fetc/passwd')).toBe(400);
    expect(await status('/bucket/large.bin', { method: 'DELETE' })).toBe(405);
    expect(await status('/bucket/large.bin', { method: 'HEAD' })).toBe(200);
    expect(store.statistics()).toMatchObject({ requests: 6, bodyBytes: 0 });
  });

  it('sends long bodies in slices without losing a byte', async () => {
    const body = new Uint8Array(await (await fetch(`${base}/bucket/large.bin`)).arrayBuffer());
    expect(body.length).toBe(700_001);
    expect(body.every((byte) => byte === 0x78)).toBe(true);
    expect(store.statistics().bodyBytes).toBe(700_001);
  });

  it('lists a folder as nginx does in JSON', async () => {
    const reply = await fetch(`${base}/bucket/`);
    expect(reply.headers.get('content-type')).toBe('application/json');
    expect(await reply.json()).toMatchObject([
      { name: 'a series', type: 'directory' },
      { name: 'large.bin', type: 'file', size: 700_001 },
    ]);
    expect(store.statistics()).toMatchObject({ requests: 1, listings: 1 });
  });

  it('lists a bucket as S3 does, page by page', async () => {
    const list = async (query: string): Promise<string> => (await fetch(`${base}/bucket/?list-type=2&${query}`)).text();
    const keys = (xml: string): string[] => [...xml.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => key);
    const first = await list('prefix=a%20series/&max-keys=2');
    expect(keys(first)).toEqual(['a series/a&amp;.dcm', 'a series/b.dcm']);
    const token = /<NextContinuationToken>(.*)<\/NextContinuationToken>/.exec(first)?.[1] ?? '';
    const second = await list(`prefix=a%20series/&max-keys=2&continuation-token=${encodeURIComponent(token)}`);
    expect(keys(second)).toEqual(['a series/c.dcm']);
    expect(second).toContain('<IsTruncated>false</IsTruncated>');
    const folders = await list('delimiter=/');
    expect(folders).toContain('<CommonPrefixes><Prefix>a series/</Prefix></CommonPrefixes>');
    expect(keys(folders)).toEqual(['large.bin']);
  });

  it('tells its counters and forgets them on demand, without counting that', async () => {
    await Promise.all(
      ['a%26', 'b', 'c'].map(async (name) => (await fetch(`${base}/bucket/a%20series/${name}.dcm`)).text()),
    );
    const told = await (await fetch(`${base}/.far-store/statistics`)).json();
    expect(told).toEqual(store.statistics());
    expect(told).toMatchObject({ requests: 3 });
    await fetch(`${base}/.far-store/reset`, { method: 'POST' });
    expect(store.statistics()).toMatchObject({ requests: 0, bodyBytes: 0 });
    expect(await (await fetch(`${base}/.far-store/requests`)).json()).toEqual([]);
  });
});
