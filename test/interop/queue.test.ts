import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AtlasRow } from '../../src/atlas/manifest.ts';
import { rowsOfPart } from '../../src/atlas/part-file.ts';
import { atlas, endOf, startAtlas } from '../support/atlas-command.ts';
import { ctSeries, writeSeriesFolder } from '../support/dicom/index.js';
import { startFakeS3 } from '../support/fake-s3.ts';
import type { Fault, FaultyServer } from '../support/faulty-server.ts';
import { freePort, type RunningServer } from '../support/servers/process.ts';
import { redisMissing, startRedis } from '../support/servers/redis.ts';

const missing = redisMissing();
if (missing !== undefined) console.log(`skipped: queues: ${missing}`);

const seriesCount = 18;
const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-test-'));
const list = join(folder, 'series.txt');
const objects = new Map<string, Uint8Array>();
const small = ['--image-width', '32', '--tile-width', '2', '--format', 'png', '--chunk-size', '2'];
let quiet = '';
let quietServer: FaultyServer;
let faultyServer: FaultyServer;

/** A number from 0 to below 1 that follows from the seed and the count of calls. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const faults: readonly Fault[] = [
  { kind: 'status', status: 503 },
  { kind: 'status', status: 500 },
  { kind: 'drop' },
  { kind: 'garbage' },
];

const s3Of = (server: FaultyServer): Record<string, string> => ({
  AWS_ENDPOINT_URL_S3: server.origin,
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
});
const storage = ['--no-sign-request', '--retries', '12', '--no-cache'];

async function manifestOf(out: string): Promise<readonly AtlasRow[]> {
  return rowsOfPart(readFileSync(join(out, 'manifest.parquet')));
}

/** The bytes of each series' picture, by its id. */
async function picturesOf(out: string): Promise<ReadonlyMap<string, string>> {
  const pictures = new Map<string, string>();
  for (const { id, shard, offset, length, status, error_message } of await manifestOf(out)) {
    if (shard === null || offset === null || length === null) {
      throw new Error(`Expected a picture of ${id} but it ${status}: ${error_message}`);
    }
    expect(pictures.has(id)).toBe(false);
    pictures.set(
      id,
      readFileSync(join(out, shard))
        .subarray(offset, offset + length)
        .toString('base64'),
    );
  }
  return pictures;
}

