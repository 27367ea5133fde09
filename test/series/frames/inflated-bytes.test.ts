import { deflateRawSync, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import { InflatedBytes } from '../../../src/series/frames/inflated-bytes.ts';
import { InstanceReader } from '../../../src/series/frames/instance-reader.ts';
import { scanObjects } from '../../../src/series/header-pass/scan.ts';
import { defaultLimits } from '../../../src/types/limits.ts';
import {
  type Attributes,
  randomBytes,
  seededRandom,
  sopClass,
  transferSyntax,
  writeInstance,
} from '../../support/dicom/index.js';
import { listed, MemoryStore } from '../../support/memory-store.ts';

const random = seededRandom(5);
const content = randomBytes(600_000, random);

describe('InflatedBytes', () => {
  it('gives any range, in any order, at a time', async () => {
    const bytes = new InflatedBytes('a.dcm', deflateRawSync(content));
    const ranges = [
      [10, 20],
      [500_000, 200_000],
      [0, 1],
      [300_000, 100],
      [700_000, 5],
    ] as const;
    const found = await Promise.all(ranges.map(([offset, length]) => bytes.read(offset, length)));
    for (const [index, [offset, length]] of ranges.entries()) {
      expect(Buffer.from(found[index] ?? []).equals(content.subarray(offset, offset + length))).toBe(true);
    }
    expect(bytes.byteLength).toBe(content.length);
  });

  it('inflates no further than is asked for', async () => {
    const zeros = new Uint8Array(10_000_000);
    const bytes = new InflatedBytes('a.dcm', deflateRawSync(zeros));
    expect(await bytes.read(1000, 10)).toHaveLength(10);
    expect(bytes.byteLength).toBeUndefined();
  });

  it('gives what there is of a stream that is cut off', async () => {
    const deflated = deflateRawSync(content);
    const bytes = new InflatedBytes('a.dcm', deflated.subarray(0, deflated.length >> 1));
    const found = await bytes.read(0, content.length);
    expect(found.length).toBeGreaterThan(200_000);
    expect(Buffer.from(found).equals(content.subarray(0, found.length))).toBe(true);
  });

  it('refuses a range beyond the limit, and a damaged stream', async () => {
    const bytes = new InflatedBytes('a.dcm', deflateRawSync(content));
    await expect(bytes.read(defaultLimits.inflatedBytes, 1)).rejects.toThrow(/at most 268435456 bytes in 'a.dcm'/);
    const narrow = new InflatedBytes('a.dcm', deflateRawSync(content), { ...defaultLimits, inflatedBytes: 100 });
    await expect(narrow.read(90, 10)).resolves.toHaveLength(10);
    await expect(narrow.read(90, 11)).rejects.toThrow(/at most 100 bytes .*--safety-limit inflatedBytes=/);
    const damaged = new InflatedBytes('a.dcm', Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    await expect(damaged.read(0, 1)).rejects.toThrow(/'a.dcm' but it does not inflate/);
  });
});

const image: Attributes = {
  SOPClassUID: sopClass.secondaryCapture,
  SOPInstanceUID: '2.25.1',
  SeriesInstanceUID: '2.25.2',
  Rows: 16,
  Columns: 16,
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  NumberOfFrames: '2',
};
const deflated = { transferSyntaxUid: transferSyntax.deflatedExplicitLittleEndian };

describe('a deflated data set', () => {
  it('has its header read from its first bytes alone', () => {
    const bytes = writeInstance({ ...image, PixelData: new Uint8Array(20_000_000).fill(7) }, deflated);
    const { header, extent } = parseHeader(bytes, { complete: true });
    expect(extent).toBe('pixels');
    expect(header.pixelData?.length).toBe(20_000_000);
  });

  it('is read where its header is long, and refused where it is longer than the limit', () => {
    const long = { ...image, '00090010': { vr: 'OB', bytes: new Uint8Array(10_000_000) } };
    const bytes = writeInstance({ ...long, PixelData: new Uint8Array(20_000_000) }, deflated);
    expect(parseHeader(bytes, { complete: true })).toMatchObject({ extent: 'pixels', header: { numberOfFrames: 2 } });
    const longer = { ...image, '00090010': { vr: 'OB', bytes: new Uint8Array(80_000_000) } };
    expect(() => parseHeader(writeInstance(longer, deflated), { complete: true })).toThrow(
      /deflated header of at most .*--safety-limit inflatedHeaderBytes=/,
    );
    const limits = { ...defaultLimits, inflatedHeaderBytes: 1000 };
    expect(() => parseHeader(bytes, { complete: true, limits })).toThrow(/deflated header of at most 1000 bytes/);
  });

  it('has its frames shown, whatever comes behind them, and with a zlib header', async () => {
    const pixels = new Uint8Array(3_000_000).map((_, index) => index % 251);
    const raw = writeInstance({ ...image, PixelData: pixels }, deflated);
    const dataSet = writeInstance({ ...image, PixelData: pixels }, { preamble: false, fileMeta: false });
    const meta = raw.subarray(0, parseHeader(raw, { complete: true }).deflatedAt);
    const wrapped = new Uint8Array(Buffer.concat([meta, deflateSync(dataSet)]));
    for (const bytes of [raw, wrapped]) {
      const series = new Map([['one.dcm', bytes]]);
      const store = new MemoryStore(series);
      const { instances } = await scanObjects(store, listed(series), { wholeObjects: false });
      const [instance] = instances;
      if (instance === undefined) throw new Error('Not scanned.');
      expect(instance).toMatchObject({ deflated: true, complete: false });
      const frame = await new InstanceReader(store, instance).readFrame(1, undefined);
      expect(Buffer.from(frame.bytes)).toEqual(Buffer.from(pixels.subarray(256, 512)));
    }
  });
});
