import { describe, expect, it } from 'vitest';
import { InstanceReader } from '../../../src/series/frames/instance-reader.ts';
import { scanObjects } from '../../../src/series/header-pass/scan.ts';
import type { ScannedInstance } from '../../../src/types/members.ts';
import {
  ctSeries,
  encapsulatedPixelData,
  encodeRleFrame,
  enhancedMultiFrame,
  sopClass,
  transferSyntax,
  writeInstance,
} from '../../support/dicom/index.js';
import { listed, MemoryStore } from '../../support/memory-store.ts';

async function open(
  bytes: Uint8Array,
  options: { wholeObjects?: boolean; tellsSizes?: boolean } = {},
): Promise<{ store: MemoryStore; reader: InstanceReader; instance: ScannedInstance }> {
  const series = new Map([['one.dcm', bytes]]);
  const store = new MemoryStore(series, { tellsSizes: options.tellsSizes ?? true });
  const objects = options.tellsSizes === false ? await store.list('') : listed(series);
  const { instances } = await scanObjects(store, objects, { wholeObjects: options.wholeObjects ?? false });
  const [instance] = instances;
  if (instance === undefined) throw new Error('Not scanned.');
  store.reads.length = 0;
  return { store, instance, reader: new InstanceReader(store, instance) };
}

const rows = 40;
const frameOptions = { slices: 30, rows, columns: rows, seed: 3 };

function rle(stored: {
  readonly buffer: ArrayBufferLike;
  readonly byteLength: number;
  readonly byteOffset: number;
}): Uint8Array {
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  return encodeRleFrame(bytes, { columns: rows, bytesPerSample: 2 });
}

/** All frames, each read through a reader of its own. */
async function framesOf(bytes: Uint8Array): Promise<readonly string[]> {
  const { reader, instance } = await open(bytes, { wholeObjects: true });
  const frames = Array.from({ length: instance.header.numberOfFrames }, (_, frame) =>
    reader.readFrame(frame, undefined),
  );
  return (await Promise.all(frames)).map((frame) => Buffer.from(frame.bytes).toString('hex'));
}

