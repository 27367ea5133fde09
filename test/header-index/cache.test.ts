import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { afterAll, describe, expect, it } from 'vitest';
import { HeaderIndexCache, openHeaderIndexCache, placeOf } from '../../src/header-index/cache.ts';
import { markUsed } from '../../src/header-index/cache-files.ts';
import { encodeHeaderIndex } from '../../src/header-index/encode.ts';
import { type IndexedObject, rowsOfObject } from '../../src/header-index/rows.ts';
import { scanObjects } from '../../src/series/header-pass/scan.ts';
import { ctSeries } from '../support/dicom/index.js';
import { listed, MemoryStore } from '../support/memory-store.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-cache-'));
  folders.push(folder);
  return folder;
}

function newCache(): HeaderIndexCache {
  return new HeaderIndexCache({ path: join(newFolder(), 'cache'), isChosen: true });
}

async function someObjects(seed = 1, instances = 5): Promise<readonly IndexedObject[]> {
  const series = ctSeries({ seed, instances, rows: 8 });
  const scan = await scanObjects(new MemoryStore(series), listed(series), { wholeObjects: false });
  return scan.instances.map((instance) => ({
    object: { key: instance.key, byteLength: instance.objectByteLength, etag: 'v1' },
    found: { kind: 'instance', instance: { ...instance, etag: 'v1' } },
  }));
}

const place = 's3://bucket/series';

