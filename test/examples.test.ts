import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ctInstances, type GeneratedInstance, seededUid, writeSeriesFolder } from './support/dicom/index.js';

/** The programs in examples/, each run as its first lines say. They use the built package, as a reader would. */

const stored = { slope: 2, intercept: -1000 } as const;
const ct: readonly GeneratedInstance[] = [
  ...ctInstances({
    ...{ instances: 5, rows: 16, columns: 12, stored, pixelPaddingValue: 0, shuffleKeys: true },
    attributes: (attributes) => ({ ...attributes, RescaleType: 'HU' }),
  }),
];
const [first, second] = [seededUid(7, 'first'), seededUid(7, 'second')];
const missing = '1.2.3.99';
let folder = '';
let root = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'examples-'));
  root = join(folder, 'archive');
  writeSeriesFolder(join(root, first), ct);
  writeSeriesFolder(join(root, second), ctInstances({ seed: 2, instances: 3, rows: 16 }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(name: string, ...args: string[]): ChildProcess {
  const program = fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
  return spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
}

async function run(name: string, args: readonly string[], input = '') {
  const child = start(name, ...args);
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (texts.out += chunk));
  child.stderr?.on('data', (chunk: Buffer) => (texts.err += chunk));
  child.stdin?.end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...texts };
}

describe('examples/batch.js', () => {
  const output = (): string => join(folder, 'pictures');

  it('writes a mosaic of each series, and tells which failed', async () => {
    const { status, out, err } = await run('batch.js', [output(), root, first, missing, second]);
    expect(status).toBe(1);
    expect(err).toMatch(/^1\.2\.3\.99: not-found: .+\n$/);
    expect(out.trim().split('\n')).toHaveLength(2);
    expect(out).toContain(`${first}: 5 instances`);
    const picture = await sharp(readFileSync(join(output(), `${second}.webp`))).metadata();
    expect(picture).toMatchObject({ format: 'webp', width: 4 * 128 });
    expect(existsSync(join(output(), `${missing}.webp`))).toBe(false);
  });

  it('reads the names from standard input', async () => {
    const url = join(root, first);
    const { status, out } = await run('batch.js', [output(), root], `${second}\n${url}\n`);
    expect(status).toBe(0);
    expect(out.trim().split('\n')).toHaveLength(2);
    expect(existsSync(join(output(), `${encodeURIComponent(url)}.webp`))).toBe(true);
  });

  it('says how it is used', async () => {
    expect(await run('batch.js', [])).toMatchObject({ status: 2, err: expect.stringContaining('Usage:') });
  });
});

describe('examples/frames-to-arrays.js', () => {
  /** Modality values, row by row. */
  const values = ct.map(({ storedValues }) =>
    Array.from(storedValues, (value) => value * stored.slope + stored.intercept),
  );

  it('tells the mean of each frame, without padding, in spatial order', async () => {
    const { status, out } = await run('frames-to-arrays.js', [join(root, first)]);
    expect(status).toBe(0);
    const [summary, ...lines] = out.trim().split('\n');
    expect(summary).toBe('CT, axial, 5 frames');
    const expected = ct.map(({ storedValues }, index) => {
      const shown = (values[index] ?? []).filter((_, place) => storedValues[place] !== 0);
      const mean = shown.reduce((sum, value) => sum + value, 0) / shown.length;
      return `${(index * 5).toFixed(1)} mm: mean ${mean.toFixed(2)} HU`;
    });
    expect(lines).toEqual(expected);
  });

  it('writes all frames as an array that NumPy reads', async () => {
    const path = join(folder, 'ct.npy');
    expect(await run('frames-to-arrays.js', [join(root, first), path])).toMatchObject({ status: 0, err: '' });
    const file = readFileSync(path);
    const headerLength = 10 + file.readUInt16LE(8);
    expect(file.toString('latin1', 0, 8)).toBe('\x93NUMPY\x01\x00');
    expect(headerLength % 64).toBe(0);
    expect(file.toString('latin1', 10, headerLength)).toMatch(
      /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(5, 16, 12\), \} *\n$/,
    );
    const count = (file.length - headerLength) / 4;
    const read = Array.from({ length: count }, (_, index) => file.readFloatLE(headerLength + index * 4));
    expect(read).toEqual(values.flat());
  });

  it('says how it is used', async () => {
    expect(await run('frames-to-arrays.js', [])).toMatchObject({ status: 2, err: expect.stringContaining('Usage:') });
  });
});

