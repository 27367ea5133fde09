import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { NotFoundError, ObjectChangedError } from '../../src/base/errors.ts';
import type { Store } from '../../src/types/storage.ts';
import { randomBytes } from './random.ts';

/** What every store under test holds: names that trip URLs, XML and JSON, folders in folders, an empty object. */
export const CONFORMANCE_OBJECTS: ReadonlyMap<string, Uint8Array> = new Map([
  ['series-a/1.dcm', randomBytes(1, 20_000)],
  ['series-a/2.dcm', randomBytes(2, 5000)],
  ['series-a/10.dcm', randomBytes(3, 1)],
  ['series-a/deep/er/without-extension', randomBytes(4, 300)],
  ['series-a/empty.dcm', new Uint8Array(0)],
  ['series-b/with space.dcm', randomBytes(5, 100)],
  ['series-b/100%.dcm', randomBytes(6, 100)],
  ['series-b/%41.dcm', randomBytes(7, 100)],
  ['series-b/a+b.dcm', randomBytes(8, 100)],
  ['series-b/hash#1.dcm', randomBytes(9, 100)],
  ['series-b/question?.dcm', randomBytes(10, 100)],
  ["series-b/quote'(1)!*.dcm", randomBytes(11, 100)],
  ['series-b/amp&lt;.dcm', randomBytes(12, 100)],
  ['series-b/Schädel-頭.dcm', randomBytes(13, 100)],
  ['series-b/semi;colon=,@:$.dcm', randomBytes(14, 100)],
  ['series-b/a..dots...dcm', randomBytes(15, 100)],
  ['series b+%ü/1.dcm', randomBytes(16, 100)],
]);

/** Writes the objects below a folder. */
export function writeConformanceFolder(folder: string): void {
  for (const [key, bytes] of CONFORMANCE_OBJECTS) {
    const path = join(folder, ...key.split('/'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}

/** What not every server tells. */
export interface ConformanceOptions {
  /** Whether listings tell the sizes of objects. Default true. */
  readonly listsSizes?: boolean;
  /** Whether replies tell the version of an object (ETag). Default true; without it a change cannot be noticed. */
  readonly tellsVersions?: boolean;
}

/** The tests that every store must pass with {@link CONFORMANCE_OBJECTS} at its root. `open` gives a store, to be closed. */
export function testConformance(
  open: () => Promise<Store>,
  { listsSizes = true, tellsVersions = true }: ConformanceOptions = {},
): void {
  const keys = [...CONFORMANCE_OBJECTS.keys()].sort();
  const withStore = async (run: (store: Store) => Promise<void>): Promise<void> => {
    const store = await open();
    try {
      await run(store);
    } finally {
      await store.close();
    }
  };
  const bytesOf = (key: string): Uint8Array => CONFORMANCE_OBJECTS.get(key) ?? new Uint8Array(0);

  it(`lists every object once, in order, ${listsSizes ? 'with' : 'without'} sizes`, () =>
    withStore(async (store) => {
      const listed = (await store.list('')).map(({ key, byteLength }) => [key, byteLength]);
      expect(listed).toEqual(keys.map((key) => [key, listsSizes ? bytesOf(key).length : undefined]));
    }));

  it('lists what is below a folder alone', () =>
    withStore(async (store) => {
      const objects = await store.list('series-a');
      expect(objects.map(({ key }) => key)).toEqual(keys.filter((key) => key.startsWith('series-a/')));
      const odd = await store.list('series b+%ü');
      expect(odd.map(({ key }) => key)).toEqual(['series b+%ü/1.dcm']);
    }));

  it('lists folders by their beginning', () =>
    withStore(async (store) => {
      expect(await store.listFolders('', '')).toEqual(['series b+%ü', 'series-a', 'series-b']);
      expect(await store.listFolders('', 'series-')).toEqual(['series-a', 'series-b']);
      expect(await store.listFolders('series-a', '')).toEqual(['deep']);
      expect(await store.listFolders('series-a', '1')).toEqual([]);
    }));

  it('reads every object whole, whatever its name', () =>
    withStore(async (store) => {
      for (const { key, etag } of await store.list('')) {
        const { bytes, objectByteLength } = await store.read(key, { offset: 0, length: Infinity }, { etag });
        expect(Buffer.from(bytes).equals(bytesOf(key)), key).toBe(true);
        expect(objectByteLength, key).toBe(bytesOf(key).length);
      }
    }));

  it('reads ranges: inside, over the end, past the end', () =>
    withStore(async (store) => {
      const key = 'series-a/1.dcm';
      const whole = bytesOf(key);
      for (const [offset, length] of [
        [0, 10],
        [4000, 5000],
        [19_990, 5000],
        [20_000, 10],
        [99_999, 10],
        [5, 0],
      ] as const) {
        const { bytes } = await store.read(key, { offset, length });
        expect(bytes, `${offset}+${length}`).toEqual(whole.slice(offset, offset + length));
      }
      const { bytes, objectByteLength } = await store.read(key, { offset: 20_000, length: 10 });
      expect([bytes.length, objectByteLength]).toEqual([0, 20_000]);
      expect((await store.read('series-a/empty.dcm', { offset: 0, length: 5120 })).bytes.length).toBe(0);
    }));

  it('reads many objects at once', () =>
    withStore(async (store) => {
      const reads = Array.from({ length: 200 }, (_, index) =>
        store.read('series-a/1.dcm', { offset: index * 10, length: 100 }),
      );
      const whole = bytesOf('series-a/1.dcm');
      (await Promise.all(reads)).forEach(({ bytes }, index) => {
        expect(Buffer.from(bytes).equals(whole.subarray(index * 10, index * 10 + 100))).toBe(true);
      });
    }));

  it('says that what is not there is not there', () =>
    withStore(async (store) => {
      await expect(store.list('no such series')).rejects.toBeInstanceOf(NotFoundError);
      await expect(store.read('series-a/3.dcm', { offset: 0, length: 10 })).rejects.toBeInstanceOf(NotFoundError);
    }));

  it('refuses keys that lead out of the root', () =>
    withStore(async (store) => {
      for (const key of ['../x', 'series-a/../../x', '/etc/passwd', 'a//b', './a', 'a/.', 'a\0b', '']) {
        // In a bucket slashes part nothing: these are keys of nothing there.
        const isKey = /^(s3|gs|az):/.test(store.location) && ['/etc/passwd', 'a//b'].includes(key);
        const code = isKey ? 'not-found' : 'storage';
        await expect(store.read(key, { offset: 0, length: 1 }), key).rejects.toMatchObject({ code });
        if (key !== '') await expect(store.list(key), key).rejects.toMatchObject({ code });
      }
    }));

  it.skipIf(!tellsVersions)('notices another version than before', () =>
    withStore(async (store) => {
      const { etag } = await store.read('series-a/2.dcm', { offset: 0, length: 10 });
      expect(etag).toBeTypeOf('string');
      await store.read('series-a/2.dcm', { offset: 10, length: 10 }, { etag });
      await expect(
        store.read('series-a/2.dcm', { offset: 10, length: 10 }, { etag: '"another"' }),
      ).rejects.toBeInstanceOf(ObjectChangedError);
    }),
  );

  it('ends at once when it is aborted', () =>
    withStore(async (store) => {
      const signal = AbortSignal.abort();
      await expect(store.list('', { signal })).rejects.toMatchObject({ code: 'aborted' });
      await expect(store.read('series-a/1.dcm', { offset: 0, length: 1 }, { signal })).rejects.toMatchObject({
        code: 'aborted',
      });
    }));
}
