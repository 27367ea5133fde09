import dicomParser from 'dicom-parser';
import { describe, expect, it } from 'vitest';
import {
  ctInstances,
  ctSeries,
  encapsulatedPixelData,
  keywords,
  lookUp,
  seededRandom,
  seededUid,
  shuffled,
  transferSyntax,
  writeInstance,
} from './dicom/index.js';

const IDENTITY = { SOPClassUID: '1.2.840.10008.5.1.4.1.1.7', SOPInstanceUID: '2.25.1' };

function parse(bytes: Uint8Array): dicomParser.DataSet {
  return dicomParser.parseDicom(bytes);
}

describe('seeded values', () => {
  it('are the same for the same seed and differ for another', () => {
    const stream = (seed: number): number[] => {
      const random = seededRandom(seed);
      return [random(), random(), random()];
    };
    expect(stream(7)).toEqual(stream(7));
    expect(stream(7)).not.toEqual(stream(8));
    expect(stream(7).every((value) => value >= 0 && value < 1)).toBe(true);
    expect(seededUid(1, 'a')).toBe(seededUid(1, 'a'));
    expect(seededUid(1, 'a')).not.toBe(seededUid(1, 'b'));
    expect(seededUid(1, 'a')).toMatch(/^2\.25\.[1-9]\d{30,38}$/);
  });

  it('shuffle without losing or repeating anything', () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const order = shuffled(items, seededRandom(3));
    expect(order).not.toEqual(items);
    expect(order.toSorted((first, second) => first - second)).toEqual(items);
  });
});

describe('the dictionary', () => {
  it('has no tag twice and knows keywords and tags alike', () => {
    const tags = keywords.map((keyword) => lookUp(keyword).tag);
    expect(new Set(tags).size).toBe(tags.length);
    expect(lookUp('ImagePositionPatient')).toEqual({ tag: 0x00200032, vr: 'DS' });
    expect(lookUp('00200032')).toEqual({ tag: 0x00200032, vr: 'DS' });
    expect(() => lookUp('NoSuchKeyword')).toThrow(RangeError);
  });
});

describe('writeInstance', () => {
  const attributes = {
    ...IDENTITY,
    PatientName: 'PHANTOM^ODD',
    PixelSpacing: [0.12345678901234568, 2],
    Rows: 2,
    Columns: 3,
    PixelRepresentation: 1,
    PixelPaddingValue: -2000,
    '00091001': { vr: 'LO', value: 'private' },
    ReferencedImageSequence: [
      { ReferencedSOPInstanceUID: '2.25.7', '00091002': { vr: 'FD', value: [1.5, -2.5] } },
      { ReferencedImageSequence: [{ ReferencedSOPInstanceUID: '2.25.8' }] },
    ],
    PixelData: Int16Array.of(-5, 4, 3, 2, 1, 300),
  };
  const syntaxes = {
    explicit: transferSyntax.explicitLittleEndian,
    implicit: transferSyntax.implicitLittleEndian,
    'big endian': transferSyntax.explicitBigEndian,
  };

  for (const [name, transferSyntaxUid] of Object.entries(syntaxes)) {
    for (const sequenceLength of ['defined', 'undefined'] as const) {
      it(`writes ${name} with sequences of ${sequenceLength} length`, () => {
        const dataSet = parse(writeInstance(attributes, { transferSyntaxUid, sequenceLength }));
        expect(dataSet.string('x00020010')).toBe(transferSyntaxUid);
        expect(dataSet.string('x00100010')).toBe('PHANTOM^ODD');
        expect(dataSet.floatString('x00280030')).toBeCloseTo(0.1234567890123, 12);
        expect(dataSet.int16('x00280120')).toBe(-2000);
        expect(dataSet.string('x00091001')).toBe('private');
        const items = dataSet.elements['x00081140']?.items ?? [];
        expect(items).toHaveLength(2);
        expect(items[0]?.dataSet?.string('x00081155')).toBe('2.25.7');
        expect(items[0]?.dataSet?.double('x00091002', 1)).toBe(-2.5);
        const nested = items[1]?.dataSet?.elements['x00081140']?.items?.[0]?.dataSet;
        expect(nested?.string('x00081155')).toBe('2.25.8');
        expect(dataSet.elements['x7fe00010']?.length).toBe(12);
        expect(dataSet.int16('x7fe00010', 0)).toBe(-5);
        expect(dataSet.int16('x7fe00010', 5)).toBe(300);
      });
    }
  }

  it('leads each group by a group length that is right', () => {
    const dataSet = parse(writeInstance(attributes, { groupLengths: true }));
    const group = Object.values(dataSet.elements).filter((element) => element.tag.startsWith('x0028'));
    const [length, first] = group;
    const last = group.at(-1);
    expect(length?.tag).toBe('x00280000');
    const end = (last?.dataOffset ?? 0) + (last?.length ?? 0);
    expect(dataSet.uint32('x00280000')).toBe(end - ((length?.dataOffset ?? 0) + 4));
    expect(first?.tag).toBe('x00280010');
  });

  it('leaves out preamble and meta information, and lies about the syntax, on demand', () => {
    const bare = writeInstance(attributes, { preamble: false, fileMeta: false });
    expect([...bare.subarray(0, 4)]).toEqual([8, 0, 0x16, 0]);
    const lying = writeInstance(attributes, {
      transferSyntaxUid: transferSyntax.implicitLittleEndian,
      declaredTransferSyntaxUid: transferSyntax.explicitLittleEndian,
    });
    expect(Buffer.from(lying).includes(`${transferSyntax.explicitLittleEndian}\0`, 0, 'latin1')).toBe(true);
    const honest = writeInstance(attributes, { transferSyntaxUid: transferSyntax.implicitLittleEndian });
    expect(lying.subarray(-200)).toEqual(honest.subarray(-200));
  });

  it('writes elements whose length says something else than their value', () => {
    const bytes = writeInstance({
      ...IDENTITY,
      PixelData: { vr: 'OW', bytes: new Uint8Array(4), declaredLength: 0xbebc2000 },
    });
    expect(new DataView(bytes.buffer).getUint32(bytes.byteLength - 8, true)).toBe(0xbebc2000);
  });

  it('gives the memory to the caller alone', () => {
    const bytes = writeInstance(IDENTITY);
    expect(bytes.byteOffset).toBe(0);
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
  });
});