describe('examples/http-service.js', () => {
  const services: ChildProcess[] = [];

  afterEach(async () => {
    for (const service of services.splice(0)) {
      const ended = once(service, 'close');
      service.kill('SIGTERM');
      await ended;
    }
  });

  /** Starts the service; gives the URL that it listens on. */
  async function serve(...args: string[]): Promise<string> {
    const service = start('http-service.js', ...args, '--port', '0');
    services.push(service);
    const [line] = (await once(service.stdout ?? service, 'data')) as [Buffer];
    return line.toString().trim();
  }

  it('gives pictures with a version, and says when they are the same', async () => {
    const service = await serve(root);
    expect(service).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const url = `${service}${first}/mosaic.webp?tiles=2&width=64&contrast=lung`;
    const reply = await fetch(url);
    expect(reply.status).toBe(200);
    const { headers } = reply;
    expect(headers.get('content-type')).toBe('image/webp');
    expect(headers.get('cache-control')).toBe('private, max-age=300');
    const bytes = Buffer.from(await reply.arrayBuffer());
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 128 });
    const etag = headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    const again = await fetch(url, { headers: { 'if-none-match': `"other", W/${etag}` } });
    expect([again.status, (await again.arrayBuffer()).byteLength]).toEqual([304, 0]);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
    const image = await fetch(`${service}${second}/image.png?position=1`);
    expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/png']);
    await image.arrayBuffer();
  });

  it('tells errors by their status', async () => {
    const service = await serve(root);
    const told = async (path: string, method = 'GET'): Promise<readonly [number, string]> => {
      const reply = await fetch(service + path, { method });
      const { error } = (await reply.json()) as { readonly error: { readonly code: string } };
      expect(reply.headers.get('cache-control')).toBe('no-store');
      return [reply.status, error.code];
    };
    expect(await told(`${missing}/mosaic.webp`)).toEqual([404, 'not-found']);
    expect(await told(`${first}/mosaic.webp?contrast=long`)).toEqual([400, 'usage']);
    expect(await told(`${first}/mosaic.webp?tiles=99`)).toEqual([400, 'usage']);
    expect(await told(`${first}/mosaic.webp?width=many`)).toEqual([400, 'usage']);
    expect(await told(`${first}/image.png?position=2`)).toEqual([400, 'usage']);
    expect(await told(`${first}/mosaic.gif`)).toEqual([400, 'usage']);
    expect(await told('..%2Farchive/mosaic.webp')).toEqual([404, 'not-found']);
    expect(await told(`${first}/mosaic.webp`, 'DELETE')).toEqual([405, 'method']);
  });

  it('refuses what is too much, and gives up where nobody waits any more', async () => {
    /** Requests that the store was asked and has not answered. */
    const asked: IncomingMessage[] = [];
    const store = createServer((request, response) => {
      if (request.url?.startsWith(`/${missing}`) === true) response.writeHead(403).end();
      else asked.push(request);
    });
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = store.address() as AddressInfo;
      const service = await serve(`http://127.0.0.1:${port}/`, '--waiting', '1');
      const client = new AbortController();
      const waiting = fetch(`${service}${first}/mosaic.webp`, { signal: client.signal });
      const failed = expect(waiting).rejects.toThrow();
      await expect.poll(() => asked.length).toBe(1);
      const busy = await fetch(`${service}${missing}/mosaic.webp`);
      expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '2']);
      client.abort();
      await failed;
      // The service has left its store alone, and has room again.
      await expect.poll(() => asked[0]?.socket.destroyed).toBe(true);
      await expect.poll(async () => (await fetch(`${service}${missing}/mosaic.webp`)).status).toBe(502);
    } finally {
      store.close();
      store.closeAllConnections();
    }
  });

  it.skipIf(process.platform === 'win32')('ends when it is told to', async () => {
    const url = await serve(root);
    await (await fetch(`${url}${second}/mosaic.webp`)).arrayBuffer();
    const [service] = services.splice(0);
    service?.kill('SIGTERM');
    expect(await once(service ?? process, 'close')).toEqual([0, null]);
  });
});
