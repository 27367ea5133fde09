import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAtlasApp } from '../../src/serve/atlas-app.ts';
import { createGate, type Gate, type GateOptions } from '../../src/serve/gate.ts';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
const tar = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 256);
beforeAll(() => {
  for (const name of ['atlas', 'shards', 'parts']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(join(folder, 'atlas/page.js'), 'let text = 1;\n'.repeat(500));
  writeFileSync(join(folder, 'shards/00000.tar'), tar);
  writeFileSync(join(folder, 'parts/00000.parquet'), 'part');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function open(options: Partial<GateOptions> = {}): Promise<Gate> {
  const gate = createGate({ host: '127.0.0.1', ...options });
  await createAtlasApp(gate, { folder });
  return gate;
}

const ask = async (gate: Gate, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  gate.app.request(path, { method, headers: { host: 'localhost:8080', ...headers } });

/** The status alone; a body that nobody reads is given up. */
async function statusOf(reply: Promise<Response>): Promise<number> {
  const { status, body } = await reply;
  await body?.cancel();
  return status;
}

const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer());

it('serves whole files, small and large ranges, and ends of files', async () => {
  const gate = await open();
  const path = '/shards/00000.tar';
  const whole = await ask(gate, path);
  expect([whole.status, whole.headers.get('content-length')]).toEqual([200, '3000000']);
  expect(Buffer.compare(await bytesOf(whole), tar)).toBe(0);
  for (const [range, offset, end] of [
    ['bytes=10-19', 10, 20],
    ['bytes=5-2000004', 5, 2_000_005],
    ['bytes=2999990-', 2_999_990, 3_000_000],
    ['bytes=-10', 2_999_990, 3_000_000],
    ['bytes=2999990-9999999', 2_999_990, 3_000_000],
  ] as const) {
    const part = await ask(gate, path, { range });
    expect([range, part.status, part.headers.get('content-range')]).toEqual([
      ...[range, 206, `bytes ${offset}-${end - 1}/3000000`],
    ]);
    expect(Buffer.compare(await bytesOf(part), tar.subarray(offset, end))).toBe(0);
  }
});

it('refuses ranges beyond the end, and sends the whole file for strange ones', async () => {
  const gate = await open();
  const beyond = await ask(gate, '/shards/00000.tar', { range: 'bytes=3000000-' });
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */3000000']);
  for (const range of ['bytes=20-10', 'bytes=1-2,5-6', 'lines=1-2', 'bytes=-']) {
    expect([range, await statusOf(ask(gate, '/shards/00000.tar', { range }))]).toEqual([range, 200]);
  }
});

it('says when nothing changed, and sends the whole of what changed in place of a part', async () => {
  const gate = await open();
  const etag = (await ask(gate, '/shards/00000.tar', {}, 'HEAD')).headers.get('etag') ?? '';
  expect((await ask(gate, '/shards/00000.tar', { 'if-none-match': etag })).status).toBe(304);
  expect(await statusOf(ask(gate, '/shards/00000.tar', { 'if-none-match': '"other"' }))).toBe(200);
  expect((await ask(gate, '/shards/00000.tar', { 'if-range': etag, range: 'bytes=0-1' })).status).toBe(206);
  expect(await statusOf(ask(gate, '/shards/00000.tar', { 'if-range': '"other"', range: 'bytes=0-1' }))).toBe(200);
});

it('compresses text for those who take it', async () => {
  const gate = await open();
  const plain = await bytesOf(await ask(gate, '/atlas/page.js'));
  const packed = await ask(gate, '/atlas/page.js', { 'accept-encoding': 'gzip, br' });
  expect(packed.headers.get('content-encoding')).toBe('br');
  expect(brotliDecompressSync(await bytesOf(packed))).toEqual(Buffer.from(plain));
  const tarReply = await ask(gate, '/shards/00000.tar', { 'accept-encoding': 'br' });
  expect(tarReply.headers.get('content-encoding')).toBeNull();
  await tarReply.body?.cancel();
});

it('serves nothing but the atlas', async () => {
  const gate = await open();
  for (const path of [
    '/secret.txt',
    '/parts/00000.parquet',
    '/shards/..%2fsecret.txt',
    '/shards/',
    '/%2e%2e/x',
    '/atlas',
  ]) {
    expect([path, (await ask(gate, path)).status]).toEqual([path, 404]);
  }
  expect((await ask(gate, '/', {}, 'POST')).status).toBe(405);
});

it('answers to names of this computer alone where it listens to this computer alone', async () => {
  const gate = await open();
  for (const host of ['localhost', '127.0.0.1:8080', '[::1]:8080'])
    expect((await ask(gate, '/', { host })).status).toBe(200);
  expect((await ask(gate, '/', { host: 'rebound.example' })).status).toBe(421);
  expect((await ask(await open({ host: '0.0.0.0' }), '/', { host: 'rebound.example' })).status).toBe(200);
});

it('asks for the token, and keeps it in a cookie that scripts cannot read', async () => {
  const gate = await open({ token: 'right' });
  expect((await ask(gate, '/')).status).toBe(401);
  expect((await ask(gate, '/?token=wrong')).status).toBe(401);
  expect((await ask(gate, '/', { authorization: 'Bearer right' })).status).toBe(200);
  const led = await ask(gate, '/?token=right&x=1');
  const cookie = led.headers.get('set-cookie') ?? '';
  expect([led.status, led.headers.get('location')]).toEqual([303, '/?x=1']);
  expect(cookie).toMatch(/HttpOnly/);
  expect((await ask(gate, '/', { cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
  expect((await ask(gate, '/healthz')).status).toBe(200);
  expect((await ask(gate, '/metrics')).status).toBe(401);
});

it('says where there is no atlas', async () => {
  await expect(createAtlasApp(createGate({ host: '127.0.0.1' }), { folder: tmpdir() })).rejects.toThrow('atlas finish');
});
