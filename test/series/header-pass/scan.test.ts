import { afterEach, describe, expect, it, vi } from 'vitest';
import { AccessDeniedError, ObjectChangedError, StorageError, TimeoutError } from '../../../src/base/errors.ts';
import { distinctInstances } from '../../../src/series/header-pass/distinct.ts';
import { scanWarnings } from '../../../src/series/header-pass/findings.ts';
import { scanObjects } from '../../../src/series/header-pass/scan.ts';
import type { Store } from '../../../src/types/storage.ts';
import {
  type Attributes,
  ctSeries,
  enhancedMultiFrame,
  transferSyntax,
  writeInstance,
} from '../../support/dicom/index.js';
import { listed, MemoryStore } from '../../support/memory-store.ts';

const headersOnly = { wholeObjects: false } as const;

describe('scanObjects', () => {
  it('reads one small range an instance, however far away the pixel data are', async () => {
    const series = ctSeries({ seed: 8, instances: 12, rows: 64, privateHeaderBytes: 120_000 });
    const store = new MemoryStore(series);
    const scan = await scanObjects(store, listed(series), headersOnly);
    expect(scan.instances).toHaveLength(12);
    expect(store.reads).toHaveLength(12);
    expect(store.reads.every(({ offset, length }) => offset === 0 && length === 8192)).toBe(true);
    expect(scan.headerBytes).toBe(12 * 8192);
    expect(scan.instances.every(({ complete }) => !complete)).toBe(true);
  });

  it('asks again, for the rest only, where ordering needs more', async () => {
    const bytes = enhancedMultiFrame({ slices: 100, rows: 16, columns: 16 });
    const series = new Map([['e.dcm', bytes]]);
    const store = new MemoryStore(series);
    const { instances } = await scanObjects(store, listed(series), headersOnly);
    expect(instances[0]?.header.frames).toHaveLength(100);
    let next = 0;
    for (const read of store.reads) {
      expect(read.offset).toBe(next);
      next += read.received;
    }
    expect(store.reads.length).toBeGreaterThan(1);
  });

  describe('on a local disk', () => {
    afterEach(() => {
      vi.restoreAllMocks();
    });

    /** A store of a local disk that takes so long for each header; and which objects were read by other threads. */
    async function scanSlowly(
      msOfRead: number,
    ): Promise<{ keys: string[]; concurrently: string[]; progress: number[] }> {
      const series = ctSeries({ seed: 8, instances: 600, rows: 2 });
      let now = 0;
      vi.spyOn(performance, 'now').mockImplementation(() => now);
      class DiskStore extends MemoryStore {
        readonly isSlow = msOfRead > 0.1;
        override async read(...[key, range, options]: Parameters<Store['read']>): ReturnType<MemoryStore['read']> {
          if (options?.etag !== undefined) throw new ObjectChangedError('changed', { location: key });
          return super.read(key, range);
        }
        readonly readSync: NonNullable<Store['readSync']> = (key, offset, target) => {
          now += msOfRead;
          const bytes = series.get(key) ?? new Uint8Array(0);
          target.set(bytes.subarray(offset, offset + target.length));
          return { length: Math.min(target.length, bytes.length - offset), objectByteLength: bytes.length };
        };
      }
      const store = new DiskStore(series);
      const progress: number[] = [];
      // As listed, none is what it is by now.
      const objects = listed(series).map((object) => ({ ...object, etag: 'before' }));
      const scan = await scanObjects(store, objects, {
        ...headersOnly,
        onProgress: (done) => progress.push(done),
      });
      const keys = scan.instances.map(({ key }) => key);
      expect(keys).toEqual([...series.keys()]);
      return { keys, concurrently: store.reads.map(({ key }) => key), progress };
    }

    it('reads one header after the other', async () => {
      const { concurrently, progress } = await scanSlowly(0.02);
      expect(concurrently).toEqual([]);
      expect(progress).toEqual([256, 512, 600]);
    });

    it('reads several at a time from when it turns out to be slow', async () => {
      const { keys, concurrently, progress } = await scanSlowly(1);
      // After 50 ms it is clear, and other work gets its turn.
      expect(concurrently).toEqual(keys.slice(51));
      expect(progress[0]).toBe(51);
      expect(progress.at(-1)).toBe(600);
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
    });
  });

  it.each([true, false])('goes on after objects that cannot be read (whole objects: %s)', async (wholeObjects) => {
    const series = ctSeries({ seed: 8, instances: 27, rows: 16 });
    const [gone = ''] = [...series.keys()].slice(5);
    const store = new MemoryStore(new Map([...series].filter(([key]) => key !== gone)));
    const scan = await scanObjects(store, listed(series), { wholeObjects });
    expect(scan.instances).toHaveLength(26);
    expect(scan.unreadable).toMatchObject([{ key: gone, error: { code: 'not-found' } }]);
  });

  it('gives up where nothing at all can be read, after some dozens of objects', async () => {
    const series = ctSeries({ seed: 8, instances: 200, rows: 8 });
    let reads = 0;
    class Refusing extends MemoryStore {
      override async read(): ReturnType<MemoryStore['read']> {
        reads++;
        throw new AccessDeniedError('no', { location: 'memory://test' });
      }
    }
    await expect(scanObjects(new Refusing(series), listed(series), headersOnly)).rejects.toThrow(AccessDeniedError);
    expect(reads).toBeLessThan(60);
    class Hanging extends MemoryStore {
      override async read(): ReturnType<MemoryStore['read']> {
        throw new TimeoutError('late', { timeoutMs: 1 });
      }
    }
    const once = scanObjects(new Hanging(series), listed(series).slice(0, 1), headersOnly);
    await expect(once).rejects.toThrow(TimeoutError);
  });

  it('reads whole objects at once where all are wanted', async () => {
    const series = ctSeries({ seed: 8, instances: 5, rows: 32 });
    for (const tellsSizes of [true, false]) {
      const store = new MemoryStore(series, { tellsSizes });
      const objects = await store.list('');
      const scan = await scanObjects(store, objects, { wholeObjects: true });
      expect(store.reads).toHaveLength(5);
      expect(scan.instances.every(({ bytes, key }) => bytes?.length === series.get(key)?.length)).toBe(true);
    }
  });

  it('passes over what is not DICOM and counts what is damaged', async () => {
    const series = new Map([
      ...ctSeries({ instances: 2, rows: 8 }),
      ['notes.txt', new Uint8Array(Buffer.from('plain text'))],
      ['damaged.dcm', damaged()],
    ]);
    const scan = await scanObjects(new MemoryStore(series), listed(series), headersOnly);
    expect(scan.instances).toHaveLength(2);
    expect(scan.passedOver).toHaveLength(1);
    expect(scan.damaged.map(({ key }) => key)).toEqual(['damaged.dcm']);
  });

  it('fails as a whole where the store fails', async () => {
    const series = ctSeries({ instances: 40, rows: 8 });
    const store = new MemoryStore(series);
    const failure = new StorageError('gone', { location: 'memory://test' });
    store.read = () => Promise.reject(failure);
    await expect(scanObjects(store, listed(series), headersOnly)).rejects.toBe(failure);
  });

  it('reads deflated data sets', async () => {
    const series = ctSeries({ instances: 2, rows: 8, transferSyntaxUid: transferSyntax.deflatedExplicitLittleEndian });
    const { instances } = await scanObjects(new MemoryStore(series), listed(series), headersOnly);
    expect(instances.map(({ deflated }) => deflated)).toEqual([true, true]);
    expect(instances[0]?.header.frames[0]?.imagePositionPatient).toBeDefined();
  });
});

