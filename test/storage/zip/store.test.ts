import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { PreviewError } from '../../../src/base/errors.ts';
import { openStore } from '../../../src/storage/open-store.ts';
import { createZipStore } from '../../../src/storage/zip/store.ts';
import { startFaultyServer } from '../../support/faulty-server.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { randomBytes } from '../../support/random.ts';
import { repetitions } from '../../support/repetitions.ts';
import { CONFORMANCE_OBJECTS, testConformance } from '../../support/store-conformance.ts';
import { makeZip, type ZipFileOptions, zipOf } from '../../support/zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'dicom-series-preview-zip-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Compresses to about a third, as headers do. */
function text(seed: number, byteLength: number): Uint8Array<ArrayBuffer> {
  return randomBytes(seed, byteLength).map((value) => 65 + (value & 7));
}

function inMemory(archive: Uint8Array, warnings: string[] = []) {
  const store = new MemoryStore(new Map([['a.zip', archive]]));
  return { zip: createZipStore({ store, key: 'a.zip', onWarning: (warning) => warnings.push(warning) }), store };
}

async function readAll(archive: Uint8Array, key: string): Promise<Uint8Array> {
  return (await inMemory(archive).zip.read(key, { offset: 0, length: Infinity })).bytes;
}

async function errorOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('nothing was thrown'),
    (error: Error) => error,
  );
}

