import { describe, expect, it } from 'vitest';
import { createFrameDecoder, type FrameDecoder } from '../../src/codecs/frame-decoder.ts';
import { scanObjects } from '../../src/series/header-pass/scan.ts';
import { membersOf } from '../../src/series/members.ts';
import { orderMembers } from '../../src/series/order.ts';
import { type Selection, selectEvenly } from '../../src/series/select.ts';
import { overviewMember, slideLevels } from '../../src/series/slide.ts';
import { decodeMembers } from '../../src/tiles/decode-members.ts';
import type { DecodedMember } from '../../src/tiles/decoded-member.ts';
import { planPixels } from '../../src/tiles/frame-room.ts';
import { type MemberCost, memberCost } from '../../src/tiles/member-cost.ts';
import { defaultLimits } from '../../src/types/limits.ts';
import type { ByteRange, ReadResult } from '../../src/types/storage.ts';
import {
  ctSeries,
  encodeRleFrame,
  enhancedMultiFrame,
  segmentation,
  siemensMosaic,
  transferSyntax,
  wholeSlideSeries,
} from '../support/dicom/index.js';
import { encodeJ2k } from '../support/encoders/wasm-encoders.ts';
import { listed, MemoryStore } from '../support/memory-store.ts';

/** Tells how many reads of an object were under way at a time, and takes its time for each. */
class SlowStore extends MemoryStore {
  most = 0;
  #open = 0;

  override async read(key: string, range: ByteRange): Promise<ReadResult> {
    this.#open++;
    this.most = Math.max(this.most, this.#open);
    await new Promise((resolve) => setTimeout(resolve, 2));
    this.#open--;
    return super.read(key, range);
  }
}

async function open(
  series: ReadonlyMap<string, Uint8Array>,
  count: number,
): Promise<{ readonly store: SlowStore; readonly selections: readonly Selection[] }> {
  const store = new SlowStore(series, { concurrency: 6 });
  const { instances } = await scanObjects(store, listed(series), { wholeObjects: false });
  store.most = 0;
  store.reads.length = 0;
  return { store, selections: selectEvenly(orderMembers(membersOf(instances)).members, { count, start: 0, end: 1 }) };
}

/** Decodes, and tells how many frames were decoded at a time. */
async function decode(
  { store, selections }: Awaited<ReturnType<typeof open>>,
  pictureBytes: number,
): Promise<{ readonly frames: readonly DecodedMember[]; readonly most: number }> {
  const decoder = createFrameDecoder();
  let most = 0;
  let open = 0;
  const counting: FrameDecoder = {
    ...decoder,
    decode: async (job, options) => {
      open++;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 2));
      open--;
      return decoder.decode(job, options);
    },
  };
  const limits = { ...defaultLimits, pictureBytes };
  const options = { imageWidth: 16, overlays: false, signal: undefined, onProgress: () => undefined, limits };
  try {
    const { frames } = await decodeMembers(store, counting, selections, options);
    return { frames, most };
  } finally {
    await decoder.close();
  }
}

const asked = { imageWidth: 16, overlays: false, isDrawn: false } as const;
const shares = {};
function cost(
  keptBytes: number,
  unitBytes: number,
  sharedBytes = 0,
  by: object = shares,
): MemberCost & { shares: object } {
  return { keptBytes, unitBytes, sharedBytes, units: 1, shares: by };
}

