import { describe, expect, it } from 'vitest';
import { AbortedError } from '../../../src/base/errors.ts';
import type { HeaderIndex } from '../../../src/header-index/cache.ts';
import { isVersioned } from '../../../src/series/header-pass/keep-headers.ts';
import { scanObjects } from '../../../src/series/header-pass/scan.ts';
import { type SeriesScan, scanOrRecall } from '../../../src/series/header-pass/scan-or-recall.ts';
import type { StoredObject } from '../../../src/types/storage.ts';
import { ctSeries, writeInstance } from '../../support/dicom/index.js';
import { listed, MemoryStore } from '../../support/memory-store.ts';

const headersOnly = { wholeObjects: false } as const;
const series = new Map([
  ...ctSeries({ instances: 5, rows: 8 }),
  ['notes.txt', new Uint8Array(Buffer.from('plain text'))],
  ['damaged.dcm', damaged()],
]);

/** A sequence with something else than an item in it. */
function damaged(): Uint8Array<ArrayBuffer> {
  const good = writeInstance({ SOPInstanceUID: '2.25.1' });
  const broken = [0x08, 0x00, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8];
  return new Uint8Array([...good, ...broken, ...new Array(64).fill(0)]);
}

type Version = Pick<StoredObject, 'etag' | 'modified'>;
const versioned = (version: Version = { etag: 'v1' }): readonly StoredObject[] =>
  listed(series).map((object) => ({ ...object, ...version }));

function indexOf(scan: SeriesScan): HeaderIndex {
  return new Map(scan.indexed.map((indexed) => [indexed.object.key, indexed]));
}

async function scan(
  objects: readonly StoredObject[],
  known?: HeaderIndex,
  isImmutable = false,
): Promise<{ readonly scan: SeriesScan; readonly reads: readonly string[] }> {
  const store = new MemoryStore(series);
  const result = await scanOrRecall({ store, known, isImmutable }, objects, headersOnly);
  return { scan: result, reads: store.reads.map(({ key }) => key) };
}

describe('scanOrRecall', () => {
  it('finds what a scan without index finds', async () => {
    const plain = await scanObjects(new MemoryStore(series), versioned(), headersOnly);
    const { scan: first } = await scan(versioned());
    const messages = plain.damaged.map(({ key, message }) => ({ key, message }));
    expect(first).toMatchObject({ ...plain, damaged: messages });
    const counts = [first.recalled, first.instances.length, first.passedOver.length, first.damaged.length];
    expect(counts).toEqual([0, 5, 1, 1]);
    const second = await scan(versioned(), indexOf(first));
    expect(second.reads).toEqual([]);
    // Why an object is no DICOM is known from its bytes alone.
    expect(second.scan).toEqual({ ...first, recalled: 7, headerBytes: 0, firstPassedOver: undefined });
  });

  it('reads only what changed, came or was not known', async () => {
    const index = indexOf((await scan(versioned())).scan);
    const [changed, resized, gone, ...same] = versioned();
    if (changed === undefined || resized === undefined || gone === undefined) throw new Error('Too few.');
    const renamed = { ...gone, key: 'new.dcm' };
    const objects = [{ ...changed, etag: 'v2' }, { ...resized, byteLength: 5 }, ...same];
    const { reads, scan: found } = await scan(objects, index);
    expect(reads).toEqual([changed.key, resized.key]);
    expect(found.instances.map(({ key }) => key)).not.toContain(gone.key);
    expect(found.indexed).toHaveLength(6);
    const store = new MemoryStore(new Map([...series, ['new.dcm', series.get(gone.key) ?? new Uint8Array()]]));
    const withNew = await scanOrRecall({ store, known: index, isImmutable: false }, [renamed, ...same], headersOnly);
    expect(store.reads.map(({ key }) => key)).toEqual(['new.dcm']);
    expect(withNew.recalled).toBe(same.length);
  });

  it('trusts times together with sizes, and nothing less', async () => {
    const cases: readonly [Version, Version, boolean][] = [
      [{ etag: 'a' }, { etag: 'a' }, true],
      [{ etag: 'a' }, { etag: undefined }, false],
      [{ etag: undefined }, { etag: undefined }, false],
      [{ etag: undefined, modified: 'Mon' }, { etag: undefined, modified: 'Mon' }, true],
      [{ etag: undefined, modified: 'Mon' }, { etag: undefined, modified: 'Tue' }, false],
      [{ etag: undefined, modified: 'Mon' }, { etag: 'a', modified: 'Mon' }, false],
    ];
    for (const [then, now, isTrusted] of cases) {
      const first = await scan(versioned(then));
      const { reads } = await scan(versioned(now), indexOf(first.scan));
      expect([then, now, reads.length === 0]).toEqual([then, now, isTrusted]);
    }
    const timed = versioned({ etag: undefined, modified: 'Mon' }).map((object) => ({
      ...object,
      byteLength: undefined,
    }));
    const sizeless = await scan(timed, indexOf((await scan(timed)).scan));
    expect(sizeless.reads).not.toEqual([]);
    expect([isVersioned(sizeless.scan, false), isVersioned(sizeless.scan, true)]).toEqual([false, true]);
  });

  it('asks for no version where a place never changes', async () => {
    const plain = versioned({ etag: undefined });
    const index = indexOf((await scan(plain)).scan);
    expect((await scan(plain, index, true)).reads).toEqual([]);
  });

  it('counts what is known as done', async () => {
    const index = new Map([...indexOf((await scan(versioned())).scan)].slice(0, 4));
    const steps: number[] = [];
    const place = { store: new MemoryStore(series), known: index, isImmutable: false };
    await scanOrRecall(place, versioned(), { ...headersOnly, onProgress: (done) => steps.push(done) });
    expect(steps).toEqual([5, 6, 7]);
    steps.length = 0;
    const all = { ...place, known: indexOf((await scan(versioned())).scan) };
    await scanOrRecall(all, versioned(), { ...headersOnly, onProgress: (done) => steps.push(done) });
    expect(steps, 'nothing left to read').toEqual([7]);
    const aborted = scanOrRecall(all, versioned(), { ...headersOnly, signal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow(AbortedError);
  });
});