/** Root may write everywhere, so its tests do this as another user. */
async function withoutPrivileges<Result>(work: () => Promise<Result>): Promise<Result> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('HeaderIndexCache', () => {
  it('recalls what it kept, and only for its place', async () => {
    const cache = newCache();
    const objects = await someObjects();
    expect(await cache.recall(place)).toBeUndefined();
    expect(await cache.keep(place, objects)).toBeUndefined();
    expect([...((await cache.recall(place))?.values() ?? [])]).toEqual(objects);
    expect(await cache.recall('s3://bucket/other')).toBeUndefined();
    expect(cache.has(place)).toBe(true);
    expect(await cache.forget(place)).toBe(true);
    expect(await cache.forget(place)).toBe(false);
    expect(await cache.recall(place)).toBeUndefined();
  });

  it('writes files that only their owner can read, and leaves no others', async () => {
    const cache = newCache();
    await cache.keep(place, await someObjects());
    const path = cache.pathOf(place);
    expect(readdirSync(dirname(path))).toHaveLength(1);
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(statSync(dirname(path)).mode & 0o077).toBe(0);
  });

  it('does not take the header index of another place for its own, whatever the name of the file', async () => {
    const cache = newCache();
    await cache.keep(place, await someObjects());
    writeFileSync(cache.pathOf('s3://bucket/other'), readFileSync(cache.pathOf(place)));
    expect(await cache.recall('s3://bucket/other')).toBeUndefined();
  });

  it('takes no damaged file', async () => {
    const cache = newCache();
    await cache.keep(place, await someObjects());
    const path = cache.pathOf(place);
    const good = readFileSync(path);
    const damage = fc.oneof(
      fc.record({ at: fc.nat(good.length - 1), bits: fc.integer({ min: 1, max: 255 }) }).map(({ at, bits }) => {
        const bytes = Buffer.from(good);
        bytes[at] = (bytes[at] ?? 0) ^ bits;
        return bytes;
      }),
      fc.nat(good.length - 1).map((length) => good.subarray(0, length)),
      fc.uint8Array({ maxLength: 200 }).map((more) => Buffer.concat([good, more, Buffer.of(0)])),
      fc.uint8Array({ maxLength: 500 }),
    );
    await fc.assert(
      fc.asyncProperty(damage, async (bytes) => {
        // The digest does not cover the magic number at the start, which nobody needs.
        fc.pre(Buffer.compare(bytes.subarray(4), good.subarray(4)) !== 0);
        writeFileSync(path, bytes);
        expect(await cache.recall(place)).toBeUndefined();
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(await cache.keep(place, await someObjects(2))).toBeUndefined();
    expect((await cache.recall(place))?.size).toBe(5);
  });

  it.each(['format', 'schemaVersion', 'programVersion', 'place'])('takes no file of another %s', async (name) => {
    const cache = newCache();
    const objects = await someObjects();
    await cache.keep(place, objects);
    const path = cache.pathOf(place);
    const { key_value_metadata: said = [] } = parquetMetadata(new Uint8Array(readFileSync(path)));
    const properties = Object.fromEntries(said.map(({ key, value = '' }) => [key, value]));
    expect(properties[name]).toBeDefined();
    const rows = objects.flatMap(rowsOfObject);
    writeFileSync(path, encodeHeaderIndex(rows, properties));
    expect((await cache.recall(place))?.size).toBe(5);
    writeFileSync(path, encodeHeaderIndex(rows, { ...properties, [name]: '1' }));
    expect(await cache.recall(place)).toBeUndefined();
    expect(await cache.keep(place, objects)).toBeUndefined();
    expect((await cache.recall(place))?.size).toBe(5);
  });

  it('does not take a folder for a header index', async () => {
    const cache = newCache();
    mkdirSync(cache.pathOf(place), { recursive: true });
    expect(await cache.recall(place)).toBeUndefined();
    expect(await cache.keep(place, await someObjects())).toMatch(/^E[A-Z]+$/);
  });

  it.each([
    ['a file in place of the cache folder', 'cache', 'cache'],
    ['a file in place of a folder in it', 'cache', 'cache/series'],
    ['a name that is too long', 'cache'.repeat(100), undefined],
  ])('answers why nothing could be kept, without a path: %s', async (_, name, file) => {
    const folder = newFolder();
    if (file !== undefined) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), '');
    }
    const cache = new HeaderIndexCache({ path: join(folder, name), isChosen: true });
    expect(await cache.keep(place, await someObjects())).toMatch(/^E[A-Z]+$/);
    expect(await cache.recall(place)).toBeUndefined();
  });

  // Linux alone has `/proc`, where nothing can be made.
  it.skipIf(!existsSync('/proc/self'))('answers that a folder cannot be made', async () => {
    const cache = new HeaderIndexCache({ path: '/proc/cache', isChosen: true });
    expect(await cache.keep(place, await someObjects())).toBe('ENOENT');
    expect(await cache.recall(place)).toBeUndefined();
  });

  // Windows has no permissions of this kind.
  it.skipIf(process.platform === 'win32')('answers that a folder is closed', async () => {
    const folder = newFolder();
    chmodSync(folder, 0o500);
    const objects = await someObjects();
    // What is loaded for the first keeping may not be readable for another user.
    await newCache().keep(place, objects);
    const closed = new HeaderIndexCache({ path: join(folder, 'cache'), isChosen: true });
    expect(await withoutPrivileges(() => closed.keep(place, objects))).toBe('EACCES');
  });

  it('shows readers the old file or the new one while many write', async () => {
    const cache = newCache();
    const versions = await Promise.all([1, 2, 3, 4].map((seed) => someObjects(seed, seed + 2)));
    await cache.keep(place, versions[0] ?? []);
    const writes = Array.from({ length: 24 }, (_, turn) => cache.keep(place, versions[turn % 4] ?? []));
    const reads = Array.from({ length: 24 }, async () => {
      const found = [...((await cache.recall(place))?.values() ?? [])];
      expect(versions).toContainEqual(found);
    });
    expect(await Promise.all(writes)).toEqual(writes.map(() => undefined));
    await Promise.all(reads);
    expect(readdirSync(dirname(cache.pathOf(place)))).toHaveLength(1);
  });

  it('survives a process that is killed while it writes', async () => {
    const cache = newCache();
    const objects = await someObjects();
    await cache.keep(place, objects);
    const path = cache.pathOf(place);
    const script = `
      const { writeFileSync, renameSync } = require('node:fs');
      writeFileSync(process.argv[1] + '.0123456789abcdef.tmp', 'half');
      process.kill(process.pid, 'SIGKILL');`;
    await new Promise((resolve) => spawn(process.execPath, ['-e', script, path]).once('exit', resolve));
    expect([...((await cache.recall(place))?.values() ?? [])]).toEqual(objects);
    expect(readdirSync(dirname(path))).toHaveLength(2);
    expect(await cache.forgetAll()).toBe(2);
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  it('clears its own files only', async () => {
    const cache = newCache();
    await cache.keep(place, await someObjects());
    const other = join(dirname(cache.pathOf(place)), 'thesis.parquet');
    writeFileSync(other, 'mine');
    expect(await cache.forgetAll()).toBe(1);
    expect(readFileSync(other, 'utf8')).toBe('mine');
    expect(await newCache().forgetAll()).toBe(0);
  });

  it('takes no more than its share of the disk, and removes those first that were not used for longest', async () => {
    const path = join(newFolder(), 'cache');
    const objects = await someObjects();
    const roomy = new HeaderIndexCache({ path, isChosen: false }, { byteLength: 1e9, odds: 1 });
    const places = ['a', 'b', 'c', 'd'].map((name) => `s3://bucket/${name}`);
    for (const each of places) await roomy.keep(each, objects);
    const { size } = statSync(roomy.pathOf('s3://bucket/a'));
    const yesterday = Date.now() / 1000 - 100_000;
    for (const [index, each] of places.entries()) utimesSync(roomy.pathOf(each), yesterday, yesterday + index);
    const other = join(path, 'series', 'thesis.parquet');
    writeFileSync(other, Buffer.alloc(10 * size));
    // It is used again, and is the newest now.
    await markUsed(roomy.pathOf('s3://bucket/a'));
    const full = new HeaderIndexCache({ path, isChosen: false }, { byteLength: 3 * size, odds: 1 });
    await full.keep('s3://bucket/e', objects);
    expect([...places, 's3://bucket/e'].map((each) => full.has(each))).toEqual([true, false, false, true, true]);
    expect(readFileSync(other)).toHaveLength(10 * size);
    // A folder that the caller named is never trimmed.
    const chosen = new HeaderIndexCache({ path, isChosen: true }, { byteLength: 0, odds: 1 });
    await chosen.keep('s3://bucket/f', objects);
    expect(chosen.has('s3://bucket/a')).toBe(true);
    const never = new HeaderIndexCache({ path, isChosen: false }, { byteLength: 0, odds: 0 });
    await never.keep('s3://bucket/g', objects);
    expect(never.has('s3://bucket/a')).toBe(true);
  });

  it('marks what is used once a day, and never throws', async () => {
    const path = join(newFolder(), 'index');
    writeFileSync(path, '');
    const now = new Date('2026-01-03T00:00:00Z');
    const times: number[] = [];
    for (const hoursAgo of [23, 25]) {
      const before = new Date(now.getTime() - hoursAgo * 3_600_000);
      utimesSync(path, before, before);
      await markUsed(path, now);
      times.push((now.getTime() - statSync(path).mtimeMs) / 3_600_000);
    }
    expect(times).toEqual([23, 0]);
    await expect(markUsed(join(path, 'nothing'))).resolves.toBeUndefined();
  });

  it('makes header indexes for remote stores, and for local ones if the caller named the cache folder', () => {
    const remote = new MemoryStore(new Map());
    const chosen = openHeaderIndexCache({ cacheDir: newFolder() });
    const unchosen = openHeaderIndexCache({});
    expect([chosen?.makesIndexOf(remote), unchosen?.makesIndexOf(remote)]).toEqual([true, true]);
    const readSync = (): { length: number; objectByteLength: number } => ({ length: 0, objectByteLength: 0 });
    const localStore = Object.assign(new MemoryStore(new Map()), { readSync });
    expect([chosen?.makesIndexOf(localStore), unchosen?.makesIndexOf(localStore)]).toEqual([true, false]);
    expect(openHeaderIndexCache({ noCache: true })).toBeUndefined();
  });
});

describe('placeOf', () => {
  it('is the same for all names of a local folder', () => {
    const full = placeOf(join(process.cwd(), 'CT'), {});
    expect(placeOf('CT', {})).toBe(full);
    expect(placeOf('./CT/', {})).toBe(full);
    expect(placeOf('x/../CT', {})).toBe(full);
  });

  it('tells endpoints and profiles apart without naming them', () => {
    const places = [
      placeOf('s3://b/u', {}),
      placeOf('s3://b/u', { endpointUrl: 'http://127.0.0.1:9000' }),
      placeOf('s3://b/u', { endpointUrl: 'http://127.0.0.1:9001' }),
      placeOf('gs://b/u', {}),
    ];
    expect(new Set(places).size).toBe(4);
    expect(places.join()).not.toContain('127.0.0.1');
  });
});
