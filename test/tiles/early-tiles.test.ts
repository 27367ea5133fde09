import { describe, expect, it } from 'vitest';
import { createFrameDecoder } from '../../src/codecs/frame-decoder.ts';
import { scanObjects } from '../../src/series/header-pass/scan.ts';
import { membersOf } from '../../src/series/members.ts';
import { orderMembers } from '../../src/series/order.ts';
import { type Selection, selectEvenly } from '../../src/series/select.ts';
import { mosaicSettings } from '../../src/settings/settings.ts';
import { decodeMembers } from '../../src/tiles/decode-members.ts';
import { type DecodedMember, isVisible } from '../../src/tiles/decoded-member.ts';
import { EarlyTiles } from '../../src/tiles/early-tiles.ts';
import type { MosaicOptions } from '../../src/types/options.ts';
import type { PictureSettings } from '../../src/types/settings.ts';
import type { ByteRange, ReadOptions, ReadResult } from '../../src/types/storage.ts';
import { renderPicture } from '../../src/views/picture/render-picture.ts';
import { ctSeries, enhancedMultiFrame, petSeries, radiograph, transferSyntax } from '../support/dicom/index.js';
import { listed, MemoryStore } from '../support/memory-store.ts';

/** A store that reads into the memory that it is lent, as the local one does. */
class LentMemoryStore extends MemoryStore {
  lent = 0;

  override async read(key: string, range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    const result = await super.read(key, range);
    const memory = options.memory?.take(result.bytes.length);
    if (memory === undefined) return result;
    this.lent++;
    memory.set(result.bytes);
    return { ...result, bytes: memory };
  }
}

interface Prepared {
  readonly store: LentMemoryStore;
  readonly settings: PictureSettings;
  readonly selections: readonly Selection[];
}

const grid = { rows: 3, columns: 3 };

async function prepare(series: ReadonlyMap<string, Uint8Array>, options: MosaicOptions = {}): Promise<Prepared> {
  const store = new LentMemoryStore(series, { concurrency: 3 });
  const { instances } = await scanObjects(store, listed(series), { wholeObjects: false });
  const { members } = orderMembers(membersOf(instances));
  const selections = selectEvenly(members, { count: 9, start: 0, end: 1 });
  return { store, settings: mosaicSettings({ imageWidth: 16, ...options }), selections };
}

async function decode(
  { store, settings, selections }: Prepared,
  drawing: EarlyTiles | undefined,
): Promise<readonly DecodedMember[]> {
  const decoder = createFrameDecoder();
  const { imageWidth, overlays } = settings;
  const options = { imageWidth, overlays, signal: undefined, onProgress: () => undefined, drawing };
  const { frames } = await decodeMembers(store, decoder, selections, options);
  await decoder.close();
  return frames;
}

/** Draws early, and beside it as usual, with all frames at hand: the picture must be the same. */
async function expectSamePicture(prepared: Prepared): Promise<void> {
  const { selections, settings } = prepared;
  const early = EarlyTiles.plan(selections, settings);
  expect(early).toBeDefined();
  const drawn = await decode(prepared, early);
  expect(early?.isWrong).toBe(false);
  const kept = drawn.filter(isVisible);
  expect(kept.map(({ frame }) => frame.values.length)).toEqual(selections.map(() => 0));
  const usual = await decode(prepared, undefined);
  const parts = { ordered: [], members: 9, instances: 9, isDraft: false, limits: undefined } as const;
  const picture = renderPicture({ ...parts, decoded: drawn, early }, settings, grid);
  const expected = renderPicture({ ...parts, decoded: usual, early: undefined }, settings, grid);
  expect(picture.image).toEqual(expected.image);
  expect(picture.windows).toEqual(expected.windows);
  expect(picture.warnings).toEqual(expected.warnings);
}

const base = { seed: 8, instances: 9, rows: 32, windows: [{ center: 40, width: 400 }] };
const taller = { ...base, rows: 48, columns: 32, key: (index: number) => `taller${index}.dcm` };
const differing = (index: number): readonly { center: number; width: number }[] => [{ center: 40 + index, width: 400 }];

describe('EarlyTiles', () => {
  it.each([
    ['a stored window', ctSeries(base), {}],
    ['windows that differ', ctSeries({ ...base, windows: differing }), {}],
    ['each its own window', ctSeries({ ...base, windows: differing }), { contrast: 'embedded' }],
    ['a preset', ctSeries({ ...base, windows: [] }), { contrast: 'lung' }],
    ['a preset for another modality', petSeries(base), { contrast: 'lung' }],
    ['a window in numbers', ctSeries({ ...base, windows: [] }), { contrast: '300,10' }],
    ['its own size', ctSeries(base), { imageWidth: 'native' }],
    ['padding', ctSeries({ ...base, pixelPaddingValue: -2000 }), {}],
    ['big endian', ctSeries({ ...base, transferSyntaxUid: transferSyntax.explicitBigEndian }), {}],
    ['RLE', ctSeries({ ...base, transferSyntaxUid: transferSyntax.rleLossless }), {}],
    ['oblong pixels', ctSeries({ ...base, spacing: [2, 1] }), {}],
  ] as const)('draws what is drawn with all frames at hand: %s', async (_, series, options) => {
    await expectSamePicture(await prepare(series, options));
  });

  it('lends memory to instances of which one frame is read, and to no others', async () => {
    const single = await prepare(ctSeries(base));
    await expectSamePicture(single);
    expect(single.store.lent).toBe(9);
    const frames = new Map([['all.dcm', enhancedMultiFrame({ seed: 3, slices: 9, rows: 32 })]]);
    const several = await prepare(frames, { contrast: '300,10' });
    await expectSamePicture(several);
    expect(several.store.lent).toBe(0);
  });

  it.each([
    ['auto is asked for', ctSeries(base), { contrast: 'auto' }],
    ['there is no window', ctSeries({ ...base, windows: [] }), {}],
    ['overlays are to be drawn', ctSeries(base), { overlays: true }],
    ['the header pass did not reach the pixel data', ctSeries({ ...base, privateHeaderBytes: 9000 }), {}],
    ['images differ in size', new Map([...ctSeries(base), ...ctSeries(taller)]), {}],
    ['one is of another kind', new Map([...ctSeries(base), ['last', radiograph({ rows: 32 })]]), {}],
  ] as const)('waits for the pixels where %s', async (_, series, options) => {
    const { selections, settings } = await prepare(series, options);
    expect(EarlyTiles.plan(selections, settings)).toBeUndefined();
  });

  it.each([
    ['nothing', [{ center: 30_000, width: 10 }]],
    ['nearly nothing', [{ center: 0, width: 1_000_000 }]],
  ])('knows in the end that a window shows %s', async (_, windows) => {
    const prepared = await prepare(ctSeries({ ...base, windows }));
    const early = EarlyTiles.plan(prepared.selections, prepared.settings);
    await decode(prepared, early);
    expect(early?.isWrong).toBe(true);
  });
});