describe('encapsulated pixel data', () => {
  const frames = [Uint8Array.of(1, 2, 3, 4, 5), Uint8Array.of(6, 7, 8, 9, 10, 11, 12), Uint8Array.of(13, 14)];
  const write = (options: Parameters<typeof encapsulatedPixelData>[1]): dicomParser.DataSet =>
    parse(
      writeInstance(
        { ...IDENTITY, NumberOfFrames: frames.length, ...encapsulatedPixelData(frames, options) },
        { transferSyntaxUid: transferSyntax.jpegLsLossless },
      ),
    );

  it('has a Basic Offset Table that leads to each frame', () => {
    for (const fragmentsPerFrame of [1, 3]) {
      const dataSet = write({ fragmentsPerFrame });
      const element = dataSet.elements['x7fe00010'];
      if (element === undefined) throw new Error('Expected pixel data.');
      expect(element.basicOffsetTable).toHaveLength(3);
      for (const [index, frame] of frames.entries()) {
        const read = dicomParser.readEncapsulatedImageFrame(dataSet, element, index);
        expect([...read].slice(0, frame.length)).toEqual([...frame]);
      }
    }
  });

  it('has fragments without a table, or with an Extended Offset Table', () => {
    expect(write({ offsetTable: 'empty', fragmentsPerFrame: 2 }).elements['x7fe00010']?.fragments).toHaveLength(5);
    // The oracle does not know VR OV: its values are read by hand.
    const attributes = { ...IDENTITY, ...encapsulatedPixelData(frames, { offsetTable: 'extended' }) };
    const bytes = Buffer.from(writeInstance(attributes, { transferSyntaxUid: transferSyntax.jpegLsLossless }));
    const values = (element: number): number[] => {
      const header = bytes.indexOf(Buffer.from([0xe0, 0x7f, element, 0, 0x4f, 0x56, 0, 0, 24, 0, 0, 0]));
      return [12, 20, 28].map((offset) => Number(bytes.readBigUInt64LE(header + offset)));
    };
    expect(values(1)).toEqual([0, 14, 30]);
    expect(values(2)).toEqual([6, 8, 2]);
  });
});

describe('ctSeries', () => {
  it('is the same for the same seed, byte by byte', () => {
    const options = { instances: 3, rows: 24, shuffleKeys: true };
    expect(ctSeries(options)).toEqual(ctSeries(options));
    expect([...ctSeries({ ...options, seed: 2 }).keys()]).not.toEqual([...ctSeries(options).keys()]);
  });

  it('places slices from superior to inferior, anterior to posterior, right to left', () => {
    const ends = (orientation: 'axial' | 'coronal' | 'sagittal'): readonly (readonly number[])[] => {
      const made = [...ctInstances({ orientation, instances: 4, rows: 16, sliceSpacing: 10 })];
      return [made[0]?.imagePositionPatient ?? [], made.at(-1)?.imagePositionPatient ?? []];
    };
    const difference = (orientation: 'axial' | 'coronal' | 'sagittal'): number[] => {
      const [first = [], last = []] = ends(orientation);
      return first.map((value, axis) => (last[axis] ?? Number.NaN) - value);
    };
    expect(difference('axial')).toEqual([0, 0, -30]);
    expect(difference('coronal')).toEqual([0, 30, 0]);
    expect(difference('sagittal')).toEqual([30, 0, 0]);
  });

  it('writes the stored values it reports, with the geometry in the header', () => {
    for (const transferSyntaxUid of [transferSyntax.explicitLittleEndian, transferSyntax.explicitBigEndian]) {
      const [instance] = ctInstances({ instances: 1, rows: 16, columns: 20, spacing: [2, 0.5], transferSyntaxUid });
      if (instance === undefined) throw new Error('Expected an instance.');
      const dataSet = parse(instance.bytes);
      expect(dataSet.string('x00280030')).toBe('2\\0.5');
      expect(dataSet.string('x00200032')?.split('\\').map(Number)).toEqual([...instance.imagePositionPatient]);
      expect(instance.storedValues).toHaveLength(320);
      expect(dataSet.uint16('x7fe00010', 150)).toBe(instance.storedValues[150]);
    }
  });

  it('shows anatomy that changes along z, a rod that tells the slice among it', () => {
    // A bright rod wanders through the couch, from the left side at the superior end to the right at the inferior one.
    const rods = [...ctInstances({ instances: 8, rows: 128, noise: 0 })].map(
      ({ storedValues }) => storedValues.lastIndexOf(1200 + 1024) % 128,
    );
    expect(rods.every((column) => column >= 0)).toBe(true);
    expect(rods).toEqual(rods.toSorted((first, second) => second - first));
    expect(new Set(rods).size).toBe(rods.length);
  });
});