describe('InstanceReader', () => {
  it('reads the pixel data alone where the header pass reached them', async () => {
    const [bytes = new Uint8Array(0)] = ctSeries({ instances: 1, rows: 64 }).values();
    const { store, reader, instance } = await open(bytes);
    expect(instance.complete).toBe(true);
    const frame = await reader.readFrame(0, undefined);
    expect(frame.bytes).toHaveLength(64 * 64 * 2);
    expect(Buffer.from(frame.bytes)).toEqual(Buffer.from(bytes.subarray(bytes.length - 64 * 64 * 2)));
    expect(store.reads).toHaveLength(1);
    expect(store.statistics.receivedBytes).toBe(64 * 64 * 2);
  });

  it('reads the object once where the pixel data lie further on', async () => {
    const [bytes = new Uint8Array(0)] = ctSeries({ instances: 1, rows: 64, privateHeaderBytes: 150_000 }).values();
    for (const tellsSizes of [true, false]) {
      const { store, reader, instance } = await open(bytes, { tellsSizes });
      expect(instance.complete).toBe(false);
      const frame = await reader.readFrame(0, undefined);
      expect(frame.bytes).toHaveLength(64 * 64 * 2);
      expect(store.reads).toHaveLength(1);
    }
  });

  it('reads nothing more of an object that was read whole', async () => {
    const [bytes = new Uint8Array(0)] = ctSeries({ instances: 1, rows: 64 }).values();
    const { store, reader } = await open(bytes, { wholeObjects: true });
    expect((await reader.readFrame(0, undefined)).bytes).toHaveLength(64 * 64 * 2);
    expect(store.reads).toHaveLength(0);
  });

  it('reads only the chosen frames of a native multi-frame instance', async () => {
    const bytes = enhancedMultiFrame({ ...frameOptions, slices: 400, rows: 64, columns: 64, distinctSlices: 5 });
    const { store, reader } = await open(bytes);
    const chosen = [0, 7, 399];
    const frames = await Promise.all(chosen.map((frame) => reader.readFrame(frame, undefined)));
    expect(store.reads).toHaveLength(3);
    expect(store.statistics.receivedBytes).toBe(3 * 64 * 64 * 2);
    const pixels = bytes.subarray(bytes.length - 400 * 64 * 64 * 2);
    for (const [index, frame] of chosen.entries()) {
      const expected = pixels.subarray(frame * 8192, (frame + 1) * 8192);
      expect(Buffer.from(frames[index]?.bytes ?? [])).toEqual(Buffer.from(expected));
    }
  });

  it.each(['basic', 'extended', 'empty'] as const)(
    'finds encapsulated frames: %s offset table',
    async (offsetTable) => {
      const native = await framesOf(enhancedMultiFrame(frameOptions));
      for (const fragmentsPerFrame of offsetTable === 'extended' ? [1] : [1, 3]) {
        const encapsulation = { offsetTable, fragmentsPerFrame };
        const options = {
          ...frameOptions,
          transferSyntaxUid: transferSyntax.rleLossless,
          encodeFrame: rle,
          encapsulation,
        };
        const bytes = enhancedMultiFrame(options);
        const expected = native.map((frame) => Buffer.from(rle(Buffer.from(frame, 'hex'))).toString('hex'));
        const small = await framesOf(bytes);
        expect(small.map(withoutPadding)).toEqual(expected.map(withoutPadding));
        // The same through ranges: in a value too large to be read at once.
        const large = await readThroughRanges(bytes);
        expect(large.frames.map(withoutPadding)).toEqual(
          [0, 13, 28].map((frame) => withoutPadding(expected[frame] ?? '')),
        );
        expect(large.receivedBytes).toBeLessThan(bytes.length / 2 + 70_000);
      }
    },
  );

  it('skips the bits before a frame that begins inside a byte', async () => {
    const bytes = writeInstance({
      SOPClassUID: sopClass.segmentation,
      SOPInstanceUID: '2.25.1',
      SeriesInstanceUID: '2.25.2',
      NumberOfFrames: 3,
      Rows: 3,
      Columns: 3,
      SamplesPerPixel: 1,
      BitsAllocated: 1,
      BitsStored: 1,
      HighBit: 0,
      PixelRepresentation: 0,
      PhotometricInterpretation: 'MONOCHROME2',
      PixelData: { vr: 'OB', bytes: new Uint8Array([0xff, 0x01, 0x80, 0x07]) },
    });
    const { reader } = await open(bytes);
    const frames = await Promise.all([0, 1, 2].map((frame) => reader.readFrame(frame, undefined)));
    expect(frames.map(({ bitOffset }) => bitOffset)).toEqual([0, 1, 2]);
    expect(frames.map((frame) => [...frame.bytes])).toEqual([
      [0xff, 0x01],
      [0x01, 0x80],
      [0x80, 0x07],
    ]);
  });

  it('walks from item to item where large frames have no offset table, reading little of each', async () => {
    const count = 300;
    const length = 140_000;
    const frame = new Uint8Array(length).fill(7);
    frame.set([0xff, 0xd8, 0xff]);
    const bytes = writeInstance(
      {
        SOPClassUID: sopClass.secondaryCapture,
        SOPInstanceUID: '2.25.1',
        NumberOfFrames: count,
        Rows: 8,
        Columns: 8,
        BitsAllocated: 8,
        SamplesPerPixel: 1,
        ...encapsulatedPixelData(
          Array.from({ length: count }, () => frame),
          { offsetTable: 'empty', fragmentsPerFrame: 2 },
        ),
      },
      { transferSyntaxUid: transferSyntax.jpegBaseline },
    );
    const { store, reader } = await open(bytes);
    for (const index of [0, 150, 299]) {
      expect(Buffer.from((await reader.readFrame(index, undefined)).bytes).equals(frame)).toBe(true);
    }
    // Two items a frame, and three frames.
    expect(store.reads.length).toBeLessThan(2 * count + 10);
    expect(store.statistics.receivedBytes).toBeLessThan(3 * length + 2 * count * 40 + 70_000);
  });

  it('says what an object without pixels is', async () => {
    const report = writeInstance({ SOPClassUID: sopClass.basicTextSr, SOPInstanceUID: '2.25.1', Modality: 'SR' });
    await expect((await open(report)).reader.readFrame(0, undefined)).rejects.toThrow(
      /is a basic text structured report/,
    );
    const [ct = new Uint8Array(0)] = ctSeries({ instances: 1, rows: 64 }).values();
    const cut = ct.subarray(0, ct.length - 64 * 64 * 2 - 12);
    await expect((await open(cut)).reader.readFrame(0, undefined)).rejects.toThrow(
      /has no Pixel Data: it is truncated, or its pixels were removed/,
    );
  });

  it('never asks for more than the object has, whatever the header claims', async () => {
    const huge = writeInstance({
      SOPClassUID: sopClass.ct,
      SOPInstanceUID: '2.25.1',
      Rows: 32768,
      Columns: 32768,
      BitsAllocated: 16,
      SamplesPerPixel: 3,
      NumberOfFrames: 3,
      PixelData: { vr: 'OW', bytes: new Uint8Array(64), declaredLength: 0xfffffff0 },
    });
    const { reader } = await open(huge);
    await expect(reader.readFrame(0, undefined)).rejects.toThrow(/at most 2147483647 bytes/);
    await expect(reader.readFrame(5, undefined)).rejects.toThrow(/from 1 to 3/);
  });
});

function withoutPadding(hex: string): string {
  return hex.replace(/(00)+$/, '');
}

/** Frames 0, 13 and 28 of an instance, behind so much pixel data that reading all at once does not pay. */
async function readThroughRanges(bytes: Uint8Array): Promise<{ frames: readonly string[]; receivedBytes: number }> {
  const padded = new Uint8Array(bytes.length + 34_000_000);
  padded.set(bytes);
  const { store, reader } = await open(padded);
  const frames: string[] = [];
  for (const frame of [0, 13, 28]) {
    frames.push(Buffer.from((await reader.readFrame(frame, undefined)).bytes).toString('hex'));
  }
  return { frames, receivedBytes: store.statistics.receivedBytes };
}