beforeAll(async () => {
  for (let index = 0; index < seriesCount; index++) {
    const own = join(folder, 'series');
    writeSeriesFolder(own, ctSeries({ seed: index, instances: 4, rows: 32, windows: [{ center: 40, width: 400 }] }));
    for (const name of readdirSync(own)) objects.set(`s${index}/${name}`, readFileSync(join(own, name)));
    rmSync(own, { recursive: true });
  }
  const random = randomFrom(5);
  quietServer = await startFakeS3({ objects });
  faultyServer = await startFakeS3({
    objects,
    fault: () => (random() < 0.2 ? faults[Math.floor(random() * faults.length)] : undefined),
  });
  writeFileSync(list, Array.from({ length: seriesCount }, (_, index) => `s3://bucket/s${index}/\n`).join(''));
  quiet = join(folder, 'quiet');
  const run = await atlas(['build', list, quiet, ...small, ...storage], s3Of(quietServer));
  expect(run).toMatchObject({ status: 0 });
});
afterAll(async () => {
  await quietServer?.stop();
  await faultyServer?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Machines that are switched off every few seconds, and on again. */
async function withKills(start: (index: number) => ChildProcess, machines: number, everyMs: number): Promise<number> {
  let kills = 0;
  const random = randomFrom(9);
  const running = Array.from({ length: machines }, (_, index) => start(index));
  const isOver = (child: ChildProcess): boolean => child.exitCode !== null;
  const deadline = Date.now() + 150_000;
  while (!running.every(isOver)) {
    if (Date.now() > deadline) throw new Error('The work does not end.');
    // Soon at first: a fast machine is done before long.
    await setTimeout(Math.min(everyMs, 400 * (kills + 1)));
    const left = [...running.keys()].filter((index) => running[index]?.exitCode === null);
    const at = left[Math.floor(random() * left.length)];
    const child = at === undefined ? undefined : running[at];
    if (at === undefined || child === undefined || kills >= 8) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    if (child.signalCode === 'SIGKILL') {
      kills++;
      running[at] = start(at);
    }
  }
  return kills;
}

describe.skipIf(missing !== undefined)('a queue on Redis', () => {
  let redis: RunningServer | undefined;
  const queue = (): string[] => ['--queue', redis?.url ?? ''];
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.stop());
  afterEach(async () => {
    const client = new Redis(redis?.url ?? '');
    await client.flushall();
    client.disconnect();
  });
  const jobsOf = async (): Promise<readonly Record<string, string>[]> => {
    const client = new Redis(redis?.url ?? '');
    const keys = await client.keys('bull:dicom-series-preview:*-chunk-*');
    const jobs = await Promise.all(keys.filter((key) => !key.endsWith(':lock')).map((key) => client.hgetall(key)));
    client.disconnect();
    return jobs;
  };

  it('gives each series once, with the bytes of a quiet run, although requests break and machines vanish', async () => {
    const out = join(folder, 'by-queue');
    const enqueued = await atlas(['enqueue', list, out, ...small, ...queue(), ...storage], s3Of(faultyServer));
    expect(enqueued).toMatchObject({ status: 0, err: expect.stringContaining('18 series in 7 chunks, 7 of them') });
    const work = ['work', ...queue(), ...storage, '--processes', '1', '--lock', '2', '--quiet'];
    const kills = await withKills(() => startAtlas(work, s3Of(faultyServer)), 3, 2_000);
    expect(kills).toBeGreaterThan(0);
    expect(await atlas(['finish', out])).toMatchObject({ status: 0 });
    expect(await picturesOf(out)).toEqual(await picturesOf(quiet));
    expect(readdirSync(join(out, 'plan'))).toEqual([]);
  });

  it('keeps neither credentials nor patients, and little', async () => {
    const tree = join(folder, 'tree');
    writeSeriesFolder(join(tree, 'a'), ctSeries({ seed: 1, instances: 2, rows: 16, windows: [] }));
    const out = join(folder, 'private');
    const header = ['--header', 'X-Api-Key: secret'];
    await atlas(['enqueue', tree, out, ...small, ...queue(), ...header]);
    const [job, ...others] = await jobsOf();
    expect(others).toEqual([]);
    expect(JSON.parse(job?.['data'] ?? '')).toEqual({
      ...{ out, chunk: 0, again: 'none' },
      optionsHash: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(JSON.stringify(job)).not.toContain('secret');
    await atlas(['work', ...queue()]);
    const [done] = await jobsOf();
    expect(JSON.parse(done?.['returnvalue'] ?? '')).toEqual({ series: 1, failed: 0 });
    for (const place of ['https://me:secret@example.org/archive/', 'az://account/container/x?sig=secret']) {
      const refused = await atlas(['enqueue', place, out, ...small, ...queue()]);
      expect(refused).toMatchObject({
        status: 2,
        err: expect.stringContaining('without user name, password and query'),
      });
      expect(refused.err).not.toContain('secret');
    }
  });

  it('gives a chunk back at SIGTERM, at once and as if it had never been tried', async () => {
    const out = join(folder, 'given-back');
    const slow = await startFakeS3({ objects, fault: () => ({ kind: 'silence' }) });
    try {
      await atlas(['enqueue', list, out, ...small, ...queue(), ...storage], s3Of(quietServer));
      const child = startAtlas(['work', ...queue(), ...storage, '--processes', '1'], s3Of(slow));
      const ended = endOf(child);
      while ((await atlas(['status', out, ...queue()])).out.includes(' 0 in work')) await setTimeout(100);
      while (slow.requests.length === 0) await setTimeout(50);
      child.kill('SIGTERM');
      expect((await ended).status).toBe(130);
      expect((await atlas(['status', out, ...queue()])).out).toContain(
        'Queue     7 waiting, 0 in work, 0 to be tried again, 0 given up',
      );
      expect((await jobsOf()).map(({ atm }) => atm ?? '0')).toEqual(Array.from({ length: 7 }, () => '0'));
    } finally {
      await slow.stop();
    }
    expect(await atlas(['work', ...queue(), ...storage], s3Of(quietServer))).toMatchObject({ status: 0 });
    await atlas(['finish', out]);
    expect(await picturesOf(out)).toEqual(await picturesOf(quiet));
  });

  it('adds what is missing when the same is enqueued again', async () => {
    const out = join(folder, 'again');
    const enqueue = ['enqueue', list, out, ...small, ...queue(), ...storage];
    await atlas(['build', list, out, ...small, ...storage, '--shard', '1/2'], s3Of(quietServer));
    const first = await atlas(enqueue, s3Of(quietServer));
    expect(first.err).toContain('18 series in 7 chunks, 4 of them in the queue');
    expect((await atlas(enqueue, s3Of(quietServer))).err).toContain('4 of them in the queue');
    expect((await jobsOf()).length).toBe(4);
    await atlas(['work', ...queue(), ...storage], s3Of(quietServer));
    expect((await atlas(enqueue, s3Of(quietServer))).err).toContain('0 of them in the queue');
    // What the queue keeps of a done chunk does not keep it from being done again.
    rmSync(join(out, 'parts', '00001.parquet'));
    expect((await atlas(enqueue, s3Of(quietServer))).err).toContain('1 of them in the queue');
    await atlas(['work', ...queue(), ...storage], s3Of(quietServer));
    expect(await atlas(['finish', out])).toMatchObject({ status: 0 });
    expect(await picturesOf(out)).toEqual(await picturesOf(quiet));
  });

  it('warns of a server that may throw chunks away', async () => {
    const forgetful = await startRedis({ 'maxmemory-policy': 'allkeys-lru' });
    try {
      const run = await atlas(['work', '--queue', forgetful.url]);
      expect(run).toMatchObject({ status: 0, err: expect.stringContaining('maxmemory-policy is allkeys-lru') });
    } finally {
      await forgetful.stop();
    }
  });

  it('takes a password, which it shows nowhere, and says where it is wrong', async () => {
    const locked = await startRedis({ requirepass: 'secret' });
    try {
      const address = locked.url.replace('redis://', '');
      expect(await atlas(['work', '--queue', `redis://:secret@${address}`])).toMatchObject({ status: 0 });
      for (const url of [locked.url, `redis://:secretest@${address}`]) {
        const run = await atlas(['work'], { DICOM_SERIES_PREVIEW_QUEUE: url });
        expect(run).toMatchObject({ status: 3, err: expect.stringContaining(`The queue at ${locked.url} refuses`) });
        expect(run.err).not.toContain('secret');
      }
    } finally {
      await locked.stop();
    }
  });
});

describe('a queue that is not to be had', () => {
  it('is said so', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    expect(await atlas(['work', '--queue', url])).toMatchObject({
      status: 3,
      err: expect.stringContaining(`The queue at ${url} cannot be reached (ECONNREFUSED)`),
    });
    expect(await atlas(['work', '--queue', 'http://127.0.0.1'])).toMatchObject({ status: 2 });
  });

  it('is said so where its packages are not installed', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const copy = join(folder, 'copy');
    mkdirSync(join(copy, 'node_modules'), { recursive: true });
    cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
    cpSync(join(root, 'package.json'), join(copy, 'package.json'));
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name !== 'bullmq') symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
    }
    const args = [join(copy, 'dist', 'cli.js'), 'atlas', 'work', '--queue', 'redis://127.0.0.1:1'];
    const run = await endOf(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
    expect(run.status).toBe(5);
    expect(run.err).toContain('npm install bullmq ioredis');
  });
});

it('gives each series once on machines that share the work without a queue, although they vanish', async () => {
  const out = join(folder, 'by-shards');
  const build = ['build', list, out, ...small, ...storage, '--processes', '1', '--quiet'];
  const start = (index: number): ChildProcess =>
    startAtlas([...build, '--shard', `${index + 1}/3`], s3Of(faultyServer));
  const kills = await withKills(start, 3, 2_000);
  expect(kills).toBeGreaterThan(0);
  expect(await atlas(['finish', out])).toMatchObject({ status: 0 });
  expect(await picturesOf(out)).toEqual(await picturesOf(quiet));
});
