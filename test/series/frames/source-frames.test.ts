import { describe, expect, it } from 'vitest';
import { AccessDeniedError, NotFoundError, StorageError } from '../../../src/base/errors.ts';
import { InstanceReader } from '../../../src/series/frames/instance-reader.ts';
import { scanObjects } from '../../../src/series/header-pass/scan.ts';
import { dataSetFromJson } from '../../../src/storage/dicomweb/dicom-json.ts';
import type { FrameSource, Store } from '../../../src/types/storage.ts';
import {
  type Attributes,
  ctSeries,
  enhancedMultiFrame,
  secondaryCapture,
  segmentation,
  transferSyntax,
} from '../../support/dicom/index.js';
import { type JsonInstance, takeApart } from '../../support/dicom-json.ts';
import { listed, MemoryStore } from '../../support/memory-store.ts';

type Answer = Awaited<ReturnType<FrameSource['readFrame']>>;

interface SourceOptions {
  /** Last word on what is told of an instance; undefined: nothing. */
  readonly tell?: (json: JsonInstance) => JsonInstance | undefined;
  readonly answer?: (frames: readonly Uint8Array[], frame: number, syntax: string) => Partial<Answer>;
  readonly complete?: (key: string) => Uint8Array<ArrayBuffer> | undefined;
}

/** A store in memory that tells headers and answers frames, and counts what it is asked. */
function sourceOf(objects: ReadonlyMap<string, Uint8Array>, options: SourceOptions = {}) {
  const memory = new MemoryStore(objects, { tellsSizes: false });
  const asked = { headers: 0, frames: 0, objects: memory.reads };
  const everything = { keep: (tag: number): boolean => tag < 0x7fe0_0000, mustBeRight: () => false };
  const frames: FrameSource = {
    readHeaders: async () => {
      asked.headers += 1;
      const headers = new Map<string, Uint8Array<ArrayBuffer>>();
      for (const [key, bytes] of objects) {
        const { json } = takeApart(bytes);
        const told = options.tell === undefined ? json : options.tell(json);
        if (told !== undefined) headers.set(key, dataSetFromJson(told, everything).bytes);
      }
      return headers;
    },
    completeHeader: async (key) => options.complete?.(key),
    readFrame: async (key, frame) => {
      asked.frames += 1;
      const taken = takeApart(objects.get(key) ?? new Uint8Array(0));
      const { transferSyntaxUid } = taken;
      const answer = options.answer?.(taken.frames, frame, transferSyntaxUid) ?? {};
      const bytes = new Uint8Array(taken.frames[frame - 1] ?? taken.frames[0] ?? []);
      return { bytes, transferSyntaxUid, ...answer };
    },
  };
  const store: Store = {
    location: memory.location,
    concurrency: memory.concurrency,
    frames,
    list: (prefix) => memory.list(prefix),
    listFolders: (prefix, startsWith) => memory.listFolders(prefix, startsWith),
    read: (key, range) => memory.read(key, range),
    statistics: memory.statistics,
    close: () => memory.close(),
  };
  return { store, asked };
}

const headersOnly = { wholeObjects: false } as const;
const without =
  (...tags: readonly string[]) =>
  (json: JsonInstance): JsonInstance =>
    Object.fromEntries(Object.entries(json).filter(([tag]) => !tags.includes(tag)));

const scanOf = async (objects: ReadonlyMap<string, Uint8Array>, options: SourceOptions = {}) => {
  const { store, asked } = sourceOf(objects, options);
  const scan = await scanObjects(store, listed(objects), headersOnly);
  return { store, asked, ...scan };
};