describe('an archive on a local disk', () => {
  const path = join(folder, 'conformance.zip');
  writeFileSync(path, zipOf(CONFORMANCE_OBJECTS));
  testConformance(() => openStore(path));

  it('reads the same at once as with promises', async () => {
    const store = await openStore(path);
    await store.list('');
    for (const [key, bytes] of CONFORMANCE_OBJECTS) {
      for (const [offset, length] of [
        [0, 5120],
        [3, 40],
        [0, 99_999],
      ] as const) {
        const target = new Uint8Array(length);
        const read = store.readSync?.(key, offset, target);
        expect(read?.objectByteLength).toBe(bytes.length);
        expect(Buffer.from(target.subarray(0, read?.length)).equals(bytes.slice(offset, offset + length)), key).toBe(
          true,
        );
      }
    }
    await store.close();
  });

  it('takes a folder called like an archive for a folder', async () => {
    await expect(openStore(join(folder, 'missing.zip'))).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('an archive on a web server', async () => {
  const archive = zipOf(CONFORMANCE_OBJECTS, { zip64: true, comment: 'PK' });
  const server = await startFaultyServer({
    objects: new Map([
      ['/archives/my%20data.zip', { bytes: archive, etag: '"1"' }],
      ['/archives/signed.zip?sig=secret', { bytes: archive, etag: '"1"' }],
    ]),
  });
  afterAll(() => server.stop());
  testConformance(() => openStore(`${server.origin}/archives/my%20data.zip`));

  it('keeps the query of the URL for its requests, and out of its location', async () => {
    const store = await openStore(`${server.origin}/archives/signed.zip?sig=secret`);
    expect((await store.list('')).length).toBe(CONFORMANCE_OBJECTS.size);
    expect(store.location).toBe(`${server.origin}/archives/signed.zip`);
    await store.close();
  });
});

describe('an archive on a server that ignores ranges', () => {
  it('is read once', async () => {
    const bytes = text(1, 4_000_000);
    const archive = makeZip([{ name: 'a.dcm', bytes, level: 0 }]);
    const objects = new Map([['/a.zip', { bytes: archive }]]);
    const server = await startFaultyServer({ objects, fault: () => ({ kind: 'ignore-range' }) });
    const store = await openStore(`${server.origin}/a.zip`);
    for (let offset = 0; offset < 400_000; offset += 40_000) {
      const read = await store.read('a.dcm', { offset, length: 100 });
      expect(read.bytes).toEqual(bytes.slice(offset, offset + 100));
    }
    expect(server.requests.length).toBe(3);
    await store.close();
    await server.stop();
  });
});

describe('what is read of an archive', () => {
  it('is one range a header, of a deflated file no more than asked for', async () => {
    const files = Array.from({ length: 12 }, (_, index) => ({ name: `${index}.dcm`, bytes: text(index, 200_000) }));
    const archive = makeZip(files);
    const { zip, store } = inMemory(archive);
    await zip.list('');
    const before = store.reads.length;
    for (const { name, bytes } of files) {
      const read = await zip.read(name, { offset: 0, length: 8192 });
      expect(read.bytes).toEqual(bytes.slice(0, 8192));
      expect(read.objectByteLength).toBe(200_000);
    }
    const reads = store.reads.slice(before);
    expect(reads.length).toBe(12);
    expect(Math.max(...reads.map(({ received }) => received))).toBeLessThan(8192 + 300);
  });

  it('is the size, the end, and more of the directory only where it is long', async () => {
    const small = inMemory(zipOf(CONFORMANCE_OBJECTS));
    await small.zip.list('');
    expect(small.store.reads.length).toBe(2);
    const many = Array.from({ length: 3000 }, (_, index) => ({
      name: `a rather long name of a folder/and of a file in it/${index}.dcm`,
      bytes: randomBytes(index, 20),
    }));
    const large = inMemory(makeZip(many));
    expect((await large.zip.list('')).length).toBe(3000);
    expect(large.store.reads.length).toBe(3);
  });

  it('is exactly the range of a stored file, once its place is known', async () => {
    const { zip, store } = inMemory(makeZip([{ name: 'a', bytes: text(1, 500_000), stored: true, localExtra: 300 }]));
    await zip.read('a', { offset: 0, length: 10 });
    const before = store.reads.length;
    await zip.read('a', { offset: 400_000, length: 1234 });
    expect(store.reads.slice(before).map(({ length }) => length)).toEqual([1234]);
  });

  it('is each deflated file once, however many frames of it are asked for', async () => {
    const bytes = text(3, 2_000_000);
    const { zip, store } = inMemory(makeZip([{ name: 'a', bytes }]));
    await zip.list('');
    const before = store.reads.length;
    const reads = await Promise.all(
      Array.from({ length: 20 }, (_, index) => zip.read('a', { offset: 300_000 + index * 80_000, length: 80_000 })),
    );
    reads.forEach((read, index) => {
      const start = 300_000 + index * 80_000;
      expect(Buffer.from(read.bytes).equals(bytes.subarray(start, start + 80_000))).toBe(true);
    });
    expect(store.reads.length - before).toBe(1);
  });

  it('of a very large deflated file is a stream, in one pass for ranges in order', async () => {
    // More than 16 MiB compressed: blocks that are only stored, since compressing so much takes long.
    const part = randomBytes(5, 1_000_000);
    const bytes = new Uint8Array(18 * part.length);
    for (let index = 0; index < 18; index += 1) {
      bytes.set(part, index * part.length);
      bytes[index * part.length] = index;
    }
    const { zip, store } = inMemory(makeZip([{ name: 'a', bytes, level: 0 }]));
    await zip.list('');
    const { receivedBytes } = store.statistics;
    const offsets = [16_500_000, 300_000, 9_000_000, 17_500_000];
    const reads = await Promise.all(offsets.map((offset) => zip.read('a', { offset, length: 500_000 })));
    reads.forEach((read, index) => {
      const offset = offsets[index] ?? 0;
      expect(Buffer.from(read.bytes).equals(bytes.subarray(offset, offset + 500_000))).toBe(true);
    });
    const passed = store.statistics.receivedBytes - receivedBytes;
    expect(passed).toBeLessThan(18_200_000);
    // In small pieces: never the whole file at once.
    expect(Math.max(...store.reads.map(({ length }) => length))).toBeLessThan(2_000_000);
    const back = await zip.read('a', { offset: 1_000_000, length: 2 });
    expect([...back.bytes]).toEqual([1, part[1]]);
    await zip.close();
  });
});

describe('names in an archive', () => {
  it('are keys, whatever tricks they hold', async () => {
    const names = ['../../etc/passwd', '/absolute/x', 'a//b/./c', 'C:\\data\\1.dcm', '..', 'nul\0.dcm'];
    const warnings: string[] = [];
    const { zip } = inMemory(makeZip(names.map((name, index) => ({ name, bytes: randomBytes(index, 10) }))), warnings);
    const keys = (await zip.list('')).map(({ key }) => key);
    expect(keys).toEqual(['C:/data/1.dcm', 'a/b/c', 'absolute/x', 'etc/passwd', 'nul\ufffd.dcm', 'unnamed']);
    expect((await zip.read('etc/passwd', { offset: 0, length: 99 })).bytes).toEqual(randomBytes(0, 10));
    expect(warnings).toEqual([expect.stringContaining('3 names in')]);
    await expect(zip.read('../../etc/passwd', { offset: 0, length: 1 })).rejects.toMatchObject({ code: 'storage' });
  });

  it('that come twice are both read', async () => {
    const warnings: string[] = [];
    const files = [1, 2, 3].map((seed) => ({ name: 'a.dcm', bytes: randomBytes(seed, 10) }));
    const { zip } = inMemory(makeZip([...files, { name: 'a.dcm (2)', bytes: randomBytes(4, 10) }]), warnings);
    expect((await zip.list('')).map(({ key }) => key)).toEqual(['a.dcm', 'a.dcm (2)', 'a.dcm (2) (2)', 'a.dcm (3)']);
    expect((await zip.read('a.dcm (3)', { offset: 0, length: 99 })).bytes).toEqual(randomBytes(3, 10));
    expect(warnings).toEqual([expect.stringContaining('3 names in')]);
  });

  it('are read in code page 437 where they are not marked as UTF-8', async () => {
    const { zip } = inMemory(makeZip([{ name: Uint8Array.of(0x53, 0x84, 0x64), bytes: randomBytes(1, 3) }]));
    expect(await zip.list('')).toMatchObject([{ key: 'Säd', byteLength: 3 }]);
  });

  it('of folders are no files', async () => {
    const { zip } = inMemory(makeZip([{ name: 'a/', bytes: new Uint8Array(0) }]));
    expect(await zip.list('')).toEqual([]);
  });
});

describe('sizes, checksums and methods', () => {
  const bytes = text(9, 300_000);
  const cases: readonly (readonly [what: string, file: Partial<ZipFileOptions>, message: RegExp])[] = [
    ['a wrong checksum', { declared: { crc32: 1 } }, /checksum \(CRC-32\) is wrong/],
    ['a wrong checksum of stored data', { stored: true, declared: { crc32: 1 } }, /checksum/],
    ['more than declared', { declared: { length: 299_999 } }, /more than the 299999 bytes/],
    ['less than declared', { declared: { length: 300_001 } }, /300000 bytes and should hold 300001/],
    ['sizes that cannot be', { declared: { length: 4_000_000_000 } }, /cannot hold/],
    ['stored data of two sizes', { stored: true, declared: { length: 5 } }, /cannot hold/],
    ['encryption', { flags: 1 }, /is encrypted/],
    ['AES encryption', { declared: { method: 99, localMethod: 99 } }, /is encrypted/],
    ['another method', { declared: { method: 93, localMethod: 93 } }, /method 93 \(Zstandard\)/],
    ['an unknown method', { declared: { method: 77, localMethod: 77 } }, /method 77;/],
    ['a contradiction about the method', { declared: { localMethod: 0 } }, /contradicts itself/],
  ];
  it.each(cases)('refuses %s', async (_what, file, message) => {
    const archive = makeZip([{ name: 'a.dcm', bytes, ...file }]);
    const error = await errorOf(readAll(archive, 'a.dcm'));
    expect(error).toMatchObject({ code: 'storage', location: 'memory://test/a.zip/a.dcm' });
    expect(error.message).toMatch(message);
  });

  it.each([
    ['a wrong checksum', { crc32: 1 }, /checksum/],
    ['more than declared', { length: 16_999_999 }, /more than the 16999999 bytes/],
    ['less than declared', { length: 17_000_001 }, /17000000 bytes and should hold 17000001/],
  ] as const)('refuses %s of a file that is inflated in a stream', async (_what, declared, message) => {
    const large = new Uint8Array(17_000_000).fill(1);
    const { zip } = inMemory(makeZip([{ name: 'a', bytes: large, level: 0, declared }]));
    expect((await zip.read('a', { offset: 9_000_000, length: 3 })).bytes).toEqual(Uint8Array.of(1, 1, 1));
    const error = await errorOf(zip.read('a', { offset: 15_000_000, length: Infinity }));
    expect(error).toMatchObject({ code: 'storage' });
    expect(error.message).toMatch(message);
    await zip.close();
  });

  it('reads sizes that follow the data, or stand in zip64 fields', async () => {
    for (const file of [
      { descriptor: true },
      { zip64: true },
      { localExtra: 5000 },
      { stored: true, localExtra: 900 },
    ]) {
      const archive = makeZip(
        [
          { name: 'a', bytes, ...file },
          { name: 'b', bytes },
        ],
        { zip64: true },
      );
      expect(Buffer.from(await readAll(archive, 'a')).equals(bytes)).toBe(true);
      const beginning = await inMemory(archive).zip.read('a', { offset: 5, length: 100 });
      expect(beginning.bytes).toEqual(bytes.slice(5, 105));
    }
  });

  it('reads data that compression made larger', async () => {
    const random = randomBytes(4, 200_000);
    const { zip } = inMemory(makeZip([{ name: 'a', bytes: random, level: 0 }]));
    for (const length of [1, 65_535, 65_536, 131_072, 199_999, 200_000]) {
      const read = await zip.read('a', { offset: 0, length });
      expect(Buffer.from(read.bytes).equals(random.subarray(0, length)), `${length}`).toBe(true);
    }
  });

  it('takes a header of a megabyte of zeros a kilobyte without inflating it all', async () => {
    const header = new Uint8Array(20_000_000);
    header.set(text(1, 3000));
    const { zip, store } = inMemory(makeZip([{ name: 'a', bytes: header }]));
    const read = await zip.read('a', { offset: 0, length: 8192 });
    expect(read.bytes).toEqual(header.slice(0, 8192));
    expect(store.reads.at(-1)?.received).toBeLessThan(9000);
  });
});

describe('archives that are damaged or made to harm', () => {
  it('are refused where files overlap', async () => {
    const first = makeZip([{ name: 'a', bytes: text(1, 1000) }]);
    const overlapping = makeZip([
      { name: 'a', bytes: text(1, 1000) },
      { name: 'b', bytes: text(2, 1000), declared: { headerOffset: 0 } },
    ]);
    expect((await inMemory(first).zip.list('')).length).toBe(1);
    await expect(inMemory(overlapping).zip.list('')).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('overlap'),
    });
  });

  it('are refused where they say that they hold too much', async () => {
    const archive = makeZip([{ name: 'a', bytes: text(1, 10) }], { zip64: true, declaredCount: 2_000_000 });
    await expect(inMemory(archive).zip.list('')).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('2000000 files'),
    });
  });

  it('are refused where they are none', async () => {
    await expect(inMemory(text(1, 100_000)).zip.list('')).rejects.toMatchObject({ code: 'storage' });
    await expect(inMemory(new Uint8Array(0)).zip.list('')).rejects.toMatchObject({ code: 'storage' });
  });

  it('give right bytes or an error, whatever is changed in them', async () => {
    const objects = new Map([
      ['a/1.dcm', text(1, 9000)],
      ['a/2.dcm', randomBytes(2, 700)],
      ['b.dcm', text(3, 40_000)],
    ]);
    const archive = zipOf(objects);
    const known = new Set([...objects.values()].map((bytes) => Buffer.from(bytes).toString('latin1')));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(archive.length), { nil: undefined }),
        async (changes, cut) => {
          const broken = archive.slice(0, cut);
          for (const [at, value] of changes) if (at < broken.length) broken[at] = value;
          try {
            const { zip } = inMemory(broken);
            for (const { key } of await zip.list('')) {
              const { bytes } = await zip.read(key, { offset: 0, length: Infinity });
              // A whole file has passed its checksum.
              expect(known.has(Buffer.from(bytes).toString('latin1'))).toBe(true);
            }
          } catch (error) {
            if (!(error instanceof PreviewError)) throw error;
          }
        },
      ),
      { numRuns: repetitions(60, 400), seed: 7 },
    );
  });
});

