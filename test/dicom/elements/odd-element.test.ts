import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../../src/dicom/header/parse-header.ts';
import { type Attributes, transferSyntax, writeInstance } from '../../support/dicom/index.js';

const image: Attributes = {
  SOPInstanceUID: '2.25.1',
  SeriesInstanceUID: '2.25.2',
  Rows: 3,
  Columns: 4,
  BitsAllocated: 8,
  PixelData: new Uint8Array(12),
};

/** The data set with an element of these bytes put before the element with tag `before`. */
function withElement(before: number, element: readonly number[], attributes = image): Uint8Array {
  const bytes = Buffer.from(writeInstance(attributes));
  const tag = Buffer.from([(before >> 16) & 255, (before >> 24) & 255, before & 255, (before >> 8) & 255]);
  const at = bytes.indexOf(tag, 140);
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), Uint8Array.from(element), bytes.subarray(at)]));
}

const text = (value: string): readonly number[] => [...Buffer.from(value, 'latin1')];
const uint16 = (value: number): readonly number[] => [value & 255, value >> 8];
const uint32 = (value: number): readonly number[] => [...uint16(value & 0xffff), ...uint16(value >>> 16)];
const tag = [0x11, 0x00, 0x01, 0x10];
const rows = 0x0028_0010;

const oddElements: readonly (readonly [string, readonly number[]])[] = [
  ['no VR', [...tag, ...uint32(2), ...text('12')]],
  ['no VR and a long value', [...tag, ...uint32(70_000), ...text('x'.repeat(70_000))]],
  ['no VR and no value', [...tag, ...uint32(0)]],
  ['no VR and a value as long as two capital letters say', [...tag, ...text('UK'), 0, 0, ...text(' '.repeat(0x4b55))]],
  ['dashes', [...tag, ...text('--'), ...uint16(4), ...text('G000')]],
  ['question marks', [...tag, ...text('??'), ...uint16(4), ...text('G000')]],
  ['blanks', [...tag, ...text('  '), ...uint16(4), ...text('G000')]],
  ['NULs', [...tag, 0, 0, ...uint16(4), ...text('G000')]],
  ['small letters', [...tag, ...text('lo'), ...uint16(4), ...text('G000')]],
  ['a new VR with 32 bits', [...tag, ...text('XY'), 0, 0, ...uint32(4), ...text('G000')]],
  [
    'a new VR with 32 bits and a long value',
    [...tag, ...text('ZZ'), 0, 0, ...uint32(70_000), ...Array(70_000).fill(0)],
  ],
  ['a new VR with 16 bits', [...tag, ...text('UK'), ...uint16(4), ...text('G000')]],
  ['a long VR with 16 bits', [...tag, ...text('UN'), ...uint16(4), ...text('G000')]],
  ['a long VR with something in its reserved bytes', [...tag, ...text('OB'), 7, 0, ...uint32(4), ...text('G000')]],
  [
    'odd ones in a row',
    [...tag, ...text('--'), ...uint16(2), 1, 2, 0x11, 0, 2, 0x10, ...text('--'), ...uint16(2), 1, 2],
  ],
  ['a sequence without VR', [...tag, ...uint32(0xffff_ffff), 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]],
];

