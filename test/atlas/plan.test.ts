import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineStore } from '../../src/atlas/line-store.ts';
import { ChunkPlan, chunkOf, shardOf } from '../../src/atlas/plan.ts';
import type { AtlasItem } from '../../src/atlas/types.ts';

function planOf(ids: readonly string[], limit?: number): ChunkPlan {
  const plan = new ChunkPlan(limit);
  for (const id of ids) plan.add({ id, name: id });
  return plan;
}

const ids = Array.from({ length: 1000 }, (_, index) => `1.2.${index}`);

function itemsOf(plan: ChunkPlan, count: number): readonly (readonly [number, readonly string[]])[] {
  return [...plan.chunks(count)].map(([chunk, items]) => [chunk, items().map(({ id }) => id)]);
}

describe('ChunkPlan', () => {
  it('puts each series into one chunk, the same whatever the order', () => {
    const one = itemsOf(planOf(ids), 7);
    const other = itemsOf(planOf(ids.toReversed()), 7);
    expect(one.flatMap(([, items]) => items).toSorted()).toEqual(ids.toSorted());
    expect(other.map(([chunk, items]) => [chunk, items.toSorted()])).toEqual(
      one.map(([chunk, items]) => [chunk, items.toSorted()]),
    );
    for (const [chunk, items] of one) {
      expect(items.every((id) => chunkOf(id, 7) === chunk)).toBe(true);
      expect(items.length).toBeGreaterThan(80);
    }
  });

  it('keeps what it was told of a series', () => {
    const item: AtlasItem = {
      id: '1.2.3',
      name: 's3://b/x',
      root: './r',
      version: '7',
      collection: 'c',
      patientId: 'p',
    };
    const plan = new ChunkPlan();
    plan.add(item);
    plan.add({ ...item, name: 'another place with the same id' });
    plan.add({ id: 'a\tb', name: 'a\nb' });
    const items = [...plan.chunks(1).values()].flatMap((each) => each());
    expect(items).toEqual([item, { id: 'a b', name: 'a b' }]);
  });

  it('cuts into few chunks what is small, and into chunks of 200 what is large', () => {
    expect([1, 15, 16, 480, 481].map((count) => planOf(ids.slice(0, count)).chunkCount(undefined))).toEqual([
      1, 1, 2, 32, 31,
    ]);
    const many = planOf(Array.from({ length: 10_000 }, (_, index) => String(index)));
    expect([many.chunkCount(undefined), many.chunkCount(100)]).toEqual([50, 100]);
  });

  it('samples the same series for the same seed, and others for another', () => {
    const sampleOf = (from: readonly string[], seed: number): readonly string[] => {
      const plan = planOf(from);
      plan.sample(50, seed);
      return itemsOf(plan, 1).flatMap(([, items]) => items);
    };
    expect(sampleOf(ids, 1)).toHaveLength(50);
    expect(sampleOf(ids.toReversed(), 1).toSorted()).toEqual(sampleOf(ids, 1).toSorted());
    expect(sampleOf(ids, 2).toSorted()).not.toEqual(sampleOf(ids, 1).toSorted());
  });

  it('takes no more than its limit', () => {
    const plan = planOf(ids.slice(0, 5), 5);
    expect([plan.isFull, plan.size]).toEqual([true, 5]);
  });
});

describe('shardOf', () => {
  it.each([
    ['1/8', {}, 0],
    ['8/8', {}, 7],
    ['auto/10', { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_MIN: '1' }, 2],
    ['auto/10', { SLURM_ARRAY_TASK_ID: '0' }, 0],
    ['auto/10', { AWS_BATCH_JOB_ARRAY_INDEX: '9' }, 9],
    ['auto/10', { JOB_COMPLETION_INDEX: '4' }, 4],
  ])('%s with %j is number %i', (text, env, index) => {
    expect(shardOf(text, env)).toEqual({ index, count: Number(text.split('/')[1]) });
  });

  it.each(['0/8', '9/8', '1/0', 'x/8', '1', '', '1/8/2', '-1/8'])("refuses '%s'", (text) => {
    expect(() => shardOf(text, {})).toThrow(/--shard I\/N/);
  });

  it('says which variables are missing', () => {
    expect(() => shardOf('auto/8', {})).toThrow(/SLURM_ARRAY_TASK_ID/);
    expect(() => shardOf('auto/8', { JOB_COMPLETION_INDEX: '8' })).toThrow(/I from 1 to N/);
  });
});

describe('lines of a plan', () => {
  it('come back as they were, whatever is in them', () => {
    const line = fc.stringMatching(
      /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9.]{0,300}|s3:\/\/[a-z]{3}\/|\t|[^\n]{0,5}){0,6}$/u,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string({ unit: 'grapheme' }), fc.constant('caf\udce9'))), (lines) => {
        const store = new LineStore();
        expect(lines.map((each) => store.add(each))).toEqual(lines.map((_, index) => index));
        expect(lines.map((_, index) => store.at(index))).toEqual(lines);
      }),
    );
  });

  it('are there once, thousands of them', () => {
    const plan = new ChunkPlan();
    for (let series = 0; series < 5_000; series++) plan.add({ id: `1.2.840.${series}`, name: `s3://bucket/${series}` });
    for (let series = 0; series < 5_000; series++) plan.add({ id: `1.2.840.${series}`, name: 'twice' });
    expect(plan.size).toBe(5_000);
    const items = [...plan.chunks(7).values()].flatMap((members) => members());
    expect(new Set(items.map(({ id, name }) => `${id} ${name}`)).size).toBe(5_000);
    expect(items.every(({ id, name }) => name === `s3://bucket/${id.slice(8)}`)).toBe(true);
  });
});