describe('bytes before an archive', () => {
  const files = Array.from({ length: 5 }, (_, index) => ({ name: `s/${index}.dcm`, bytes: text(index, 20_000) }));

  it.each([
    ['a program that unpacks it', {}],
    ['the same, before a zip64 archive with a comment', { zip64: true, comment: 'made by hand' }],
  ])('may be there: %s', async (_, options) => {
    const archive = makeZip(files, options);
    for (const length of [1, 512, 200_000]) {
      const whole = Buffer.concat([randomBytes(9, length), archive]);
      const path = join(folder, `prefix-${whole.length}.zip`);
      writeFileSync(path, whole);
      for (const store of [inMemory(whole).zip, await openStore(path)]) {
        expect((await store.list('')).map(({ key }) => key)).toEqual(files.map(({ name }) => name));
        for (const { name, bytes } of files) {
          const read = await store.read(name, { offset: 0, length: Infinity });
          expect(Buffer.from(read.bytes).equals(bytes)).toBe(true);
        }
        await store.close();
      }
    }
  });

  it('may be counted in the offsets already', async () => {
    const [archive, prefix] = [makeZip(files), 1000];
    const whole = Buffer.concat([new Uint8Array(prefix), archive]);
    const view = new DataView(whole.buffer, whole.byteOffset, whole.length);
    const end = whole.length - 22;
    const directory = view.getUint32(end + 16, true) + prefix;
    view.setUint32(end + 16, directory, true);
    for (let at = directory; at < end; at += 46 + view.getUint16(at + 28, true)) {
      view.setUint32(at + 42, view.getUint32(at + 42, true) + prefix, true);
    }
    expect(Buffer.from(await readAll(whole, 's/3.dcm')).equals(text(3, 20_000))).toBe(true);
  });
});
