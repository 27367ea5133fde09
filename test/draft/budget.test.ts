import { describe, expect, it, vi } from 'vitest';
import { AbortedError } from '../../src/base/errors.ts';
import { createFrameDecoder } from '../../src/codecs/frame-decoder.ts';
import { decodeUntil } from '../../src/draft/decode.ts';
import { scanOrRecall } from '../../src/series/header-pass/scan-or-recall.ts';
import { membersOf } from '../../src/series/members.ts';
import { orderMembers } from '../../src/series/order.ts';
import { selectEvenly } from '../../src/series/select.ts';
import type { ByteRange, ReadOptions, Store } from '../../src/types/storage.ts';
import { ctInstances } from '../support/dicom/index.js';
import { draftOf, type Keyed, random, thousand, under } from '../support/drafts.ts';
import { listed, MemoryStore } from '../support/memory-store.ts';

/** 400 slices of 128 x 128: objects of 33 KB. */
const series: Keyed = under([...ctInstances({ seed: 4, instances: 400, rows: 128, sliceSpacing: 1 })], random(1));

function bytesRead({ reads }: MemoryStore): number {
  return reads.reduce((sum, { received }) => sum + received, 0);
}

describe('a budget of bytes', () => {
  it.each([
    [60_000, 1],
    [200_000, 3],
    [500_000, 9],
    [1_000_000, 19],
    [1_500_000, 29],
  ])('of %d is kept, and spent on %d tiles', async (byteLength, tiles) => {
    const { report, selections, store, warnings } = await draftOf(series, { byteLength });
    expect(bytesRead(store)).toBeLessThanOrEqual(byteLength);
    expect(report).toMatchObject({ outcome: 'draft', budget: { byteLength, timeMs: null } });
    expect(selections).toHaveLength(tiles);
    expect(report.skipped).toEqual({ headers: 400 - report.sampledInstances, tiles: 36 - tiles });
    // What is left would not do for two more.
    expect(byteLength - bytesRead(store)).toBeLessThan(3 * 34_000);
    expect(warnings.join()).toContain(`The budget allowed for ${tiles} of 36 tiles`);
    // The tiles are spread over the series, where they are more than a few.
    const [first, last] = tiles > 3 ? [selections[0], selections.at(-1)].map((each) => each?.ordered.position) : [0, 1];
    expect(first).toBeLessThan(0.15);
    expect(last).toBeGreaterThan(0.85);
  });

  it('that one image does not fit into is refused, and nothing is read', async () => {
    const store = new MemoryStore(series);
    const drafting = draftOf(series, { byteLength: 20_000, store });
    await expect(drafting).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/about 4\d KB .* received 20000 bytes/),
    });
    expect(store.reads).toEqual([]);
  });

  it('leaves a short series its order, and shows as many tiles as fit', async () => {
    const few = new Map([...series].slice(0, 90));
    const byteLength = 90 * 8192 * 4;
    const exact = await draftOf(few, { byteLength });
    expect(exact.report).toMatchObject({ outcome: 'exact', sampledInstances: 90, expectedPositionError: 0 });
    expect(exact.selections).toHaveLength(36);
    const sampled = await draftOf(few, { byteLength: 700_000 });
    expect(sampled.report.outcome).toBe('draft');
    expect(bytesRead(sampled.store)).toBeLessThanOrEqual(700_000);
    const larger = under([...ctInstances({ instances: 30, rows: 256 })], random(1));
    const limited = await draftOf(larger, { byteLength: 2_000_000 });
    expect(limited.report).toMatchObject({
      outcome: 'draft',
      positionsFrom: 'all-headers',
      expectedPositionError: 0,
      skipped: { headers: 0 },
    });
    expect(limited.selections.length).toBeGreaterThan(10);
    expect(limited.selections.length).toBeLessThan(30);
    expect(limited.report.reason).toMatch(/The budget allowed for 1\d of 30 tiles/);
    expect(bytesRead(limited.store)).toBeLessThanOrEqual(2_000_000);
  });

  it('reads a short series that fits whole, in one pass', async () => {
    const few = new Map([...series].slice(0, 30));
    const { report, store } = await draftOf(few, { byteLength: 2_000_000 });
    expect(report.outcome).toBe('exact');
    expect(store.reads).toHaveLength(30);
  });

  it('shows what there is where all headers would be needed and do not fit, and says so', async () => {
    const instances = ctInstances({ instances: 400, rows: 128, geometry: 'none', instanceNumbers: 'missing' });
    const { report, warnings, selections } = await draftOf(under([...instances], random(1)), { byteLength: 1_000_000 });
    expect(report).toMatchObject({ outcome: 'draft', positionsFrom: 'sample', expectedPositionErrorMm: null });
    expect(report.reason).toMatch(
      /did not allow for reading all headers, as would have been right here: without positions/,
    );
    expect(report.expectedPositionError).toBeGreaterThan(0.02);
    expect(warnings.join()).toContain('may not be among the tiles');
    expect(selections.length).toBeGreaterThan(10);
  });
});