describe('planPixels', () => {
  it('leaves to frames in work what is not kept', () => {
    const costs = [cost(10, 30), cost(20, 5)];
    expect(planPixels(costs, { limit: 100, reservedBytes: 8 })).toMatchObject({
      keptBytes: 30,
      workBytes: 62,
      mostWork: 46,
      slackBytes: 8,
    });
    expect(planPixels(costs, { limit: 68, reservedBytes: 8 })).toMatchObject({
      ...{ workBytes: 30, mostWork: 30, slackBytes: 0 },
    });
    expect(() => planPixels(costs, { limit: 67, reservedBytes: 8 })).toThrow(
      /at most 67 bytes .* these 2 images would take about 68\..*limits\.pictureBytes \(--safety-limit pictureBytes=/,
    );
  });

  it('counts what frames of one instance share once', () => {
    const other = {};
    const costs = [cost(1, 1, 50), cost(1, 1, 50), cost(1, 1, 20, other)];
    expect(planPixels(costs, { limit: 1000, reservedBytes: 0 }).keptBytes).toBe(73);
  });

  it('leaves out frames that do not fit alone', () => {
    const plan = planPixels([cost(10, 10), cost(60, 41), cost(10, 10)], { limit: 100, reservedBytes: 0 });
    expect([...plan.tooLarge]).toEqual([1]);
    expect(plan.keptBytes).toBe(20);
  });

  it('has no end without a limit', () => {
    const plan = planPixels([cost(10, 10)], { limit: Number.POSITIVE_INFINITY, reservedBytes: 0 });
    expect(plan).toMatchObject({ workBytes: Number.POSITIVE_INFINITY, slackBytes: Number.POSITIVE_INFINITY });
  });
});

describe('what a member takes', () => {
  const costsOf = async (series: ReadonlyMap<string, Uint8Array>): Promise<readonly MemberCost[]> => {
    const { selections } = await open(series, 100);
    return selections.map(({ ordered }) => memberCost(ordered.member, asked));
  };

  it('are the values that are kept, and in work its bytes and a copy', async () => {
    const frame = 64 * 64 * 2;
    const { selections } = await open(ctSeries({ instances: 2, rows: 64 }), 2);
    const { member } = selections[0]?.ordered ?? {};
    if (member === undefined) throw new Error('Expected a member.');
    expect(memberCost(member, asked)).toMatchObject({ keptBytes: frame, units: 1, sharedBytes: 0 });
    const drawn = memberCost(member, { ...asked, isDrawn: true });
    expect(drawn.keptBytes).toBe(0);
    expect(drawn.unitBytes).toBe(memberCost(member, asked).unitBytes + frame);
    // Small objects whose header is not known are read whole.
    const found = { ...member.instance, complete: true };
    expect(memberCost({ ...member, instance: found }, asked).unitBytes).toBe(2 * frame);
  });

  it('count compressed bytes as long as the element is, or as a frame among others may be', async () => {
    const encodeFrame = (stored: { buffer: ArrayBufferLike }): Uint8Array =>
      encodeRleFrame(new Uint8Array(stored.buffer), { columns: 64, bytesPerSample: 2 });
    const write = { transferSyntaxUid: transferSyntax.rleLossless, encodeFrame };
    const [one] = await costsOf(ctSeries({ instances: 1, rows: 64, ...write }));
    expect(one?.unitBytes).toBeGreaterThan(64 * 64 * 2);
    const many = enhancedMultiFrame({ slices: 4, rows: 64, columns: 64, ...write });
    const costs = await costsOf(new Map([['a', many]]));
    // All frames come with one read.
    expect(costs[0]?.sharedBytes).toBeGreaterThan(4 * 1000);
    expect(new Set(costs.map(({ sharedBytes }) => sharedBytes)).size).toBe(1);
  });

  it('are all segments of a plane, a whole level of a slide, and for slices of one frame that frame', async () => {
    const [plane] = await costsOf(new Map([['a', segmentation({ rows: 32, columns: 32, slices: 2, segments: 3 })]]));
    expect(plane).toMatchObject({ keptBytes: 4 * 32 * 32, units: 3 });
    const mosaic = siemensMosaic({ slices: 4, rows: 16, columns: 16 }).bytes;
    const [slice] = await costsOf(new Map([['a', mosaic]]));
    expect(slice).toMatchObject({ keptBytes: 16 * 16 * 2, unitBytes: 0 });
    expect(slice?.sharedBytes).toBeGreaterThan(4 * 16 * 16 * 2);
  });
});

describe('frames in work', () => {
  const series = ctSeries({ seed: 3, instances: 12, rows: 64, privateHeaderBytes: 10_000 });
  const frame = 64 * 64 * 2;

  it('are fewer where the limit is low, and give the same values', async () => {
    const usual = await open(series, 12);
    const all = await decode(usual, defaultLimits.pictureBytes);
    expect(usual.store.most).toBe(6);
    const unit = Math.max(...usual.selections.map(({ ordered }) => memberCost(ordered.member, asked).unitBytes));
    for (const atATime of [1, 2, 3]) {
      const low = await open(series, 12);
      const some = await decode(low, 12 * frame + atATime * unit);
      expect([low.store.most, some.most]).toEqual([atATime, atATime]);
      const values = (members: readonly DecodedMember[]): unknown =>
        members.map((member) => (member.error === undefined ? member.frame.values : member.error));
      expect(values(some.frames)).toEqual(values(all.frames));
    }
    const none = await open(series, 12);
    await expect(decode(none, 12 * frame + unit - 1)).rejects.toThrow(/these 12 images .*pictureBytes/);
    expect(none.store.reads).toEqual([]);
  });

  it('are none of an image that does not fit alone: the others are shown, and it is not read', async () => {
    const mixed = new Map([...series, ...ctSeries({ seed: 4, instances: 1, rows: 512, key: () => 'large' })]);
    const opened = await open(mixed, 13);
    const { frames } = await decode(opened, 512 * 512 * 2);
    const failed = frames.filter(({ error }) => error !== undefined);
    expect(failed).toMatchObject([
      { error: { code: 'unsupported', message: expect.stringMatching(/'large' takes about .*limits\.pictureBytes/) } },
    ]);
    expect(opened.store.reads.some(({ key }) => key === 'large')).toBe(false);
  });

  it('are refused where a codestream is not what headers say of it', async () => {
    // JPEG 2000 is expected to have wavelet levels.
    const flat = await encodeJ2k(new Uint16Array(512 * 512), {
      rows: 512,
      columns: 512,
      samplesPerPixel: 1,
      bitsStored: 16,
    });
    const at = Buffer.from(flat).indexOf(Buffer.of(0xff, 0x52)) + 9;
    const series = (instances: number, bytes: Uint8Array): ReadonlyMap<string, Uint8Array> =>
      ctSeries({
        ...{ instances, rows: 512, transferSyntaxUid: transferSyntax.jpeg2000Lossless, encodeFrame: () => bytes },
      });
    const refused = expect.objectContaining({ message: expect.stringContaining('pictureBytes') });
    const errors = async (instances: number, bytes: Uint8Array, limit: number): Promise<readonly unknown[]> =>
      (await decode(await open(series(instances, bytes), instances), limit)).frames.map(({ error }) => error);
    const hostile = new Uint8Array(flat).with(at, 0);
    // Too much for one decoder.
    expect(await errors(2, flat, 400_000)).toEqual([undefined, undefined]);
    expect(await errors(2, hostile, 400_000)).toEqual([refused, refused]);
    // Not for one (whose data are none, as the decoder finds), but for all values together.
    // What is kept beyond the plan leaves less for frames in work: 2 x (4.2 MB + 0.5 MB).
    const opened = await open(series(2, hostile), 2);
    expect((await decode(opened, 9_000_000)).most).toBe(1);
    expect((await decode(opened, 10_000_000)).most).toBe(2);
    const broken = expect.objectContaining({ code: 'decode' });
    expect(await errors(2, hostile, 8_500_000)).toEqual([broken, broken]);
    expect(await errors(12, hostile, 8_500_000)).toEqual(Array.from({ length: 12 }, () => refused));
  });

  it('are as many tiles of a slide as there is memory for', async () => {
    const store = new SlowStore(wholeSlideSeries(), { concurrency: 64 });
    const { instances } = await scanObjects(store, await store.list(''), { wholeObjects: false });
    const [level] = slideLevels(instances) ?? [];
    if (level === undefined) throw new Error('Expected a level.');
    const member = overviewMember(level);
    const { keptBytes, sharedBytes, unitBytes, units } = memberCost(member, asked);
    expect([keptBytes, units]).toEqual([level.rows * level.columns * 3, Math.min(16, level.tiles.length)]);
    const selections = [{ index: 0, ordered: { member, position: 0, positionMm: undefined } }];
    const values: unknown[] = [];
    for (const atATime of [1, 3, units]) {
      const least = keptBytes + sharedBytes + atATime * unitBytes;
      const { frames, most } = await decode({ store, selections }, least);
      expect(most).toBe(Math.min(atATime, level.tiles.length - 1));
      values.push(frames.map((found) => (found.error === undefined ? found.frame.values : found.error)));
    }
    expect(values[1]).toEqual(values[0]);
    expect(values[2]).toEqual(values[0]);
    const { frames } = await decode({ store, selections }, keptBytes + sharedBytes + unitBytes - 1);
    expect(frames).toMatchObject([{ error: { message: expect.stringContaining('pictureBytes') } }]);
  });
});
