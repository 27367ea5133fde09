import { describe, expect, it } from 'vitest';
import { createFrameDecoder } from '../../src/codecs/frame-decoder.ts';
import { cellSize, sizeInCell } from '../../src/compose/cell-size.ts';
import { scanObjects } from '../../src/series/header-pass/scan.ts';
import { membersOf } from '../../src/series/members.ts';
import { orderMembers } from '../../src/series/order.ts';
import { type Selection, selectEvenly } from '../../src/series/select.ts';
import { mosaicSettings } from '../../src/settings.ts';
import { type DecodedMember, decodeMembers, isVisible } from '../../src/tiles/decode-members.ts';
import { EarlyDrawing } from '../../src/tiles/early-drawing.ts';
import { chooseContrast, renderTile } from '../../src/tiles/render-tile.ts';
import type { MosaicOptions } from '../../src/types/options.ts';
import type { PictureSettings } from '../../src/types/settings.ts';
import type { ByteRange, ReadOptions, ReadResult } from '../../src/types/storage.ts';
import { ctSeries, petSeries, radiograph, transferSyntax } from '../support/dicom/index.js';
import { listed, MemoryStore } from '../support/memory-store.ts';

/** A store that reads into the memory it is given, as the local one does. */
class IntoMemoryStore extends MemoryStore {
  override async read(key: string, range: ByteRange, options: ReadOptions = {}): Promise<ReadResult> {
    const result = await super.read(key, range);
    const { target } = options;
    if (target === undefined) return result;
    target.fill(0x55);
    target.set(result.bytes);
    return { ...result, bytes: target.subarray(0, result.bytes.length) };
  }
}

interface Prepared {
  readonly store: MemoryStore;
  readonly settings: PictureSettings;
  readonly selections: readonly Selection[];
}

async function prepare(series: ReadonlyMap<string, Uint8Array>, options: MosaicOptions = {}): Promise<Prepared> {
  const store = new IntoMemoryStore(series, { concurrency: 3 });
  const { instances } = await scanObjects(store, listed(series), { wholeObjects: false });
  const { members } = orderMembers(membersOf(instances));
  const selections = selectEvenly(members, { count: 9, start: 0, end: 1 });
  return { store, settings: mosaicSettings({ imageWidth: 16, ...options }), selections };
}

async function decode(
  { store, settings, selections }: Prepared,
  drawing: EarlyDrawing | undefined,
): Promise<readonly DecodedMember[]> {
  const decoder = createFrameDecoder();
  const { imageWidth, overlays } = settings;
  const options = { imageWidth, overlays, signal: undefined, onProgress: () => undefined, drawing };
  const { frames } = await decodeMembers(store, decoder, selections, options);
  await decoder.close();
  return frames;
}

/** Draws early, and beside it as usual: with all frames at hand. */
async function drawBothWays(prepared: Prepared): Promise<EarlyDrawing | undefined> {
  const early = EarlyDrawing.of(prepared.selections, prepared.settings);
  if (early === undefined) return undefined;
  const drawn = await decode(prepared, early);
  if (early.isWrong) return early;
  const visible = (await decode(prepared, undefined)).filter(isVisible);
  const { imageWidth } = prepared.settings;
  const cell = cellSize(
    visible.map(({ naturalSize }) => naturalSize),
    imageWidth,
  );
  const contrast = chooseContrast(visible, prepared.settings);
  const again = chooseContrast(drawn.filter(isVisible), prepared.settings);
  expect(again.warnings).toEqual(contrast.warnings);
  for (const [index, item] of visible.entries()) {
    const size = sizeInCell(item.naturalSize, cell, imageWidth);
    expect(early.tileOf(item.selection)).toEqual(renderTile(item, contrast.frames.get(item), size));
    const kept = drawn[index];
    expect(kept !== undefined && isVisible(kept) && kept.frame.values.length).toBe(0);
    if (kept !== undefined && isVisible(kept)) {
      expect(again.frames.get(kept)?.window).toEqual(contrast.frames.get(item)?.window);
    }
  }
  return early;
}

const base = { seed: 8, instances: 9, rows: 32, windows: [{ center: 40, width: 400 }] };
const taller = { ...base, rows: 48, columns: 32, key: (index: number) => `taller${index}.dcm` };
const differing = (index: number): readonly { center: number; width: number }[] => [{ center: 40 + index, width: 400 }];

describe('EarlyDrawing', () => {
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
    const early = await drawBothWays(await prepare(series, options));
    expect(early?.isWrong).toBe(false);
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
    expect(EarlyDrawing.of(selections, settings)).toBeUndefined();
  });

  it('knows in the end that a window shows nothing', async () => {
    const early = await drawBothWays(await prepare(ctSeries({ ...base, windows: [{ center: 30_000, width: 10 }] })));
    expect(early?.isWrong).toBe(true);
  });
});