describe('headers that a store tells', () => {
  const series = ctSeries({ instances: 6, rows: 16 });

  it('take the place of the header pass, of short series too', async () => {
    for (const wholeObjects of [false, true]) {
      const { store, asked } = sourceOf(series);
      const progress: number[] = [];
      const onProgress = (done: number): void => {
        progress.push(done);
      };
      const { instances, headerBytes, wholeBytes } = await scanObjects(store, listed(series), {
        wholeObjects,
        onProgress,
      });
      const plain = await scanObjects(new MemoryStore(series), listed(series), headersOnly);
      expect(instances.map(({ header }) => header.frames)).toEqual(plain.instances.map(({ header }) => header.frames));
      expect(asked).toMatchObject({ headers: 1, frames: 0, objects: [] });
      expect(progress.at(-1)).toBe(6);
      expect(headerBytes).toBeGreaterThan(0);
      expect(wholeBytes).toBe(0);
    }
  });

  it('are read from the objects where none is told', async () => {
    let told = 0;
    const { instances, asked } = await scanOf(series, { tell: (json) => (told++ % 2 === 0 ? json : undefined) });
    expect(instances).toHaveLength(6);
    expect(asked.objects).toHaveLength(3);
    expect(instances.filter(({ isFromSource }) => isFromSource === true)).toHaveLength(3);
  });

  it('are read from the objects where places are left out, after a try whether they tell more', async () => {
    const tell = without('00200032', '00200037');
    const { instances, asked } = await scanOf(series, { tell });
    expect(instances.every(({ header }) => header.frames[0]?.imagePositionPatient !== undefined)).toBe(true);
    expect(asked.objects).toHaveLength(6);
    const placeless = ctSeries({ instances: 6, rows: 16, geometry: 'none' });
    const tried = await scanOf(placeless);
    expect(tried.instances).toHaveLength(6);
    expect(tried.asked.objects).toHaveLength(1);
  });

  it('stay where the objects cannot be read', async () => {
    const { store } = sourceOf(series, { tell: without('00200032') });
    const refusing: Store = {
      ...store,
      read: () => Promise.reject(new StorageError('no instances here', { location: 'x', status: 501 })),
    };
    expect((await scanObjects(refusing, listed(series), headersOnly)).instances).toHaveLength(6);
    const denied: Store = { ...store, read: () => Promise.reject(new AccessDeniedError('no', { location: 'x' })) };
    await expect(scanObjects(denied, listed(series), headersOnly)).rejects.toBeInstanceOf(AccessDeniedError);
  });
});

/** Reads a frame over a source, and the same from the object alone. */
async function readBoth(bytes: Uint8Array, frameIndex: number, options: SourceOptions = {}) {
  const objects = new Map([['one', bytes]]);
  const { store, asked, instances } = await scanOf(objects, options);
  const [instance] = instances;
  if (instance === undefined) throw new Error('the instance was not found');
  const frame = await new InstanceReader(store, instance).readFrame(frameIndex, undefined);
  const plain = await scanObjects(new MemoryStore(objects), listed(objects), headersOnly);
  const [own] = plain.instances;
  if (own === undefined) throw new Error('the instance was not found');
  const expected = await new InstanceReader(new MemoryStore(objects), own).readFrame(frameIndex, undefined);
  return { asked, frame, expected };
}

const explicit = transferSyntax.explicitLittleEndian;
const oneCt = (attributes: Attributes = {}): Uint8Array =>
  ctSeries({ instances: 1, rows: 15, columns: 15, attributes: (all) => ({ ...all, ...attributes }) })
    .values()
    .next().value ?? new Uint8Array(0);

/** Native frames of an instance as a server would cut them. */
const nativeFrame = (frames: readonly Uint8Array[], frame: number, count: number): Uint8Array<ArrayBuffer> => {
  const all = frames[0] ?? new Uint8Array(0);
  const length = Math.floor(all.length / count);
  return new Uint8Array(all.subarray((frame - 1) * length, frame * length));
};

