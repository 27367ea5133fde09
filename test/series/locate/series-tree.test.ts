import { describe, expect, it } from 'vitest';
import { SharedTrees } from '../../../src/series/locate/series-tree.ts';
import { ctSeries } from '../../support/dicom/index.js';
import { MemoryStore } from '../../support/memory-store.ts';

class CountingStore extends MemoryStore {
  listings = 0;
  override list(prefix: string): ReturnType<MemoryStore['list']> {
    this.listings++;
    return super.list(prefix);
  }
}

const one = [...ctSeries({ seed: 1, series: 'one', instances: 3, rows: 8 })];
const two = [...ctSeries({ seed: 2, series: 'two', instances: 2, rows: 8 })];
const objects = new Map([
  ...one.map(([name, bytes]) => [`a/${name}`, bytes] as const),
  ['a/notes.txt', new Uint8Array(9)],
  ...two.map(([name, bytes]) => [`b/${name}`, bytes] as const),
]);

describe('a tree that pictures share', () => {
  it('is listed and scanned once, until it is forgotten', async () => {
    const store = new CountingStore(objects);
    const trees = new SharedTrees();
    const [first, second] = await Promise.all([trees.scan(store, undefined), trees.scan(store, undefined)]);
    expect(first).toBe(second);
    expect(await trees.list(store, undefined)).toHaveLength(6);
    expect(store.listings).toBe(1);
    expect([...first.series.values()].map((series) => series.objects.map(({ key }) => key))).toEqual([
      one.map(([name]) => `a/${name}`),
      two.map(([name]) => `b/${name}`),
    ]);
    expect(first.beside).toMatchObject({ passedOver: [expect.any(String)], damaged: [] });
    trees.forget();
    expect(await trees.scan(store, undefined)).not.toBe(first);
    expect(store.listings).toBe(2);
  });

  it('is looked at again after a failure, and an abort ends one wait alone', async () => {
    const store = new CountingStore(objects);
    const trees = new SharedTrees();
    await expect(trees.scan(store, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
    expect((await trees.scan(store, undefined)).series.size).toBe(2);
    const broken = new CountingStore(new Map());
    broken.list = () => Promise.reject(new Error('broken'));
    const others = new SharedTrees();
    await expect(others.scan(broken, undefined)).rejects.toThrow('broken');
    broken.list = () => Promise.resolve([]);
    expect((await others.scan(broken, undefined)).series.size).toBe(0);
  });
});
