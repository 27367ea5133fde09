import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { ConnectTimes } from '../../src/http/connect-times.ts';
import { createTransport } from '../../src/http/transport.ts';
import type { Transport } from '../../src/http/types.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/**
 * A server in a thread of its own, whose queue for new connections holds five, and which takes its time to accept each:
 * meanwhile the system drops what does not fit, without a word.
 */
const slowToAccept = `
const { createServer } = require('node:net');
const { parentPort } = require('node:worker_threads');
const pause = new Int32Array(new SharedArrayBuffer(4));
const head = 'HTTP/1.0 206 Partial Content\\r\\nContent-Range: bytes 0-9/10\\r\\nContent-Length: 10\\r\\n\\r\\n0123456789';
const server = createServer((socket) => {
  Atomics.wait(pause, 0, 0, 10);
  socket.on('error', () => undefined);
  socket.once('data', () => socket.end(head));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 5 }, () => parentPort.postMessage(server.address().port));
`;

async function startSlow(): Promise<string> {
  const worker = new Worker(slowToAccept, { eval: true });
  ends.push(() => worker.terminate());
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  return `http://127.0.0.1:${port}`;
}

/** A server that answers after 40 ms, and how many requests it had at a time at most. */
async function startFar(): Promise<{ readonly url: string; readonly mostAbreast: () => number }> {
  let [abreast, most] = [0, 0];
  const server = createServer((_, response) => {
    abreast += 1;
    most = Math.max(most, abreast);
    setTimeout(() => {
      abreast -= 1;
      response.writeHead(206, { 'content-range': 'bytes 0-9/10', 'content-length': 10 }).end('0123456789');
    }, 40);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, mostAbreast: () => most };
}

function transport(): Transport {
  const created = createTransport({ environment: {} });
  ends.push(() => created.close());
  return created;
}

async function readMany(from: Transport, origin: string, count: number): Promise<readonly number[]> {
  const reads = Array.from({ length: count }, (_, index) => {
    const url = `${origin}/${index}`;
    return from.readRange({ url: new URL(url), location: url }, { offset: 0, length: 10 });
  });
  return (await Promise.all(reads)).map(({ bytes }) => bytes.length);
}

describe('a server with a short queue for new connections', () => {
  // Other systems refuse what does not fit, or have longer queues.
  it.skipIf(process.platform !== 'linux')('is asked anew instead of waited for, and gives everything', async () => {
    const own = transport();
    const lengths = await readMany(own, await startSlow(), 200);
    expect(lengths).toEqual(new Array(200).fill(10));
    expect(own.statistics.requests).toBeGreaterThan(200);
  });

  it('is no reason to ask less of another, which is far away', async () => {
    const far = await startFar();
    const own = transport();
    await readMany(own, far.url, 400);
    expect(far.mostAbreast()).toBeGreaterThanOrEqual(64);
    expect(own.statistics.requests).toBe(400);
  });
});

describe('the time that a connection may take', () => {
  it('follows from the fastest to the same origin', () => {
    const times = new ConnectTimes();
    expect(times.patienceMs('http://a')).toBe(Infinity);
    times.add('http://a', 900);
    times.add('http://a', 100);
    times.add('http://a', 500);
    expect(times.patienceMs('http://a')).toBe(800);
    times.add('http://a', 1);
    expect(times.patienceMs('http://a')).toBe(300);
    expect(times.patienceMs('http://b')).toBe(Infinity);
  });
});