describe('frames that a store answers', () => {
  it('are taken as they come, with the syntax they come in', async () => {
    const { asked, frame, expected } = await readBoth(oneCt(), 0);
    expect(Buffer.from(frame.bytes).equals(expected.bytes)).toBe(true);
    expect(frame.description).toEqual(expected.description);
    expect(frame.header.transferSyntaxUid).toBe(explicit);
    expect(asked).toMatchObject({ frames: 1, objects: [] });
    const rle = ctSeries({ instances: 1, rows: 16, transferSyntaxUid: transferSyntax.rleLossless });
    const compressed = await readBoth(rle.values().next().value ?? new Uint8Array(0), 0);
    expect(Buffer.from(compressed.frame.bytes).equals(compressed.expected.bytes)).toBe(true);
    expect(compressed.frame.header.transferSyntaxUid).toBe(transferSyntax.rleLossless);
    expect(compressed.asked.objects).toEqual([]);
  });

  it('are taken by their number, out of all where all come', async () => {
    const enhanced = enhancedMultiFrame({ slices: 4, rows: 16, columns: 16 });
    const cut = await readBoth(enhanced, 2, { answer: (frames, frame) => ({ bytes: nativeFrame(frames, frame, 4) }) });
    const all = await readBoth(enhanced, 2);
    for (const { frame, expected, asked } of [cut, all]) {
      expect(Buffer.from(frame.bytes).equals(expected.bytes)).toBe(true);
      expect(asked).toMatchObject({ frames: 1, objects: [] });
    }
  });

  it('may have a byte of padding, and are plain values in deflated data sets', async () => {
    const odd = ctSeries({ instances: 1, rows: 5, columns: 5, stored: { bitsAllocated: 8, bitsStored: 8 } });
    const bytes = odd.values().next().value ?? new Uint8Array(0);
    const padded = await readBoth(bytes, 0);
    expect(padded.frame.bytes).toHaveLength(25);
    expect(padded.asked.objects).toEqual([]);
    const deflated = await readBoth(oneCt(), 0, {
      answer: () => ({ transferSyntaxUid: transferSyntax.deflatedExplicitLittleEndian }),
    });
    expect(deflated.frame.header.transferSyntaxUid).toBe(explicit);
    expect(deflated.asked.objects).toEqual([]);
  });

  it('with tables completed', async () => {
    const complete = dataSetFromJson(
      { ...takeApart(oneCt()).json, '00281050': { vr: 'DS', Value: [77] }, '00281051': { vr: 'DS', Value: [99] } },
      { keep: (tag) => tag < 0x7fe0_0000, mustBeRight: () => true },
    ).bytes;
    const { frame } = await readBoth(oneCt(), 0, { complete: () => complete });
    expect(frame.header.frames[0]?.windows).toEqual([{ center: 77, width: 99, function: 'LINEAR' }]);
  });

  const ybr = secondaryCapture({ rows: 16, columns: 16, photometricInterpretation: 'YBR_FULL' });
  const refusals: readonly (readonly [string, Uint8Array, SourceOptions])[] = [
    ['too short', oneCt(), { answer: (frames) => ({ bytes: new Uint8Array(frames[0]?.subarray(2) ?? []) }) }],
    ['too long', oneCt(), { answer: (frames) => ({ bytes: new Uint8Array([...(frames[0] ?? []), 0, 0]) }) }],
    ['big endian', oneCt(), { answer: () => ({ transferSyntaxUid: transferSyntax.explicitBigEndian }) }],
    ['a video', oneCt(), { answer: () => ({ transferSyntaxUid: '1.2.840.10008.1.2.4.102' }) }],
    ['no codestream', oneCt(), { answer: () => ({ transferSyntaxUid: transferSyntax.jpegBaseline }) }],
    [
      'a rendering in 8 bits',
      oneCt(),
      {
        answer: () => ({
          bytes: Uint8Array.of(0xff, 0xd8, 0xff, 0xe0),
          transferSyntaxUid: transferSyntax.jpegBaseline,
        }),
      },
    ],
    ['YCbCr that may have been converted', ybr, {}],
    [
      '1-bit frames that share bytes',
      segmentation({ rows: 5, columns: 5, slices: 3 }),
      { answer: (frames, frame) => ({ bytes: nativeFrame(frames, frame, 3) }) },
    ],
    ['without a size', oneCt(), { tell: without('00280010') }],
    [
      'with tables that cannot be had',
      oneCt(),
      {
        complete: () => {
          throw new StorageError('no table', { location: 'x' });
        },
      },
    ],
    [
      'refused',
      oneCt(),
      {
        answer: () => {
          throw new NotFoundError('no frames', { location: 'x' });
        },
      },
    ],
  ];
  it.each(refusals)('give way to the instance: %s', async (_, bytes, options) => {
    const { asked, frame, expected } = await readBoth(bytes, 0, options);
    expect(Buffer.from(frame.bytes).equals(expected.bytes)).toBe(true);
    expect(frame.description).toEqual(expected.description);
    expect(frame.header).toEqual(expected.header);
    expect(asked.objects.length).toBeLessThanOrEqual(2);
    expect(asked.objects.at(-1)).toMatchObject({ key: 'one' });
  });

  it('give way to the instance: 1-bit frames whose first byte is also the last of the one before', async () => {
    const bytes = segmentation({ rows: 5, columns: 5, slices: 3 });
    const answer = (frames: readonly Uint8Array[]): Partial<Answer> => ({
      bytes: new Uint8Array(frames[0]?.subarray(3, 7) ?? []),
    });
    const { frame, expected } = await readBoth(bytes, 1, { answer });
    expect(expected.bitOffset).toBe(1);
    expect(frame.bitOffset).toBe(1);
    expect(Buffer.from(frame.bytes).equals(expected.bytes)).toBe(true);
  });

  it('are not asked for again once the instance has been read', async () => {
    // Larger than what is read at first of an object that can be read in ranges.
    const objects = new Map([['one', enhancedMultiFrame({ slices: 4, rows: 256, columns: 256 })]]);
    const answer = (): never => {
      throw new NotFoundError('no frames', { location: 'x' });
    };
    const { store, asked, instances } = await scanOf(objects, { answer });
    const [instance] = instances;
    if (instance === undefined) throw new Error('the instance was not found');
    const reader = new InstanceReader(store, instance);
    for (let frame = 0; frame < 4; frame++) await reader.readFrame(frame, undefined);
    expect(asked.frames).toBe(1);
    expect(asked.objects).toHaveLength(1);
  });

  it('end all where access is denied', async () => {
    const answer = (): never => {
      throw new AccessDeniedError('no', { location: 'x' });
    };
    await expect(readBoth(oneCt(), 0, { answer })).rejects.toBeInstanceOf(AccessDeniedError);
  });
});