describe('an element with an odd VR', () => {
  it.each(oddElements)('does not hide what follows it: %s', (_, element) => {
    for (const bytes of [
      withElement(rows, element),
      // In an item, as its last element.
      writeInstance({
        ...image,
        ReferencedImageSequence: {
          vr: 'SQ',
          bytes: Uint8Array.from([
            0xfe,
            0xff,
            0,
            0xe0,
            255,
            255,
            255,
            255,
            ...element,
            0xfe,
            0xff,
            0x0d,
            0xe0,
            0,
            0,
            0,
            0,
          ]),
          undefinedLength: true,
        },
      }),
    ]) {
      const whole = parseHeader(bytes, { complete: true });
      expect(whole.extent).toBe('pixels');
      expect(whole.header.pixels).toMatchObject({ rows: 3, columns: 4 });
      // Wherever a first read ends.
      const lengths = [...Array(300).keys()].map((more) => bytes.length - more).filter((length) => length > 200);
      for (const length of lengths) {
        const part = parseHeader(bytes.subarray(0, length), { complete: false });
        expect(part.extent === 'pixels' ? part.header : whole.header).toEqual(whole.header);
        if (part.extent === 'start') expect(part.neededLength).toBeGreaterThan(length);
      }
    }
  });

  it('has its value read', () => {
    const bytes = withElement(0x0028_0011, [0x28, 0, 0x10, 0, ...uint32(2), ...uint16(9)], {
      ...image,
      Rows: undefined,
    });
    expect(parseHeader(bytes, { complete: true }).header.pixels?.rows).toBe(9);
    const named = withElement(0x0028_0011, [0x28, 0, 0x10, 0, ...text('us'), ...uint16(2), ...uint16(9)], {
      ...image,
      Rows: undefined,
    });
    expect(parseHeader(named, { complete: true }).header.pixels?.rows).toBe(9);
  });

  it('may be the last one, and short', () => {
    const bytes = writeInstance({ ...image, PixelData: undefined });
    const pixels = [0xe0, 0x7f, 0x10, 0, ...uint32(2), 1, 2];
    const whole = new Uint8Array(Buffer.concat([bytes, Uint8Array.from(pixels)]));
    const { extent, header } = parseHeader(whole, { complete: true });
    expect(extent).toBe('pixels');
    expect(header.pixelData).toEqual({ offset: bytes.length + 8, length: 2, encapsulated: false });
  });

  it('ends the object in an error or a header, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { minLength: 8, maxLength: 24 }), fc.boolean(), (element, complete) => {
        const { extent, neededLength } = parseHeader(withElement(rows, [...tag, 0x2d, 0x2d, ...element]), { complete });
        expect(extent === 'pixels' || extent === 'end' || neededLength > 0).toBe(true);
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});

const item = (content: readonly number[]): readonly number[] => [
  ...[0xfe, 0xff, 0, 0xe0, 255, 255, 255, 255],
  ...content,
  ...[0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0],
];
const knownItem = (content: readonly number[]): readonly number[] => [
  ...[0xfe, 0xff, 0, 0xe0],
  ...uint32(content.length),
  ...content,
];
const explicitContent = [
  8,
  0,
  0,
  1,
  ...text('SH'),
  ...uint16(2),
  ...text('C1'),
  9,
  0,
  0,
  0x10,
  ...text('LO'),
  ...uint16(0),
];

describe('a UN element of undefined length', () => {
  it.each([
    ['an item of undefined length', item(explicitContent)],
    ['an item of known length', knownItem(explicitContent)],
    ['both', [...knownItem(explicitContent), ...item(explicitContent)]],
    [
      'a UN element inside',
      item([
        ...explicitContent,
        9,
        0,
        1,
        0x10,
        ...text('UN'),
        0,
        0,
        ...uint32(0xffff_ffff),
        ...item(explicitContent),
        0xfe,
        0xff,
        0xdd,
        0xe0,
        0,
        0,
        0,
        0,
      ]),
    ],
  ])('may hold explicit VR elements: %s', (_, bytes) => {
    const value = { vr: 'UN', bytes: Uint8Array.from(bytes), undefinedLength: true };
    const { header, extent } = parseHeader(writeInstance({ ...image, '00102202': value }), { complete: true });
    expect(extent).toBe('pixels');
    expect(header.pixels).toMatchObject({ rows: 3, columns: 4 });
  });

  it('is implicit little endian in a big endian data set, and what is read of it too', () => {
    const VOILUTSequence = { vr: 'UN', value: [{ LUTDescriptor: [2, 0, 16], LUTData: Uint16Array.of(1, 2) }] };
    for (const transferSyntaxUid of [transferSyntax.explicitBigEndian, transferSyntax.explicitLittleEndian]) {
      for (const undefinedLength of [true, false]) {
        const private_ = { vr: 'UN', value: [{ Rows: 9, ReferencedImageSequence: [{ Columns: 9 }] }], undefinedLength };
        const bytes = writeInstance(
          { ...image, '00091001': private_, VOILUTSequence: { ...VOILUTSequence, undefinedLength } },
          { transferSyntaxUid, sequenceLength: 'undefined' },
        );
        const { header, extent } = parseHeader(bytes, { complete: true });
        expect(extent).toBe('pixels');
        expect(header.pixels).toMatchObject({ rows: 3, columns: 4 });
        expect([...(header.frames[0]?.voiTables[0]?.entries ?? [])]).toEqual([1, 2]);
      }
    }
  });

  it('is read where a writer kept to big endian inside', () => {
    const bytes = Uint8Array.from([0xff, 0xfe, 0xe0, 0, 0, 0, 0, 0]);
    const written = writeInstance(
      {
        ...image,
        '00091001': {
          vr: 'UN',
          bytes: Buffer.concat([bytes, Uint8Array.from([0xff, 0xfe, 0xe0, 0xdd, 0, 0, 0, 0])]),
          declaredLength: 0xffff_ffff,
        },
      },
      { transferSyntaxUid: transferSyntax.explicitBigEndian },
    );
    expect(parseHeader(written, { complete: true }).extent).toBe('pixels');
  });
});