/** A sequence with something else than an item in it. */
function damaged(): Uint8Array {
  const good = writeInstance({ SOPInstanceUID: '2.25.1' });
  const broken = [0x08, 0x00, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8];
  return new Uint8Array([...good, ...broken, ...new Array(64).fill(0)]);
}

describe('distinctInstances', () => {
  it('counts a SOP Instance that is stored twice once, with the key that comes first', async () => {
    const series = ctSeries({ instances: 3, rows: 8 });
    const [[firstKey, bytes] = ['', new Uint8Array(0)]] = series;
    const twice = new Map([['zz-copy.dcm', bytes], ...series]);
    const { instances } = await scanObjects(new MemoryStore(twice), listed(twice), headersOnly);
    const distinct = distinctInstances(instances, undefined, 'here');
    expect(distinct.duplicates).toEqual(['zz-copy.dcm']);
    expect(distinct.instances.map(({ key }) => key)).toContain(firstKey);
    expect(distinct.instances).toHaveLength(3);
  });

  it('keeps images that share a SOP Instance UID and nothing else, and names them', async () => {
    const attributes = (given: Attributes): Attributes => ({ ...given, SOPInstanceUID: '2.25.7' });
    const series = ctSeries({ instances: 4, rows: 8, attributes });
    const [[, bytes] = ['', new Uint8Array(0)]] = series;
    const all = new Map([...series, ['zz-copy.dcm', bytes] as const]);
    const { instances } = await scanObjects(new MemoryStore(all), listed(all), headersOnly);
    const distinct = distinctInstances(instances, undefined, 'here');
    expect(distinct.instances).toHaveLength(4);
    expect(distinct.duplicates).toEqual(['zz-copy.dcm']);
    expect(distinct.namesakes).toEqual([...series.keys()].slice(1));
    expect(scanWarnings({ passedOver: [], damaged: [], unreadable: [] }, distinct)).toEqual([
      expect.stringContaining('1 SOP Instance is stored twice'),
      expect.stringContaining('3 images have the SOP Instance UID of another image'),
    ]);
  });

  it('names one of the objects that are not DICOM, the same whatever their order', () => {
    const warningsOf = (...passedOver: string[]): readonly string[] =>
      scanWarnings({ passedOver, damaged: [], unreadable: [] }, { duplicates: [], namesakes: [] });
    expect(warningsOf('notes.txt')).toEqual(["'notes.txt' is not DICOM and left out."]);
    expect(warningsOf('b/c', 'a\u001b')).toEqual(["2 objects are not DICOM and left out, such as 'a\\u{1b}'."]);
    expect(warningsOf()).toEqual([]);
  });

  it('lists several series and lets the UID choose', async () => {
    const both = new Map([
      ...ctSeries({ instances: 2, rows: 8, series: 'one', description: 'First one', key: (index) => `a${index}` }),
      ...ctSeries({ instances: 3, rows: 8, series: 'two', description: 'Second', key: (index) => `b${index}` }),
    ]);
    const { instances } = await scanObjects(new MemoryStore(both), listed(both), headersOnly);
    expect(() => distinctInstances(instances, undefined, 'here')).toThrow(/found 2.*CT "First one" {2}2 instances/s);
    const uid = instances.find(({ key }) => key === 'b0')?.header.seriesInstanceUid;
    expect(distinctInstances(instances, uid, 'here').instances).toHaveLength(3);
    expect(() => distinctInstances(instances, '1.2.3', 'here')).toThrow(/1\.2\.3.*Second/s);
  });
});