/** Answers for some objects at once, for others never. */
class StallingStore extends MemoryStore {
  readonly #answers: (key: string) => boolean;

  constructor(objects: Keyed, answers: (key: string) => boolean) {
    super(objects, { concurrency: 32 });
    this.#answers = answers;
  }

  override async read(key: string, range: ByteRange, options: ReadOptions = {}): ReturnType<Store['read']> {
    if (this.#answers(key)) return super.read(key, range);
    this.reads.push({ key, ...range, received: 0 });
    return new Promise((_, reject) => {
      const { signal } = options;
      if (signal?.aborted === true) reject(new AbortedError());
      signal?.addEventListener('abort', () => reject(new AbortedError({ cause: signal.reason })));
    });
  }
}

describe('a budget of time', () => {
  const passed = { timeMs: 1, startedAt: performance.now() - 10_000 };

  it('that has run out allows for one wave of headers and what comes of the pixel data', async () => {
    const { report, shown, warnings, store } = await draftOf(under(thousand('plain'), random(1)), passed);
    expect(report).toMatchObject({ outcome: 'draft', sampledInstances: 32, budget: { byteLength: null, timeMs: 1 } });
    expect(shown.length).toBeGreaterThan(0);
    expect(report.skipped.tiles).toBe(36 - shown.length);
    expect(store.reads.length).toBeLessThanOrEqual(32 + 12 + 12);
    expect(warnings.join()).toMatch(/budget of 1 ms did not suffice: listing and reading took \d+ ms/);
  });

  it('that has run out does not wait for all headers where a sample tells nothing', async () => {
    const nothing = thousand('nothing', { instances: 300, geometry: 'none', instanceNumbers: 'missing' });
    const { report, store } = await draftOf(under(nothing, random(1)), passed);
    expect(report).toMatchObject({ outcome: 'draft', sampledInstances: 32, positionsFrom: 'sample' });
    expect(store.reads.length).toBeLessThan(100);
  });

  it('with time enough is the draft without a budget', async () => {
    const hour = { timeMs: 3_600_000 };
    const plain = under(thousand('plain'), random(1));
    const [timed, free] = [await draftOf(plain, hour), await draftOf(plain)];
    expect(timed.selections.map(({ index }) => index)).toEqual(free.selections.map(({ index }) => index));
    expect(timed.shown.map(({ selection }) => selection)).toEqual(timed.selections);
    expect(timed.report).toEqual({ ...free.report, budget: { byteLength: null, timeMs: 3_600_000 } });
    const few = under(thousand('plain').slice(0, 120), random(1));
    expect((await draftOf(few, hour)).report).toMatchObject({ outcome: 'exact', sampledInstances: 120 });
  });

  it('gives up what is under way when it runs out, and keeps what came', async () => {
    const instances = thousand('plain').slice(0, 40);
    const { scan, selections } = await exactly(under(instances, random(1)));
    const answered = new Set([0, 20, 39].map((index) => selections[index]?.ordered.member.instance.key));
    const store = new StallingStore(under(instances, random(1)), (key) => answered.has(key));
    const decoder = createFrameDecoder();
    const options = { imageWidth: 8, overlays: false, signal: undefined, onProgress: () => {} };
    const later = globalThis.setTimeout;
    // Timers may be early; here by much.
    vi.spyOn(globalThis, 'setTimeout').mockImplementation((act, delay = 0) => later(act, delay / 2));
    const { frames } = await decodeUntil(performance.now() + 20, store, decoder, selections, options);
    vi.restoreAllMocks();
    await decoder.close();
    expect(scan.instances).toHaveLength(40);
    expect(frames.map(({ selection }) => selection.ordered.member.instance.key)).toEqual([...answered]);
    // No more than twelve abreast, in an order spread over all tiles.
    expect(store.reads.length).toBeLessThanOrEqual(15);
    const read = store.reads.map(({ key }) =>
      selections.findIndex(({ ordered }) => ordered.member.instance.key === key),
    );
    expect(read.slice(0, 3)).toEqual([0, 39, 20]);
  });

  it('that runs out is no excuse for showing nothing, and an abort is an abort', async () => {
    const instances = thousand('plain').slice(0, 40);
    const { selections } = await exactly(under(instances, random(1)));
    const controller = new AbortController();
    const store = new StallingStore(under(instances, random(1)), () => false);
    const decoder = createFrameDecoder();
    const options = { imageWidth: 8, overlays: false, signal: controller.signal, onProgress: () => {} };
    const decoding = decodeUntil(performance.now() - 1, store, decoder, selections, options);
    const outcome = expect(decoding).rejects.toMatchObject({ code: 'aborted' });
    setTimeout(() => controller.abort(), 30);
    await outcome;
    await decoder.close();
  });
});

describe('decodeUntil', () => {
  it('hides no fault of the program', async () => {
    const { selections } = await exactly(under(thousand('plain').slice(0, 40), random(1)));
    const store = Object.assign(new MemoryStore(new Map()), { read: () => Promise.reject(new TypeError('a fault')) });
    const decoder = createFrameDecoder();
    const options = { imageWidth: 8, overlays: false, signal: undefined, onProgress: () => {} };
    await expect(decodeUntil(Infinity, store, decoder, selections, options)).rejects.toThrow('a fault');
    await decoder.close();
  });
});

async function exactly(objects: Keyed): Promise<{
  readonly scan: Awaited<ReturnType<typeof scanOrRecall>>;
  readonly selections: ReturnType<typeof selectEvenly>;
}> {
  const place = { store: new MemoryStore(objects), known: undefined, isImmutable: false };
  const scan = await scanOrRecall(place, listed(objects), { wholeObjects: false });
  const { members } = orderMembers(membersOf(scan.instances));
  return { scan, selections: selectEvenly(members, { count: 40, start: 0, end: 1 }) };
}

describe('a draft of headers that cost nothing', () => {
  it('is the exact mosaic where an earlier run left an index', async () => {
    const plain = under(thousand('plain'), random(1));
    const { scan } = await exactly(plain);
    const known = new Map(scan.indexed.map((indexed) => [indexed.object.key, indexed]));
    const { report, store } = await draftOf(plain, {}, { known, isImmutable: true });
    expect(report).toMatchObject({ outcome: 'exact', sampledInstances: 1000 });
    expect(report.reason).toMatch(/earlier run/);
    expect(store.reads).toHaveLength(36);
  });

  it('is the exact mosaic where the store tells all headers at once', async () => {
    const plain = under(thousand('plain').slice(0, 300), random(1));
    const store = Object.assign(new MemoryStore(plain), {
      frames: {
        readHeaders: async () => new Map<string, Uint8Array<ArrayBuffer>>(),
        readFrame: () => Promise.reject(new AbortedError()),
      },
    });
    expect((await draftOf(plain, { store })).report).toMatchObject({
      outcome: 'exact',
      reason: expect.stringMatching(/in one reply/),
    });
  });
});
